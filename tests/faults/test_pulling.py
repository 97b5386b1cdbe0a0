"""Pulls that are killed, stalled, or led astray: what is read is always one whole revision."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psutil
import pytest

from service.errors import SourceError
from service.model.source import GitSource
from service.outbound.git import Call, run_git
from service.outbound.repository import Repository
from tests.fakes.forks import start_program
from tests.fakes.small_site import Site
from tests.fakes.upstream import Upstream

POSTS = 12
BALLAST = 100
SPREAD = "date: 2026-01-{day:02} 09:00:00 +0900"


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    upstream = Upstream(tmp_path / "upstream")
    upstream.write("_config.yml", "title: 遠くの新聞\nurl: https://far.example\n")
    write_version(upstream, 0)
    return upstream


@pytest.fixture
def far_site(site: Site, upstream: Upstream) -> Site:
    _, _, rest = site.config.read_text(encoding="utf-8").partition("[[newsletters]]")
    git = '[content]\ngenerator = "generic"\ngit = { url = "./upstream", path = "posts" }\n'
    site.config.write_text(f"{git}[[newsletters]]{rest}", encoding="utf-8")
    site.fine("migrate")
    site.fine("build")
    return site


def write_version(upstream: Upstream, version: int) -> None:
    """Every post says which version it is of; between them git has much else to write."""
    for number in range(POSTS):
        front = f"title: 記事{number}\n{SPREAD.format(day=number + 1)}"
        text = f"第{number}の記事、version {version}。" * 5
        upstream.write(f"posts/{number:02}.md", f"---\n{front}\n---\n{text}\n")
        for piece in range(BALLAST):
            upstream.write(f"posts/{number:02}/{piece}.txt", f"{version} {piece}\n" * 20)
    upstream.commit()


def test_a_process_killed_in_the_middle_of_a_switch_publishes_nothing_torn(
    far_site: Site, upstream: Upstream
) -> None:
    for version in range(1, 4):
        write_version(upstream, version)
        kill_while_switching(far_site, spares_git=version == 2)
        upstream.folder.rename(upstream.folder.with_name("away"))
        assert far_site.run("build").exit_code == 1
        feed = (far_site.folder / "public" / "feed.xml").read_text(encoding="utf-8")
        assert set(re.findall(r"version (\d+)", feed)) == {str(version)}
        assert feed.count("<item>") == POSTS
        upstream.folder.with_name("away").rename(upstream.folder)


def kill_while_switching(site: Site, *, spares_git: bool) -> None:
    """Kill a `build` while git lays files down; a git that is spared goes on by itself."""
    state = site.folder / "var" / "source" / "state.json"
    lock = site.folder / "var" / "source" / "git" / "index.lock"
    with start_program("--config", str(site.config), "build") as process:
        while json.loads(state.read_bytes())["is_whole"] or not lock.exists():
            assert process.poll() is None
        children = [] if spares_git else psutil.Process(process.pid).children(recursive=True)
        process.kill()
        for child in children:
            child.kill()
    assert not json.loads(state.read_bytes())["is_whole"]


def test_a_tree_that_is_not_whole_and_cannot_be_finished_is_not_read(
    far_site: Site, upstream: Upstream
) -> None:
    state = far_site.folder / "var" / "source" / "state.json"
    document = json.loads(state.read_bytes())
    before = (far_site.folder / "public" / "feed.xml").read_bytes()
    upstream.folder.rename(upstream.folder.with_name("away"))
    state.write_text(json.dumps({**document, "revision": "0" * 40, "is_whole": False}))
    refused = far_site.run("build")
    assert refused.exit_code == 1
    assert "there is no repository at" in refused.stderr
    assert (far_site.folder / "public" / "feed.xml").read_bytes() == before


@contextmanager
def host(answer: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A host that answers every request in one way; its address, and what it was asked."""
    asked: list[tuple[str, str]] = []
    release = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("Authorization", "")))
            if answer == "silence":
                release.wait()
                return
            self.send_response(302 if answer.startswith("http") else int(answer))
            self.send_header("Location", answer)
            self.send_header("WWW-Authenticate", 'Basic realm="x"')
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/site.git", asked
        finally:
            release.set()
            server.shutdown()
            thread.join()


def open_repository(url: str, folder: Path) -> Repository:
    source = GitSource(url, "main", "", folder / "source", timedelta(minutes=5), "t0ken-x")
    return Repository(source)


@pytest.mark.parametrize("status", ["401", "403"])
def test_the_token_is_shown_to_the_host_and_to_nobody_else(tmp_path: Path, status: str) -> None:
    with host(status) as (url, asked):
        with pytest.raises(SourceError, match="does not let us in") as refused:
            open_repository(url, tmp_path).fetch()
        written = base64.b64encode(b"x-access-token:t0ken-x").decode()
        assert {authorization for _, authorization in asked} == {f"Basic {written}"}
    assert "t0ken" not in str(refused.value)
    kept = (path for path in (tmp_path / "source").rglob("*") if path.is_file())
    assert not any(b"t0ken" in path.read_bytes() for path in kept)


def test_a_host_that_points_elsewhere_is_not_followed(tmp_path: Path) -> None:
    with host("200") as (elsewhere, asked_there), host(elsewhere) as (url, asked):
        with pytest.raises(SourceError, match="has moved"):
            open_repository(url, tmp_path).fetch()
        assert asked
        assert not asked_there


@pytest.mark.parametrize("is_given_up", [False, True])
def test_a_host_that_never_answers_is_given_up_with_every_process_of_git(
    tmp_path: Path, is_given_up: bool
) -> None:
    given_up = threading.Event()
    with host("silence") as (url, _):
        repository = open_repository(url, tmp_path)
        repository.source.tree.mkdir(parents=True)
        if is_given_up:
            given_up.set()
        with (tmp_path / "lock").open("w") as lock:
            call = Call(30.0 if is_given_up else 0.3, lock.fileno(), given_up)
            with pytest.raises(SourceError) as stopped:
                run_git(repository.source, call, "ls-remote", url)
    assert ("asked to end" if is_given_up else "not done after") in str(stopped.value)
    helpers = [
        one for one in psutil.process_iter(["cmdline"]) if url in (one.info["cmdline"] or ())
    ]
    _, alive = psutil.wait_procs(helpers, timeout=10)
    assert alive == []
