"""What happens to a sender from inside, at the n-th word it says to its database or its n-th call.

Every statement and every commit is a word. A mishap comes right before one.
"""

from __future__ import annotations

import itertools
import os
import signal
import socket
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from service.outbound.client import OutboundClient
from service.providers.base import Outcome, Prepared
from tests.proof.provider import ProofProvider, ProviderClass


class MishapKind(StrEnum):
    """What happens; the last two need a database that is a server."""

    KILL = "kill"
    ERROR = "error"
    CUT = "cut"
    LOST_ANSWER = "lost answer"


@dataclass(frozen=True, slots=True)
class Mishap:
    """Something that happens at the word of number `at`, the first being 1.

    With `repeats` it happens again after every so many words.
    """

    kind: str
    at: int
    repeats: bool = False


def count_words(engine: Engine, mishap: Mishap | None) -> Callable[[], int]:
    """Let a mishap happen when its word comes; what is returned says how many were said."""
    numbers, said = itertools.count(1), [0]

    def hear(connection: Connection) -> None:
        said[0] = number = next(numbers)
        if mishap is None:
            return
        if number == mishap.at or (mishap.repeats and number % mishap.at == 0):
            _befall(connection, MishapKind(mishap.kind))

    @event.listens_for(engine, "before_cursor_execute")
    def hear_statement(connection: Connection, *_: object) -> None:
        hear(connection)

    event.listen(engine, "commit", hear)
    return lambda: said[0]


def _befall(connection: Connection, kind: MishapKind) -> None:
    if kind is MishapKind.KILL:
        os.kill(os.getpid(), signal.SIGKILL)
        threading.Event().wait()
    if kind is MishapKind.ERROR:
        raise OperationalError("", {}, sqlite3.OperationalError("disk I/O error"))
    driver = connection.connection.driver_connection
    assert driver is not None
    # The server still reads what a connection says that can only not hear any more.
    how = socket.SHUT_RDWR if kind is MishapKind.CUT else socket.SHUT_RD
    with socket.socket(fileno=os.dup(driver.fileno())) as cut:
        cut.shutdown(how)


class StoppingProvider(ProofProvider):
    """Stops its whole process, with SIGSTOP, right before the first byte of its first call."""

    def __init__(
        self, kind: ProviderClass, url: str, batch_limit: int, client: OutboundClient
    ) -> None:
        super().__init__(kind, url, batch_limit, client)
        self._is_first = True

    def send(
        self, prepared: Prepared, *, total_for: timedelta, ready: Callable[[], None]
    ) -> Outcome:
        """Send; what has to be looked at before the first byte is looked at after the stop."""

        def stop_and_look() -> None:
            if self._is_first:
                self._is_first = False
                # Sent to the process, it might reach this thread a step too late.
                signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
            ready()

        return super().send(prepared, total_for=total_for, ready=stop_and_look)
