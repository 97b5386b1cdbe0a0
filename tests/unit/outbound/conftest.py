"""A peer on loopback that answers one connection as it is told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

Act = Callable[[socket.socket], None]


@dataclass
class Peer:
    """Listens on 127.0.0.1; `received` is what came before it acted."""

    listener: socket.socket
    act: Act = socket.socket.close
    reads: bool = True
    received: bytes = b""
    connections: int = 0
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}/there"

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                with connection, suppress(OSError):
                    if self.reads:
                        self._read_request(connection)
                    self.act(connection)

    def _read_request(self, connection: socket.socket) -> None:
        """Raises ConnectionResetError when the other side leaves in the middle."""
        while b"\r\n\r\n" not in self.received:
            self.received += _read_more(connection)
        head, _, body = self.received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += _read_more(connection)
        self.received = head + b"\r\n\r\n" + body


def _read_more(connection: socket.socket) -> bytes:
    # An empty answer means the other side has left: asking again would spin for ever.
    if not (read := connection.recv(65536)):
        raise ConnectionResetError
    return read


@pytest.fixture
def peer() -> Iterator[Peer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield Peer(listener)
        listener.shutdown(socket.SHUT_RDWR)
