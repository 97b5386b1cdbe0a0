"""A message as JSON with places for each reader's own values: encoded once, filled per reader."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

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


Shape = str | int | bool | None | Varied | Address | Mapping[str, "Shape"] | Sequence["Shape"]
"""A JSON value with places in it."""


@dataclass(frozen=True, slots=True)
class _Place:
    slot: Slot
    escaped: bool


@dataclass(frozen=True, slots=True)
class JsonMold:
    """One message's JSON, cut where readers differ."""

    pieces: tuple[str | _Place | Address, ...]

    @classmethod
    def of(cls, shape: Shape) -> JsonMold:
        """Encode everything that readers share; raises UnsupportedError for half a character."""
        return cls(tuple(_join_texts(_encode(shape))))

    def cast(self, recipient: Recipient) -> str:
        """Return the JSON for `recipient`; raises UnsupportedError for a value that is amiss."""
        return "".join(
            piece if isinstance(piece, str) else _encode_inside(_read(piece, recipient))
            for piece in self.pieces
        )


def encode_list(messages: Iterator[str]) -> bytes:
    """Return messages that are JSON already as one JSON list."""
    return f"[{','.join(messages)}]".encode()


def _read(piece: _Place | Address, recipient: Recipient) -> str:
    if isinstance(piece, Address):
        return recipient.address
    value = read_value(recipient, piece.slot)
    return html.escape(value) if piece.escaped else value


def _encode(shape: Shape) -> Iterator[str | _Place | Address]:
    match shape:
        case Varied():
            yield from _encode_varied(shape)
        case Address():
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
            yield _Place(piece, varied.escaped)
        else:
            yield _encode_inside(piece)
    yield '"'


def _encode_inside(content: str) -> str:
    return _encode_plain(content)[1:-1]


def _encode_plain(value: str | int | None) -> str:
    encoded = json.dumps(value, ensure_ascii=False)
    try:
        encoded.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UnsupportedError("the message holds half of a character") from error
    return encoded


def _join_texts(
    pieces: Iterator[str | _Place | Address],
) -> Iterator[str | _Place | Address]:
    """Yield the same with neighbouring texts made one."""
    texts: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            texts.append(piece)
            continue
        yield "".join(texts)
        yield piece
        texts = []
    yield "".join(texts)
