from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from service.web.desk.receiving import receive_file

FILE = b"email\r\na@x.jp\r\n--not-the-end\r\n"
HEAD = 'Content-Disposition: form-data; name="{}"'


def write_part(head: str, body: bytes) -> bytes:
    return b"--edge\r\n" + head.encode() + b"\r\n\r\n" + body + b"\r\n"


CSRF = write_part(HEAD.format("csrf"), b"abc")
LIST = write_part(HEAD.format("file") + '; filename="読者.csv"', FILE)
END = b"--edge--\r\n"


def receive(body: bytes, size: int, kind: str = "multipart/form-data; boundary=edge") -> object:
    """What arrives of a body in pieces of a size: fields before the file, its name, its bytes."""
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    messages: list[Message] = [
        {"type": "http.request", "body": one, "more_body": True} for one in pieces
    ]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def hear() -> Message:
        return messages.pop(0)

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode())]}
    begun: list[tuple[dict[str, str], str]] = []
    taken: list[bytes] = []

    def begin(fields: dict[str, str], name: str) -> None:
        begun.append((dict(fields), name))

    asyncio.run(receive_file(Request(scope, hear), begin, taken.append))
    return [*begun, b"".join(taken)]


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_a_file_is_whole_however_it_is_cut_on_its_way(size: int) -> None:
    assert receive(CSRF + LIST + END, size) == [({"csrf": "abc"}, "読者.csv"), FILE]


@pytest.mark.parametrize(
    "parts",
    [
        (CSRF, END),
        (CSRF, LIST),
        (LIST, CSRF, END),
        (LIST, LIST, END),
        (write_part(HEAD.format("csrf"), b"x" * 20_000), LIST, END),
        (write_part("X: " + "x" * 9_000, b""), LIST, END),
        tuple(write_part(HEAD.format(f"f{number}"), b"") for number in range(30)),
        (b"no form at all",),
        (),
    ],
    ids=[
        "no file",
        "cut off",
        "field after file",
        "two files",
        "long field",
        "long header",
        "many fields",
        "nonsense",
        "nothing",
    ],
)
def test_what_our_page_does_not_send_is_no_upload(parts: Sequence[bytes]) -> None:
    with pytest.raises(HTTPException):
        receive(b"".join(parts), 1000)


def test_another_kind_of_body_is_no_upload() -> None:
    with pytest.raises(HTTPException):
        receive(CSRF + LIST + END, 1000, "application/json")
