"""Rows on the same reader and newsletter, wherever they stand: found, and made one."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import fields, replace

from service.audience.exchange import ImportRow
from service.model.subscriber import SubscriptionState

_DRAWERS = 256
_MASK = 0xFFFF_FFFF_FFFF_FFFF
_HELD = 25_000
"""Readers met more than once who are held in memory at a time."""


def number_key(key: tuple[str, str]) -> int:
    """A number for an address and newsletter, the same for the same in this process.

    Others hardly ever share it, and whoever takes it for a sameness has to look.
    """
    return hash(key) & _MASK


class Tally:
    """The numbers of a million rows in eight megabytes."""

    def __init__(self) -> None:
        self._drawers = [array("Q") for _ in range(_DRAWERS)]

    def add(self, number: int) -> None:
        """Count a row."""
        self._drawers[number % _DRAWERS].append(number)

    def list_repeated(self) -> list[frozenset[int]]:
        """Numbers counted more than once, in parts that each fit into memory with their rows."""
        repeated = list(self._walk_repeated())
        parts = range(0, len(repeated), _HELD)
        return [frozenset(repeated[start : start + _HELD]) for start in parts]

    def _walk_repeated(self) -> Iterator[int]:
        for drawer in self._drawers:
            before = last = None
            for number in sorted(drawer):
                if number == last and number != before:
                    yield number
                before, last = last, number


class Folder:
    """Rows of which several may speak of the same reader, folded as they come."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], ImportRow] = {}

    def add(self, row: ImportRow) -> bool:
        """Take a row; True when it was folded into one met before."""
        key = (row.address, row.newsletter_id)
        first = self._rows.get(key)
        self._rows[key] = row if first is None else fold_rows(first, row)
        return first is not None

    def list_rows(self) -> list[ImportRow]:
        """What the rows came to."""
        return list(self._rows.values())


def fold_rows(first: ImportRow, later: ImportRow) -> ImportRow:
    """The first row, with what it leaves open from the later one.

    Somebody who unsubscribed in either has unsubscribed.
    """
    left_open = [f.name for f in fields(first) if getattr(first, f.name) in (None, "")]
    folded = replace(first, **{name: getattr(later, name) for name in left_open})
    if later.state is SubscriptionState.UNSUBSCRIBED:
        return replace(folded, state=later.state)
    return folded
