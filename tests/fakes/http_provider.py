"""What the fake providers share: an HTTP server that behaves as told and remembers everything.

A fake is a FakeApi: its own form, its own answers. Each listens on a port of its own, see
tests/fakes/serve.py. Besides its provider's addresses it has three for the tests: POST /script, a
JSON list with one behaviour for each request to come (a name, or an object of its own; without
one it accepts); GET /ledger, every request that came in and the mails that the accepted ones
became; POST /reset, which empties both.

A behaviour says: `accepts`, whether mails go out; `status` with `json` or `body`, and `headers`,
what is answered (without a status: as the provider confirms); `promises`, a Content-Length that
is not kept; `reads`: false, the request is not even read; `drops`, `hangs`, `drips`, how the
connection ends.
"""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

Json = dict[str, Any]

COMMON: Mapping[str, Json] = {
    "accept": {"accepts": True},
    "500-after-accepting": {"accepts": True, "status": 500, "body": "Internal Server Error"},
    "502-page": {"status": 502, "body": "<h1>Bad Gateway</h1>"},
    "503": {"status": 503, "body": "unavailable"},
    "400-page": {"status": 400, "body": "<h1>Bad Request</h1>"},
    "401-page": {"status": 401, "body": "<h1>Sign in to this network</h1>"},
    "418": {"status": 418, "json": {}},
    "redirect": {"status": 302, "body": "", "headers": {"Location": "/elsewhere"}},
    "text-200": {"status": 200, "body": "It works!"},
    "array-200": {"status": 200, "json": []},
    "broken-json": {"accepts": True, "status": 200, "body": '{"id": "<1@example.com>", "mess'},
    "truncated": {"accepts": True, "status": 200, "body": '{"id": "<1', "promises": 100},
    "endless": {"accepts": True, "status": 200, "body": "x" * 300_000},
    "drop-before-reading": {"reads": False, "drops": True},
    "drop-after-accepting": {"accepts": True, "drops": True},
    "silence-before-reading": {"reads": False, "hangs": True},
    "silence-after-accepting": {"accepts": True, "hangs": True},
    "drip": {"accepts": True, "drips": True},
}
"""What any server in the world may do."""


@dataclass
class Ledger:
    """What happened, and what is to happen."""

    requests: list[Json] = field(default_factory=list)
    mails: list[Json] = field(default_factory=list)
    script: list[Json] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def next_behaviour(self) -> Json:
        with self.lock:
            return self.script.pop(0) if self.script else COMMON["accept"]


class FakeApi:
    """One provider: what differs from the others is overridden."""

    behaviours: ClassVar[Mapping[str, Json]] = {}
    """The provider's own documented answers, by name; they go before COMMON."""

    def __init__(self) -> None:
        self.ledger = Ledger()

    def takes(self, path: str) -> bool:
        """Whether mail is posted to this path."""
        raise NotImplementedError

    def answer_elsewhere(self) -> Json:
        """What is answered to a POST to any other path."""
        return {"status": 404, "json": {}}

    def answer_question(self, path: str, headers: Mapping[str, str]) -> Json:
        """What is answered to a GET; a provider with a log shows it."""
        return {"status": 404, "json": {}}

    def find_objection(self, headers: Mapping[str, str]) -> Json | None:
        """Return what is answered to a request with a wrong key."""
        raise NotImplementedError

    def read(self, headers: Mapping[str, str], body: bytes) -> Json:
        """Return the request's own part of its record in the ledger."""
        return {"json": json.loads(body)}

    def expand(self, request: Json) -> list[Json]:
        """Return one mail a recipient: to, from, subject, text, html, headers as pairs."""
        raise NotImplementedError

    def confirm(self, request: Json) -> Json:
        """Return the answer to an accepted request; the ledger holds it already."""
        raise NotImplementedError

    def take(self, request: Json) -> Json:
        """Let the mails go out and return the answer; both only once for a provider with keys."""
        self.ledger.mails += self.expand(request)
        return self.confirm(request)

    def find_behaviour(self, step: str | Json) -> Json:
        if isinstance(step, str):
            return {**COMMON, **self.behaviours}[step]
        return step

    def forget(self) -> None:
        """Empty the ledger and everything else that is remembered."""
        self.ledger = Ledger()


class Handler(BaseHTTPRequestHandler):
    """Answers one connection to `api`."""

    api: FakeApi
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        ledger = self.api.ledger
        if self.path != "/ledger":
            headers = {name.lower(): value for name, value in self.headers.items()}
            return self._reply(self.api.answer_question(self.path, headers))
        with ledger.lock:
            shown = {"requests": list(ledger.requests), "mails": list(ledger.mails)}
        return self._reply({"status": 200, "json": shown}, stays=True)

    def do_POST(self) -> None:
        if self.path == "/script":
            steps = json.loads(self._read())
            self.api.ledger.script[:] = [self.api.find_behaviour(step) for step in steps]
            return self._reply({"status": 200, "json": {"steps": len(steps)}}, stays=True)
        if self.path == "/reset":
            self._read()
            self.api.forget()
            return self._reply({"status": 200, "json": {}}, stays=True)
        if self.api.takes(self.path):
            return self._take_mail(self.api.ledger.next_behaviour())
        self._read()
        return self._reply(self.api.answer_elsewhere())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def _take_mail(self, step: Json) -> None:
        answer = self._record(step) if step.get("reads", True) else {}
        if step.get("hangs"):
            return self._wait_for_the_end()
        if step.get("drops"):
            return self._drop()
        if step.get("drips"):
            return self._drip()
        return self._reply(answer)

    def _record(self, step: Json) -> Json:
        """Write the request down and return what is to be answered."""
        body = self._read()
        api, headers = self.api, dict(self.headers.items())
        objection = api.find_objection({name.lower(): headers[name] for name in headers})
        request = {
            "path": self.path,
            "headers": headers,
            "body": base64.b64encode(body).decode("ascii"),
            "accepted": objection is None and bool(step.get("accepts")),
            **api.read(headers, body),
        }
        with api.ledger.lock:
            api.ledger.requests.append(request)
            taken = api.take(request) if request["accepted"] else {}
            answer = objection or (step if "status" in step else taken)
            request["answer"] = answer.get("json")
        return answer

    def _wait_for_the_end(self) -> None:
        while self.connection.recv(65536):
            pass
        self.close_connection = True

    def _drop(self) -> None:
        # A reset rather than an orderly end, as from a machine that lost its power.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.close()
        self.close_connection = True

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        try:
            while True:
                self.wfile.write(b" ")
                time.sleep(0.02)
        except OSError:
            self.close_connection = True

    def _read(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def _reply(self, answer: Json, *, stays: bool = False) -> None:
        """Answer, and hang up unless the connection `stays` for more words of the tests."""
        is_json = "json" in answer
        body = (json.dumps(answer["json"]) if is_json else answer["body"]).encode()
        headers = {
            "Content-Type": "application/json" if is_json else "text/html",
            "Content-Length": str(answer.get("promises", len(body))),
            **({} if stays else {"Connection": "close"}),
            **answer.get("headers", {}),
        }
        self.send_response_only(answer["status"])
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.close_connection or not stays


class Server(ThreadingHTTPServer):
    """Leaves hanging connections behind when it ends, and is silent about dropped ones."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that went away are what the tests are about."""


def open_server(api: FakeApi, port: int = 0) -> Server:
    """Return a server for `api` that listens on 127.0.0.1 and has not begun to answer."""
    handler = type("BoundHandler", (Handler,), {"api": api})
    return Server(("127.0.0.1", port), handler)
