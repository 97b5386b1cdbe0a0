"""What may stand in kawaraban.toml: every table, key and default, and nothing else."""

from __future__ import annotations

from datetime import time, timedelta
from os.path import normpath
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
)

from service.config import values
from service.content.gate import LEVELS
from service.model.feed import FeedKind
from service.model.newsletter import Approval, Cadence

LATER_PROVIDERS = ("sendgrid", "postmark", "ses", "resend", "brevo", "smtp")
"""Kinds of provider that the design names and a later version brings."""

MOST_TOPICS = 30
MAILGUN_REGIONS = {"us": "https://api.mailgun.net", "eu": "https://api.eu.mailgun.net"}

Line = Annotated[str, BeforeValidator(values.read_line)]
Words = Annotated[str, BeforeValidator(values.read_words)]
Text = Annotated[str, BeforeValidator(values.read_text)]
Flag = Annotated[bool, BeforeValidator(values.read_flag)]
Email = Annotated[str, BeforeValidator(values.read_email)]
Language = Annotated[str, BeforeValidator(values.read_language)]
Timezone = Annotated[str, BeforeValidator(values.read_timezone)]
Duration = Annotated[timedelta, BeforeValidator(values.read_duration)]
Once = AfterValidator(values.without_repeats)
Names = Annotated[list[Annotated[str, BeforeValidator(values.read_name)]], Once]


def _not_yet(_: object) -> None:
    raise ValueError("is not available in this version; remove it")


Later = Annotated[None, BeforeValidator(_not_yet)]
"""A key that the design names and a later version brings: never swallowed."""


class Table(BaseModel):
    """One table of kawaraban.toml: an unknown key is a mistake, and nothing is guessed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PublicationTable(Table):
    """The site whose posts are read."""

    title: Words
    url: Annotated[str | None, BeforeValidator(values.read_url)] = None
    description: Text = ""
    language: Language = "ja"
    timezone: Timezone = "Asia/Tokyo"
    author: Line = ""


class ContentTable(Table):
    """Where the posts are, and how their files are to be understood."""

    path: Words = "content"
    generator: Annotated[
        str, BeforeValidator(values.one_of("auto", "jekyll", "hugo", "generic"))
    ] = "auto"
    permalink: Line = ""
    future: Annotated[bool | None, BeforeValidator(values.read_flag)] = None
    mass_limit: Annotated[int, BeforeValidator(values.whole_number(1, 100_000))] = 25
    git: Later = None


class ServiceTable(Table):
    """Where this installation is reached, and where it keeps things."""

    url: Annotated[str | None, BeforeValidator(values.read_url)] = None
    data: Words = "var"
    public: Words = Field(default="public", validate_default=True)
    database: Annotated[str, BeforeValidator(values.read_database)] = ""

    @field_validator("public")
    @classmethod
    def _keep_data_private(cls, public: str, info: ValidationInfo) -> str:
        data = Path(normpath(Path("/", info.data.get("data", "var"))))
        if data.is_relative_to(normpath(Path("/", public))):
            raise ValueError(f"{values.show(public)} is served to everybody, and data lies in it")
        return public


class FeedsTable(Table):
    """How feeds are cut."""

    content: Annotated[str, BeforeValidator(values.one_of("full", "summary"))] = "full"
    min_items: Annotated[int, BeforeValidator(values.whole_number(0, 10_000))] = 20
    min_days: Annotated[int, BeforeValidator(values.whole_number(0, 3_650))] = 7
    max_items: Annotated[int, BeforeValidator(values.whole_number(1, 10_000))] = Field(
        default=200, validate_default=True
    )
    max_bytes: Annotated[int, BeforeValidator(values.whole_number(10_000, 100_000_000))] = 1_000_000
    by: Annotated[
        list[Annotated[str, BeforeValidator(values.one_of("category", "tag", "author"))]], Once
    ] = [FeedKind.CATEGORY, FeedKind.TAG, FeedKind.AUTHOR]
    guid: Annotated[str, BeforeValidator(values.read_line)] = "tag"
    hubs: list[Later] = []
    custom: Later = None

    @field_validator("max_items")
    @classmethod
    def _hold_min_items(cls, most: int, info: ValidationInfo) -> int:
        least = info.data.get("min_items", 0)
        if most < least:
            raise ValueError(f"{most} is less than min_items ({least})")
        return most

    @field_validator("guid")
    @classmethod
    def _know_guid(cls, guid: str) -> str:
        if guid == "permalink":
            raise ValueError('"permalink" is not available in this version; write "tag"')
        return values.one_of("tag")(guid)


class NewsletterTable(Table):
    """What one subscribes to, and when it leaves. Empty title and language: the publication's."""

    id: Annotated[str, BeforeValidator(values.read_slug)]
    title: Line = ""
    language: Annotated[str | None, BeforeValidator(values.read_language)] = None
    categories: Names = []
    tags: Names = []
    topics: Names = []
    cadences: Annotated[list[Annotated[str, BeforeValidator(values.one_of(*Cadence))]], Once] = [
        Cadence.WEEKLY
    ]
    default_cadence: Annotated[str | None, BeforeValidator(values.one_of(*Cadence))] = None
    weekday: Annotated[int, BeforeValidator(values.read_weekday)] = 0
    monthday: Annotated[int, BeforeValidator(values.read_monthday)] = 1
    send_at: Annotated[time, BeforeValidator(values.read_time)] = time(8, 0)
    max_posts: Annotated[int, BeforeValidator(values.whole_number(1, 200))] = 15
    group_by: Annotated[str, BeforeValidator(values.one_of("category", "none"))] = "category"
    approval: Annotated[str, BeforeValidator(values.one_of(*Approval))] = Approval.NONE
    notice: Duration = timedelta(hours=2)
    late_after: Duration = timedelta(days=7)
    overdue_after: Duration = timedelta(hours=24)
    settle: Duration = timedelta(minutes=10)
    subject: Annotated[str, BeforeValidator(values.read_subject)] = ""
    intro: Text = ""

    @field_validator("topics")
    @classmethod
    def _limit_topics(cls, topics: list[str]) -> list[str]:
        if len(topics) > MOST_TOPICS:
            raise ValueError(f"names {len(topics)} tags; a reader may choose among {MOST_TOPICS}")
        return topics

    @field_validator("cadences")
    @classmethod
    def _need_a_cadence(cls, cadences: list[str]) -> list[str]:
        if not cadences:
            raise ValueError("is empty; " + values.suggest("", tuple(Cadence)))
        return cadences

    @field_validator("default_cadence")
    @classmethod
    def _offer_default(cls, default: str | None, info: ValidationInfo) -> str | None:
        offered = info.data.get("cadences", [default])
        if default is not None and default not in offered:
            raise ValueError(f'"{default}" is not among the cadences; add it there')
        return default


class SenderTable(Table):
    """Who the mail is from; nothing is sent while one of these is empty."""

    name: Line = ""
    email: Email = ""
    reply_to: Email = ""
    postal_address: Text = ""
    contact: Line = ""


class OutboxTable(Table):
    """Mail becomes files."""

    kind: str = "outbox"


class MailgunTable(Table):
    """Mail leaves through Mailgun's HTTP API; `base_url` wins over `region`."""

    kind: str = "mailgun"
    domain: Words
    region: Annotated[str, BeforeValidator(values.one_of(*MAILGUN_REGIONS))] = "us"
    base_url: Annotated[str | None, BeforeValidator(values.read_url)] = None
    test_mode: Flag = False


def _read_kind(table: object) -> str:
    kind = table.get("kind", "outbox") if isinstance(table, dict) else "outbox"
    return kind if isinstance(kind, str) else values.show(kind)


class Document(Table):
    """All of kawaraban.toml."""

    publication: PublicationTable
    content: ContentTable = ContentTable()
    service: ServiceTable = ServiceTable()
    feeds: FeedsTable = FeedsTable()
    newsletters: list[NewsletterTable] = []
    sender: SenderTable = SenderTable()
    provider: Annotated[
        Annotated[OutboxTable, Tag("outbox")] | Annotated[MailgunTable, Tag("mailgun")],
        Discriminator(_read_kind),
    ] = OutboxTable()
    gate: dict[str, Annotated[str, BeforeValidator(values.one_of(*LEVELS))]] = {}


TABLES: dict[str, type[Table]] = {
    "publication": PublicationTable,
    "content": ContentTable,
    "service": ServiceTable,
    "feeds": FeedsTable,
    "newsletters": NewsletterTable,
    "sender": SenderTable,
}
"""The tables with keys of their own; those of [provider] depend on its kind."""

PROVIDERS: dict[str, type[Table]] = {"outbox": OutboxTable, "mailgun": MailgunTable}
"""The table of each kind of provider that this version has."""
