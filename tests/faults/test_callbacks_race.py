"""Callbacks that come before the answer, while it is recorded, and twice at once at two doors."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from urllib.request import urlopen

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from service.model.edition import EditionState
from service.store.tables import deliveries, subscribers
from tests.fakes.http_provider import Json
from tests.fakes.mailgun import FakeMailgun
from tests.fakes.office import Office, compose_callback, open_door, post, sending
from tests.fakes.waiting import wait_until

READERS = 180
"""Fewer than an edition has to have reached before so many bounces pause it."""

BATCH = 5
Told = tuple[tuple[str, dict[str, object]], ...]

GONE: dict[str, object] = {"severity": "permanent", "reason": "bounce"}
NOBODY: dict[str, object] = {"delivery-status": {"code": 550, "message": "5.1.1 nobody there"}}
FULL: dict[str, object] = {"severity": "temporary", "reason": "generic"}
TOLD: tuple[tuple[str, Told], ...] = (
    ("delivered", (("delivered", {}),)),
    ("bounced", (("failed", {**GONE, **NOBODY}), ("delivered", {}))),
    ("complained", (("delivered", {}), ("complained", {}))),
    ("deferred", (("failed", FULL), ("accepted", {}))),
    ("accepted", ()),
)
"""What becomes of every fifth reader, and the events that say so."""


def name(number: int) -> str:
    return f"reader{number}@example.jp"


class EagerMailgun(FakeMailgun):
    """Tells of its mails at once: of every second batch before it answers, else meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.ports: list[int] = []
        self.told: list[Future[int]] = []
        self.events = 0
        self._pool = ThreadPoolExecutor(12)
        self._numbers = count()

    def confirm(self, request: Json) -> Json:
        told = [self._pool.submit(self._tell, *one) for one in self._list_callbacks(request)]
        self.told += told
        if next(self._numbers) % 2 == 0:
            for one in told:
                one.result()
        return super().confirm(request)

    def close(self) -> None:
        self._pool.shutdown()

    def _list_callbacks(self, request: Json) -> Iterator[tuple[int, bytes]]:
        fields = dict(request["fields"])
        rows = json_rows(fields["recipient-variables"])
        for address, row in rows.items():
            for event, more in TOLD[find_number(address) % len(TOLD)][1]:
                body = compose_callback(fields["v:batch"], row, address, event, **more)
                self.events += 1
                for port in self.ports:
                    yield port, body

    def _tell(self, port: int, body: bytes) -> int:
        return post(port, "/hooks/mailgun", body, "application/json")


def json_rows(text: str) -> dict[str, int]:
    return {address: one["r"] for address, one in json.loads(text).items()}


def find_number(address: str) -> int:
    return int(address.removeprefix("reader").partition("@")[0])


@pytest.fixture
def mailgun() -> Iterator[EagerMailgun]:
    api = EagerMailgun()
    yield api
    api.close()


def test_what_was_told_first_stands_whoever_tells_it_how_often(
    office: Office, mailgun: EagerMailgun
) -> None:
    office.add_readers(*(name(number) for number in range(READERS)))
    edition = office.plan("fune", office.open_app(BATCH))
    with (
        capture_logs() as logs,
        open_door(office.open_app()) as first,
        open_door(office.open_app()) as second,
    ):
        mailgun.ports = [first, second]
        with sending(office.app):
            wait_until(
                lambda: office.find(edition).state is EditionState.FINISHED, "it is finished"
            )
        statuses = Counter(one.result() for one in mailgun.told)
        applied = sum(count_applied(port) for port in mailgun.ports)
    assert statuses == {200: 2 * mailgun.events}
    assert applied == mailgun.events
    assert [one for one in logs if one["log_level"] == "error"] == []
    assert read_states(office) == {
        name(number): TOLD[number % len(TOLD)][0] for number in range(READERS)
    }
    assert set(office.count_mail().values()) == {1}
    counted = office.count(edition)
    assert (counted.accepted, counted.adds_up) == (READERS, True)
    assert office.find_alarms() == []
    suppressed = office.ask("SELECT count(*) FROM suppressions")[0][0]
    assert suppressed == 2 * READERS // len(TOLD)
    # Nobody asks for these again, so the addresses in them are gone.
    assert office.ask("SELECT count(*) FROM batches WHERE envelope IS NOT NULL") == [(0,)]


def read_states(office: Office) -> dict[str, str]:
    query = select(subscribers.c.address, deliveries.c.state).join(
        deliveries, deliveries.c.subscriber_id == subscribers.c.subscriber_id
    )
    with office.app.works.database.reading() as connection:
        return {row.address: row.state for row in connection.execute(query)}


def count_applied(port: int) -> int:
    """How many events a process says it applied."""
    with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return sum(
        int(float(line.split()[-1]))
        for line in lines
        if line.startswith("kawaraban_provider_events_total") and 'end="applied"' in line
    )
