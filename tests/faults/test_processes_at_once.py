"""Commands and clocks on several machines at the very same moment, and killed there."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from service.store.database import Database
from tests.fakes.http_provider import open_server
from tests.fakes.machines import Machines
from tests.fakes.mailgun import FakeMailgun
from tests.fakes.waiting import wait_until

pytestmark = pytest.mark.postgres

READERS = [f"reader{number}@example.jp" for number in range(30)]
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


@pytest.fixture
def machines(tmp_path: Path, postgres: Database) -> Iterator[Machines]:
    """An installation with a post and readers; nothing runs yet."""
    server = open_server(FakeMailgun())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    built = Machines(tmp_path, postgres, "mailgun", url)
    built.tell("DELETE FROM kawaraban_jobs.procrastinate_jobs")
    built.write_post("fune")
    built.write_post("hashi")
    built.run("tick")
    built.add_readers(len(READERS))
    yield built
    built.stop()
    server.shutdown()
    server.server_close()


@contextmanager
def held_up(database: Database, statement: str) -> Iterator[None]:
    """Rows locked, so that whoever comes to them waits until the end of the block."""
    with database.writing() as connection:
        connection.execute(text(statement)).all()
        yield


def test_sends_at_one_moment_and_a_freeze_that_dies_bring_each_post_once(
    machines: Machines, postgres: Database
) -> None:
    first, second = send_twice(machines, postgres, "--post", "fune.md", "--key", "monday")
    assert first["edition"] == second["edition"]
    assert first["state"] == second["state"] == "finished"
    assert machines.count_mail() == Counter(READERS)

    acting = machines.start("clock")
    acting.wait_for("this process is the clock")
    standing_by = machines.start("clock")
    standing_by.wait_for("standing by")
    with held_up(postgres, "SELECT 1 FROM subscriptions FOR UPDATE"):
        planner = machines.start("send", "weekly", "--post", "hashi.md", "--yes")
        wait_until(lambda: machines.ask(WAITING) == 1, "it stands at the lock")
        assert machines.ask("SELECT count(*) FROM editions WHERE state = 'freezing'") == 1
        planner.kill()
        acting.kill()
    worker = machines.start("worker")
    # The clock that takes over goes on with the freeze.
    standing_by.wait_for("this process is the clock")
    machines.wait_for("SELECT count(*) = 2 FROM editions WHERE state = 'finished'")
    assert machines.count_mail() == Counter(READERS * 2)
    for process in (standing_by, worker):
        process.end()


def send_twice(machines: Machines, database: Database, *words: str) -> list[Any]:
    """Tell two machines to send at the very same moment; what each reports."""
    with ThreadPoolExecutor(2) as people:
        with held_up(database, "SELECT 1 FROM newsletters FOR UPDATE"):
            sends = []
            for number in (1, 2):
                sends.append(people.submit(machines.run, "send", "weekly", "--yes", *words))
                wait_until(lambda: machines.ask(WAITING) == number, "it stands at the lock")  # noqa: B023
        return [one.result() for one in sends]
