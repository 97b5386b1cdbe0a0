"""A site of many months out of the posts of a few: in every copy they are older."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from service.config import Config, load_config
from tests.bench.site import CONFIG

_DATED = re.compile(rb"^(date:\s*[\"']?)(\d{4}-\d\d-\d\d)", re.MULTILINE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@contextmanager
def lay_out_site(posts: list[Path], count: int) -> Iterator[Config]:
    """A folder with `count` of these posts and a configuration, until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="kawaraban-bench-"))
    try:
        (folder / "posts").mkdir()
        days = sorted(_read_day(post) for post in posts)
        span = days[-1] - days[0] + timedelta(days=1)
        for number in range(count):
            copy, at = divmod(number, len(posts))
            _copy_post(posts[at], folder / "posts", copy, span * copy)
        (folder / "kawaraban.toml").write_text(CONFIG, encoding="utf-8")
        yield load_config(folder / "kawaraban.toml", {})
    finally:
        shutil.rmtree(folder)


def _copy_post(post: Path, folder: Path, copy: int, earlier: timedelta) -> None:
    def move(found: re.Match[bytes]) -> bytes:
        day = date.fromisoformat(found[2].decode("ascii")) - earlier
        return found[1] + day.isoformat().encode("ascii")

    name = post.name
    if _DAY.match(name):
        name = f"{_read_day(post) - earlier}{name[10:]}"
    suffix = f"-{copy}{post.suffix}" if copy else post.suffix
    content = _DATED.sub(move, post.read_bytes(), count=1)
    (folder / (name.removesuffix(post.suffix) + suffix)).write_bytes(content)


def _read_day(post: Path) -> date:
    found = _DAY.match(post.name)
    return date.fromisoformat(found.group()) if found else date(2026, 1, 1)
