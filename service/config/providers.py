"""What may stand in [provider]: a table for each kind, and where its key comes from."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Tag

from service.config import values
from service.config.environment import Environment
from service.config.table import Flag, Line, Slug, Table, Url, Words


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


class ResendTable(ProviderTable):
    """Mail leaves through Resend's HTTP API; `account` is our own name for its team."""

    kind: str = "resend"
    account: Slug = ""
    base_url: Url = ""


class PostmarkTable(ProviderTable):
    """Mail leaves through two streams of one Postmark server; `account` is our own name for it."""

    kind: str = "postmark"
    stream: Words = "broadcast"
    notice_stream: Words = "outbound"
    account: Slug = ""
    base_url: Url = ""


class SendGridTable(ProviderTable):
    """Mail leaves through SendGrid's v3 API; `base_url` wins over `region`."""

    kind: str = "sendgrid"
    region: Annotated[str, BeforeValidator(values.one_of("global", "eu"))] = "global"
    account: Slug = ""
    base_url: Url = ""
    test_mode: Flag = False


class BrevoTable(ProviderTable):
    """Mail leaves through Brevo's API, a call a reader; `account` is our own name for it."""

    kind: str = "brevo"
    account: Slug = ""
    base_url: Url = ""
    test_mode: Flag = False


class SesTable(ProviderTable):
    """Mail leaves through a region of Amazon SES; `account` is our own name for the AWS account."""

    kind: str = "ses"
    region: Slug
    access_key_id: Line = ""
    configuration_set: Line = ""
    account: Slug = ""
    base_url: Url = ""

    def list_options(self) -> dict[str, Any]:
        """The adapter has the id with the secret, as they belong together."""
        return self.model_dump(exclude={"kind", "access_key_id"})

    def find_key(self, environment: Environment) -> str:
        """AWS hands out an id and a secret; the id is none, and may stand in the file."""
        key = super().find_key(environment)
        return f"{self.access_key_id}:{key}" if self.access_key_id and key else key


class SmtpTable(ProviderTable):
    """Mail leaves through a mail server; port 0 is the usual one for its security."""

    kind: str = "smtp"
    host: Words
    port: Annotated[int, BeforeValidator(values.whole_number(0, 65_535))] = 0
    security: Annotated[str, BeforeValidator(values.one_of("starttls", "tls", "none"))] = "starttls"
    username: Line = ""

    @property
    def key_name(self) -> str:
        """Without a username nobody signs in."""
        return super().key_name if self.username else ""


def read_kind(table: object) -> str:
    """Return the kind that a [provider] table names, or what stands in its place."""
    kind = table.get("kind", "outbox") if isinstance(table, dict) else "outbox"
    return kind if isinstance(kind, str) else values.show(kind)


AnyProvider = Annotated[
    Annotated[OutboxTable, Tag("outbox")]
    | Annotated[MailgunTable, Tag("mailgun")]
    | Annotated[ResendTable, Tag("resend")]
    | Annotated[PostmarkTable, Tag("postmark")]
    | Annotated[SendGridTable, Tag("sendgrid")]
    | Annotated[BrevoTable, Tag("brevo")]
    | Annotated[SesTable, Tag("ses")]
    | Annotated[SmtpTable, Tag("smtp")],
    Discriminator(read_kind),
]
"""The table that belongs to the kind."""

PROVIDERS: dict[str, type[ProviderTable]] = {
    "outbox": OutboxTable,
    "mailgun": MailgunTable,
    "resend": ResendTable,
    "postmark": PostmarkTable,
    "sendgrid": SendGridTable,
    "brevo": BrevoTable,
    "ses": SesTable,
    "smtp": SmtpTable,
}
"""The table of each kind of provider that this version has."""
