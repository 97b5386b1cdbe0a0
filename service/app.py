"""Joins the concrete parts: the only file that names a provider, a store or an engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from starlette.types import ASGIApp

from service.audience.tokens import KeyRing, SigningKey, arrange_keys
from service.config import Config, list_send_obstacles
from service.content.gate import GateSettings
from service.content.rules import ReadingRules
from service.content.sites.site import find_habits
from service.delivery.envelope import Letterhead
from service.delivery.mailbag import Mailbag
from service.delivery.press import Press
from service.editions.render import MailRenderer
from service.engine.embedded import WakeUp
from service.engine.waking import JobWake
from service.engine.works import Works
from service.membership import Register
from service.outbound.client import OutboundClient
from service.outbound.repository import Repository
from service.providers import brevo, mailgun, outbox, postmark, resend, sendgrid, ses, smtp
from service.providers.base import BuildProvider, Provider
from service.providers.sources import open_hooks
from service.publishing import CategoryLinks, FeedPress
from service.scanning import ScanSettings
from service.store.clock import find_clock
from service.store.database import Database
from service.store.installation import open_installation
from service.store.migrate import check_schema
from service.store.secret_file import open_secret
from service.web.app import build_web
from service.web.desk.parts import DeskParts
from service.web.parts import WebParts
from service.web.shelf import open_shelf
from service.words.places import find_templates

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_PROVIDERS: Mapping[str, BuildProvider] = {
    "brevo": brevo.BrevoProvider.build,
    "mailgun": mailgun.MailgunProvider.build,
    "postmark": postmark.PostmarkProvider.build,
    "resend": resend.ResendProvider.build,
    "sendgrid": sendgrid.SendGridProvider.build,
    "ses": ses.SesProvider.build,
    "smtp": smtp.SmtpProvider.build,
}


@dataclass(frozen=True, slots=True)
class App:
    """One running Kawaraban: its configuration, its parts, and the ear of its engine."""

    config: Config
    works: Works
    wake_up: WakeUp

    def close(self) -> None:
        """Let go of the database."""
        self.works.database.close()


def build_app(config: Config) -> App:
    """Join everything; raises SchemaError unless the database was migrated."""
    database = Database(config.service.database_url)
    check_schema(database)
    installation = open_installation(database).name
    wake_up = WakeUp()
    wake = wake_up if database.is_sqlite else JobWake(wake_up)
    provider = build_provider(config)
    key_ring = _open_key_ring(config)
    renderer = MailRenderer(find_templates() / "email")
    newsletters = {one.newsletter_id: one for one in config.newsletters}
    works = Works(
        database=database,
        scan=build_scan(config),
        feeds=build_feeds(config),
        press=Press(
            publication=config.publication,
            sender=config.sender,
            newsletters=newsletters,
            renderer=renderer,
            capabilities=provider.capabilities,
            account=provider.account,
            installation=installation,
            category_url=CategoryLinks(config.service.url),
            wake=wake,
        ),
        mailbag=Mailbag(
            provider=provider,
            head=Letterhead(config.sender, config.service.url, key_ring, installation),
        ),
        register=Register(
            publication=config.publication,
            sender=config.sender,
            newsletters=newsletters,
            key_ring=key_ring,
            renderer=renderer,
            account=provider.account,
            installation=installation,
            wake=wake,
            signup=config.service.signup,
        ),
        clock=find_clock(database),
        obstacles=list_send_obstacles(config),
        repository=Repository(config.content.git) if config.content.git else None,
    )
    return App(config, works, wake_up)


def build_scan(config: Config) -> ScanSettings:
    """How posts are found and read; needs no database."""
    publication = config.publication
    rules = ReadingRules(
        generator=config.content.generator,
        site_url=publication.url,
        zone=ZoneInfo(publication.timezone),
        language=publication.language,
        permalink=config.content.permalink,
        author=publication.author,
        future=bool(config.content.future),
        gate=GateSettings(config.gate, config.mails_full_text),
        habits=find_habits(config.content.path, config.content.generator),
    )
    return ScanSettings(
        root=config.content.path,
        rules=rules,
        host=urlsplit(publication.url).hostname or "localhost",
        mass_limit=config.content.mass_limit,
    )


def build_feeds(config: Config) -> FeedPress:
    """What feeds are made of and where they go; needs no database."""
    return FeedPress(
        publication=config.publication,
        settings=config.feeds,
        folder=config.service.public,
        shows_future=bool(config.content.future),
    )


def build_doors(
    app: App, *, host: str, scan_within: timedelta | None, on_push: Callable[[], None] | None = None
) -> ASGIApp:
    """The web side of the house, to be reached at `host`; WebParts says what the others are."""
    works, config = app.works, app.config
    return build_web(
        WebParts(
            database=works.database,
            register=works.register,
            feeds=works.feeds,
            shelf=open_shelf(works.feeds),
            templates=find_templates(),
            outbox=None if config.provider.is_real else find_outbox(config),
            clock=works.clock,
            is_loopback_only={host, urlsplit(config.service.url).hostname} <= _LOOPBACK,
            scan_within=scan_within,
            content=config.content.path,
            source=config.content.git,
            on_push=on_push,
            hooks=open_hooks(config.provider.webhook_secrets, OutboundClient()),
            desk=DeskParts(works, config.service.data / "uploads"),
        )
    )


def build_provider(config: Config) -> Provider:
    """The configured provider."""
    if not config.provider.is_real:
        return outbox.OutboxProvider(find_outbox(config))
    build = _PROVIDERS[config.provider.kind]
    return build(config.provider.options, config.provider.api_key, OutboundClient())


def find_outbox(config: Config) -> Path:
    """Where the outbox provider lays down mail."""
    return config.service.data / "outbox"


def read_clock() -> datetime:
    """The machine's clock, in UTC."""
    return datetime.now(UTC)


def _open_key_ring(config: Config) -> KeyRing:
    """Keys from the environment sign first; those made here go on verifying."""
    kept = (SigningKey(*key) for key in open_secret(config.service.data))
    return arrange_keys(config.service.secret_key, kept)
