"""Several machines over one PostgreSQL, with real processes: everybody once, whatever dies."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import text

from service.store.database import Database
from tests.fakes.forks import ROOT
from tests.fakes.machines import Machines, find_port
from tests.fakes.waiting import wait_until

pytestmark = pytest.mark.postgres

READERS = 700
BATCHES = 7
SETTLED = "SELECT count(*) FROM batches WHERE state = 'settled'"


@pytest.fixture
def provider_url() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.fakes.serve", "resend"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield f"http://127.0.0.1:{json.loads(process.stdout.readline())['resend']}"
        process.stdin.close()


@pytest.fixture
def machines(tmp_path: Path, postgres: Database, provider_url: str) -> Iterator[Machines]:
    """An installation with a post and readers; nothing runs yet."""
    built = Machines(tmp_path, postgres, "resend", provider_url)
    with postgres.writing() as connection:
        connection.execute(text("DELETE FROM kawaraban_jobs.procrastinate_jobs"))
    built.write_post("fune")
    built.run("migrate")
    built.add_readers(READERS)
    yield built
    built.stop()


def plan_edition(machines: Machines) -> None:
    """An edition by hand, planned where nobody stays to send it."""
    planner = machines.start("send", "weekly", "--post", "fune.md", "--yes")
    machines.wait_for("SELECT count(*) > 0 AND every(state IN ('frozen', 'sending')) FROM editions")
    planner.kill()


def everybody_once(machines: Machines) -> bool:
    return machines.count_mail() == Counter(f"reader{n}@example.jp" for n in range(READERS))


def test_three_workers_and_two_clocks_send_one_edition_to_everybody_once(
    machines: Machines,
) -> None:
    first = machines.start("clock")
    first.wait_for("this process is the clock")
    second = machines.start("clock")
    second.wait_for("another clock acts; standing by")
    workers = [machines.start("worker", "--threads", "2") for _ in range(3)]
    machines.wait_for("SELECT count(*) > 0 FROM posts")
    report = machines.run("send", "weekly", "--post", "fune.md", "--yes")
    assert report["state"] == "finished"
    assert everybody_once(machines)
    for process in (first, second, *workers):
        process.end()
        assert "example.jp" not in process.log
    assert machines.ask("SELECT count(*) FROM kawaraban_jobs.procrastinate_jobs") == 0
    # Resend takes two calls a second, and three machines together keep to that.
    assert machines.ask(
        "SELECT min(gap) >= interval '0.5 seconds' FROM ("
        "SELECT claimed_at - lag(claimed_at) OVER (ORDER BY claimed_at) AS gap FROM attempts) AS g"
    )


def test_a_worker_killed_in_the_middle_of_a_call_costs_nobody_a_mail(machines: Machines) -> None:
    machines.script("silence-after-accepting")
    machines.start("clock").wait_for("this process is the clock")
    machines.wait_for("SELECT count(*) > 0 FROM posts")
    plan_edition(machines)
    victim = machines.start("worker", "--threads", "1")
    wait_until(lambda: bool(machines.read_ledger()["requests"]), "a call has come")
    victim.kill()
    machines.start("worker")
    machines.wait_for("SELECT count(*) = 1 FROM batches WHERE state <> 'settled'")
    # Its lease runs out, which takes two minutes and a half.
    machines.tell("UPDATE batches SET claimed_until = now() WHERE state = 'claimed'")
    machines.wait_until_finished()
    assert everybody_once(machines)
    assert len(machines.read_ledger()["requests"]) == BATCHES + 1


def test_the_clock_that_stands_by_takes_over_and_finds_jobs_that_were_lost(
    machines: Machines,
) -> None:
    acting = machines.start("clock")
    acting.wait_for("this process is the clock")
    machines.wait_for("SELECT count(*) > 0 FROM posts")
    standing_by = machines.start("clock")
    standing_by.wait_for("standing by")
    plan_edition(machines)
    acting.kill()
    machines.tell("DELETE FROM kawaraban_jobs.procrastinate_jobs")
    machines.start("worker")
    standing_by.wait_for("this process is the clock")
    machines.wait_until_finished()
    assert everybody_once(machines)


def test_connections_cut_during_a_send_are_opened_again(machines: Machines) -> None:
    clock = machines.start("clock")
    clock.wait_for("this process is the clock")
    machines.wait_for("SELECT count(*) > 0 FROM posts")
    workers = [machines.start("worker", "--threads", "2") for _ in range(2)]
    plan_edition(machines)
    for settled in (1, 3):
        wait_until(
            lambda settled=settled: machines.ask(SETTLED) >= settled,  # type: ignore[misc]
            "more batches are settled",
        )
        machines.tell(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND usename = current_user"
        )
    machines.wait_for("SELECT count(*) = 0 FROM batches WHERE state = 'planned'")
    # A call under way when its answer could not be recorded waits for its lease.
    machines.tell("UPDATE batches SET claimed_until = now() WHERE state = 'claimed'")
    machines.wait_until_finished()
    assert everybody_once(machines)
    for process in (clock, *workers):
        process.end()


def fetch(port: int, path: str, coding: str = "identity") -> tuple[bytes, str, str]:
    request = Request(f"http://127.0.0.1:{port}{path}", headers={"Accept-Encoding": coding})
    with urlopen(request) as answer:  # noqa: S310
        return answer.read(), answer.headers["ETag"], answer.headers["Last-Modified"]


def answers(port: int, path: str) -> bool:
    try:
        fetch(port, path)
    except (URLError, ConnectionError):
        return False
    return True


def test_two_web_processes_on_disks_of_their_own_agree_on_every_byte(machines: Machines) -> None:
    machines.start("clock").wait_for("this process is the clock")
    ports = [find_port(), find_port()]
    for port in ports:
        machines.start("web", port=port)
    for port in ports:
        wait_until(lambda port=port: answers(port, "/feed.xml"), "the feed is served")  # type: ignore[misc]
    machines.write_post("hashi")
    for port in ports:
        wait_until(
            lambda port=port: "hashi" in fetch(port, "/feed.xml")[0].decode(),  # type: ignore[misc]
            "the new post is in the feed",
        )
    for path in ("/feed.xml", "/atom.xml", "/feed.json"):
        for coding in ("identity", "gzip", "br"):
            first, second = (fetch(port, path, coding) for port in ports)
            assert first == second
