"""How mail leaves here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.delivery.envelope import Letterhead
from service.providers.base import Provider

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Mailbag:
    """How mail leaves here: through whom, under which letterhead, and within which times.

    `claim_for` is longer than `total_for`, our own total deadline for the call: else
    ValueError is raised.
    """

    provider: Provider
    head: Letterhead
    total_for: timedelta = timedelta(seconds=60)
    claim_for: timedelta = timedelta(seconds=150)

    def __post_init__(self) -> None:
        if self.claim_for <= self.total_for:
            raise ValueError("a claim must last longer than the call it is for")
