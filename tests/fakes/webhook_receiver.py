"""A service that is told by webhooks: it verifies what it takes as Standard Webhooks says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Call:
    """One request as it came."""

    uid: str
    timestamp: int
    signatures: tuple[str, ...]
    body: bytes

    @property
    def event(self) -> Any:  # noqa: ANN401
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """Whether one of the signatures is made with this secret."""
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        signed = b".".join((self.uid.encode(), str(self.timestamp).encode(), self.body))
        mine = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return any(hmac.compare_digest(one, f"v1,{mine}") for one in self.signatures)


@dataclass
class Service:
    """What it was told, and what it answers: 204, but for what is written into `answers` first.

    While it `is_free` is not set, it takes calls and does not answer them.
    """

    port: int
    calls: list[Call] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    is_free: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/kawara?key=not-for-logs"

    def answer(self, *statuses: int, **headers: str) -> None:
        """Answer the next calls with these."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers += [(status, named) for status in statuses]

    def list_events(self, kind: str) -> list[Any]:
        """The data of each event of this type, in the order they came."""
        return [one.event["data"] for one in self.calls if one.event["type"] == kind]


@contextmanager
def open_service() -> Iterator[Service]:
    """A service on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/json; charset=utf-8"
            service.calls.append(
                Call(
                    self.headers["webhook-id"],
                    int(self.headers["webhook-timestamp"]),
                    tuple(self.headers["webhook-signature"].split(" ")),
                    body,
                )
            )
            status, headers = service.answers.pop(0) if service.answers else (204, {})
            service.is_free.wait(60)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Whoever called is gone: that is what some tests are about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        service = Service(server.server_port)
        service.is_free.set()
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield service
        service.is_free.set()
        server.shutdown()
        thread.join()
