"""Plain text wrapped by display width, for Japanese and Latin alike."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.editions.plain import count_columns

TEXT_COLUMNS = 72
"""How wide the text part of a mail is."""

_NEVER_FIRST = frozenset(
    "、。，．・：；？！）］｝〉》」』】〕〗〙”’…‥ー々ゝゞヽヾ゛゜％"
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.)]}:;!?%»"
)
_NEVER_LAST = frozenset("（［｛〈《「『【〔〖〘“‘([{«\u200d")
_URL = re.compile(r"https?://[!-~]*[A-Za-z0-9/=_~#&%$+*@-]")

# Scripts below U+1100 are written in words; above it, a line may end after any character.
_WORD = r"(?:(?!https?://)[!-~¡-\u10ff’‐‑])+"
_PIECE = re.compile(rf"{_URL.pattern}|\s+|{_WORD}|.", re.DOTALL)

# Without a limit a row of long-vowel marks would be one piece as wide as a page.
_MOST_GLUED = 24


def wrap_text(text: str, columns: int = TEXT_COLUMNS, indent: str = "") -> str:
    """The text in lines of at most `columns`, every line after `indent`.

    Lines of the source are kept apart. Latin words stay whole, even when wider than a line;
    punctuation that may not begin or end a line does not; an address has its own line.
    """
    width = columns - count_columns(indent)
    lines = (line for source in text.split("\n") for line in _wrap_line(source, width))
    return "\n".join((indent + line).rstrip() for line in lines)


def _wrap_line(source: str, width: int) -> Iterator[str]:
    line, used, holds_url = "", 0, False
    for spaced, unit in _list_units(source):
        is_url = unit.startswith("http") and _URL.match(unit) is not None
        # A mark stays on the line of its address, but apart, so that it is not followed.
        blank = " " if line and (spaced or holds_url) else ""
        room = width - used - len(blank)
        if holds_url:
            stays = not is_url and _is_only_closing(unit)
        else:
            stays = not is_url and count_columns(unit) <= room
        if line and not stays:
            yield line
            line, used, holds_url, blank = "", 0, False, ""
        line += blank + unit
        used += len(blank) + count_columns(unit)
        holds_url = holds_url or is_url
    yield line


def _is_only_closing(unit: str) -> bool:
    return all(char in _NEVER_FIRST for char in unit)


def _list_units(source: str) -> Iterator[tuple[bool, str]]:
    """What may not be broken, each with whether a blank stood before it."""
    unit, spaced, unit_spaced = "", False, False
    for piece in _PIECE.findall(source):
        if piece.isspace():
            spaced = True
            continue
        if unit and not spaced and _is_glued(unit, piece):
            unit += piece
            continue
        if unit:
            yield unit_spaced, unit
        unit, unit_spaced, spaced = piece, spaced, False
    if unit:
        yield unit_spaced, unit


def _is_glued(unit: str, piece: str) -> bool:
    if _URL.match(unit) or _URL.match(piece) or count_columns(unit) > _MOST_GLUED:
        return False
    return piece[0] in _NEVER_FIRST or unit[-1] in _NEVER_LAST or not count_columns(piece)
