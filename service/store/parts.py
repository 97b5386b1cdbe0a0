"""A long list taken in parts, each as long as one statement may well name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")

_PART = 500


def split_into_parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The items in their order, some hundreds at a time."""
    for start in range(0, len(items), _PART):
        yield items[start : start + _PART]
