"""Lists of readers that somebody uploaded: first looked through, then brought in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from service.model.subscriber import SubscriptionState


class ListState(StrEnum):
    """Where an uploaded list stands; a waiting one is run, or will be."""

    WAITING = "waiting"
    REHEARSED = "rehearsed"
    DONE = "done"
    FAILED = "failed"
    DROPPED = "dropped"


class DroppedFor(StrEnum):
    """Why a list was put away without being brought in."""

    ASKED = "asked"
    EXPIRED = "expired"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class ListTerms:
    """On which terms readers come in.

    `newsletter_id` "" is what a column of the list says, `origin` "" what its columns tell.
    `state` is for those of whom the list proves nothing: pending ones are asked by mail, active
    ones somebody vouches for, by what `source` says of how they agreed.
    """

    newsletter_id: str = ""
    state: SubscriptionState = SubscriptionState.PENDING
    source: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class ListMistake:
    """A row that was not taken; the reason never shows what its cells hold."""

    sheet: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ListCounts:
    """What a run came to so far: `taken` rows in `attempt` runs, and of them how many of a kind.

    `report` has the numbers of an ImportReport by name. The others are as in an Outline; `tags`
    are those that no newsletter offers, with how many readers have them.
    """

    attempt: int = 0
    taken: int = 0
    report: Mapping[str, int] = field(default_factory=dict)
    rows: int = 0
    folded: int = 0
    strangers: int = 0
    unreadable: int = 0
    origins: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    tags: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ReaderList:
    """An uploaded list. `name` is what people call it, `file` what it is called in our folder.

    `bytes_read` of `bytes` are done in the run that is under way. `failure` says why a failed one
    failed, and of a dropped one a DroppedFor.
    """

    import_id: int
    name: str
    file: str
    terms: ListTerms
    state: ListState
    is_rehearsal: bool
    bytes: int
    bytes_read: int
    counts: ListCounts
    mistakes: tuple[ListMistake, ...]
    failure: str
    created_at: datetime
    created_by: str
    claimed_until: datetime | None
    ended_at: datetime | None
