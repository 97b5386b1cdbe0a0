"""How planning tells the engine that there is work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection


class Wake(Protocol):
    """Called inside the planning transaction, so that a roll-back wakes nobody."""

    def __call__(self, connection: Connection, batch_ids: Sequence[int]) -> None:
        """Hand batch ids over; losing or repeating the call does no harm."""
