"""Which of our sentences an English text is, and what its {names} are filled with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from string import Formatter

_FEWEST = 5
"""Characters of its own that a sentence has to have to be told from others."""

_LONGEST = 2000
"""Characters; no sentence of ours comes to more, whatever fills it."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """One of our sentences, and what fills its {names}."""

    sentence: str
    values: Mapping[str, str]


class Recogniser:
    """Knows sentences; what fits several is the one that says more by itself."""

    def __init__(self, sentences: Iterable[str] = ()) -> None:
        self._whole = frozenset(sentences)
        pieces = {one: _split(one)[0] for one in sorted(self._whole) if "{" in one}
        solid = {one: sum(map(len, each)) for one, each in pieces.items()}
        self._forms = tuple(
            # The longest piece is a sign: where it is missing, nothing else is looked at.
            (max(pieces[one], key=len), one)
            for one in sorted(solid, key=lambda one: -solid[one])
            if solid[one] >= _FEWEST
        )

    def find(self, text: str) -> Recognised | None:
        """The sentence that was filled to become this text; None for one that is not ours."""
        if text in self._whole:
            return Recognised(text, {})
        if len(text) > _LONGEST:
            return None
        for sign, sentence in self._forms:
            if sign in text and (found := _compile(sentence).fullmatch(text)):
                return Recognised(sentence, found.groupdict())
        return None


def _split(sentence: str) -> tuple[list[str], list[str]]:
    """The pieces of a sentence around its {names}, and these."""
    parts = list(Formatter().parse(sentence))
    names = [name for _, name, _, _ in parts if name is not None]
    pieces = [piece for piece, _, _, _ in parts]
    return [*pieces, ""] if len(pieces) == len(names) else pieces, names


@cache
def _compile(sentence: str) -> re.Pattern[str]:
    pieces, names = _split(sentence)
    pattern, met = re.escape(pieces[0]), set[str]()
    for name, piece in zip(names, pieces[1:], strict=True):
        pattern += f"(?P={name})" if name in met else f"(?P<{name}>.*?)"
        pattern += re.escape(piece)
        met.add(name)
    return re.compile(pattern)
