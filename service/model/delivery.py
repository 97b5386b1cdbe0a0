"""Deliveries and batches: the ledger's words, and what a refusal says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class DeliveryState(StrEnum):
    """Where one edition to one subscriber (or one notice) stands.

    The four after `accepted` are what its provider told of it later; they count as accepted.
    """

    PLANNED = "planned"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"


TAKEN = (
    DeliveryState.ACCEPTED,
    DeliveryState.DEFERRED,
    DeliveryState.DELIVERED,
    DeliveryState.BOUNCED,
    DeliveryState.COMPLAINED,
)
"""The states of a row that the provider has; what it tells later moves a row only to the right."""

UNSETTLED = (DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.UNKNOWN)
"""The states of a row whose end is still to come."""


class BatchState(StrEnum):
    """Where a batch stands; `settled` means every row of it has its own end."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    UNKNOWN = "unknown"
    SETTLED = "settled"


class BatchKind(StrEnum):
    """What the rows of a batch are."""

    EDITION = "edition"
    NOTICE = "notice"


class Scope(StrEnum):
    """Whose fault a refusal is."""

    RECIPIENT = "recipient"
    BATCH = "batch"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A provable refusal. `retry_after` set means "not now": the rows wait that long.

    `code` is a short word for machines; `detail` is for people and names no address.
    """

    scope: Scope
    code: str
    detail: str
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Accounting:
    """The sum that must hold at every commit: frozen = all the others together."""

    frozen: int
    accepted: int
    refused: int
    suppressed: int
    cancelled: int
    unknown: int
    waiting: int

    @property
    def adds_up(self) -> bool:
        """Whether nobody was lost and nobody counted twice."""
        return self.frozen == (
            self.accepted
            + self.refused
            + self.suppressed
            + self.cancelled
            + self.unknown
            + self.waiting
        )

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do or to find out."""
        return self.unknown == 0 and self.waiting == 0


@dataclass(frozen=True, slots=True)
class Feedback:
    """How many of an edition's readers the provider has, and what it told of them since."""

    taken: int = 0
    bounced: int = 0
    complained: int = 0

    def since(self, earlier: Feedback) -> Feedback:
        """What came after an earlier count."""
        return Feedback(
            self.taken - earlier.taken,
            self.bounced - earlier.bounced,
            self.complained - earlier.complained,
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows handed to the provider in one call."""

    batch_id: int
    kind: BatchKind
    edition_id: int | None
    variant_id: int | None
    account: str
    state: BatchState
    attempt: int
    claimed_until: datetime | None
    not_before: datetime | None
    size: int
