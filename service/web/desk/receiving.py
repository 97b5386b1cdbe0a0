"""A form with a file, taken piece by piece: nothing of the file is ever held in memory.

The fields of the form come before its file, as they stand on our page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from anyio import to_thread
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_MOST_FIELDS = 20
_LONGEST_FIELD = 10_000
_LONGEST_HEADER = 4_000

Begin = Callable[[dict[str, str], str], None]
"""Called with the fields and the file's name before any of the file; raises what refuses it."""


@dataclass(slots=True)
class _Taker:
    """What the parser says, put together."""

    begin: Begin
    write: Callable[[bytes], None]
    fields: dict[str, str] = field(default_factory=dict)
    has_file: bool = False
    is_whole: bool = False
    _headers: dict[bytes, bytes] = field(default_factory=dict)
    _header: bytes = b""
    _value: bytes = b""
    _name: str = ""
    _is_file: bool = False

    def on_part_begin(self) -> None:
        self._headers, self._header, self._value = {}, b"", b""

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += _bound(data[start:end], len(self._header), _LONGEST_HEADER)

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += _bound(data[start:end], len(self._value), _LONGEST_HEADER)

    def on_header_end(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header, self._value = b"", b""

    def on_headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._is_file = b"filename" in options
        if self._is_file:
            if self.has_file:
                raise HTTPException(400)
            self.has_file = True
            self.begin(self.fields, options[b"filename"].decode("utf-8", "replace"))
        elif self.has_file or len(self.fields) >= _MOST_FIELDS:
            raise HTTPException(400)

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self.write(data[start:end])
        else:
            self._value += _bound(data[start:end], len(self._value), _LONGEST_FIELD)

    def on_part_end(self) -> None:
        if not self._is_file:
            self.fields[self._name] = self._value.decode("utf-8", "replace")

    def on_end(self) -> None:
        self.is_whole = True


async def receive_file(
    request: Request, begin: Begin, write: Callable[[bytes], None]
) -> dict[str, str]:
    """The fields of a form, its file handed to `write` as it arrives, on another thread.

    Raises HTTPException 400 for what is no such form, or ends before its end.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise HTTPException(400)
    taker = _Taker(begin, write)
    callbacks: MultipartCallbacks = {
        "on_part_begin": taker.on_part_begin,
        "on_header_field": taker.on_header_field,
        "on_header_value": taker.on_header_value,
        "on_header_end": taker.on_header_end,
        "on_headers_finished": taker.on_headers_finished,
        "on_part_data": taker.on_part_data,
        "on_part_end": taker.on_part_end,
        "on_end": taker.on_end,
    }
    try:
        parser = MultipartParser(options[b"boundary"], callbacks)
        async for piece in request.stream():
            if piece:
                await to_thread.run_sync(parser.write, piece)
    except (FormParserError, ClientDisconnect):
        raise HTTPException(400) from None
    if not taker.is_whole or not taker.has_file:
        raise HTTPException(400)
    return taker.fields


def _bound(piece: bytes, so_far: int, most: int) -> bytes:
    if so_far + len(piece) > most:
        raise HTTPException(400)
    return piece
