"""A WebSub hub in a process of its own (W3C Recommendation): python -m tests.fakes.websub_hub.

Prints its port on 127.0.0.1 as a line of JSON once it listens, and serves until its standard input
ends. It takes subscriptions, checks that the topic names it and verifies the subscriber's intent;
told of a topic it fetches that, and gives every subscriber what is new, signed. `GET /ledger`
shows what happened.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import re
import secrets
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

_LINK = re.compile(r'<([^>]*)>\s*;\s*rel="?([a-z ]+)"?')
_LEASE = 864_000
_LONGEST_SECRET = 199


@dataclass
class Subscription:
    """Somebody who wants a topic; what they are given is signed with their secret."""

    callback: str
    topic: str
    secret: str


@dataclass
class Ledger:
    """What happened so far."""

    pings: list[str] = field(default_factory=list)
    fetches: list[dict[str, Any]] = field(default_factory=list)
    denied: list[dict[str, str]] = field(default_factory=list)
    given: list[dict[str, Any]] = field(default_factory=list)


class Hub(ThreadingHTTPServer):
    """Answers at once, and does the work that follows one piece after the other."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), HubHandler)
        self.ledger = Ledger()
        self.subscriptions: dict[tuple[str, str], Subscription] = {}
        self.known: dict[str, tuple[str, str]] = {}
        self.work: queue.Queue[Callable[[], None]] = queue.Queue()
        threading.Thread(target=self._work_on, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def check_and_verify(self, mode: str, wanted: Subscription) -> None:
        """Check that the topic names this hub and that its subscriber asked, and note it."""
        reason = self._find_objection(wanted.topic) if mode == "subscribe" else ""
        if reason:
            self.ledger.denied.append({"topic": wanted.topic, "reason": reason})
            _ask(wanted.callback, {"hub.mode": "denied", "hub.topic": wanted.topic})
            return
        challenge = secrets.token_urlsafe(24)
        question = {"hub.mode": mode, "hub.topic": wanted.topic, "hub.challenge": challenge}
        answer = _ask(wanted.callback, {**question, "hub.lease_seconds": str(_LEASE)})
        if answer != challenge.encode():
            self.ledger.denied.append({"topic": wanted.topic, "reason": "intent not verified"})
        elif mode == "subscribe":
            self.subscriptions[wanted.callback, wanted.topic] = wanted
        else:
            self.subscriptions.pop((wanted.callback, wanted.topic), None)

    def fetch_and_give(self, topic: str) -> None:
        """Fetch a topic, and give it to its subscribers when it changed."""
        etag, digest = self.known.get(topic, ("", ""))
        fetched = self._fetch(topic, etag)
        if fetched is None:
            return
        content, headers = fetched
        now = hashlib.sha256(content).hexdigest()
        self.known[topic] = (headers.get("ETag", ""), now)
        for one in [one for one in self.subscriptions.values() if one.topic == topic]:
            if now != digest:
                self._give(one, content, headers["Content-Type"])

    def _fetch(self, topic: str, etag: str) -> tuple[bytes, httpx.Headers] | None:
        record: dict[str, Any] = {"topic": topic, "status": 0}
        self.ledger.fetches.append(record)
        try:
            answer = httpx.get(topic, headers={"If-None-Match": etag} if etag else {})
        except httpx.HTTPError as error:
            record["reason"] = type(error).__name__
            return None
        record["status"] = answer.status_code
        return (answer.content, answer.headers) if answer.is_success else None

    def _find_objection(self, topic: str) -> str:
        fetched = self._fetch(topic, "")
        if fetched is None:
            return "the topic cannot be fetched"
        content, headers = fetched
        self.known[topic] = (headers.get("ETag", ""), hashlib.sha256(content).hexdigest())
        links = read_links(headers.get("Link", ""))
        if links.get("self") != [topic]:
            return "the topic has another address of its own"
        return "" if self.url in links.get("hub", []) else "the topic names another hub"

    def _give(self, one: Subscription, content: bytes, content_type: str) -> None:
        signature = hmac.new(one.secret.encode(), content, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": content_type,
            "Link": f'<{one.topic}>; rel="self", <{self.url}>; rel="hub"',
            "X-Hub-Signature": f"sha256={signature}",
        }
        answer = httpx.post(one.callback, content=content, headers=headers)
        self.ledger.given.append({"topic": one.topic, "status": answer.status_code})

    def _work_on(self) -> None:
        while True:
            self.work.get()()


class HubHandler(BaseHTTPRequestHandler):
    """The hub's door."""

    server: Hub

    def do_GET(self) -> None:
        shown = {**vars(self.server.ledger), "subscriptions": len(self.server.subscriptions)}
        self._answer(200, json.dumps(shown))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        form = {name: values for name, values in parse_qs(body.decode()).items() if values}
        mode = form.get("hub.mode", [""])[0]
        if mode in {"subscribe", "unsubscribe"}:
            self._take_subscription(mode, form)
        elif mode == "publish" and (topics := form.get("hub.url") or form.get("hub.topic")):
            for topic in topics:
                self.server.ledger.pings.append(topic)
                self.server.work.put(partial(self.server.fetch_and_give, topic))
            self._answer(204, "")
        else:
            self._answer(400, "hub.mode is subscribe, unsubscribe or publish, with its topic")

    def _take_subscription(self, mode: str, form: dict[str, list[str]]) -> None:
        one = Subscription(
            form.get("hub.callback", [""])[0],
            form.get("hub.topic", [""])[0],
            form.get("hub.secret", [""])[0],
        )
        if not (_is_address(one.callback) and _is_address(one.topic)):
            return self._answer(400, "hub.callback and hub.topic are web addresses")
        if len(one.secret.encode()) > _LONGEST_SECRET:
            return self._answer(400, "hub.secret is too long")
        self.server.work.put(lambda: self.server.check_and_verify(mode, one))
        return self._answer(202, "")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


def read_links(value: str) -> dict[str, list[str]]:
    """The addresses in a Link header by their relation."""
    links: dict[str, list[str]] = {}
    for address, relation in _LINK.findall(value):
        links.setdefault(relation, []).append(address)
    return links


def _ask(callback: str, question: dict[str, str]) -> bytes:
    joint = "&" if urlsplit(callback).query else "?"
    try:
        answer = httpx.get(f"{callback}{joint}{urlencode(question)}")
    except httpx.HTTPError:
        return b""
    return answer.content if answer.is_success else b""


def _is_address(text: str) -> bool:
    return urlsplit(text).scheme in {"http", "https"}


def main() -> None:
    """Serve until standard input ends."""
    hub = Hub()
    threading.Thread(target=hub.serve_forever, daemon=True).start()
    sys.stdout.write(json.dumps({"port": hub.server_port}) + "\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
