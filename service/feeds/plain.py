"""Plain text that reads the same where it is taken for text and where it is taken for HTML.

Of titles, names and the like some readers decode HTML, some do it twice and some not at all,
whatever a feed says. What they could mistake for markup is therefore written with characters
that are none: `<b>` becomes `‹b›`, and the ampersand of `&nbsp;` a wide one.
"""

from __future__ import annotations

import re
from html.entities import html5

_TAG = re.compile(r"<([A-Za-z!/?][^<>]*)>")
_OPEN = re.compile(r"<(?=[A-Za-z!/?])")
_ENTITY = re.compile(r"&(?=(#?\w+))")
_ASCII = re.compile(r"[A-Za-z0-9]*")
_NAMES = frozenset(name.rstrip(";") for name in html5)


def write_plain(text: str) -> str:
    """One line of text without anything that could be taken for markup, or for a broken file."""
    line = " ".join(text.split()).replace("\ufffd", "…")
    if "<" in line:
        line = _OPEN.sub("‹", _TAG.sub(r"‹\1›", line))
    return _ENTITY.sub(_widen, line) if "&" in line else line


def _widen(found: re.Match[str]) -> str:
    # Validators take every name with a digit in it for an entity too: that of S&P500 is one.
    run = _ASCII.match(found[1])
    is_known = run is not None and run[0] in _NAMES
    return "＆" if is_known or not found[1].isalpha() else "&"
