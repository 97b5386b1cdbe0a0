from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from subprocess import PIPE
from urllib.request import Request, urlopen

import pytest

from service.engine.watch import FolderWatch
from service.engine.works import run_pass
from service.model.source import GitSource
from service.outbound.repository import Repository
from tests.fakes.forks import Fork, start_program
from tests.fakes.house import MONDAY, House
from tests.fakes.small_site import Site
from tests.fakes.upstream import Upstream

PATIENCE = 30.0
SECRET = "a secret of the host's"
POST = "---\ntitle: {name}の話\ndate: 2026-01-07 09:00:00 +0900\n---\n本文です。\n"


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    upstream = Upstream(tmp_path / "upstream")
    upstream.write("_config.yml", "title: 遠くの新聞\nurl: https://far.example\n")
    upstream.write("_posts/2026-01-07-yu.md", POST.format(name="yu"))
    upstream.commit()
    return upstream


@pytest.fixture
def far_site(site: Site, upstream: Upstream) -> Site:
    """A site whose posts, and whose word of itself, are in a repository."""
    text = site.config.read_text(encoding="utf-8")
    _, _, rest = text.partition("[[newsletters]]")
    git = '[content]\ngit = { url = "./upstream", path = "_posts", every = "1h" }\n'
    site.config.write_text(f"{git}[[newsletters]]{rest}", encoding="utf-8")
    return site


def test_the_first_command_fetches_the_repository_and_reads_the_site_from_it(
    far_site: Site,
) -> None:
    first = far_site.run("migrate")
    assert first.exit_code == 0
    assert "for the first time" in first.stderr
    checked = far_site.ask("check")
    assert checked["publication"] == "遠くの新聞"
    assert checked["generator"] == "jekyll"
    far_site.fine("build")
    feed = (far_site.folder / "public" / "feed.xml").read_text(encoding="utf-8")
    assert "yuの話" in feed
    assert "https://far.example/" in feed


def test_every_tick_pulls_first_and_one_that_cannot_goes_on_and_says_so(
    far_site: Site, upstream: Upstream
) -> None:
    far_site.fine("migrate")
    far_site.fine("tick")
    upstream.write("_posts/2026-01-08-hashi.md", POST.format(name="hashi"))
    revision = upstream.commit()
    ticked = far_site.ask("tick")
    assert ticked["source"] == {"revision": revision, "changed": True, "failure": ""}
    assert ticked["scan"]["new"] == 1
    upstream.folder.rename(upstream.folder.with_name("away"))
    failed = far_site.run("tick", "--json")
    assert failed.exit_code == 1
    said = json.loads(failed.stdout)
    assert said["source"]["revision"] == revision
    assert "there is no repository at" in said["source"]["failure"]
    assert said["scan"]["verdicts"] == {"published": 2}
    found = {one["about"]: one for one in far_site.ask("doctor")["found"]}
    assert not found["source"]["is_well"]
    assert "failing since" in found["source"]["says"]
    assert far_site.run("build").exit_code == 1
    upstream.folder.with_name("away").rename(upstream.folder)
    assert far_site.run("tick").exit_code == 0
    assert {one["about"]: one["is_well"] for one in far_site.ask("doctor")["found"]}["source"]


def test_a_repository_that_cannot_be_had_at_all_ends_the_command_with_its_reason(
    far_site: Site, upstream: Upstream
) -> None:
    upstream.folder.rename(upstream.folder.with_name("away"))
    result = far_site.run("check")
    assert result.exit_code == 1
    assert "there is no repository at" in result.stderr


def test_a_push_is_in_the_feed_once_its_hook_has_knocked(
    far_site: Site, upstream: Upstream
) -> None:
    far_site.fine("migrate")
    upstream.write("_posts/2026-01-08-hashi.md", POST.format(name="hashi"))
    upstream.commit()
    with running_up(far_site, KAWARABAN_PUSH_SECRET=SECRET) as up:
        up.wait_for("pulled")
        up.wait_for("pass")
        assert "hashiの話" in up.read_feed()
        upstream.write("_posts/2026-01-09-mizu.md", POST.format(name="mizu"))
        upstream.commit()
        assert up.knock() == 202
        up.wait_for("pass")
        assert "mizuの話" in up.read_feed()


def test_a_post_dropped_into_a_watched_folder_is_in_the_feed(week: Site) -> None:
    with running_up(week) as up:
        week.write_post("mizu", "2026-01-09")
        up.wait_for("pass")
        assert "mizuの話" in up.read_feed()
        (week.posts / "mizu.md").unlink()
        up.wait_for("pass")
        assert "mizuの話" not in up.read_feed()


def test_a_tree_that_is_not_whole_is_not_read_and_everything_else_goes_on(house: House) -> None:
    source = GitSource("/none", "", "", house.site / "var" / "source", timedelta(minutes=5))
    torn = replace(house.app.works, repository=Repository(source))
    house.write("new", MONDAY)
    report = run_pass(torn, MONDAY)
    assert (report.scan.files, report.scan.read, report.scan.new) == (1, 0, 0)
    assert report.published.feeds
    assert run_pass(house.app.works, MONDAY).scan.new == 1


def test_a_burst_of_changes_is_heard_in_few_words(tmp_path: Path) -> None:
    ready, heard = threading.Event(), threading.Event()
    words: list[bool] = []

    def hear(has_changed: bool) -> None:
        ready.set()
        if has_changed:
            words.append(True)
            if len(list(tmp_path.iterdir())) == 2001:
                heard.set()

    watch = FolderWatch(tmp_path, (), hear, lambda: None)
    watch.start()
    watch.start()
    try:
        knock_until(ready, tmp_path / "knock.md")
        words.clear()
        for number in range(2000):
            (tmp_path / f"{number}.md").write_text("x")
        assert heard.wait(PATIENCE)
        assert len(words) <= 3
    finally:
        watch.stop()


def test_a_folder_that_is_not_there_or_is_replaced_is_not_watched(tmp_path: Path) -> None:
    ready, ended = threading.Event(), threading.Event()
    folder = tmp_path / "posts"
    watch = FolderWatch(folder, (), lambda _: ready.set(), ended.set)
    watch.start()
    assert ended.wait(PATIENCE)
    watch.stop()
    folder.mkdir()
    ended.clear()
    watch.start()
    knock_until(ready, folder / "knock.md")
    folder.rename(tmp_path / "away")
    folder.mkdir()
    assert ended.wait(PATIENCE)
    watch.stop()


def knock_until(ready: threading.Event, path: Path) -> None:
    """Change a file until the watch is there to hear of it."""
    for number in range(int(PATIENCE / 0.05)):
        path.write_text(str(number))
        if ready.wait(0.05):
            return
    raise AssertionError("the watch never heard anything")


class Up:
    """An `up` that runs, and the log that it writes."""

    def __init__(self, site: Site, port: int, process: Fork) -> None:
        self._site = site
        self._port = port
        self._process = process
        self._lines: list[str] = []

    def wait_for(self, event: str) -> None:
        """Read on in the log until this is said."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._lines.append(line)
            if f'"{event}"' in line:
                return
        raise AssertionError(f"never said: {event}\n" + "".join(self._lines))

    def read_feed(self) -> str:
        return (self._site.folder / "public" / "feed.xml").read_text(encoding="utf-8")

    def knock(self) -> int:
        body = json.dumps({"ref": "refs/heads/main"}).encode()
        signed = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-GitHub-Event": "push", "X-Hub-Signature-256": f"sha256={signed}"}
        address = f"http://127.0.0.1:{self._port}/hooks/push"
        with urlopen(Request(address, body, headers)) as answer:
            return int(answer.status)


@contextmanager
def running_up(site: Site, **environment: str) -> Iterator[Up]:
    """An `up` that has begun; ended, and seen to end well, afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
    words = ("--config", str(site.config), "up", "--json")
    inherited = {**os.environ, **environment, "PORT": str(port)}
    process = start_program(*words, env=inherited, stdout=PIPE, stderr=PIPE)
    with _ending(PATIENCE, process.kill):
        assert process.stdout is not None
        while (line := process.stdout.readline()) and line != "}\n":
            pass
        up = Up(site, port, process)
        try:
            up.wait_for("started")
            yield up
        finally:
            process.send_signal(signal.SIGTERM)
            _, logs = process.communicate()
    assert process.poll() == 0, logs


@contextmanager
def _ending(seconds: float, end: Callable[[], None]) -> Iterator[None]:
    """Do not wait for ever for what is never said."""
    timer = threading.Timer(seconds, end)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
