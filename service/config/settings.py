"""The configuration as the rest of the house gets it: frozen, typed, complete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.content.gate import RuleSettings
from service.model.feed import FeedSettings
from service.model.newsletter import Newsletter
from service.model.publication import Publication, Sender
from service.model.signup import SignupSettings
from service.model.source import GitSource
from service.model.wording import word

SENDER_FIELDS = ("name", "email", "reply_to", "postal_address", "contact")


@dataclass(frozen=True, slots=True)
class ContentConfig:
    """Where the posts are and how to read them.

    `generator` is jekyll, hugo or generic; `future` None: nobody said whether to show it early.
    With `git` the path is inside of what is pulled.
    """

    path: Path
    generator: str
    permalink: str
    future: bool | None
    mass_limit: int
    git: GitSource | None = None


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """Where this installation is reached and keeps things; paths are absolute.

    `secret_key` is empty when the one made on the first start is to be used.
    """

    url: str
    data: Path
    public: Path
    database_url: str = field(repr=False)
    port: int
    secret_key: str = field(default="", repr=False)
    signup: SignupSettings = field(default_factory=SignupSettings)


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """Who carries the mail.

    `options` are the kind's own keys with their defaults, by the names that its adapter's
    settings have for them; `key_name` is the variable that must be set (empty: none).
    `webhook_secrets` are those of every provider that may call back, by its kind.
    """

    kind: str
    options: Mapping[str, Any]
    api_key: str = field(default="", repr=False)
    key_name: str = ""
    webhook_secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    @property
    def is_real(self) -> bool:
        """Whether mail leaves this machine."""
        return self.kind != "outbox"


@dataclass(frozen=True, slots=True)
class Config:
    """All of kawaraban.toml and the environment; `root` is the folder of the file.

    `gate` says what differs from the rules' own terms, by rule.
    """

    publication: Publication
    content: ContentConfig
    service: ServiceConfig
    feeds: FeedSettings
    newsletters: tuple[Newsletter, ...]
    sender: Sender
    provider: ProviderConfig
    gate: Mapping[str, RuleSettings]
    root: Path

    @property
    def mails_full_text(self) -> bool:
        """Whether some newsletter mails posts in full: then a fault of the text holds."""
        return any(one.mails_full_text for one in self.newsletters)


def missing_sender_fields(sender: Sender) -> tuple[str, ...]:
    """Return the fields of the sender that are still empty, in the file's order."""
    return tuple(name for name in SENDER_FIELDS if not getattr(sender, name))


def list_send_obstacles(config: Config) -> tuple[str, ...]:
    """Return, by key, everything that must be settled before mail may leave; usually nothing."""
    obstacles = [
        word("sender.{name}: is empty; every mail needs it", name=name)
        for name in missing_sender_fields(config.sender)
    ]
    if config.provider.is_real and not config.service.url.startswith("https://"):
        obstacles.append(
            word("service.url: begins with http:; unsubscribing by one press needs https")
        )
    if config.provider.key_name and not config.provider.api_key:
        key_name = config.provider.key_name
        obstacles.append(word("{key}: is not set; the provider asks for it", key=key_name))
    return tuple(obstacles)
