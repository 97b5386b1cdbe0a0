"""What a provider that calls back has besides its adapter: a door that knows its signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from service.model.event import ProviderEvent


class EventSource(Protocol):
    """Reads the callbacks of one provider; a module with these two functions is one.

    Both are pure where everything that they need is in the callback. Whoever has to ask the
    provider for a certificate, or to confirm a subscription, does so within a deadline of its own.
    """

    def check_signature(
        self,
        headers: Mapping[str, str],
        body: bytes,
        secrets: Sequence[str],
        /,
        *,
        now: datetime,
    ) -> None:
        """Raise CallbackError unless the raw `body` is from the provider, and not from long ago.

        Header names are in lower case. One of `secrets` is enough, so that they can be replaced;
        none lets nobody in.
        """

    def parse_events(self, body: bytes, /) -> tuple[ProviderEvent, ...]:
        """Return what the callback reports, in its order; raises CallbackError for what is none."""


@dataclass(frozen=True, slots=True)
class Hook:
    """How one provider's callbacks are read; without `secrets` nobody is let in."""

    source: EventSource
    secrets: tuple[str, ...] = field(repr=False)
