"""The proof's provider, in a process of its own: python -m tests.proof.taking prints its port.

It takes batches over HTTP, remembers everybody it ever had a mail for, and is as bad as it is
told to be: with `trouble`, a share of the calls ends in one of TROUBLES. POST /open begins anew;
POST /send takes a batch; GET /log/KEY shows what was taken under a key; POST /advance moves its
clock; POST /kill kills a process with -9 once so many calls have come and a moment has passed,
or stops it; GET /ledger tells what happened.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import socket
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]

LATEST = timedelta(seconds=30)
"""How long it may take to take a mail whose caller is gone."""

TROUBLES = ("lost-answer", "late", "500-after-taking", "broken-json", "500", "lost-request")
_TAKES = {"fine", "lost-answer", "late", "500-after-taking", "broken-json"}
_ANSWERS = {
    "broken-json": (200, b'{"taken": tr'),
    "500-after-taking": (500, b"Internal Server Error"),
    "500": (500, b"Internal Server Error"),
}


class Gallows:
    """One process that is to be killed from outside, whatever it is doing then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pid = 0
        self._left = 0
        self._seconds = 0.0
        self._signal = signal.SIGKILL
        self._timer: threading.Timer | None = None

    def set_up(self, pid: int, after: int, seconds: float, how: signal.Signals) -> None:
        """Kill `pid` so many seconds after so many more calls have come; 0: before the answer."""
        with self._lock:
            self._pid, self._left, self._seconds, self._signal = pid, after, seconds, how

    def count(self) -> bool:
        """A call has come, and nothing was done about it; whether its caller is dead by now."""
        with self._lock:
            self._left -= 1
            if self._pid == 0 or self._left != 0:
                return False
            if self._seconds == 0:
                os.kill(self._pid, self._signal)
                return self._signal is signal.SIGKILL
            self._timer = threading.Timer(self._seconds, os.kill, (self._pid, self._signal))
            self._timer.start()
            return False

    def take_down(self) -> None:
        """Kill nobody any more; returns when that is certain."""
        with self._lock:
            timer, self._timer, self._pid = self._timer, None, 0
        if timer is not None:
            timer.cancel()
            timer.join()


@dataclass
class Taking:
    """Everything that is remembered. With `has_keys` a key is taken once.

    `lag`: how long after it was taken a mail shows in the log. `slow`: seconds until it answers.
    """

    has_keys: bool = False
    lag: timedelta = timedelta(0)
    trouble: float = 0.0
    slow: float = 0.0
    chance: random.Random = field(default_factory=random.Random)
    clock: timedelta = timedelta(0)
    counted: Counter[str] = field(default_factory=Counter)
    called: int = 0
    troubled: int = 0
    altered: int = 0
    calls: dict[str, list[tuple[timedelta, list[str]]]] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    gallows: Gallows = field(default_factory=Gallows)

    def draw(self, *, is_caller_dead: bool) -> str:
        """How the next call ends; whose caller is dead may or may not be taken."""
        with self.lock:
            self.called += 1
            if is_caller_dead:
                return self.chance.choice(("lost-answer", "lost-request"))
            if self.chance.random() >= self.trouble:
                return "fine"
            self.troubled += 1
            return self.chance.choice(TROUBLES)

    def take(self, body: bytes, ending: str) -> int:
        """Take the mails of one call, unless its key was taken before; how many it has."""
        said = json.loads(body)
        key, addresses = said["key"], said["to"]
        with self.lock:
            digest = hashlib.sha256(body).hexdigest()
            self.altered += self.digests.setdefault(key, digest) != digest
            if ending not in _TAKES or (self.has_keys and key in self.calls):
                return len(addresses)
            after = LATEST * self.chance.random() if ending == "late" else timedelta(0)
            self.counted.update(addresses)
            self.calls.setdefault(key, []).append((self.clock + after, addresses))
            return len(addresses)

    def show(self, key: str) -> list[str]:
        """The recipients that the log shows under a key by now."""
        with self.lock:
            shown = [to for at, to in self.calls.get(key, []) if at + self.lag <= self.clock]
        return [address for to in shown for address in to]

    def tell(self) -> Json:
        """What the runner counts."""
        with self.lock:
            return {
                "called": self.called,
                "counted": dict(self.counted),
                "troubled": self.troubled,
                "altered": self.altered,
            }


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    taking = Taking()

    def do_GET(self) -> None:
        if self.path == "/ledger":
            return self._reply(200, json.dumps(self.taking.tell()).encode())
        self.taking.gallows.count()
        return self._reply(200, json.dumps(self.taking.show(self.path[len("/log/") :])).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/send":
            return self._send(body)
        said = json.loads(body)
        if self.path == "/open":
            self._open(said)
        elif self.path == "/advance":
            self.taking.clock += timedelta(seconds=said["seconds"])
        elif self.path == "/kill":
            how = signal.Signals[said.get("signal", "SIGKILL")]
            self.taking.gallows.set_up(said["pid"], said["after"], said["seconds"], how)
        else:
            self.taking.gallows.take_down()
        return self._reply(200, b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def _open(self, said: Json) -> None:
        type(self).taking = Taking(
            has_keys=said["has_keys"],
            lag=timedelta(seconds=said["lag"]),
            trouble=said["trouble"],
            slow=said["slow"],
            chance=random.Random(said["seed"]),  # noqa: S311
        )

    def _send(self, body: bytes) -> None:
        ending = self.taking.draw(is_caller_dead=self.taking.gallows.count())
        count = self.taking.take(body, ending)
        time.sleep(self.taking.slow)
        if ending == "fine":
            return self._reply(200, json.dumps({"taken": count}).encode())
        if ending in _ANSWERS:
            return self._reply(*_ANSWERS[ending])
        # A reset rather than an orderly end, as from a machine that lost its power.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.close()
        self.close_connection = True
        return None

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response_only(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True


class Server(ThreadingHTTPServer):
    """Leaves connections behind when it ends, and is silent about those that died."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that were killed are what the proof is about."""


def main() -> None:
    """Serve until standard input ends."""
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
