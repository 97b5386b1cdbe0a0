"""How much a file may ask of the Markdown parser: it keeps up to 500 bytes for each mark."""

from __future__ import annotations

from service.errors import ContentError
from service.model.wording import word

MAX_MARKS = 200_000
"""Measured: 200,000 brackets cost 50 MB. The densest real post has 20 marks in 100 bytes."""

MAX_FOOTNOTES = 5_000

_MARKS = b"\n_*\"'$:.-~<>[]!\\&|^#=@`(){}+"


def check_marks(raw: bytes) -> None:
    """Raise ContentError for a file with more marks than memory should be spent on."""
    if len(raw) > MAX_MARKS:
        marks = len(raw) - len(raw.translate(None, _MARKS))
        if marks > MAX_MARKS:
            raise _explain(marks, MAX_MARKS, word("Markdown marks"))
    # A file too small to hold that many is not looked at: this is on the way of every post.
    if len(raw) > 3 * MAX_FOOTNOTES and b"^" in raw:
        notes = raw.count(b"[^")
        if notes > MAX_FOOTNOTES:
            raise _explain(notes, MAX_FOOTNOTES, word("footnotes"))


def _explain(found: int, most: int, what: str) -> ContentError:
    return ContentError(
        "too_many",
        "the file has {found} {what} and may have {most}; cut it into several posts",
        found=f"{found:,}",
        what=what,
        most=f"{most:,}",
    )
