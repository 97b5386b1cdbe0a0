"""Feeds made of files that nobody has read before, as a generator makes them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import comrak
import yaml

from service.app import build_feeds, build_scan
from service.config import Config
from service.content.manuscripts import Manuscripts
from service.content.spool import open_spool
from service.feeds.build import render_feed_from
from service.model.feed import FeedFormat, FeedKind
from service.publishing import publish_stateless
from service.publishing.press import plan_feeds, select_shown
from service.publishing.stateless import Desk, compose_posts
from tests.bench.feeding.cores import pinned
from tests.bench.figures import Figure, once
from tests.bench.site import NOW, ROOT

_OWN = FeedFormat.RSS, FeedFormat.ATOM


def measure_cold(config: Config) -> list[Figure]:
    """The feeds a generator makes, on one core, and everything there is, on all of them."""
    count = sum(1 for _ in config.content.path.glob("*.md"))
    with pinned(0):
        bare = once(lambda: _read_barely(config.content.path))
        made = _make_generator_feeds(config)
        few = once(lambda: _make_generator_feeds(config))
    without = once(lambda: _build_all(config, has_archive=False))
    whole = once(lambda: _build_all(config, has_archive=True))
    return [
        Figure(
            f"{made} feeds of {count:,} posts, uncompressed, one core",
            f"{few:.2f} s",
            f"{few / bare:.2f} of reading front matter and rendering each body, bare",
        ),
        Figure(f"all feeds of {count:,} posts, .gz, .br", f"{without:.2f} s", "without archives"),
        Figure(f"the same with archives of all {count:,}", f"{whole:.2f} s"),
    ]


def measure_command(config: Config) -> list[Figure]:
    """The whole command in a process of its own, for its memory."""
    count = sum(1 for _ in config.content.path.glob("*.md"))
    _clear(config)
    code = (
        "import sys, json, resource, time; from service.cli import main\n"
        "started = time.perf_counter()\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(json.dumps([time.perf_counter() - started, peak]), file=sys.stderr)\n"
    )
    path = config.content.path.parent / "kawaraban.toml"
    said = subprocess.run(
        [sys.executable, "-c", code, "--config", str(path), "build", "--without-database"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    took, peak = json.loads(said.stderr.splitlines()[-1])
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return [
        Figure(
            f"`build --without-database` of {count:,} posts",
            f"{took:.1f} s",
            f"with archives; {peak / unit:.0f} MB at its peak",
        )
    ]


def _read_barely(folder: Path) -> None:
    """What no reader can do without: the C reader of YAML, and comrak."""
    for path in folder.glob("*.md"):
        _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
        yaml.load(front, Loader=yaml.CSafeLoader)
        comrak.render_markdown(body)


def _make_generator_feeds(config: Config) -> int:
    """RSS and Atom of the site and its categories, twenty entries each; how many feeds."""
    _clear(config)
    press = build_feeds(config)
    settings = replace(
        press.settings, by=(FeedKind.CATEGORY,), min_items=20, max_items=20, has_archive=False
    )
    press = replace(press, settings=settings)
    made = 0
    with open_spool() as spool:
        scan = build_scan(config)
        posts = Manuscripts(scan.root, scan.rules, NOW, spool, reads_whole=False)
        articles = [one.article for one in posts.read() if one.article is not None]
        desk = Desk(articles, posts.complete, NOW)
        shown = select_shown(compose_posts(articles, NOW), press, NOW)
        for plan in plan_feeds(shown, press, desk.complete).values():
            for file in render_feed_from(plan, desk.load_bodies, press.pieces, _OWN):
                target = press.folder / file.path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.content)
                made += 1
    return made


def _build_all(config: Config, *, has_archive: bool) -> None:
    _clear(config)
    press = build_feeds(config)
    press = replace(press, settings=replace(press.settings, has_archive=has_archive))
    with open_spool() as spool:
        scan = build_scan(config)
        posts = Manuscripts(scan.root, scan.rules, NOW, spool, reads_whole=has_archive)
        articles = [one.article for one in posts.read() if one.article is not None]
        publish_stateless(articles, press, NOW, complete=posts.complete)


def _clear(config: Config) -> None:
    shutil.rmtree(config.service.public, ignore_errors=True)
