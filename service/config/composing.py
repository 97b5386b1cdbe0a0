"""What was read from kawaraban.toml → the nouns of the house."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from types import MappingProxyType

from service.config.database import compose_database_url
from service.config.environment import Environment
from service.config.providers import ProviderTable
from service.config.repositories import is_folder
from service.config.schema import (
    Document,
    FeedsTable,
    GitTable,
    NewsletterTable,
    PublicationTable,
    RuleTable,
    SenderTable,
    ServiceTable,
)
from service.config.settings import Config, ContentConfig, ProviderConfig, ServiceConfig
from service.content.gate import RuleSettings
from service.model.feed import FeedKind, FeedSettings, Naming
from service.model.newsletter import Approval, Cadence, Newsletter
from service.model.publication import Publication, Sender
from service.model.signup import SignupSettings
from service.model.source import GitSource


def compose_config(document: Document, environment: Environment, root: Path) -> Config:
    """Return the configuration with its defaults filled in and its paths below `root`."""
    service = _compose_service(document.service, environment, root)
    content = document.content
    git = compose_git(content.git, environment, root, service.data)
    return Config(
        publication=_compose_publication(document.publication, service.url),
        content=ContentConfig(
            path=git.content if git else find_folder(root, content.path),
            generator=content.generator,
            permalink=content.permalink,
            future=content.future,
            mass_limit=content.mass_limit,
            git=git,
        ),
        service=service,
        feeds=_compose_feeds(document.feeds),
        newsletters=tuple(
            _compose_newsletter(table, document.publication, root) for table in document.newsletters
        ),
        sender=_compose_sender(document.sender),
        provider=_compose_provider(document.provider, environment),
        gate=MappingProxyType(
            {name: _compose_rule(table) for name, table in document.gate.items()}
        ),
        root=root,
    )


def compose_git(
    table: GitTable | None, environment: Environment, root: Path, data: Path
) -> GitSource | None:
    """Return the repository to pull from, None when the posts are in a folder here."""
    if table is None:
        return None
    url = table.url
    if is_folder(url):
        url = str(find_folder(root, url.removeprefix("file://")))
    return GitSource(
        url=url,
        branch=table.branch,
        path=table.path,
        folder=data / "source",
        every_for=table.every,
        token=environment.git_token,
        push_secret=environment.push_secret,
    )


def find_folder(root: Path, written: str) -> Path:
    """Return the absolute path of a folder written in the file that lies in `root`."""
    return Path(os.path.normpath(root / written))


def _compose_service(table: ServiceTable, environment: Environment, root: Path) -> ServiceConfig:
    data = find_folder(root, table.data)
    address = environment.database_url or table.database
    return ServiceConfig(
        url=table.url or f"http://localhost:{environment.port}",
        data=data,
        public=find_folder(root, table.public),
        database_url=compose_database_url(address, root, data),
        port=environment.port,
        secret_key=environment.secret_key,
        signup=SignupSettings(
            proxies=tuple(ip_network(one) for one in table.proxies),
            per_hour=table.confirmations_per_hour,
            forms=MappingProxyType(dict(table.forms)),
        ),
    )


def _compose_publication(table: PublicationTable, service_url: str) -> Publication:
    return Publication(
        title=table.title,
        # Without a site of its own the posts are shown on our pages.
        url=table.url or service_url,
        service_url=service_url,
        description=" ".join(table.description.split()),
        language=table.language,
        timezone=table.timezone,
        author=table.author,
        editors=tuple(table.editors),
    )


def _compose_feeds(table: FeedsTable) -> FeedSettings:
    return FeedSettings(
        content=table.content,
        min_items=table.min_items,
        min_days=table.min_days,
        max_items=table.max_items,
        max_bytes=table.max_bytes,
        hubs=tuple(table.hubs),
        moved=tuple(table.moved.items()),
        by=tuple(FeedKind(name) for name in table.by),
        naming=Naming(table.guid),
        custom=tuple(one.compose() for one in table.custom),
        has_archive=table.archive,
        has_stylesheet=table.stylesheet,
    )


def _compose_newsletter(
    table: NewsletterTable, publication: PublicationTable, root: Path
) -> Newsletter:
    cadences = tuple(Cadence(name) for name in table.cadences)
    return Newsletter(
        newsletter_id=table.id,
        title=table.title or publication.title,
        language=table.language or publication.language,
        cadences=cadences,
        default_cadence=Cadence(table.default_cadence or cadences[0]),
        categories=tuple(table.categories),
        tags=tuple(table.tags),
        topics=tuple(table.topics),
        weekday=table.weekday,
        monthday=table.monthday,
        send_at=table.send_at,
        max_posts=table.max_posts,
        group_by=table.group_by,
        approval=Approval(table.approval),
        notice_for=table.notice,
        late_after=table.late_after,
        overdue_after=table.overdue_after,
        settle_for=table.settle,
        subject=table.subject,
        intro=table.intro,
        welcome=table.welcome,
        mails_full_text=table.content == "full",
        templates=find_folder(root, table.templates) if table.templates else None,
        archive=table.archive,
    )


def _compose_sender(table: SenderTable) -> Sender:
    return Sender(
        name=table.name,
        email=table.email,
        reply_to=table.reply_to,
        postal_address=table.postal_address,
        contact=table.contact,
    )


def _compose_rule(table: RuleTable) -> RuleSettings:
    return RuleSettings(table.level, table.threshold, table.hold_from)


def _compose_provider(table: ProviderTable, environment: Environment) -> ProviderConfig:
    return ProviderConfig(
        kind=table.kind,
        options=MappingProxyType(table.list_options()),
        api_key=table.find_key(environment),
        key_name=table.key_name,
        webhook_secrets=_compose_webhook_secrets(table.kind, environment),
    )


def _compose_webhook_secrets(kind: str, environment: Environment) -> Mapping[str, tuple[str, ...]]:
    """Secrets by provider: one that is left may go on telling of the mail it took."""
    by_kind = {name: secrets for name, secrets in environment.webhook_secrets.items() if name}
    configured = environment.webhook_secrets.get("", ()) + by_kind.get(kind, ())
    return MappingProxyType({**by_kind, kind: configured})
