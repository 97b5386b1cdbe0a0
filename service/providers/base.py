"""What a provider is to the rest of the house."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol

from service.model.delivery import Refusal
from service.model.message import OutgoingBatch
from service.outbound.client import OutboundClient


class RateUnit(StrEnum):
    """What a provider counts when it limits how fast it is called."""

    CALLS = "calls"
    RECIPIENTS = "recipients"


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` of `unit` within `per`, for the whole account."""

    count: int
    per: timedelta
    unit: RateUnit


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an adapter can do.

    `batch_limit` recipients and `byte_limit` bytes a call. `merges`: one content with values
    per recipient, so that a batch must hold one variant. `same_key_for`: how long a replay of
    the same bytes under the same key is taken once (None: never). `looks_up`: whether it
    can be asked later what became of a batch; `log_complete_after`: how long after the call
    what it then does not know was certainly not taken (None: that is never certain), unless
    it forgot: `log_kept_for` is how long it remembers (None: nobody knows).
    `sends_events`: whether it calls back. `rate`: its published limit (None: none is known).
    """

    batch_limit: int
    byte_limit: int
    merges: bool
    same_key_for: timedelta | None
    looks_up: bool = False
    log_complete_after: timedelta | None = None
    log_kept_for: timedelta | None = None
    sends_events: bool = False
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch as bytes, a pure function of the batch; `bodies` is what goes over the wire.

    `row_ids` are its recipients in order, so that an answer can be told apart by row.
    """

    key: str
    content_type: str
    bodies: tuple[bytes, ...]
    row_ids: tuple[int, ...] = ()

    @property
    def digest(self) -> str:
        """The sha256 of the bytes, to stop a replay that would differ."""
        digest = hashlib.sha256()
        for body in self.bodies:
            digest.update(len(body).to_bytes(8, "big"))
            digest.update(body)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a provider answered to a batch that it took, at least in part.

    `message_ids` maps a recipient's row id to the provider's own id (may be empty);
    `refusals` maps the row ids of recipients it provably did not take: those of the scope
    "account" were never its turn, and go back to be sent again. `unsure` maps the row ids of
    which nobody can say it to the reason. Everyone else is accepted.
    """

    message_ids: Mapping[int, str] = field(default_factory=dict)
    refusals: Mapping[int, Refusal] = field(default_factory=dict)
    unsure: Mapping[int, str] = field(default_factory=dict)


class Provider(Protocol):
    """Takes batches. Never repeats a request, sleeps, reads the environment or the database."""

    @property
    def account(self) -> str:
        """Which provider and account, in words; batches carry it."""

    @property
    def capabilities(self) -> Capabilities:
        """What this adapter can do."""

    def prepare(self, batch: OutgoingBatch) -> Prepared:
        """Return the request's bytes; raises UnsupportedError where something would be lost."""

    def send(
        self, prepared: Prepared, *, total_for: timedelta, ready: Callable[[], None]
    ) -> Outcome:
        """Hand the bytes over within `total_for`; call `ready` right before the first byte.

        Raises whatever `ready` raises (nothing was sent then), RefusedError when the provider
        provably did not take the batch, UnsupportedError when it says before any mail that it
        would never take it, UnsureError in every other case.
        """


BuildProvider = Callable[[Mapping[str, Any], str, OutboundClient], Provider]
"""Makes an adapter of its options in kawaraban.toml, its key and the HTTP client."""
