"""Editions: one issue of a newsletter, and the variants its readers get."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.model.newsletter import Cadence
from service.model.post import Post


@dataclass(frozen=True, slots=True)
class Correction:
    """What was wrong in an earlier edition, in an editor's words (Markdown).

    `about_at` is that edition's own day, `edition_id` the one that carries the correction, None
    while it waits for the next.
    """

    correction_id: int
    newsletter_id: str
    about_edition_id: int
    about_at: datetime
    text: str
    created_at: datetime
    created_by: str
    edition_id: int | None = None
    withdrawn_at: datetime | None = None


class Trigger(StrEnum):
    """Who opened an edition."""

    SCHEDULE = "schedule"
    MANUAL = "manual"


class EditionState(StrEnum):
    """Where an edition stands; the arrows between them are in EDITION_MOVES."""

    DRAFT = "draft"
    WAITING = "waiting"
    FREEZING = "freezing"
    FROZEN = "frozen"
    SENDING = "sending"
    FINISHED = "finished"
    HELD = "held"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    EMPTY = "empty"
    MERGED = "merged"


_BEFORE_THE_FREEZE = {
    EditionState.DRAFT,
    EditionState.WAITING,
    EditionState.HELD,
}

EDITION_MOVES: dict[EditionState, frozenset[EditionState]] = {
    EditionState.DRAFT: frozenset(
        {
            EditionState.WAITING,
            EditionState.HELD,
            EditionState.FREEZING,
            EditionState.CANCELLED,
            EditionState.EMPTY,
            EditionState.MERGED,
        }
    ),
    EditionState.WAITING: frozenset(
        {
            EditionState.WAITING,
            EditionState.HELD,
            EditionState.FREEZING,
            EditionState.CANCELLED,
            EditionState.EMPTY,
            EditionState.MERGED,
        }
    ),
    EditionState.HELD: frozenset(
        {
            EditionState.WAITING,
            EditionState.FREEZING,
            EditionState.CANCELLED,
            EditionState.EMPTY,
            EditionState.MERGED,
        }
    ),
    EditionState.FREEZING: frozenset({EditionState.FROZEN, EditionState.EMPTY, EditionState.HELD}),
    EditionState.FROZEN: frozenset(
        {
            EditionState.SENDING,
            EditionState.PAUSED,
            EditionState.CANCELLED,
            EditionState.FINISHED,
        }
    ),
    EditionState.SENDING: frozenset(
        {EditionState.PAUSED, EditionState.CANCELLED, EditionState.FINISHED}
    ),
    EditionState.PAUSED: frozenset(
        {EditionState.SENDING, EditionState.CANCELLED, EditionState.FINISHED}
    ),
    EditionState.CANCELLED: frozenset(),
    EditionState.FINISHED: frozenset({EditionState.SENDING}),
    EditionState.EMPTY: frozenset(),
    EditionState.MERGED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom an edition by hand goes to; empty means every cadence, every topic.

    `names_posts`: a person chose the posts; otherwise each reader gets what is news to them.
    """

    cadences: tuple[Cadence, ...] = ()
    topics: tuple[str, ...] = ()
    names_posts: bool = False


@dataclass(frozen=True, slots=True)
class Edition:
    """One issue of a newsletter for one slot of its schedule, or one made by hand.

    `mark` is the highest news number its list of posts was fixed with. `key` is unique with
    newsletter and cadence: the slot's local date, the post's uid, or the caller's own.
    `revision` counts what editors changed. `corrections` are there only where its mail is made.
    """

    edition_id: int
    newsletter_id: str
    cadence: Cadence | None
    key: str
    trigger: Trigger
    state: EditionState
    slot_at: datetime
    freeze_at: datetime
    mark: int
    subject: str
    intro: str
    audience: Audience
    reason: str
    created_at: datetime
    frozen_at: datetime | None = None
    finished_at: datetime | None = None
    approved_at: datetime | None = None
    preheader: str = ""
    revision: int = 0
    corrections: tuple[Correction, ...] = ()

    @property
    def may_still_change(self) -> bool:
        """Whether its audience has not been fixed yet."""
        return self.state in _BEFORE_THE_FREEZE


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post that an edition may carry, with its number in the newsletter's news.

    `news_no` is None for a post that only a person put there. What an editor did: `place` is
    where the post stands in their order, counted from 0; it `is_added` to the edition, or
    `is_left_out` of it.
    """

    post: Post
    news_no: int | None
    place: int | None = None
    is_added: bool = False
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Posts of one group inside a digest, in reading order; `name` may be empty."""

    name: str
    posts: tuple[Post, ...]


@dataclass(frozen=True, slots=True)
class More:
    """How many posts of one group did not fit."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Folded:
    """A post left out because a newer one says nearly the same."""

    post: Post
    into: Post


@dataclass(frozen=True, slots=True)
class Selection:
    """What a group of readers gets of the candidates, and what not, with reasons."""

    sections: tuple[Section, ...]
    more: tuple[More, ...]
    folded: tuple[Folded, ...]

    @property
    def posts(self) -> tuple[Post, ...]:
        """All chosen posts in reading order."""
        return tuple(post for section in self.sections for post in section.posts)

    @property
    def more_count(self) -> int:
        """How many posts are only counted."""
        return sum(more.count for more in self.more)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail as it will be sent; only the marks of model.message differ per reader."""

    subject: str
    preheader: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Variant:
    """The edition as one group of readers gets it, stored as it is sent."""

    variant_id: int
    edition_id: int
    key: str
    language: str
    rendered: Rendered
    post_ids: tuple[int, ...]
