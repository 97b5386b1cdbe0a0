"""Entries as they stand in a feed's bytes: rendered once, and set into every feed that has them.

An entry is in the feeds of the site, its category, its tags and its author, and in each it is the
same bytes. So a feed is taken apart into its frame and its entries; with the entries at hand only
the frame has to be made. Nothing is written here that the format's own renderer did not write.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

from service.model.feed import FeedFormat

_MOST_BYTES = 32_000_000
"""What entries may take of memory; those not used for longest give way."""


@dataclass(frozen=True, slots=True)
class _Marks:
    """How entries stand in a format: what is before the first, how one begins and ends."""

    before: bytes
    opens: bytes
    closes: bytes
    between: bytes = b""


_MARKS = {
    FeedFormat.RSS: _Marks(b"", b"    <item>", b"</item>\n"),
    FeedFormat.ATOM: _Marks(b"", b"  <entry ", b"</entry>\n"),
    # A line of JSON that is indented by two blanks alone belongs to the list of items.
    FeedFormat.JSON: _Marks(b'\n "items": [', b"\n  {\n", b"\n  }", b","),
}


@dataclass(frozen=True, slots=True)
class Parts:
    """A feed taken apart: what stands before its entries, these, and what stands after them."""

    head: bytes
    entries: tuple[bytes, ...]
    tail: bytes
    between: bytes

    def join(self, entries: Iterable[bytes]) -> bytes:
        """The same feed with these entries."""
        return b"".join((self.head, self.between.join(entries), self.tail))


def take_apart(content: bytes, format: FeedFormat) -> Parts:  # noqa: A002 (it is one)
    """A rendered feed with at least one entry, as its parts; ValueError where none is found.

    No text of an entry can look like a mark: in XML a `<` of text is escaped, and in JSON a line
    end of text is.
    """
    marks = _MARKS[format]
    start = content.index(marks.opens, content.index(marks.before) + len(marks.before))
    *entries, tail = content[start:].split(marks.closes)
    first, *others = entries
    return Parts(
        content[:start],
        (
            first + marks.closes,
            *(entry.removeprefix(marks.between) + marks.closes for entry in others),
        ),
        tail,
        marks.between,
    )


class Pieces:
    """Entries by format and by the digest of all they derive from; safe for several threads."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._entries: OrderedDict[tuple[FeedFormat, str], bytes] = OrderedDict()
        self._lock = Lock()

    def find(self, format: FeedFormat, digest: str) -> bytes | None:  # noqa: A002
        """The bytes of an entry, None when they are not at hand."""
        with self._lock:
            entry = self._entries.get((format, digest))
            if entry is not None:
                self._entries.move_to_end((format, digest))
            return entry

    def keep(self, format: FeedFormat, digest: str, entry: bytes) -> None:  # noqa: A002
        """Have the bytes of an entry at hand for as long as there is room."""
        with self._lock:
            before = self._entries.pop((format, digest), b"")
            self._entries[format, digest] = entry
            self._bytes += len(entry) - len(before)
            while self._bytes > self._most_bytes:
                _, oldest = self._entries.popitem(last=False)
                self._bytes -= len(oldest)
