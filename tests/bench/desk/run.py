"""How long the pages of the desk take, on both databases.

2,600 posts, 100,000 readers, 500 editions with two million deliveries: `make bench-desk` prints
the table of docs/benchmarks.md.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
import structlog

from service.model.editor import Role
from tests.bench.desk.house import EDITIONS, build_house, fill_house, move_house
from tests.bench.figures import describe_machine, print_table
from tests.bench.site import find_posts
from tests.fakes.cluster import open_cluster
from tests.fakes.desk import open_desk
from tests.fakes.house import House

PAGES: Mapping[str, str] = {
    "Today": "/desk",
    "Posts": "/desk/posts",
    "Posts, searched": "/desk/posts?q=マレーシア",
    "Posts not mailed, with findings": "/desk/posts?mailed=no&found=yes",
    "A post": "/desk/posts/12",
    "Editions": "/desk/editions",
    "A sent edition of 100,000": f"/desk/editions/{EDITIONS}",
    "What was mailed": f"/desk/editions/{EDITIONS}/preview",
    "A new edition": "/desk/editions/new",
    "Readers": "/desk/readers",
    "Readers who left": "/desk/readers?newsletter=weekly&state=unsubscribed",
    "A reader": "/desk/readers/50000",
    "Feeds": "/desk/feeds",
    "Feeds of tags": "/desk/feeds?tab=tags",
    "Suppressions": "/desk/readers/suppressions",
    "Lists": "/desk/readers/lists",
    "The log": "/desk/settings/log",
}
_RUNS = 9


def measure_pages(house: House) -> dict[str, float]:
    """Milliseconds each page takes an owner, the quickest of several: others work here too."""
    taken: dict[str, float] = {}
    with open_desk(house) as desk:
        olga = desk.meet(Role.OWNER)
        for name, path in PAGES.items():
            times: list[float] = []
            for _ in range(_RUNS):
                started = time.perf_counter()
                answer = olga.get(path)
                times.append(1000 * (time.perf_counter() - started))
                if answer.status_code != 200:
                    raise SystemExit(f"{path} answered {answer.status_code}")
            taken[name] = min(times)
    return taken


def print_desk() -> None:
    """Measure on both databases, or the one there is, and print the table."""
    with tempfile.TemporaryDirectory(prefix="kawaraban-bench-") as folder:
        house = build_house(Path(folder) / "site", find_posts())
        try:
            with open_cluster("fsync=on", on_disk=True) as cluster:
                moved = move_house(house, cluster.url)
                fill_house(moved.app.works.database)
                on_server = measure_pages(moved)
                moved.app.close()
        except pytest.skip.Exception:
            on_server = {}
        fill_house(house.app.works.database)
        on_file = measure_pages(house)
        house.app.close()
    rows = [
        (name, f"{on_file[name]:.0f} ms", f"{on_server[name]:.0f} ms" if on_server else "")
        for name in PAGES
    ]
    print_table(("page of the desk", "SQLite", "PostgreSQL"), rows)


def main() -> None:
    """Print the table and where it comes from."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    print(describe_machine())
    print_desk()


if __name__ == "__main__":
    main()
