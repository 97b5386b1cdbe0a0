"""Sign-ups a second of one `kawaraban up`, over HTTP, beside a bare loop of inserts."""

from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from sqlalchemy import func, select

from service.app import App
from service.store.tables import notices, signups
from tests.bench.answering import run_up
from tests.bench.figures import Figure, once

SIGNUPS = 2_000
_CONNECTIONS = 8
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}
_ANSWERED_WITHIN = 300.0


def measure_signing_up(app: App) -> list[Figure]:
    """Forms taken, each on the disk before its answer, and how soon all have their mail planned.

    Raises RuntimeError for a form that is not taken.
    """
    folder = app.config.root
    bare = once(lambda: _insert_bare(folder / "bare.db"))
    settings = folder / "kawaraban.toml"
    written = settings.read_text(encoding="utf-8")
    settings.write_text(
        written.replace("[service]", "[service]\nconfirmations_per_hour = 100000"), encoding="utf-8"
    )
    with run_up(app) as url:
        started = time.perf_counter()
        taken = once(lambda: _send_forms(url))
        _wait_for_mails(app)
        answered = time.perf_counter() - started
    return [
        Figure("bare loop: a row inserted and committed", f"{SIGNUPS / bare:,.0f} rows/s"),
        Figure(
            f"sign-ups over {_CONNECTIONS} connections",
            f"{SIGNUPS / taken:,.0f} sign-ups/s",
            f"{bare / taken:.2f} of bare",
        ),
        Figure(
            f"until all {SIGNUPS:,} have their mail planned",
            f"{answered:.1f} s",
            f"{SIGNUPS / answered:,.0f} sign-ups/s",
        ),
    ]


def _insert_bare(path: Path) -> None:
    """What nobody can do without who loses no sign-up: one write to the disk for each."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE signups (address TEXT PRIMARY KEY, asked_at TEXT)")
    for number in range(SIGNUPS):
        row = (_name(number), "2026-03-01 00:00:00.000000")
        connection.execute("INSERT INTO signups VALUES (?, ?)", row)
    connection.close()


def _name(number: int) -> str:
    """Addresses at domains of their own: the cap for one domain is not what is measured."""
    return f"reader@d{number}.example"


def _send_forms(url: str) -> None:
    shares = [range(start, SIGNUPS, _CONNECTIONS) for start in range(_CONNECTIONS)]
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        list(pool.map(lambda share: _send_share(url, share), shares))


def _send_share(url: str, share: range) -> None:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    for number in share:
        form = urlencode({"email": _name(number), "form": ""})
        connection.request("POST", "/subscribe", form, _HEADERS)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 303:
            raise RuntimeError(f"a sign-up was answered with {answer.status}")
    connection.close()


def _wait_for_mails(app: App) -> None:
    until = time.monotonic() + _ANSWERED_WITHIN
    while _count(app) != (0, SIGNUPS):
        if time.monotonic() > until:
            raise RuntimeError(f"sign-ups waiting and mails planned: {_count(app)}")
        time.sleep(0.1)


def _count(app: App) -> tuple[int, int]:
    """Sign-ups that wait, and mails planned for them."""
    with app.works.database.reading() as connection:
        waiting = connection.execute(select(func.count()).select_from(signups)).scalar_one()
        planned = connection.execute(select(func.count()).select_from(notices)).scalar_one()
    return waiting, planned
