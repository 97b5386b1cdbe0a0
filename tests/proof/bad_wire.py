"""A proxy between an adapter and the proof's provider, which ends one call in a bad way."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_RESET = b"\1\0\0\0\0\0\0\0"
_LENGTH = re.compile(rb"content-length: ([0-9]+)", re.IGNORECASE)
_TOO_MANY = (
    b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 30\r\nContent-Length: 17\r\n\r\n"
    b'{"error": "rate"}'
)


def _answer(status: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


REWRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "fine": lambda reply: reply,
    "duplicate reply": lambda reply: reply + reply,
    "5xx after accepting": lambda _: _answer(b"500 Internal Server Error", b"Oops"),
    "502 page after accepting": lambda _: _answer(b"502 Bad Gateway", b"<h1>Bad Gateway</h1>"),
    "truncated JSON": lambda _: _answer(b"200 OK", b'{"taken": '),
    "shorter than it says": lambda reply: reply[:-3],
    "200 with errors": lambda _: _answer(b"200 OK", b'{"errors": [{"row": 1}]}'),
    "wrong count": lambda _: _answer(b"200 OK", b'{"taken": 1}'),
    "no HTTP at all": lambda _: b"\x00\x01garbage\r\n\r\n",
}
"""Calls that reach the provider, and what becomes of its answer on the way back."""


class BadWire:
    """Listens on 127.0.0.1; every call ends as `fault` says when it comes."""

    def __init__(self, provider_port: int) -> None:
        self.fault = "fine"
        self._provider = ("127.0.0.1", provider_port)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        """Refuse every connection from now on."""
        # Closing alone would leave the thread in its accept.
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        if self.fault == "request unread":
            # Reset any earlier, the caller may or may not have sent its first byte.
            connection.recv(1, socket.MSG_PEEK)
            return _reset(connection)
        if self.fault == "request half read":
            connection.recv(100)
            return _reset(connection)
        if self.fault == "no TLS":
            connection.recv(65_536)
            return connection.sendall(_answer(b"400 Bad Request", b"plain HTTP only"))
        request = _read_request(connection)
        if self.fault == "429 with Retry-After":
            return connection.sendall(_TOO_MANY)
        if self.fault == "request lost":
            return _reset(connection)
        reply = self._forward(request)
        if self.fault == "reply lost":
            return _reset(connection)
        if self.fault == "slow drip":
            return _drip(connection)
        return connection.sendall(REWRITTEN[self.fault](reply))

    def _forward(self, request: bytes) -> bytes:
        with socket.create_connection(self._provider) as onward:
            onward.sendall(request)
            return b"".join(iter(lambda: onward.recv(65_536), b""))


@contextmanager
def open_bad_wire(provider_port: int) -> Iterator[BadWire]:
    """A proxy for the length of a block."""
    wire = BadWire(provider_port)
    try:
        yield wire
    finally:
        wire.close()


def _read_request(connection: socket.socket) -> bytes:
    request = b""
    while (end := request.find(b"\r\n\r\n")) < 0:
        request += _receive(connection)
    found = _LENGTH.search(request, 0, end)
    whole = end + 4 + (int(found[1]) if found else 0)
    while len(request) < whole:
        request += _receive(connection)
    return request


def _receive(connection: socket.socket) -> bytes:
    received = connection.recv(65_536)
    if not received:
        raise ConnectionError("the caller is gone")
    return received


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def _drip(connection: socket.socket) -> None:
    """One byte after the other until the caller has had enough."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.02)
