"""Reading: cold, again, after an edit, and in how much memory."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import comrak
import nh3
import yaml

from service.app import App
from service.content.gate import RULES, GateSettings, RuleSettings
from service.content.library import list_files, read_file
from service.scanning import scan_posts
from tests.bench.figures import Figure, best_of, once
from tests.bench.site import NOW, ROOT

FILES = 2_500
"""How many files the first customer has, about."""


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
