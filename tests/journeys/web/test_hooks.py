from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from service.errors import CallbackError
from service.model.event import EventKind, ProviderEvent
from service.providers.events import Hook
from tests.journeys.web.test_operations import read_metrics
from tests.unit.web.conftest import NOW, Furnish, House

SECRET = "sixteen letters and more"


class PlainSource:
    """A provider that sends its secret, and whose body is the ids of its events."""

    def check_signature(
        self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], *, now: datetime
    ) -> None:
        assert now == NOW
        if headers.get("x-secret") not in secrets:
            raise CallbackError("the callback is not signed")

    def parse_events(self, body: bytes) -> tuple[ProviderEvent, ...]:
        if body == b"nonsense":
            raise CallbackError("the callback holds no event")
        return tuple(ProviderEvent(EventKind.COMPLAINED, one) for one in body.decode().split())


SIGNED = {"X-Secret": SECRET}


@pytest.fixture
def called(furnish: Furnish) -> House:
    hooks = {"plain": Hook(PlainSource(), (SECRET,)), "open": Hook(PlainSource(), ())}
    return furnish(hooks=hooks)


def test_a_signed_callback_is_thanked_for_even_when_its_mail_is_not_ours(called: House) -> None:
    with called.open() as client:
        for _ in range(2):
            answer = client.post("/hooks/plain", content=b"e1 e2", headers=SIGNED)
            assert (answer.status_code, answer.text) == (200, "thank you\n")
            assert answer.headers["cache-control"] == "private, no-store"
        metrics = read_metrics(client)
    head = 'kawaraban_provider_events_total{end="%s",kind="complained",provider="plain"}'
    assert (metrics[head % "not ours"], metrics[head % "repeated"]) == (2, 2)


def test_without_the_secret_nothing_is_read(called: House) -> None:
    with called.open() as client, capture_logs() as logs:
        for headers in ({}, {"X-Secret": "a stranger's secret"}):
            answer = client.post("/hooks/plain", content=b"e1", headers=headers)
            assert (answer.status_code, answer.text) == (401, "the callback is not signed\n")
            assert answer.headers["www-authenticate"] == 'Basic realm="callbacks"'
        metrics = read_metrics(client)
    assert metrics['kawaraban_callbacks_refused_total{provider="plain"}'] == 2
    assert "stranger" not in repr(logs)
    with called.parts.database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM events_seen")).scalar() == 0


def test_what_cannot_be_read_need_not_come_again(called: House) -> None:
    with called.open() as client:
        answer = client.post("/hooks/plain", content=b"nonsense", headers=SIGNED)
    assert (answer.status_code, answer.text) == (406, "the callback holds no event\n")


@pytest.mark.parametrize("path", ["/hooks/open", "/hooks/other", "/hooks/", "/hooks/plain/more"])
def test_a_door_without_a_secret_is_none(called: House, path: str) -> None:
    with called.open() as client:
        assert client.post(path, content=b"e1", headers=SIGNED).status_code == 404


def test_looking_at_the_door_changes_nothing(called: House) -> None:
    with called.open() as client:
        assert client.get("/hooks/plain").status_code == 405


def test_a_failure_of_ours_asks_for_it_again(called: House) -> None:
    with called.parts.database.writing() as connection:
        connection.execute(text("DROP TABLE events_seen"))
    with called.open() as client:
        answer = client.post("/hooks/plain", content=b"e1", headers=SIGNED)
    assert answer.status_code == 503


def test_a_thousand_events_come_in_at_once_and_a_flood_does_not(called: House) -> None:
    with called.open() as client:
        many = " ".join(f"{number:0>200}" for number in range(1_000)).encode()
        assert client.post("/hooks/plain", content=many, headers=SIGNED).status_code == 200
        flood = b"e" * 2_000_001
        assert client.post("/hooks/plain", content=flood, headers=SIGNED).status_code == 413
