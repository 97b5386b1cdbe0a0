"""What may stand in [provider]: a table for each kind, and where its key comes from."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Tag

from service.config import values
from service.config.environment import Environment
from service.config.table import Flag, Table, Url, Words

LATER_PROVIDERS = ("sendgrid", "postmark", "ses", "resend", "brevo", "smtp")
"""Kinds of provider that the design names and a later version brings."""


class ProviderTable(Table):
    """What the tables of all kinds share; what is written in one goes to its adapter."""

    kind: str

    @property
    def key_name(self) -> str:
        """The variable whose absence keeps mail from leaving; empty when no key is needed."""
        return "KAWARABAN_PROVIDER_API_KEY"

    def list_options(self) -> dict[str, Any]:
        """The settings of the adapter besides its key, by the names it has for them."""
        return self.model_dump(exclude={"kind"})

    def find_key(self, environment: Environment) -> str:
        """The secret that the adapter is given."""
        return environment.provider_api_key


class OutboxTable(ProviderTable):
    """Mail becomes files."""

    kind: str = "outbox"

    @property
    def key_name(self) -> str:
        """Files need no key."""
        return ""


class MailgunTable(ProviderTable):
    """Mail leaves through Mailgun's HTTP API; `base_url` wins over `region`."""

    kind: str = "mailgun"
    domain: Words
    region: Annotated[str, BeforeValidator(values.one_of("us", "eu"))] = "us"
    base_url: Url = ""
    test_mode: Flag = False


def read_kind(table: object) -> str:
    """Return the kind that a [provider] table names, or what stands in its place."""
    kind = table.get("kind", "outbox") if isinstance(table, dict) else "outbox"
    return kind if isinstance(kind, str) else values.show(kind)


AnyProvider = Annotated[
    Annotated[OutboxTable, Tag("outbox")] | Annotated[MailgunTable, Tag("mailgun")],
    Discriminator(read_kind),
]
"""The table that belongs to the kind."""

PROVIDERS: dict[str, type[ProviderTable]] = {
    "outbox": OutboxTable,
    "mailgun": MailgunTable,
}
"""The table of each kind of provider that this version has."""
