"""A provider that takes everything and looks at nothing, so that what is measured is ours.

python -m tests.bench.sending.null_provider reads from standard input one line of JSON, the answer
to every request ({"status": 200, "headers": {}, "body": ""}, or {"smtp": true} for a mail server),
prints its port, and serves until standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import uvloop

ROOT = Path(__file__).resolve().parents[3]
MAILGUN = {"status": 200, "body": '{"id":"<1@bench.example>","message":"Queued. Thank you."}'}

_BUFFER = bytearray(1 << 20)
"""Where every body is read into, one over the other."""


@contextmanager
def run_null_provider(answer: Mapping[str, Any]) -> Iterator[int]:
    """Run one in a process of its own; its port."""
    command = [sys.executable, "-m", "tests.bench.sending.null_provider"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(answer) + "\n")
        process.stdin.flush()
        yield int(process.stdout.readline())
        process.stdin.close()


class NullWeb(asyncio.BufferedProtocol):
    """One connection: counts a body's bytes and answers when it is whole."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._head = b""
        self._missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> bytearray:
        return _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        if self._missing:
            self._missing -= nbytes
        else:
            self._head += _BUFFER[:nbytes]
            head, end, body = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            self._missing = length - len(body)
        if not self._missing:
            self._head = b""
            self._transport.write(self._answer)


class NullMail(asyncio.Protocol):
    """One SMTP session that agrees to everything."""

    def __init__(self) -> None:
        self._in_content = False
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(b"220 null\r\n")

    def data_received(self, data: bytes) -> None:
        if self._in_content:
            self._rest = (self._rest + data)[-5:]
            if self._rest != b"\r\n.\r\n":
                return
            self._in_content, self._rest = False, b""
            self._transport.write(b"250 taken\r\n")
        elif data[:4].upper() == b"DATA":
            self._in_content = True
            self._transport.write(b"354 go on\r\n")
        else:
            self._transport.write(b"250 yes\r\n")


def compose_answer(status: int, headers: Mapping[str, str], body: str) -> bytes:
    """The bytes that every request is answered with."""
    content = body.encode()
    named = {**headers, "Content-Type": "application/json", "Content-Length": str(len(content))}
    lines = [f"HTTP/1.1 {status} OK", *(f"{name}: {value}" for name, value in named.items())]
    return "\r\n".join([*lines, "", ""]).encode() + content


async def serve(protocol: Callable[[], asyncio.BaseProtocol]) -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


def main() -> None:
    """Read what is to be answered, and answer it."""
    said = json.loads(sys.stdin.readline())
    if "smtp" in said:
        uvloop.run(serve(NullMail))
        return
    answer = compose_answer(said["status"], said.get("headers", {}), said["body"])
    uvloop.run(serve(lambda: NullWeb(answer)))


if __name__ == "__main__":
    main()
