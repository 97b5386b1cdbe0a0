"""The processes that all trials share: the provider, and the one that senders are forked of."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.proof.sender import PEACEFUL, Orders, Setting

ROOT = Path(__file__).parents[2]


class Ground:
    """Talks to both; a process that was started is waited for before the next."""

    def __init__(self, provider: subprocess.Popen[str], forker: subprocess.Popen[str]) -> None:
        self._forker = forker
        self._unburied: list[int] = []
        self._have_ended = False
        self.url = f"http://127.0.0.1:{_read(provider)}"

    def ask(self, path: str) -> Any:  # noqa: ANN401
        with urlopen(self.url + path) as answer:  # noqa: S310
            return json.loads(answer.read())

    def tell(self, path: str, **said: object) -> None:
        body = json.dumps(said).encode()
        urlopen(Request(self.url + path, body, method="POST")).close()  # noqa: S310

    def run_sender(
        self, setting: Setting, ahead: timedelta, kill: tuple[int, float] | None = None
    ) -> bool:
        """Let a process send to its end, or until it is killed: after calls, and seconds more."""
        pid = self.start_senders(setting, ahead)[0]
        if kill is not None:
            self.tell("/kill", pid=pid, after=kill[0], seconds=kill[1])
        self.wait_for_end()
        if kill is not None:
            self.tell("/spare")
        status = self.bury_senders()[0]
        was_killed = os.WIFSIGNALED(status)
        assert was_killed or os.WEXITSTATUS(status) == 0, "a sender failed by itself"
        return was_killed

    def start_senders(
        self, setting: Setting, ahead: timedelta, orders: Orders = PEACEFUL, count: int = 1
    ) -> list[int]:
        """Start so many processes that send; their numbers."""
        said = {
            "setting": asdict(setting),
            "ahead": ahead.total_seconds(),
            "orders": asdict(orders),
            "count": count,
        }
        self._unburied = [int(pid) for pid in self._say(json.dumps(said)).split()]
        self._have_ended = False
        return self._unburied

    def wait_for_end(self) -> None:
        """Return once all that were started are dead; their numbers are nobody else's yet."""
        assert _read(self._forker) == "ended"
        self._have_ended = True

    def bury_senders(self) -> list[int]:
        """How each ended, as wait(2) says it."""
        self._unburied = []
        return [int(status) for status in self._say("").split()]

    def end_senders(self) -> None:
        """Kill what a test that failed left behind, stopped perhaps."""
        if not self._unburied:
            return
        for pid in self._unburied:
            os.kill(pid, signal.SIGKILL)
        if not self._have_ended:
            self.wait_for_end()
        self.bury_senders()

    def _say(self, line: str) -> str:
        assert self._forker.stdin is not None
        self._forker.stdin.write(line + "\n")
        self._forker.stdin.flush()
        return _read(self._forker)


@contextmanager
def open_ground() -> Iterator[Ground]:
    """Start what trials need; nothing of it outlives the block."""
    with _start("tests.proof.taking") as provider, _start("tests.proof.sender") as forker:
        yield Ground(provider, forker)


@contextmanager
def _start(module: str) -> Iterator[subprocess.Popen[str]]:
    """A program that serves until its standard input ends."""
    command = [sys.executable, "-m", module]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        yield process
        process.stdin.close()


def _read(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()
