"""Which of an edition's variants everybody is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from service.model.languages import primary_subtag


class Showable(Protocol):
    """A variant as far as it is chosen by."""

    @property
    def variant_id(self) -> int:
        """Its id."""

    @property
    def language(self) -> str:
        """The language of its words."""

    @property
    def post_count(self) -> int:
        """How many posts it shows."""


One = TypeVar("One", bound=Showable)


def list_rivals(variants: Sequence[One]) -> list[One]:
    """Those of which only their readers can tell which is to be shown for its language."""
    fullest: dict[str, list[One]] = {}
    for one in variants:
        known = fullest.setdefault(one.language, [])
        if not known or one.post_count > known[0].post_count:
            fullest[one.language] = [one]
        elif one.post_count == known[0].post_count:
            known.append(one)
    return [one for equals in fullest.values() if len(equals) > 1 for one in equals]


def choose_faces(
    variants: Sequence[One], language: str, readers: Mapping[int, int]
) -> tuple[One, ...]:
    """One variant for each language: the fullest, of equals the most read, then the first made.

    That of the newsletter's own `language` comes first, or else the fullest of all.
    """
    best: dict[str, One] = {}
    for one in sorted(variants, key=lambda one: _rank(one, readers)):
        best.setdefault(one.language, one)
    shown = sorted(best.values(), key=lambda one: (one.language != language, _rank(one, readers)))
    return tuple(shown)


def find_face(faces: Sequence[One], wanted: str) -> One:
    """The one in the language wanted, or in a kin of it, or else the first."""
    kin = primary_subtag(wanted)
    exact = (one for one in faces if one.language == wanted)
    alike = (one for one in faces if kin and primary_subtag(one.language) == kin)
    return next(exact, next(alike, faces[0]))


def _rank(one: Showable, readers: Mapping[int, int]) -> tuple[int, int, int]:
    return -one.post_count, -readers.get(one.variant_id, 0), one.variant_id
