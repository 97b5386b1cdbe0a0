"""The folder that reading and feeds are measured on: real posts, in as many copies as needed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from service.app import App, build_app
from service.config import load_config
from service.store.database import Database
from service.store.migrate import migrate

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 3, 1, tzinfo=UTC)
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
