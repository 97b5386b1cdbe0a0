"""Looking for signs in long texts: a plain search is many times quicker than a pattern."""

from __future__ import annotations

from collections.abc import Iterator

_BEFORE, _AFTER = 120, 160
_MOST, _SHORT = 40, 1_000


def holds(text: str, sign: str, rare: str = "") -> bool:
    """Whether `sign` is in a text, quickest where its character `rare` is a rare one.

    One character is found ten times as fast as several.
    """
    if not rare or len(text) < _SHORT:
        return sign in text
    at, offset = text.find(rare), sign.find(rare)
    for _ in range(_MOST):
        if at < 0:
            return False
        if text.startswith(sign, max(0, at - offset)):
            return True
        at = text.find(rare, at + 1)
    return sign in text


def list_windows(text: str, sign: str, start: int = 0) -> Iterator[str]:
    """Yield what stands around each `sign` from `start` on; none begins before its line does."""
    at = text.find(sign, start)
    while at >= 0:
        line = max(text.rfind("\n", 0, at) + 1, start)
        yield text[max(line, at - _BEFORE) : at + _AFTER]
        at = text.find(sign, at + _AFTER)
