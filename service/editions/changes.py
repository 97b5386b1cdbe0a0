"""What changed between two versions of a text, in pieces that a person can follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# A sentence with what closes it and the spaces behind it, or a line.
_SENTENCE = re.compile(r"[^\n]+?(?:[。！？]+[」』）)]*|[.!?]+(?:\s+|$)|\n+|$)|\n+")
_WORD = re.compile(r"[a-zA-Z0-9À-ɏ_'’-]+|\s+|.", re.DOTALL)
_ALIKE = 0.5
_LONGEST_INSIDE = 2_000


class ChangeKind(StrEnum):
    """What became of a piece of text."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


Piece = tuple[ChangeKind, str]


@dataclass(frozen=True, slots=True)
class TextChanges:
    """A text in pieces: those kept and removed make the old one, kept and added the new."""

    pieces: tuple[Piece, ...]

    @property
    def is_changed(self) -> bool:
        """Whether anything is not as it was."""
        return any(kind is not ChangeKind.KEPT for kind, _ in self.pieces)


def compare_texts(before: str, after: str) -> TextChanges:
    """Compare by sentences, and inside a sentence that only changed a little by words.

    A Japanese sentence is compared character by character.
    """
    return TextChanges(tuple(_join(_compare_sentences(before, after))))


def _compare_sentences(before: str, after: str) -> Iterator[Piece]:
    old, new = _SENTENCE.findall(before), _SENTENCE.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for name, i1, i2, j1, j2 in matcher.get_opcodes():
        if name == "equal":
            yield ChangeKind.KEPT, "".join(old[i1:i2])
        else:
            yield from _compare_inside("".join(old[i1:i2]), "".join(new[j1:j2]))


def _compare_inside(before: str, after: str) -> Iterator[Piece]:
    """Word by word where much was kept; else as a whole, which is easier to read."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    is_short = max(len(old), len(new)) <= _LONGEST_INSIDE
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if is_short and matcher.ratio() >= _ALIKE:
        for name, i1, i2, j1, j2 in matcher.get_opcodes():
            kind = ChangeKind.KEPT if name == "equal" else ChangeKind.REMOVED
            yield kind, "".join(old[i1:i2])
            if name != "equal":
                yield ChangeKind.ADDED, "".join(new[j1:j2])
    else:
        yield ChangeKind.REMOVED, before
        yield ChangeKind.ADDED, after


def _join(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Neighbours of one kind as one piece, and no empty ones."""
    kind, text = ChangeKind.KEPT, ""
    for next_kind, next_text in pieces:
        if not next_text:
            continue
        if next_kind is not kind and text:
            yield kind, text
            text = ""
        kind, text = next_kind, text + next_text
    if text:
        yield kind, text
