"""Marks with an opener and a closer, found in one pass over a text however hostile."""

from __future__ import annotations

import re
from collections.abc import Callable

from service.content.body.hidden import keep_lines

LONGEST = 4_000
_ARGUMENT = re.compile(
    r"""(?:([\w-]+)\s{0,9}=\s{0,9})?(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|`([^`]*)`|([^\s"'`=]+))"""
)
_LONGEST_ARGUMENTS = 2_000

Read = Callable[[str, int], str | None]
"""Says what the inside of a mark that begins at a position becomes; None leaves it as it is."""


def replace_marks(text: str, opener: str, closer: str, read: Read, longest: int = LONGEST) -> str:
    """Replace each mark by what `read` says of its inside; what follows keeps its line."""
    kept: list[str] = []
    position, end = 0, -1
    start = text.find(opener)
    while start >= 0:
        inside = start + len(opener)
        if end < inside:
            end = text.find(closer, inside)
        if end < 0:
            break
        new = read(text[inside:end], start) if end - start < longest else None
        if new is None:
            start = text.find(opener, inside)
            continue
        stop = end + len(closer)
        kept += (text[position:start], keep_lines(text[start:stop], new))
        position = stop
        start = text.find(opener, position)
    return "".join([*kept, text[position:]])


def read_arguments(text: str) -> tuple[list[str], dict[str, str]]:
    """Return the plain and the named arguments of a tag, unquoted."""
    plain: list[str] = []
    named: dict[str, str] = {}
    for found in _ARGUMENT.finditer(text[:_LONGEST_ARGUMENTS]):
        key, *values = found.groups()
        value = next((one for one in values if one is not None), "").replace('\\"', '"')
        if key:
            named[key.lower()] = value
        else:
            plain.append(value)
    return plain, named


def write_link(address: str, text: str = "") -> str:
    """Return a Markdown link; without a text it shows its own address."""
    target = address.replace("<", "%3C").replace(">", "%3E").replace("\n", "")
    shown = _escape(text or address)
    return f"[{shown}](<{target}>)"


def write_image(address: str, alt: str = "") -> str:
    """Return a Markdown picture."""
    return "!" + write_link(address, alt) if alt else f"![](<{address}>)"


def _escape(text: str) -> str:
    return re.sub(r"([\[\]\\*_`])", r"\\\1", " ".join(text.split()))
