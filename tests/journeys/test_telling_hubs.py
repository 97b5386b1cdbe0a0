from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest

from service.outbound.client import OutboundClient
from service.outbound.guard import is_public
from service.publishing.telling_hubs import GIVEN_UP_AFTER, REST_FOR, HubPost, tell_hubs
from service.store.database import Database
from service.store.pings import HubHealth, Ping, ask_pings, count_pings, find_hubs
from tests.fakes.world import HandClock

NOW = datetime(2025, 10, 20, 8, 0, tzinfo=UTC)
TOPIC = "https://kawara.example/feed.xml"
OTHER = "https://kawara.example/tag/%E7%94%9F%E6%88%90AI/feed.xml"


class Hub(ThreadingHTTPServer):
    """Takes pings on loopback; `answers` are the statuses it gives, 204 when there are none."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), HubHandler)
        self.told: list[dict[str, str]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hub"


class HubHandler(BaseHTTPRequestHandler):
    server: Hub

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append(dict(parse_qsl(body.decode())))
        status, headers = self.server.answers.pop(0) if self.server.answers else (204, {})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def running() -> Iterator[Hub]:
    with Hub() as hub:
        thread = threading.Thread(target=hub.serve_forever, args=(0.01,))
        thread.start()
        yield hub
        hub.shutdown()
        thread.join()


@pytest.fixture
def hub(running: Hub) -> Hub:
    running.told.clear()
    running.answers.clear()
    return running


@pytest.fixture(scope="module")
def client() -> OutboundClient:
    return OutboundClient(may_call=is_public)


@pytest.fixture
def post(sqlite: Database, hub: Hub, client: OutboundClient) -> HubPost:
    return HubPost(sqlite, client, (hub.url,), HandClock(NOW))


def ask(post: HubPost, *topics: str, version: int = 1, hub: str = "") -> None:
    with post.database.writing() as connection:
        ask_pings(
            connection, [Ping(hub or post.hubs[0], one, version, post.clock()) for one in topics]
        )


def tell(post: HubPost, after: timedelta = REST_FOR) -> int:
    assert isinstance(post.clock, HandClock)
    post.clock.now += after
    return tell_hubs(post, lambda: True)


def count(post: HubPost) -> int:
    with post.database.reading() as connection:
        return sum(count_pings(connection).values())


def find_health(post: HubPost) -> HubHealth:
    with post.database.reading() as connection:
        return find_hubs(connection, post.hubs)[0]


def test_a_hub_is_told_of_each_feed_in_a_call_of_its_own(post: HubPost, hub: Hub) -> None:
    ask(post, TOPIC, OTHER)
    assert tell(post) == 2
    assert hub.told == [
        {"hub.mode": "publish", "hub.url": topic, "hub.topic": topic} for topic in (TOPIC, OTHER)
    ]
    assert count(post) == 0
    assert tell(post) == 0
    assert find_health(post) == HubHealth(hub.url, taken_at=NOW + REST_FOR)


def test_nobody_is_told_before_every_process_serves_the_new_bytes(post: HubPost, hub: Hub) -> None:
    ask(post, TOPIC)
    assert tell(post, REST_FOR - timedelta(seconds=1)) == 0
    ask(post, TOPIC, version=2)
    assert tell(post, timedelta(seconds=2)) == 0
    assert tell(post) == 1
    assert len(hub.told) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 429, 408])
def test_a_hub_that_is_away_is_told_later_and_later(post: HubPost, hub: Hub, status: int) -> None:
    ask(post, TOPIC, OTHER)
    hub.answers = [(status, {})] * 2
    assert tell(post) == 0
    assert len(hub.told) == 1
    assert find_health(post) == HubHealth(
        hub.url,
        not_before=NOW + REST_FOR + timedelta(seconds=30),
        failures=1,
        failing_since_at=NOW + REST_FOR,
        failure=f"it answered {status}",
    )
    assert tell(post, timedelta(seconds=29)) == 0
    assert len(hub.told) == 1
    assert tell(post, timedelta(seconds=1)) == 0
    assert len(hub.told) == 2
    assert tell(post, timedelta(seconds=59)) == 0
    assert tell(post, timedelta(seconds=1)) == 2
    assert find_health(post).failing_since_at is None


def test_a_hub_that_asks_for_time_gets_it_up_to_an_hour(post: HubPost, hub: Hub) -> None:
    ask(post, TOPIC)
    hub.answers = [(503, {"Retry-After": "600"}), (503, {"Retry-After": "86400"})]
    tell(post)
    assert find_health(post).not_before == NOW + REST_FOR + timedelta(minutes=10)
    tell(post, timedelta(minutes=10))
    assert find_health(post).not_before == NOW + REST_FOR + timedelta(minutes=70)


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 410, 422])
def test_a_hub_that_says_no_is_not_asked_again_and_the_next_feed_is_tried(
    post: HubPost, hub: Hub, status: int
) -> None:
    ask(post, TOPIC, OTHER)
    hub.answers = [(status, {"Location": "http://127.0.0.1:9/"})]
    assert tell(post) == 1
    assert (len(hub.told), count(post)) == (2, 0)
    assert find_health(post).failing_since_at is None


def test_a_hub_that_does_not_answer_is_given_up_after_a_day(post: HubPost, hub: Hub) -> None:
    nobody = HubPost(post.database, post.client, ("http://127.0.0.1:9/hub",), post.clock)
    ask(nobody, TOPIC)
    assert tell(nobody) == 0
    assert "nothing was sent" in find_health(nobody).failure
    tell(nobody, GIVEN_UP_AFTER - REST_FOR)
    assert count(nobody) == 1
    tell(nobody, timedelta(hours=1))
    assert count(nobody) == 0


def test_a_hub_that_is_configured_no_more_is_told_nothing(post: HubPost, hub: Hub) -> None:
    ask(post, TOPIC, hub="http://127.0.0.1:9/former")
    ask(post, TOPIC)
    assert tell(post) == 1
    assert count(post) == 0


def test_a_change_while_a_hub_is_told_is_told_too(post: HubPost, hub: Hub) -> None:
    ask(post, TOPIC)
    again = iter([True])

    def go_on() -> bool:
        if next(again, False):
            ask(post, TOPIC, version=2)
        return True

    assert isinstance(post.clock, HandClock)
    post.clock.now += REST_FOR
    assert tell_hubs(post, go_on) == 1
    assert count(post) == 1
    assert tell(post) == 1


def test_an_end_that_is_asked_for_comes_between_two_calls(post: HubPost, hub: Hub) -> None:
    ask(post, TOPIC, OTHER)
    assert isinstance(post.clock, HandClock)
    post.clock.now += REST_FOR
    goes_on = iter([True, False])
    assert tell_hubs(post, lambda: next(goes_on)) == 1
    assert count(post) == 1
