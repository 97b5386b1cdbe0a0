"""A running service: how long after a file's change the changed feeds are given out."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from statistics import median

from service.config import Config
from tests.bench.figures import Figure
from tests.bench.ports import find_port, run_server
from tests.bench.site import ROOT

_EDITS = 5
_OUT_WITHIN = 30.0
_PATH = "/feed.json"


@contextmanager
def run_service(config: Config) -> Iterator[str]:
    """Everything in one process, on loopback; its URL once it answers."""
    path, port = config.content.path.parent / "kawaraban.toml", find_port()
    kawaraban = [sys.executable, "-m", "service", "--config", str(path)]
    subprocess.run([*kawaraban, "migrate"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    environment = {**os.environ, "PORT": str(port), "PYTHONPATH": str(ROOT)}
    with run_server([*kawaraban, "up"], f"http://127.0.0.1:{port}", _PATH, environment) as url:
        yield url


def measure_edits(config: Config, url: str) -> list[Figure]:
    """From the change of the newest post to its new feeds, over HTTP."""
    posts = sorted(config.content.path.glob("*.md"))
    took = [_edit(posts[-1], url, number) for number in range(_EDITS)]
    plain = sum(
        file.stat().st_size
        for file in config.service.public.rglob("*")
        if file.suffix in (".xml", ".json") and file.stat().st_mtime > time.time() - max(took) - 1
    )
    return [
        Figure(
            f"one edit among {len(posts):,} posts, until its feeds are out",
            f"{median(took) * 1000:.0f} ms",
            f"{plain / 1e6:.0f} MB of feeds made anew, .gz, .br",
        )
    ]


def _edit(post: Path, url: str, number: int) -> float:
    known = _ask(url, "")
    text = post.read_text(encoding="utf-8")
    started = time.perf_counter()
    post.write_text(f"{text}\n\nbench edit {number}\n", encoding="utf-8")
    while _ask(url, known) == known:
        if time.perf_counter() - started > _OUT_WITHIN:
            raise RuntimeError(f"an edit was not out after {_OUT_WITHIN:.0f} s")
        time.sleep(0.01)
    took = time.perf_counter() - started
    # The rest of the pass, which the next edit must not wait for.
    time.sleep(2)
    return took


def _ask(url: str, tag: str) -> str:
    """The tag of the feed as it is now, asked for as readers do."""
    headers = {"Accept-Encoding": "br", "If-None-Match": tag}
    request = urllib.request.Request(url + _PATH, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return str(answer.headers["ETag"])
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.NOT_MODIFIED:
            raise
        return tag
