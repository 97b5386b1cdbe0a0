"""Importing readers: rows that are there already, and an audience of Mailchimp by the command.

By itself, `make bench-importing`: a million readers on SQLite and PostgreSQL (ten minutes).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from itertools import islice
from pathlib import Path

from service.app import App
from service.audience.exchange import ImportRow
from service.membership import import_readers
from service.model.subscriber import SubscriptionState
from service.store.database import Database
from service.store.migrate import migrate
from tests.bench.figures import Figure, describe_machine, once, print_table
from tests.bench.site import NOW, bench_folder, find_posts
from tests.fakes.cluster import open_cluster

READERS = 100_000
MANY = 1_000_000
_CHUNK = 2000
_DOUBLED = 100
"""Every so manieth reader is in the sheet twice, the second time far from the first."""

_HEADER = "Email Address,First Name,Last Name,OPTIN_TIME,CONFIRM_TIME,LAST_CHANGED,LEID,EUID,TAGS\n"


def measure_import(app: App) -> list[Figure]:
    """Everybody confirmed elsewhere, subscribed at once."""
    works = app.works
    rows = iter([ImportRow(address=f"reader{n}@bench.example", line=n) for n in range(READERS)])

    def bring_in() -> None:
        while part := list(islice(rows, _CHUNK)):
            import_readers(
                works.database,
                works.register,
                part,
                newsletter_id="weekly",
                state=SubscriptionState.ACTIVE,
                source="bench",
                now=NOW,
            )

    return [Figure("import of readers", f"{READERS / once(bring_in):,.0f} readers/s")]


def measure_command(
    app: App, readers: int, name: str, environment: Mapping[str, str]
) -> list[Figure]:
    """The whole command, from a file on the disk; and once more, when everybody is there."""
    folder = app.config.service.data.parent
    sheet = folder / "subscribed_members_export.csv"
    size = _write_audience(sheet, readers)
    config = str(folder / "kawaraban.toml")
    words = ("--config", config, "subscribers", "import", str(sheet), "--newsletter", "weekly")
    figures = []
    for which in ("import", "import again"):
        seconds, peak = _run_child((*words, "--yes"), environment)
        rate = f"{readers / seconds:,.0f} readers/s"
        note = f"{seconds:.1f} s of a sheet of {size / 1e6:.0f} MB, at most {peak:.0f} MB of memory"
        figures.append(Figure(f"{which} of {readers:,}, {name}", rate, note))
    return figures


def _write_audience(sheet: Path, readers: int) -> int:
    signed = NOW - timedelta(days=365)
    with sheet.open("w", encoding="utf-8") as file:
        file.write(_HEADER)
        for number in range(readers):
            at = signed + timedelta(seconds=number)
            later = at + timedelta(minutes=2)
            file.write(
                f"reader{number}@bench.example,Reader,Number {number},{at:%F %T},{later:%F %T},"
                f"{later:%F %T},{number},e{number},\n"
            )
        for number in range(0, readers, _DOUBLED):
            file.write(f"READER{number}@bench.example,,,,,,{number},e{number},\n")
    return sheet.stat().st_size


def _run_child(words: tuple[str, ...], environment: Mapping[str, str]) -> tuple[float, float]:
    """Seconds, and megabytes at the peak."""
    started = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "service", *words],
        stdout=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"the import ended with status {child.returncode}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def main() -> None:
    """Measure a million readers on both databases and print the table."""
    posts = find_posts()[:5]
    with bench_folder(posts, copies=1) as app:
        figures = measure_command(app, MANY, "SQLite", {})
    with bench_folder(posts, copies=1) as app, open_cluster("fsync=on", on_disk=True) as cluster:
        database = Database(cluster.url)
        migrate(database)
        database.close()
        url = {"DATABASE_URL": cluster.url, "KAWARABAN_SECRET_KEY": "bench:" + "0" * 64}
        figures += measure_command(app, MANY, "PostgreSQL", url)
    print(describe_machine())
    print_table(("what", "result", ""), [(one.what, one.result, one.note) for one in figures])


if __name__ == "__main__":
    main()
