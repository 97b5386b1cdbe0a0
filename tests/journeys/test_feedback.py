"""From a send whose answer was lost to what the provider tells of it at our door."""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from structlog.testing import capture_logs

from service.app import build_doors
from service.model.edition import Edition, EditionState
from service.store.accounting import tally_deliveries
from service.store.suppressions import list_suppressions
from tests.fakes.house import MONDAY, WEEKLY, House
from tests.fakes.http_provider import open_server
from tests.fakes.mailgun import FakeMailgun

KEY = "the-signing-key-of-webhooks"
ENVIRONMENT = {"KAWARABAN_PROVIDER_API_KEY": "test-key", "KAWARABAN_WEBHOOK_SECRET": KEY}
WEEK = timedelta(days=7)
A, B, C = "a@example.com", "b@example.com", "c@example.com"


@dataclass(frozen=True)
class Mailgun:
    """A fake of it, and the callbacks that it makes of what it took."""

    api: FakeMailgun
    url: str

    def lose_the_next_answer(self) -> None:
        self.api.ledger.script.append(self.api.find_behaviour("drop-after-accepting"))

    def list_mailed(self) -> list[str]:
        """To whom the last request went."""
        return sorted(json.loads(self._read_form()["recipient-variables"]))

    def report(self, address: str, at: datetime, event: str, **more: object) -> bytes:
        form, timestamp = self._read_form(), str(int(at.timestamp()))
        row = json.loads(form["recipient-variables"])[address]["r"]
        told = {"event": event, "recipient": address, "timestamp": at.timestamp(), **more}
        told["user-variables"] = {"batch": form["v:batch"], "row": row}
        token = hashlib.sha256(repr(told).encode()).hexdigest()[:50]
        mac = hmac.new(KEY.encode(), (timestamp + token).encode(), hashlib.sha256)
        signature = {"timestamp": timestamp, "token": token, "signature": mac.hexdigest()}
        return json.dumps({"signature": signature, "event-data": told}).encode()

    def _read_form(self) -> dict[str, str]:
        return dict(self.api.ledger.requests[-1]["fields"])


@pytest.fixture
def mailgun() -> Iterator[Mailgun]:
    api = FakeMailgun()
    server = open_server(api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Mailgun(api, f"http://127.0.0.1:{server.server_address[1]}")
    server.shutdown()
    server.server_close()


@pytest.fixture
def house(mailgun: Mailgun, migrated_file: Path, tmp_path: Path) -> Iterator[House]:
    """A weekly newsletter that leaves through Mailgun, and three readers."""
    (tmp_path / "var").mkdir()
    shutil.copyfile(migrated_file, tmp_path / "var" / "kawaraban.db")
    table = f'[provider]\nkind = "mailgun"\ndomain = "example.jp"\nbase_url = "{mailgun.url}"\n'
    house = House(tmp_path, WEEKLY + table, ENVIRONMENT)
    config = tmp_path / "kawaraban.toml"
    text = config.read_text(encoding="utf-8")
    https = text.replace("http://localhost:8000", "https://news.example.jp")
    config.write_text(https, encoding="utf-8")
    house.restart()
    house.write("old", MONDAY - timedelta(days=3))
    house.tick(MONDAY - timedelta(hours=1))
    house.add_readers(A, B, C)
    yield house
    house.app.close()


def knock(house: House, *bodies: bytes) -> list[int]:
    """Post callbacks at the real door, one after the other; what it answers."""
    doors = build_doors(house.app, host="127.0.0.1", scan_within=None)

    async def post_all() -> list[int]:
        transport = httpx.ASGITransport(doors)
        url = "https://news.example.jp/hooks/mailgun"
        async with httpx.AsyncClient(transport=transport) as client:
            return [(await client.post(url, content=body)).status_code for body in bodies]

    with start_blocking_portal() as portal:
        return portal.call(post_all)


def publish(house: House, name: str, at: datetime) -> Edition:
    house.clock.now = at - timedelta(days=1)
    house.write(name, at - timedelta(days=1))
    house.tick(at - timedelta(days=1))
    house.tick(at)
    return house.list_editions()[-1]


def test_a_lost_answer_is_settled_by_events_and_who_came_back_gets_no_more(
    house: House, mailgun: Mailgun
) -> None:
    mailgun.lose_the_next_answer()
    monday = MONDAY + WEEK
    edition = publish(house, "one", monday)
    assert house.count(edition).unknown == 3
    later = monday + timedelta(minutes=5)
    house.clock.now = later
    gone = {"code": 550, "message": f"5.1.1 {B} does not exist"}
    delivered = mailgun.report(A, later, "delivered")
    bounced = mailgun.report(
        B, later, "failed", severity="permanent", reason="bounce", **{"delivery-status": gone}
    )
    complained = mailgun.report(C, later, "complained")

    with capture_logs() as logs:
        forged = complained.replace(b'"token": "', b'"token": "0')
        assert knock(house, forged) == [401]
        assert house.count(edition).unknown == 3
        assert knock(house, bounced, delivered, complained, bounced) == [200] * 4
    house.tick(later + timedelta(minutes=1))

    count = house.count(edition)
    assert (count.accepted, count.unknown, count.adds_up) == (3, 0, True)
    assert house.list_editions()[-1].state is EditionState.FINISHED
    with house.app.works.database.reading() as connection:
        told = tally_deliveries(connection, edition.edition_id).told
        suppressed = {one.address: one.reason.value for one in list_suppressions(connection)}
    assert told == {"deferred": 0, "delivered": 1, "bounced": 1, "complained": 1}
    assert suppressed == {B: "hard_bounce", C: "complaint"}
    assert not any(word in repr(logs) for word in ("@example.com", "token", KEY))

    publish(house, "two", monday + WEEK)
    assert mailgun.list_mailed() == [A]
    assert len(mailgun.api.ledger.requests) == 2


def test_who_leaves_at_the_provider_is_not_written_to_again(house: House, mailgun: Mailgun) -> None:
    monday = MONDAY + WEEK
    publish(house, "one", monday)
    house.clock.now = monday + timedelta(hours=1)
    assert knock(house, mailgun.report(B, house.clock.now, "unsubscribed")) == [200]

    publish(house, "two", monday + WEEK)

    assert mailgun.list_mailed() == [A, C]
