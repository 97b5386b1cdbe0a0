"""Editions as answers show them."""

from __future__ import annotations

from pydantic import Field

from service.delivery.arranging import Reason
from service.delivery.preflight import Weight
from service.model.edition import EditionState, Trigger
from service.model.event import EventKind
from service.model.newsletter import Cadence
from service.web.api.fields import Moment, Shown


class ShownAudience(Shown):
    """Whom an edition is for, beyond its cadence. Nothing named: everybody."""

    cadences: list[Cadence]
    topics: list[str]
    names_posts: bool


class EditionSummary(Shown):
    """An edition as lists show it. `cadence` is null for one made by hand.

    `revision` counts what editors changed; whoever changes an edition names the one they saw.
    """

    edition: int = Field(validation_alias="edition_id")
    newsletter: str = Field(validation_alias="newsletter_id")
    cadence: Cadence | None
    key: str
    trigger: Trigger
    state: EditionState
    reason: str
    revision: int
    subject: str
    preheader: str
    intro: str
    audience: ShownAudience
    slot_at: Moment
    freeze_at: Moment
    created_at: Moment
    approved_at: Moment | None
    frozen_at: Moment | None
    finished_at: Moment | None


class ListedEdition(Shown):
    """An edition with its subject in the publication's language and, once frozen, its readers."""

    edition: EditionSummary
    subject: str
    readers: int | None


class ShownAccounting(Shown):
    """Where every reader is: `frozen` is the sum of all the others."""

    frozen: int
    accepted: int
    refused: int
    suppressed: int
    cancelled: int
    unknown: int
    waiting: int
    adds_up: bool


class ExplainedPost(Shown):
    """A post of an edition, and why it is in it or not shown. `number` counts from 1."""

    post: int
    path: str
    title: str
    reason: Reason
    number: int | None
    is_placed: bool
    into: int | None


class VariantSummary(Shown):
    """One mail of an edition, and how many readers get it; `topics` "" stands for everything."""

    number: int
    key: str
    language: str
    readers: int
    cadences: dict[str, int]
    topics: dict[str, int]
    subject: str
    preheader: str
    posts: list[int]
    not_shown: int
    html_bytes: int


class VariantMail(VariantSummary):
    """One mail as it would arrive at a reader who is nobody: links of readers lead nowhere."""

    headers: str
    html: str
    text: str


class ShownFlaw(Shown):
    """Something to look at before an edition leaves; one that stops keeps it from leaving."""

    code: str
    weight: Weight
    values: dict[str, str | int]
    variant: int | None


class EditionDetail(Shown):
    """An edition with its posts and why, its mails, and where its readers are.

    `skipped` are readers who get nothing, by the reason. `told` is what the provider said of
    those it accepted, `refused_for` why others were refused.
    """

    edition: EditionSummary
    readers: int
    cadences: dict[str, int]
    skipped: dict[str, int]
    posts: list[ExplainedPost]
    variants: list[VariantSummary]
    flaws: list[ShownFlaw]
    accounting: ShownAccounting
    told: dict[str, int]
    refused_for: dict[str, int]


class Progress(Shown):
    """How far an edition is; `per_minute` is over all of the time since its first mail."""

    edition: int
    state: EditionState
    reason: str
    begun_at: Moment | None
    accounting: ShownAccounting
    told: dict[str, int]
    per_minute: int | None


class ShownEventCount(Shown):
    """What a provider told of an edition's mails within the hour from `hour_at` on."""

    hour_at: Moment
    kind: EventKind
    count: int


class ShownCorrection(Shown):
    """What was wrong in an edition; `edition` is the one that says so, null while it waits."""

    correction: int = Field(validation_alias="correction_id")
    newsletter: str = Field(validation_alias="newsletter_id")
    about: int = Field(validation_alias="about_edition_id")
    text: str
    created_at: Moment
    created_by: str
    edition: int | None = Field(validation_alias="edition_id")
    withdrawn_at: Moment | None


class Retried(Shown):
    """Readers planned again, those that need not wait any longer, and those left refused."""

    planned: int
    hurried: int
    left: int


class Cancelled(Shown):
    """An edition that ended, and how many readers it had not reached."""

    edition: EditionSummary
    cancelled: int


class Tested(Shown):
    """How many test mails leave; those not counted went today already."""

    planned: int


class Foreseen(Shown):
    """What an edition by hand would be. `known`: its key was used, and made this edition."""

    subject: str
    posts: list[int]
    readers: int
    cadences: dict[str, int]
    skipped: dict[str, int]
