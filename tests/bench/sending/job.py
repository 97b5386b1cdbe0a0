"""One job in a process of its own, so that its memory is nobody else's.

python -m tests.bench.sending.job plan|send|bare FOLDER ... prints one line of JSON.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection

from service.app import App
from service.audience.exchange import ImportRow
from service.engine.embedded import Deliveries
from service.engine.works import Works
from service.membership import import_readers
from service.model.edition import EditionState
from service.model.subscriber import SubscriptionState
from service.store import claims
from service.store.database import Database
from service.store.editions import find_edition
from tests.bench.sending.bare import send_bare
from tests.bench.sending.house import MONDAY, open_house, plan_edition

ROOT = Path(__file__).resolve().parents[3]
_PROBE_EVERY = 0.025


def run_job(*words: str, **environment: str) -> dict[str, Any]:
    """Run a job to its end; what it reports."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.sending.job", *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    reported: dict[str, Any] = json.loads(done.stdout)
    return reported


def read_peak(pid: int | str = "self") -> float:
    """The most memory a process has had at once, in MB; 0 where the system does not tell."""
    path = Path(f"/proc/{pid}/status")
    status = path.read_text(encoding="ascii") if path.exists() else ""
    lines = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(lines[0].split()[1]) / 1024 if lines else 0.0


class WatchedDatabase(Database):
    """Notes for how long the main thread keeps other writers waiting at most."""

    longest = 0.0

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        started = 0.0
        with super().writing() as connection:
            started = time.perf_counter()
            yield connection
        if threading.current_thread() is threading.main_thread():
            self.longest = max(self.longest, time.perf_counter() - started)


@dataclass
class Neighbours:
    """Who uses the service meanwhile: readers who sign up, and a worker that claims batches."""

    works: Works
    stopping: threading.Event = field(default_factory=threading.Event)
    sign_ups: list[float] = field(default_factory=list)
    claims: list[float] = field(default_factory=list)

    @contextmanager
    def about(self) -> Iterator[None]:
        """Let them come and go for the length of a block."""
        thread = threading.Thread(target=self._come_and_go)
        thread.start()
        try:
            yield
        finally:
            self.stopping.set()
            thread.join()

    def _come_and_go(self) -> None:
        while not self.stopping.wait(_PROBE_EVERY):
            self.sign_ups.append(measure(self._sign_up))
            self.claims.append(measure(self._claim))

    def _sign_up(self) -> None:
        address = f"newcomer{len(self.sign_ups)}@bench.example"
        import_readers(
            self.works.database,
            self.works.register,
            [ImportRow(address=address, line=1)],
            newsletter_id="weekly",
            state=SubscriptionState.PENDING,
            source="bench",
            now=MONDAY,
        )

    def _claim(self) -> None:
        now, bag = self.works.clock(), self.works.mailbag
        with self.works.database.writing() as connection:
            for batch_id in claims.list_due_batches(connection, now, 1, bag.provider.account):
                claims.claim_batch(connection, batch_id, now=now, claimed_until=now + bag.claim_for)


def measure(work: Callable[[], object]) -> float:
    """Seconds that one run takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def plan(app: App) -> dict[str, Any]:
    """Freeze the edition while the neighbours come and go."""
    database = WatchedDatabase(app.works.database.url.render_as_string(hide_password=False))
    app = replace(app, works=replace(app.works, database=database))
    neighbours = Neighbours(app.works)
    with neighbours.about():
        seconds = measure(lambda: plan_edition(app))
    return {
        "seconds": seconds,
        "longest_lock": database.longest,
        "sign_ups": len(neighbours.sign_ups),
        "longest_sign_up": max(neighbours.sign_ups, default=0.0),
        "longest_claim": max(neighbours.claims, default=0.0),
    }


def send(app: App) -> dict[str, Any]:
    """Send the frozen edition with the engine of `kawaraban up`."""
    deliveries = Deliveries(app.works, app.wake_up)
    started = time.perf_counter()
    deliveries.start()
    while not is_finished(app.works):
        time.sleep(0.02)
    seconds = time.perf_counter() - started
    deliveries.stop()
    return {"seconds": seconds}


def is_finished(works: Works) -> bool:
    """Whether every reader of the first edition has been dealt with."""
    with works.database.reading() as connection:
        return find_edition(connection, 1).state is EditionState.FINISHED


def main() -> None:
    """Do one job and report."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    kind, folder, *words = sys.argv[1:]
    if kind == "bare":
        reported = send_bare(Path(folder), *map(int, words))
    else:
        app = open_house(Path(folder), os.environ)
        reported = {"plan": plan, "send": send}[kind](app)
        app.close()
    print(json.dumps({**reported, "peak": read_peak()}))


if __name__ == "__main__":
    main()
