"""smtplib's conversation over a connection of our own, every wait under one deadline."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Buffer

_REPLY_LIMIT = 16 * 1024
_REPLY_CODE = re.compile(rb"[2-5][0-9]{2}([ \r-]|$)")
# One TLS record: a write that blocks is never longer than what is left of the deadline.
_CHUNK = 16 * 1024
_Place = tuple[socket.AddressFamily, socket.SocketKind, int, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment, on the machine's steady clock, at which waiting ends."""

    at: float

    def left(self) -> float:
        """Seconds that are left; raises TimeoutError when none are."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class BrokenReplyError(OSError):
    """What the server said is no reply of SMTP."""


def connect(host: str, port: int, deadline: Deadline) -> socket.socket:
    """Return a connection; raises OSError when nothing answers there in time."""
    failure: OSError = TimeoutError()
    for family, kind, protocol, address in _look_up(host, port, deadline):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(deadline.left())
            connection.connect(address)
        except OSError as error:
            connection.close()
            failure = error
            continue
        # The final dot is a small write after a long one: it must not wait for an acknowledgement.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
    raise failure


def _look_up(host: str, port: int, deadline: Deadline) -> list[_Place]:
    """Return where the server may be; a lookup that hangs is left behind."""
    executor = ThreadPoolExecutor(1, "lookup")
    try:
        found = executor.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM).result(
            deadline.left()
        )
    finally:
        executor.shutdown(wait=False)
    return [(family, kind, protocol, address) for family, kind, protocol, _, address in found]


class Conversation(smtplib.SMTP):
    """smtplib's session with every read and write of it under one deadline."""

    def __init__(self, host: str, connection: socket.socket, deadline: Deadline) -> None:
        # Without a name of its own in the DNS a client is its address (RFC 5321, 4.1.4).
        address = str(connection.getsockname()[0])
        super().__init__(local_hostname=f"[IPv6:{address}]" if ":" in address else f"[{address}]")
        self._name = host
        self._connection = self.sock = connection
        self._deadline = deadline
        self._unread = b""

    def wrap(self, trust: ssl.SSLContext) -> None:
        """Go on under TLS."""
        wrapped = trust.wrap_socket(self._in_time(), server_hostname=self._name)
        self._connection = self.sock = wrapped
        # What came before could be anybody's (RFC 3207, 4.2).
        self._unread = b""

    def getreply(self) -> tuple[int, bytes]:
        """Return the next reply's code and text; raises OSError when there is none."""
        lines: list[bytes] = []
        size = 0
        while True:
            line = self._read_line()
            size += len(line)
            if not _REPLY_CODE.match(line) or size > _REPLY_LIMIT:
                raise BrokenReplyError
            lines.append(line[4:].strip())
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(lines)

    def send(self, s: Buffer | str) -> None:
        """Write all of `s`; raises OSError when it could not be."""
        view = memoryview(s.encode("ascii") if isinstance(s, str) else s)
        for start in range(0, len(view), _CHUNK):
            self._in_time().sendall(view[start : start + _CHUNK])

    def part(self) -> None:
        """Say good-bye while there is time, and hang up."""
        with suppress(OSError):
            self.send("QUIT\r\n")
        self.close()

    def _read_line(self) -> bytes:
        while b"\n" not in self._unread:
            chunk = self._in_time().recv(4096)
            if not chunk:
                raise ConnectionResetError
            self._unread += chunk
            if len(self._unread) > _REPLY_LIMIT:
                raise BrokenReplyError
        line, _, self._unread = self._unread.partition(b"\n")
        return line

    def _in_time(self) -> socket.socket:
        """Return the connection, set to give up when the time is over."""
        self._connection.settimeout(self._deadline.left())
        return self._connection
