"""A provider without keys that keeps a log: what it took shows there after a while."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from service.errors import UnsureError
from service.providers.base import Prepared
from service.providers.looking_up import Sought
from tests.fakes.provider import ProgrammedProvider


class LogKeeper(ProgrammedProvider):
    """Shows each mail `lag` after it took it, and forgets it after `kept_for`."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        lag: timedelta = timedelta(minutes=30),
        kept_for: timedelta | None = timedelta(days=3),
        is_complete: bool = True,
        batch_limit: int = 100,
    ) -> None:
        super().__init__(batch_limit=batch_limit)
        self.capabilities = replace(
            self.capabilities,
            looks_up=True,
            log_complete_after=lag if is_complete else None,
            log_kept_for=kept_for,
        )
        self.asked: list[str] = []
        self.is_silent = False
        self._clock = clock
        self._lag = lag
        self._kept_for = kept_for
        self._log: list[tuple[datetime, str, str, str]] = []

    def look_up(self, sought: Sought, *, total_for: timedelta) -> Mapping[int, str]:
        """The rows of the batch that show now."""
        self.asked.append(sought.key)
        if self.is_silent:
            raise UnsureError("the log did not answer")
        now = self._clock()
        shown = {
            address
            for taken_at, account, key, address in self._log
            if (account, key) == (self.account, sought.key)
            and taken_at + self._lag <= now
            and (self._kept_for is None or now < taken_at + self._kept_for)
        }
        return {
            row_id: f"id-{row_id}"
            for address, row_id in sought.recipients.items()
            if address in shown
        }

    def _take(self, prepared: Prepared, addresses: list[str]) -> None:
        super()._take(prepared, addresses)
        now = self._clock()
        self._log += [(now, self.account, prepared.key, address) for address in addresses]
