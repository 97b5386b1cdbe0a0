"""What a provider that keeps a log of its mail can be asked later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Sought:
    """A batch that may have been taken: its key, when it was first tried, and who was in it.

    `recipients` maps addresses to row ids.
    """

    key: str
    tried_at: datetime
    recipients: Mapping[str, int]


@runtime_checkable
class LogReader(Protocol):
    """What a provider whose capabilities say `looks_up` has besides."""

    def look_up(self, sought: Sought, *, total_for: timedelta) -> Mapping[int, str]:
        """Return the rows that the log shows as taken, with the provider's ids for them.

        That others are not among them proves nothing by itself. Asks as often as it takes to
        read all pages, within `total_for`. Raises UnsureError when no whole answer came back.
        """
