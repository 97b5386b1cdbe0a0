"""Looking for signs in long texts: a plain search is many times quicker than a pattern."""

from __future__ import annotations

from collections.abc import Iterator

_BEFORE, _AFTER = 120, 160


def list_windows(text: str, sign: str, start: int = 0) -> Iterator[str]:
    """Yield what stands around each `sign` from `start` on; none begins before its line does."""
    at = text.find(sign, start)
    while at >= 0:
        line = max(text.rfind("\n", 0, at) + 1, start)
        yield text[max(line, at - _BEFORE) : at + _AFTER]
        at = text.find(sign, at + _AFTER)
