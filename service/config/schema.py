"""What may stand in kawaraban.toml: every table, key and default, and nothing else."""

from __future__ import annotations

from datetime import time, timedelta
from os.path import normpath
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from service.config import addresses, repositories, values
from service.config.custom_feeds import CustomFeedTable
from service.config.gate import read_hold_from, read_measure, spread_rule
from service.config.providers import AnyProvider, OutboxTable
from service.config.table import Email, Flag, Line, Table, Text, Url, Words
from service.content.gate import LEVELS
from service.model.feed import FeedKind, Naming
from service.model.newsletter import Approval, Cadence

MOST_TOPICS = 30

Language = Annotated[str, BeforeValidator(values.read_language)]
Timezone = Annotated[str, BeforeValidator(values.read_timezone)]
Duration = Annotated[timedelta, BeforeValidator(values.read_duration)]
Once = AfterValidator(values.without_repeats)
Addresses = Annotated[
    list[Annotated[str, BeforeValidator(values.read_address)]],
    AfterValidator(values.without_repeated_addresses),
]
Names = Annotated[list[Annotated[str, BeforeValidator(values.read_name)]], Once]


class PublicationTable(Table):
    """The site whose posts are read."""

    title: Words
    url: Url | None = None
    description: Text = ""
    language: Language = "ja"
    timezone: Timezone = "Asia/Tokyo"
    author: Line = ""
    editors: Addresses = []


class GitTable(Table):
    """The repository that the posts are pulled from, when they are not in a folder here."""

    url: Annotated[str, BeforeValidator(repositories.read_repository)]
    branch: Annotated[str, BeforeValidator(repositories.read_branch)] = ""
    path: Annotated[str, BeforeValidator(repositories.read_inner_path)] = ""
    every: Annotated[timedelta, BeforeValidator(repositories.read_interval)] = timedelta(minutes=5)


class ContentTable(Table):
    """Where the posts are, and how their files are to be understood."""

    path: Words = "content"
    generator: Annotated[
        str, BeforeValidator(values.one_of("auto", "jekyll", "hugo", "generic"))
    ] = "auto"
    permalink: Line = ""
    future: Annotated[bool | None, BeforeValidator(values.read_flag)] = None
    mass_limit: Annotated[int, BeforeValidator(values.whole_number(1, 100_000))] = 25
    git: Annotated[GitTable | None, BeforeValidator(repositories.spread_git)] = None

    @model_validator(mode="before")
    @classmethod
    def _choose_one_place(cls, table: object) -> object:
        if isinstance(table, dict) and "git" in table and "path" in table:
            raise ValueError(
                "has both path and git; the folder of the posts inside a repository is written "
                'in git: { url = "…", path = "_posts" }'
            )
        return table


class ServiceTable(Table):
    """Where this installation is reached, and where it keeps things."""

    url: Url | None = None
    data: Words = "var"
    public: Words = Field(default="public", validate_default=True)
    database: Annotated[str, BeforeValidator(values.read_database)] = ""
    proxies: Annotated[list[Annotated[str, BeforeValidator(addresses.read_network)]], Once] = []
    confirmations_per_hour: Annotated[int, BeforeValidator(values.whole_number(1, 100_000))] = 200
    forms: dict[Annotated[str, BeforeValidator(values.read_slug)], Words] = {}

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
        list[
            Annotated[str, BeforeValidator(values.one_of("category", "tag", "author", "language"))]
        ],
        Once,
    ] = [FeedKind.CATEGORY, FeedKind.TAG, FeedKind.AUTHOR]
    guid: Annotated[str, BeforeValidator(values.one_of(*Naming))] = Naming.TAG
    archive: Flag = True
    stylesheet: Flag = False
    custom: list[CustomFeedTable] = []
    hubs: Annotated[list[Annotated[str, BeforeValidator(addresses.read_hub)]], Once] = []
    moved: Annotated[
        dict[
            Annotated[str, BeforeValidator(addresses.read_former_path)],
            Annotated[str, BeforeValidator(addresses.read_destination)],
        ],
        AfterValidator(addresses.refuse_circles),
    ] = {}

    @field_validator("max_items")
    @classmethod
    def _hold_min_items(cls, most: int, info: ValidationInfo) -> int:
        least = info.data.get("min_items", 0)
        if most < least:
            raise ValueError(f"{most} is less than min_items ({least})")
        return most


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
    content: Annotated[str, BeforeValidator(values.one_of("summary", "full"))] = "summary"
    subject: Annotated[str, BeforeValidator(values.read_subject)] = ""
    intro: Text = ""
    welcome: Flag = False
    templates: Line = ""
    archive: Flag = True

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


class RuleTable(Table):
    """What differs from a rule's own terms; a level alone may stand for the table."""

    level: Annotated[str | None, BeforeValidator(values.one_of(*LEVELS))] = None
    threshold: Annotated[float | None, BeforeValidator(read_measure)] = None
    hold_from: Annotated[float | None, BeforeValidator(read_hold_from)] = None


class Document(Table):
    """All of kawaraban.toml."""

    publication: PublicationTable
    content: ContentTable = ContentTable()
    service: ServiceTable = ServiceTable()
    feeds: FeedsTable = FeedsTable()
    newsletters: list[NewsletterTable] = []
    sender: SenderTable = SenderTable()
    provider: AnyProvider = OutboxTable()
    gate: dict[str, Annotated[RuleTable, BeforeValidator(spread_rule)]] = {}


TABLES: dict[str, type[Table]] = {
    "publication": PublicationTable,
    "content": ContentTable,
    "service": ServiceTable,
    "feeds": FeedsTable,
    "newsletters": NewsletterTable,
    "sender": SenderTable,
}
"""The tables with keys of their own; those of [provider] depend on its kind."""
