"""Mailgun's messages endpoint in a process of its own: python tests/fakes/mailgun.py --port 0.

Prints {"port": N} once it listens on 127.0.0.1. POST /v3/{domain}/messages behaves as told by
POST /script, a JSON list with one behaviour for each request to come (a name from BEHAVIOURS, or
an object of its own); without one it accepts. GET /ledger returns every request that came in,
and the mails that the accepted ones became. POST /reset empties both.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]

_RATE_WORDS = (
    "Domain example.com is not allowed to send: account-requests-per-sec limit exceeded, "
    "try again after 120 seconds"
)
_MARK = re.compile(r"%[A-Za-z_][A-Za-z0-9_.:-]*%")
_BUILT_IN_LINKS = ("unsubscribe_url", "tag_unsubscribe_url", "mailing_list_unsubscribe_url")
_HTML = {"Content-Type": "text/html"}

BEHAVIOURS: dict[str, Json] = {
    "accept": {"accepts": True},
    "400": {"status": 400, "json": {"message": "to parameter is not a valid address: a@b"}},
    "400-account": {
        "status": 400,
        "json": {"message": "Domain example.com is not allowed to send: account disabled"},
    },
    "400-page": {"status": 400, "body": "<h1>Bad Request</h1>", "headers": _HTML},
    "401": {"status": 401, "body": "Forbidden", "headers": {"Content-Type": "text/plain"}},
    "401-json": {"status": 401, "json": "Forbidden"},
    "401-page": {"status": 401, "body": "<h1>Sign in to this network</h1>", "headers": _HTML},
    "402": {"status": 402, "json": {"message": "Request failed"}},
    "403": {"status": 403, "json": {"message": "Access denied"}},
    "404": {"status": 404, "json": {"message": "Domain not found: example.com"}},
    "413": {"status": 413, "body": "<h1>413 Request Entity Too Large</h1>", "headers": _HTML},
    "429": {"status": 429, "json": {"message": "Too many requests"}},
    "429-words": {"status": 429, "json": {"message": _RATE_WORDS}},
    "429-seconds": {
        "status": 429,
        "json": {"message": "Too many requests"},
        "headers": {"Retry-After": "17"},
    },
    "429-date": {
        "status": 429,
        "json": {"message": "Too many requests"},
        "headers": {
            "Date": "Mon, 20 Oct 2025 00:00:00 GMT",
            "Retry-After": "Mon, 20 Oct 2025 00:05:00 GMT",
        },
    },
    "500": {"status": 500, "json": {"message": "Internal Server Error"}},
    "500-after-accepting": {
        "accepts": True,
        "status": 500,
        "json": {"message": "Internal Server Error"},
    },
    "503": {"status": 503, "body": "unavailable"},
    "redirect": {"status": 302, "body": "", "headers": {"Location": "/elsewhere"}},
    "text-200": {"status": 200, "body": "Mailgun Magnificent API"},
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


@dataclass
class Ledger:
    """What happened, and what is to happen."""

    requests: list[Json] = field(default_factory=list)
    mails: list[Json] = field(default_factory=list)
    script: list[Json] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_behaviour(self) -> Json:
        with self.lock:
            return self.script.pop(0) if self.script else BEHAVIOURS["accept"]

    def forget(self) -> None:
        with self.lock:
            self.requests.clear()
            self.mails.clear()
            self.script.clear()


def parse_form(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """Return the fields of a multipart/form-data body in order."""
    head = b"Content-Type: " + content_type.encode() + b"\r\n\r\n"
    form = BytesParser(policy=HTTP).parsebytes(head + body)
    fields = []
    for part in form.iter_parts():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        fields.append((str(name), payload.decode("utf-8")))
    return fields


def expand(fields: list[tuple[str, str]]) -> list[Json]:
    """Return one mail a recipient, its own values merged wherever a mark stands."""
    form = dict(fields)
    variables: dict[str, dict[str, Any]] = json.loads(form.get("recipient-variables", "{}"))
    addresses = [address.strip() for address in form["to"].split(",")]
    merged = {"from", "subject", "text", "html"}
    return [
        {
            "to": address if "recipient-variables" in form else form["to"],
            "headers": [
                [name[2:], _merge(value, address, variables)]
                for name, value in fields
                if name.startswith("h:")
            ],
            **{name: _merge(form.get(name, ""), address, variables) for name in sorted(merged)},
        }
        for address in addresses
    ]


def _merge(content: str, address: str, variables: dict[str, dict[str, Any]]) -> str:
    """Return `content` merged, or a complaint where it would depend on how that is done.

    Nobody outside knows whether Mailgun replaces its marks one after the other or in one pass,
    so a request must come out the same either way.
    """
    built_in = {f"%{name}%": "https://mailgun.example/u" for name in _BUILT_IN_LINKS}
    built_in |= {"%recipient%": address, "%recipient_email%": address}
    own = {f"%recipient.{key}%": str(value) for key, value in variables.get(address, {}).items()}
    replaced = content
    for mark, value in (*built_in.items(), *own.items(), *built_in.items()):
        replaced = replaced.replace(mark, value)
    scanned = _MARK.sub(lambda found: (own | built_in).get(found[0], found[0]), content)
    return scanned if scanned == replaced else f"AMBIGUOUS: {scanned} / {replaced}"


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    ledger: Ledger
    api_key: str

    def do_GET(self) -> None:
        if self.path != "/ledger":
            return self._reply_json(404, {"message": "not here"})
        with self.ledger.lock:
            shown = {"requests": list(self.ledger.requests), "mails": list(self.ledger.mails)}
        return self._reply_json(200, shown)

    def do_POST(self) -> None:
        if self.path == "/script":
            steps = json.loads(self._read())
            self.ledger.script[:] = [
                BEHAVIOURS[step] if isinstance(step, str) else step for step in steps
            ]
            return self._reply_json(200, {"steps": len(steps)})
        if self.path == "/reset":
            self._read()
            self.ledger.forget()
            return self._reply_json(200, {})
        if re.fullmatch(r"/v3/[^/]+/messages", self.path):
            return self._take_message(self.ledger.next_behaviour())
        self._read()
        return self._reply(200, b"Mailgun Magnificent API", {})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def _take_message(self, step: Json) -> None:
        if step.get("reads", True):
            self._record(step)
        if step.get("hangs"):
            return self._wait_for_the_end()
        if step.get("drops"):
            return self._drop()
        if step.get("drips"):
            return self._drip()
        return self._answer(step)

    def _record(self, step: Json) -> None:
        body = self._read()
        fields = parse_form(self.headers["Content-Type"], body)
        accepted = bool(step.get("accepts")) and self._is_signed_in()
        with self.ledger.lock:
            self.ledger.requests.append(
                {
                    "path": self.path,
                    "headers": dict(self.headers.items()),
                    "fields": fields,
                    "body": base64.b64encode(body).decode("ascii"),
                    "accepted": accepted,
                }
            )
            if accepted:
                self.ledger.mails += expand(fields)

    def _answer(self, step: Json) -> None:
        if not self._is_signed_in():
            step = BEHAVIOURS["401"]
        if "status" not in step:
            count = len(self.ledger.requests)
            answer = {"id": f"<{count}@mailgun.example>", "message": "Queued. Thank you."}
            return self._reply_json(200, answer)
        body = json.dumps(step["json"]) if "json" in step else step["body"]
        headers = dict(step.get("headers", {}))
        if "promises" in step:
            headers["Content-Length"] = str(step["promises"])
        return self._reply(step["status"], body.encode(), headers)

    def _is_signed_in(self) -> bool:
        expected = base64.b64encode(f"api:{self.api_key}".encode()).decode()
        return self.headers.get("Authorization") == f"Basic {expected}"

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

    def _reply_json(self, status: int, answer: object) -> None:
        self._reply(status, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def _reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        for name, value in (
            {"Content-Length": str(len(body)), "Connection": "close"} | headers
        ).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True


class Server(ThreadingHTTPServer):
    """Leaves hanging connections behind when it ends, and is silent about dropped ones."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that went away are what the tests are about."""


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description="A fake Mailgun on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--api-key", default="test-key")
    options = parser.parse_args()
    Handler.ledger = Ledger()
    Handler.api_key = options.api_key
    Handler.protocol_version = "HTTP/1.1"
    with Server(("127.0.0.1", options.port), Handler) as server:
        sys.stdout.write(json.dumps({"port": server.server_address[1]}) + "\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
