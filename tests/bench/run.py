"""The figures of docs/benchmarks.md: `make bench` prints them for this machine.

Real posts are read from ../shared/corpus/allforces, or the folder named by
KAWARABAN_BENCH_POSTS; without either the sample publication is measured, and the table says so.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import comrak
import nh3
import structlog
import yaml

from service.app import App, build_app
from service.audience.exchange import ImportRow
from service.config import load_config
from service.content.gate import RULES, GateSettings, RuleSettings
from service.content.library import list_files, read_file
from service.delivery.opening import ByHand
from service.engine.embedded import Deliveries, WakeUp
from service.engine.works import Works
from service.membership import import_readers
from service.model.edition import EditionState
from service.model.subscriber import SubscriptionState
from service.publishing import publish_feeds
from service.scanning import scan_posts
from service.sending import send_by_hand
from service.store.database import Database
from service.store.editions import find_edition
from service.store.migrate import migrate
from tests.bench.null_provider import NullProvider

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 3, 1, tzinfo=UTC)
READERS = 100_000
FILES = 2_500
CONFIG = """
[publication]
title = "Bench"
url = "https://bench.example"
language = "ja"
timezone = "Asia/Tokyo"
[content]
path = "posts"
generator = "jekyll"
permalink = "/:year/:month/:day/:title/"
[service]
url = "https://news.bench.example"
[[newsletters]]
id = "weekly"
title = "Bench weekly"
[sender]
name = "Bench"
email = "news@bench.example"
reply_to = "news@bench.example"
postal_address = "Tokyo"
contact = "news@bench.example"
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    what: str
    result: str
    note: str = ""


def main() -> None:
    """Measure everything and print the table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    posts = find_posts()
    figures: list[Figure] = []
    with bench_folder(posts, copies=1) as app:
        figures += measure_reading(app, posts)
        figures += measure_feeds(app)
        figures += measure_sending(app)
    with bench_folder(posts, copies=-(-FILES // len(posts))) as app:
        figures += measure_rescans(app)
        figures += measure_memory(app)
    print_table(posts, figures)


def find_posts() -> list[Path]:
    """The Markdown files to measure on."""
    folder = Path(
        os.environ.get("KAWARABAN_BENCH_POSTS", ROOT.parent / "shared" / "corpus" / "allforces")
    )
    if not folder.is_dir():
        folder = ROOT / "content"
    return sorted(folder.glob("*.md"))


@contextmanager
def bench_folder(posts: list[Path], copies: int) -> Iterator[App]:
    """A site of its own with these posts, joined and migrated."""
    folder = Path(tempfile.mkdtemp(prefix="kawaraban-bench-"))
    try:
        (folder / "posts").mkdir()
        for number in range(copies):
            for post in posts:
                name = post.name if number == 0 else f"{post.stem}-{number}{post.suffix}"
                shutil.copy(post, folder / "posts" / name)
        (folder / "kawaraban.toml").write_text(CONFIG, encoding="utf-8")
        config = load_config(folder / "kawaraban.toml", {})
        database = Database(config.service.database_url)
        migrate(database)
        database.close()
        app = build_app(config)
        yield app
        app.close()
    finally:
        shutil.rmtree(folder)


def measure_reading(app: App, posts: list[Path]) -> list[Figure]:
    """A bare loop, our reader, and a whole first scan, on the same files in one run."""
    works, root = app.works, app.works.scan.root
    bare = best_of(3, lambda: read_bare(posts))
    stats = list_files(root, works.scan.rules.generator)
    ours = best_of(3, lambda: [read_file(root, stat, works.scan.rules, NOW) for stat in stats])
    ungated = replace(
        works.scan.rules, gate=GateSettings({name: RuleSettings("off") for name in RULES})
    )
    without_gate = best_of(3, lambda: [read_file(root, stat, ungated, NOW) for stat in stats])
    scanned = once(lambda: scan_posts(works.database, works.scan, NOW))
    count = len(posts)
    return [
        Figure("bare loop: YAML, comrak, nh3", f"{count / bare:,.0f} posts/s"),
        Figure(
            "cold read and render", f"{count / ours:,.0f} posts/s", f"{bare / ours:.2f} of bare"
        ),
        Figure(
            "the same with the gate off",
            f"{count / without_gate:,.0f} posts/s",
            f"the gate adds {ours / without_gate - 1:.0%}",
        ),
        Figure(
            "first scan, into the database",
            f"{count / scanned:,.0f} posts/s",
            f"{bare / scanned:.2f} of bare",
        ),
    ]


def read_bare(posts: list[Path]) -> None:
    """What no reader can do without: split, YAML, Markdown, sanitising."""
    extensions = comrak.ExtensionOptions()
    extensions.table = True
    extensions.strikethrough = True
    extensions.cjk_friendly_emphasis = True
    for post in posts:
        parts = post.read_text(encoding="utf-8").split("\n---\n", 1)
        yaml.load(parts[0].lstrip("-\n"), Loader=yaml.CSafeLoader)
        nh3.clean(comrak.render_markdown(parts[-1], extension_options=extensions))


def measure_feeds(app: App) -> list[Figure]:
    """Every feed of the posts, made and compressed; then made again unchanged."""
    made = once(lambda: publish_feeds(app.works.database, app.works.feeds, NOW))
    report = publish_feeds(app.works.database, app.works.feeds, NOW)
    again = best_of(3, lambda: publish_feeds(app.works.database, app.works.feeds, NOW))
    return [
        Figure("all feeds, cold", f"{made:.2f} s", f"{report.feeds} feeds in 3 formats, .gz, .br"),
        Figure("all feeds, nothing changed", f"{again * 1000:.0f} ms"),
    ]


def measure_sending(app: App) -> list[Figure]:
    """An edition for many readers through a provider that answers at once."""
    provider, wake_up = NullProvider(), WakeUp()
    works = replace(
        app.works,
        press=replace(
            app.works.press,
            account=provider.account,
            capabilities=provider.capabilities,
            wake=wake_up,
        ),
        mailbag=replace(app.works.mailbag, provider=provider),
    )
    rows = [ImportRow(address=f"reader{n}@bench.example", line=n) for n in range(READERS)]
    imported = once(
        lambda: import_readers(
            works.database,
            works.register,
            rows,
            newsletter_id="weekly",
            state=SubscriptionState.ACTIVE,
            source="bench",
            now=NOW,
        )
    )
    asked = ByHand("weekly", "bench", posts=tuple(list_paths(works)))
    started = time.perf_counter()
    edition = send_by_hand(works.database, works.press, asked, NOW)
    planned = time.perf_counter() - started
    deliveries = Deliveries(works, wake_up)
    started = time.perf_counter()
    deliveries.start()
    while not is_finished(works, edition.edition_id):
        time.sleep(0.01)
    sent = time.perf_counter() - started
    deliveries.stop()
    if provider.taken != READERS:
        sys.exit(f"{provider.taken} of {READERS} readers were reached: the figures are void")
    total = planned + sent
    return [
        Figure("import of readers", f"{READERS / imported:,.0f} readers/s"),
        Figure("edition planned", f"{READERS / planned:,.0f} readers/s", f"{planned:.2f} s"),
        Figure("edition sent, null provider", f"{READERS / sent:,.0f} readers/s", f"{sent:.2f} s"),
        Figure(
            f"planned and sent to {READERS:,}",
            f"{READERS / total:,.0f} readers/s",
            "batches of 1,000, SQLite with synchronous=FULL",
        ),
    ]


def list_paths(works: Works) -> list[str]:
    """Fifteen posts for the edition."""
    stats = list_files(works.scan.root, works.scan.rules.generator)
    readings = [read_file(works.scan.root, stat, works.scan.rules, NOW) for stat in stats[:15]]
    return [one.facts.path for one in readings if one.verdict == "published"]


def is_finished(works: Works, edition_id: int) -> bool:
    """Whether every reader of the edition has been dealt with."""
    with works.database.reading() as connection:
        return find_edition(connection, edition_id).state is EditionState.FINISHED


def measure_rescans(app: App) -> list[Figure]:
    """A scan that finds nothing new, and one after an edit of every file's front matter."""
    works = app.works
    first = scan_posts(works.database, works.scan, NOW)
    later = NOW + timedelta(minutes=2)
    again = best_of(5, lambda: scan_posts(works.database, works.scan, later))
    per_2500 = again * 1000 * FILES / first.files
    for path in works.scan.root.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("\n---\n", "\nreviewed: true\n---\n", 1), encoding="utf-8")
    edited = once(lambda: scan_posts(works.database, works.scan, NOW + timedelta(minutes=4)))
    return [
        Figure(f"unchanged scan of {first.files:,} files", f"{again * 1000:.0f} ms"),
        Figure("the same per 2,500 files", f"{per_2500:.0f} ms"),
        Figure("scan after an edit of all front matter", f"{first.files / edited:,.0f} posts/s"),
    ]


def measure_memory(app: App) -> list[Figure]:
    """The most memory that a first build and a check take, each in a process of its own."""
    folder = app.config.root
    shutil.rmtree(app.config.service.data)
    shutil.rmtree(app.config.service.public, ignore_errors=True)
    peaks = {}
    for command in ("migrate", "build", "check"):
        kawaraban = [sys.executable, "-m", "service", "--config", str(folder / "kawaraban.toml")]
        subprocess.run([*kawaraban, command], cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
        peaks[command] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    files = len(list_files(app.works.scan.root, app.works.scan.rules.generator))
    return [
        Figure(f"peak memory, first build of {files:,} files", f"{peaks['build']:.0f} MB"),
        Figure("peak memory, build and then check", f"{peaks['check']:.0f} MB"),
    ]


def once(work: Callable[[], object]) -> float:
    """Seconds that one run takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def best_of(runs: int, work: Callable[[], object]) -> float:
    """Seconds of the quickest of several runs."""
    return min(once(work) for _ in range(runs))


def print_table(posts: list[Path], figures: list[Figure]) -> None:
    """Print the figures as the page shows them."""
    print(
        f"{len(posts)} posts of {posts[0].parent.name}; Python {platform.python_version()}, ",
        end="",
    )
    print(f"{os.cpu_count()} cores\n")
    print("| what | result | |\n|---|---|---|")
    for figure in figures:
        print(f"| {figure.what} | {figure.result} | {figure.note} |")


if __name__ == "__main__":
    main()
