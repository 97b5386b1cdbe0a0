"""Titles that say nearly the same."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

ALIKE_FROM = 0.6
"""From which share of common character pairs (Jaccard) two titles are nearly equal."""


@dataclass(frozen=True, slots=True)
class TitleShape:
    """What of a title is compared: its numbers, and its pairs of neighbouring characters."""

    numbers: frozenset[str]
    pairs: frozenset[str]


def read_title(title: str) -> TitleShape:
    """The shape of a title, read once and compared often."""
    plain = unicodedata.normalize("NFKC", title).casefold()
    # Punctuation and blanks differ between rewrites of one title, so they do not count.
    letters = re.sub(r"[\W_]+", "", plain)
    pairs = (letters[at : at + 2] for at in range(max(len(letters) - 1, 1 if letters else 0)))
    return TitleShape(frozenset(re.findall(r"\d+", plain)), frozenset(pairs))


def are_alike(one: TitleShape, other: TitleShape, least: float = ALIKE_FROM) -> bool:
    """Whether two titles say nearly the same: from `least` of their pairs of characters on.

    Titles with different numbers never do: parts of a series and versions of a program are
    alike in everything else.
    """
    if one.numbers != other.numbers:
        return False
    common = len(one.pairs & other.pairs)
    return bool(common) and common >= least * (len(one.pairs) + len(other.pairs) - common)
