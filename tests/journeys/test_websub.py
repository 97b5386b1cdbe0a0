"""From a new post to a reader who was told of it: a hub, a subscriber and `up`, each for itself."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from service.engine.announcing import announce_once
from tests.fakes.forks import Fork, start_program
from tests.fakes.house import MONDAY, WEEKLY
from tests.fakes.small_site import Site
from tests.fakes.waiting import wait_until
from tests.fakes.websub_hub import Hub, read_links

from .conftest import OpenHouse

ROOT = Path(__file__).parents[2]
SECRET = "between the hub and its reader"
GADGET = f"/tag/{quote('ガジェット')}/atom.xml"
TOPICS = ("/feed.xml", "/feed.json", GADGET)


@dataclass
class Reader:
    """Wants topics: discovers their hub, says yes to its question, and takes what it is given."""

    server: ThreadingHTTPServer
    asked: set[str] = field(default_factory=set)
    given: dict[str, list[bytes]] = field(default_factory=dict)
    unsigned: list[str] = field(default_factory=list)

    def subscribe(self, topic: str) -> None:
        links = read_links(httpx.head(topic).headers["Link"])
        (own,), (hub,) = links["self"], links["hub"]
        self.asked.add(own)
        form = {
            "hub.mode": "subscribe",
            "hub.topic": own,
            "hub.callback": f"http://127.0.0.1:{self.server.server_port}/{hash(own)}",
            "hub.secret": SECRET,
        }
        assert httpx.post(hub, data=form).status_code == 202

    def take(self, topic: str, content: bytes, signature: str) -> None:
        expected = hmac.new(SECRET.encode(), content, hashlib.sha256).hexdigest()
        if signature != f"sha256={expected}":
            self.unsigned.append(topic)
        self.given.setdefault(topic, []).append(content)

    def has(self, topic: str, words: str) -> bool:
        return any(words.encode() in content for content in self.given.get(topic, []))


@pytest.fixture
def reader() -> Iterator[Reader]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            question = parse_qs(urlsplit(self.path).query)
            is_mine = question["hub.topic"][0] in one.asked and "hub.challenge" in question
            self.send_response(200 if is_mine else 404)
            self.end_headers()
            self.wfile.write(question["hub.challenge"][0].encode() if is_mine else b"")

        def do_POST(self) -> None:
            (topic,) = read_links(self.headers["Link"])["self"]
            content = self.rfile.read(int(self.headers["Content-Length"]))
            one.take(topic, content, self.headers["X-Hub-Signature"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        one = Reader(server)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield one
        server.shutdown()
        thread.join()


@pytest.fixture
def hub() -> Iterator[str]:
    """The address of a hub in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.websub_hub"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    port = json.loads(process.stdout.readline())["port"]
    yield f"http://127.0.0.1:{port}/"
    process.communicate(timeout=10)


@pytest.fixture
def site(tmp_path: Path, hub: str) -> Site:
    site = Site(tmp_path)
    with site.config.open("a", encoding="utf-8") as file:
        file.write(f'[service]\nurl = "http://127.0.0.1:{find_port()}"\n')
        file.write(f'[feeds]\nhubs = ["{hub}"]\n[feeds.moved]\n"/rss.xml" = "/feed.xml"\n')
    site.write_post("fune", "2026-01-05", more="tags: [ガジェット]\n")
    site.write_post("hashi", "2026-01-06", more="tags: [橋]\n")
    site.fine("migrate")
    return site


def find_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def up(site: Site) -> Iterator[tuple[Fork, str]]:
    """`up` over the site, and where it answers; ended afterwards if it still lives."""
    address = site.config.read_text(encoding="utf-8").partition('url = "http://127.0.0.1:')[2]
    port = address.partition('"')[0]
    environment = {**os.environ, "PORT": port}
    words = ("--config", str(site.config), "up")
    process = start_program(*words, env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    while (line := process.stdout.readline()) and "Ctrl-C" not in line:
        pass
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def read_ledger(hub: str) -> Any:  # noqa: ANN401
    return httpx.get(f"{hub}ledger").json()


def ask(url: str, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_a_reader_is_told_of_every_change_even_when_we_die_before_telling(
    site: Site, hub: str, reader: Reader
) -> None:
    with up(site) as (process, url):
        for topic in TOPICS:
            reader.subscribe(url + topic)
        wait_until(lambda: read_ledger(hub)["subscriptions"] == 3, "three subscriptions")
        assert read_ledger(hub)["pings"] == []
        site.write_post("kawara", "2026-01-07", more="tags: [ガジェット]\n")
        for topic in TOPICS:
            wait_until(lambda topic=topic: reader.has(url + topic, "kawaraの話"), topic)  # type: ignore[misc]
        check_the_door(url)
        pings = read_ledger(hub)["pings"]
        assert set(pings) >= {url + topic for topic in TOPICS}
        assert not any(quote("橋") in topic for topic in pings)
        site.write_post("hashi", "2026-01-06", "橋が架かった。")
        wait_until(lambda: "架かった" in httpx.get(f"{url}/feed.xml").text, "the change is served")
        process.kill()
    with up(site) as (_, url):
        wait_until(lambda: reader.has(url + "/feed.xml", "架かった"), "what was left to tell")
        assert ask(url, f"/tag/{quote('橋')}/feed.xml").status == 410
    assert reader.unsigned == []
    told = {one["about"]: one for one in site.ask("doctor")["found"]}[f"hub {hub}"]
    assert told["is_well"], told
    assert told["says"].endswith("; 0 wait")
    ledger = read_ledger(hub)
    assert ledger["denied"] == []
    assert {one["status"] for one in ledger["given"]} == {204}


def test_one_pass_alone_tells_hubs_too(open_house: OpenHouse) -> None:
    with Hub() as hub:
        thread = threading.Thread(target=hub.serve_forever, args=(0.05,))
        thread.start()
        house = open_house(f'{WEEKLY}[feeds]\nhubs = ["{hub.url}"]\n')
        rests: list[float] = []

        def rest(seconds: float) -> None:
            rests.append(seconds)
            house.clock.now += timedelta(seconds=seconds)

        for name in ("first", "second"):
            house.write(name, MONDAY - timedelta(days=1))
            house.tick(MONDAY)
            announce_once(house.app.works, rest)
        announce_once(house.app.works, rest)
        hub.shutdown()
        thread.join()
    assert set(hub.ledger.pings) == {
        f"http://localhost:8000/{name}" for name in ("feed.xml", "atom.xml", "feed.json")
    }
    assert len(hub.ledger.pings) == 3
    assert rests == [5.0]


def check_the_door(url: str) -> None:
    """What a server in between can change is asked of the server itself."""
    first = ask(url, "/feed.xml?utm_source=x")
    assert first.status == 200
    assert first.headers["Date"]
    assert first.headers["Set-Cookie"] is None
    etag = first.headers["ETag"]
    again = ask(url, "/feed.xml", If_None_Match=f"W/{etag}")
    assert (again.status, again.headers["ETag"], again.length) == (304, etag, 0)
    assert again.headers["Date"]
    for form in ("NFC", "NFD"):
        path = f"/tag/{quote(unicodedata.normalize(form, 'ガジェット'))}/atom.xml"
        assert ask(url, path).status == 200
    for path in ("//feed.xml", "/rss.xml", "/Feed.XML"):
        moved = ask(url, path)
        assert (moved.status, moved.headers["Location"]) == (301, f"{url}/feed.xml")
    assert ask(url, "/feed.xml", "POST", Content_Length="0").status == 405
    assert ask(url, "/feed.xml", If_None_Match=", ".join([etag] * 1000)).status == 304
    assert [ask(url, "/feed.xml").status for _ in range(20)] == [200] * 20
    assert ask_as_of_old(url).startswith(b"HTTP/1.1 200 OK\r\n")


def ask_as_of_old(url: str) -> bytes:
    """HTTP/1.0, where the end of the connection is the end of the answer."""
    host, _, port = urlsplit(url).netloc.partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"GET /feed.xml HTTP/1.0\r\n\r\n")
        answer = b""
        while part := connection.recv(65536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head.lower()
    assert body.rstrip().endswith(b"</rss>")
    return answer
