"""A message as JSON with places for each reader's own values: encoded once, filled per reader."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from json.encoder import encode_basestring

from service.errors import UnsupportedError
from service.model.message import Recipient
from service.providers.recipients import BODY_MARKS, HEADER_MARKS, Slot, cut_at_marks, read_value


@dataclass(frozen=True, slots=True)
class Varied:
    """A text with our marks in it; `escaped` where what fills them stands in HTML."""

    content: str
    marks: Sequence[str]
    escaped: bool = False

    @classmethod
    def text(cls, content: str) -> Varied:
        """A plain text."""
        return cls(content, BODY_MARKS)

    @classmethod
    def html(cls, content: str) -> Varied:
        """A page of HTML."""
        return cls(content, BODY_MARKS, escaped=True)

    @classmethod
    def header(cls, value: str) -> Varied:
        """A header's value."""
        return cls(value, HEADER_MARKS)


@dataclass(frozen=True, slots=True)
class Address:
    """Stands where the reader's address goes."""


@dataclass(frozen=True, slots=True)
class RowId:
    """Stands where the reader's row id goes, as text, so that events can name the row."""


Shape = (
    str | int | bool | None | Varied | Address | RowId | Mapping[str, "Shape"] | Sequence["Shape"]
)
"""A JSON value with places in it."""


@dataclass(frozen=True, slots=True)
class _Value:
    slot: Slot
    escaped: bool


_Place = _Value | Address | RowId


@dataclass(frozen=True, slots=True)
class JsonMold:
    """One message's JSON, cut where readers differ."""

    pieces: tuple[bytes | _Place, ...]

    @classmethod
    def of(cls, shape: Shape) -> JsonMold:
        """Encode everything that readers share; raises UnsupportedError for half a character."""
        return cls(tuple(_join_texts(_encode(shape))))

    def cast(self, recipient: Recipient) -> str:
        """Return the JSON for `recipient`; raises UnsupportedError for a value that is amiss."""
        return self.cast_bytes(recipient).decode()

    def cast_bytes(self, recipient: Recipient) -> bytes:
        """Return the same as UTF-8, which is quicker for whole messages."""
        return b"".join(
            piece if isinstance(piece, bytes) else _encode_inside(_read(piece, recipient)).encode()
            for piece in self.pieces
        )


def join_list(messages: Iterable[bytes]) -> bytes:
    """Return messages that are JSON already as one JSON list."""
    return b"[" + b",".join(messages) + b"]"


def _read(place: _Place, recipient: Recipient) -> str:
    match place:
        case Address():
            return recipient.address
        case RowId():
            return str(recipient.row_id)
    value = read_value(recipient, place.slot)
    return html.escape(value) if place.escaped else value


def _encode(shape: Shape) -> Iterator[str | _Place]:
    match shape:
        case Varied():
            yield from _encode_varied(shape)
        case Address() | RowId():
            yield from ('"', shape, '"')
        case Mapping():
            for number, (key, value) in enumerate(shape.items()):
                yield f"{',' if number else '{'}{json.dumps(key)}:"
                yield from _encode(value)
            yield "}" if shape else "{}"
        case str() | int() | None:
            yield _encode_plain(shape)
        case _:
            for number, value in enumerate(shape):
                yield "," if number else "["
                yield from _encode(value)
            yield "]" if shape else "[]"


def _encode_varied(varied: Varied) -> Iterator[str | _Place]:
    yield '"'
    for piece in cut_at_marks(varied.content, varied.marks):
        if isinstance(piece, Slot):
            yield _Value(piece, varied.escaped)
        else:
            yield _encode_inside(piece)
    yield '"'


def _encode_inside(content: str) -> str:
    # As json.dumps does it, which makes an encoder anew for each call.
    return encode_basestring(content)[1:-1]


def _encode_plain(value: str | int | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def _join_texts(pieces: Iterator[str | _Place]) -> Iterator[bytes | _Place]:
    """Yield the same with neighbouring texts made one and encoded."""
    for is_text, group in groupby(pieces, lambda piece: isinstance(piece, str)):
        if not is_text:
            yield from (piece for piece in group if not isinstance(piece, str))
            continue
        try:
            yield "".join(piece for piece in group if isinstance(piece, str)).encode()
        except UnicodeEncodeError as error:
            raise UnsupportedError("the message holds half of a character") from error
