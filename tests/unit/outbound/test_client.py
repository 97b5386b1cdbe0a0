from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import pytest

from service.errors import NotAllowedError, NotSentError, UnsureError
from service.outbound.client import OutboundClient, Reply

SOON = timedelta(milliseconds=250)
LATER = timedelta(seconds=20)


class Peer(Protocol):
    act: Callable[[socket.socket], None]
    reads: bool
    received: bytes
    connections: int

    @property
    def url(self) -> str: ...


class Asked:
    """A `ready` that counts, and fails when it is told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.times = 0
        self.error = error

    def __call__(self) -> None:
        self.times += 1
        if self.error:
            raise self.error


@pytest.fixture(scope="module")
def client() -> OutboundClient:
    return OutboundClient(body_limit=1000)


def post(
    client: OutboundClient, url: str, ready: Callable[[], None], total_for: timedelta = LATER
) -> Reply:
    return client.post(
        url,
        content=b"secret body",
        headers={"Authorization": "Basic c2VjcmV0"},
        total_for=total_for,
        ready=ready,
    )


def answer(raw: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(raw)


def test_a_whole_answer_comes_back_with_status_headers_and_body(
    client: OutboundClient, peer: Peer
) -> None:
    peer.act = answer(b"HTTP/1.1 201 Created\r\nX-Kind: odd\r\nContent-Length: 2\r\n\r\nok")

    reply = post(client, peer.url, Asked())

    assert (reply.status, reply.headers["x-kind"], reply.body) == (201, "odd", b"ok")


def test_the_request_carries_the_body_as_given_and_asks_for_no_compression(
    client: OutboundClient, peer: Peer
) -> None:
    peer.act = answer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    post(client, peer.url, Asked())

    head, _, body = peer.received.partition(b"\r\n\r\n")
    assert body == b"secret body"
    assert head.startswith(b"POST /there HTTP/1.1\r\n")
    assert b"accept-encoding: identity" in head.lower()


def test_ready_is_called_once_after_connecting_and_before_the_first_byte(
    client: OutboundClient, peer: Peer
) -> None:
    peer.act = answer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    seen: list[bytes] = []

    post(client, peer.url, lambda: seen.append(peer.received))

    assert seen == [b""]


@pytest.mark.parametrize(
    "error", [NotAllowedError("taken over"), TimeoutError("database"), OSError("disk")]
)
def test_whatever_ready_raises_comes_out_unchanged_and_nothing_is_sent(
    client: OutboundClient, peer: Peer, error: Exception
) -> None:
    with pytest.raises(type(error)) as caught:
        post(client, peer.url, Asked(error))

    assert caught.value is error
    assert peer.received == b""


def test_a_ready_that_outlasts_the_deadline_sends_nothing(
    client: OutboundClient, peer: Peer
) -> None:
    def dawdle() -> None:
        threading.Event().wait(SOON.total_seconds() * 1.2)

    with pytest.raises(NotSentError):
        post(client, peer.url, dawdle, total_for=SOON)

    assert peer.received == b""


def test_a_closed_port_is_provably_not_sent(client: OutboundClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    asked = Asked()

    with pytest.raises(NotSentError):
        post(client, f"http://127.0.0.1:{port}/", asked)

    assert asked.times == 0


def test_a_lookup_that_hangs_is_left_behind_when_the_time_is_up(
    client: OutboundClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered, found = threading.Event(), threading.Event()

    def look_up(*_: object, **__: object) -> list[object]:
        answered.wait(20)
        found.set()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    ready = Asked()

    with pytest.raises(NotSentError):
        post(client, "http://slow.example/", ready, total_for=timedelta(milliseconds=20))

    assert (ready.times, found.is_set()) == (0, False)
    answered.set()
    assert found.wait(20)


def test_a_name_that_does_not_exist_is_provably_not_sent(client: OutboundClient) -> None:
    with pytest.raises(NotSentError):
        post(client, "http://nowhere.invalid/", Asked())


def test_a_peer_that_speaks_no_tls_is_provably_not_sent(client: OutboundClient, peer: Peer) -> None:
    peer.reads = False
    peer.act = answer(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    asked = Asked()

    with pytest.raises(NotSentError):
        post(client, peer.url.replace("http:", "https:"), asked)

    assert asked.times == 0


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://[::1/", "nowhere"])
def test_an_address_nobody_can_post_to_is_provably_not_sent(
    client: OutboundClient, url: str
) -> None:
    with pytest.raises(NotSentError):
        post(client, url, Asked())


def stay_silent(connection: socket.socket) -> None:
    while connection.recv(1000):
        pass


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
    connection.settimeout(0.02)
    while True:
        try:
            if not connection.recv(1):
                return
        except TimeoutError:
            connection.sendall(b".")


ENDINGS: dict[str, Callable[[socket.socket], None]] = {
    "closed without a word": socket.socket.close,
    "cut in the head": answer(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "cut in the body": answer(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf"),
    "no HTTP": answer(b"220 mail.example.com ESMTP\r\n"),
    "too long": answer(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000),
    "silent": stay_silent,
    "dripping": drip,
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_after_the_first_byte_anything_but_a_whole_answer_is_unsure(
    client: OutboundClient, peer: Peer, ending: str
) -> None:
    peer.act = ENDINGS[ending]
    total_for = SOON if ending in ("silent", "dripping") else LATER

    with pytest.raises(UnsureError):
        post(client, peer.url, Asked(), total_for=total_for)

    assert peer.connections == 1


def test_a_redirect_is_an_answer_and_is_not_followed(client: OutboundClient, peer: Peer) -> None:
    peer.act = answer(b"HTTP/1.1 307 Moved\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")

    assert post(client, peer.url, Asked()).status == 307
    assert peer.connections == 1


def test_no_proxy_of_the_environment_is_used(
    client: OutboundClient, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    peer.act = answer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    assert post(client, peer.url, Asked()).status == 200


def test_errors_name_no_address_body_or_credentials(client: OutboundClient, peer: Peer) -> None:
    with pytest.raises(UnsureError) as caught:
        post(client, peer.url, Asked())

    for secret in ("secret", "c2VjcmV0", "127.0.0.1", "there"):
        assert secret not in str(caught.value)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after": "17"}, timedelta(seconds=17)),
        ({"retry-after": " 0 "}, timedelta(0)),
        (
            {
                "date": "Mon, 20 Oct 2025 00:00:00 GMT",
                "retry-after": "Mon, 20 Oct 2025 00:05:00 GMT",
            },
            timedelta(minutes=5),
        ),
        (
            {
                "date": "Mon, 20 Oct 2025 00:05:00 GMT",
                "retry-after": "Mon, 20 Oct 2025 00:00:00 GMT",
            },
            timedelta(0),
        ),
        ({"retry-after": "Mon, 20 Oct 2025 00:05:00 GMT"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(
    headers: dict[str, str], expected: timedelta | None
) -> None:
    assert Reply(429, headers).retry_after == expected
