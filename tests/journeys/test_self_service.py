"""What a reader does alone: choose, take a copy of what is kept, be forgotten, move elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from service.delivery.feedback import apply_events
from service.engine.works import deliver_due
from service.membership import ask_to_be_erased, complete_erasures, erase_reader, link_choices
from service.model.delivery import DeliveryState
from service.model.editor import COMMAND
from service.model.event import EventKind, ProviderEvent, RejectReason, digest_address
from service.model.subscriber import SuppressionReason
from service.store.suppressions import Suppression, add_suppression, list_suppressions
from service.store.tables import metadata
from tests.fakes.house import MONDAY, House
from tests.fakes.office import open_door

from .conftest import OpenHouse

A, B, NEW = "a@example.com", "b@example.com", "new@example.net"
ON_A_FILE = pytest.mark.parametrize("open_house", ["sqlite"], indirect=True)
TOPICS = 'topics = ["AI"]\ncadences = ["weekly", "daily"]\nweekday = "mon"\n'


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    headers: dict[str, str]


class Client:
    """A reader's browser; it follows nothing."""

    def __init__(self, house: House, port: int) -> None:
        self.house = house
        self._port = port

    def get(self, url: str) -> Answer:
        return self._ask("GET", url, None, {})

    def post(self, url: str, site: str = "same-origin", **fields: object) -> Answer:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": site,
        }
        return self._ask("POST", url, urlencode(fields, doseq=True), headers)

    def find_link(self, address: str, page: str) -> str:
        """The link to a page in the latest notice to an address."""
        deliver_due(self.house.app.works)
        found = ""
        for path in sorted((self.house.site / "var" / "outbox").glob("*/*.eml"), key=_age):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = mail.get_body(("plain",)) if address in str(mail["To"]) else None
            if body is not None and (link := re.search(rf"\S+/{page}/\S+", body.get_content())):
                found = link[0]
        assert found, f"no mail to {address} leads to {page}"
        return found

    def _ask(self, method: str, url: str, body: str | None, headers: dict[str, str]) -> Answer:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        connection.request(method, url.removeprefix("http://localhost:8000"), body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return Answer(answer.status, text, {k.lower(): v for k, v in answer.getheaders()})


@contextmanager
def visit(house: House) -> Iterator[Client]:
    with open_door(house.app) as port:
        yield Client(house, port)


@ON_A_FILE
def test_the_link_in_a_mail_changes_what_comes_next(open_house: OpenHouse) -> None:
    house = open_house(TOPICS)
    house.tick(MONDAY - timedelta(hours=1))
    house.add_readers(A)
    house.write("ai", MONDAY + timedelta(minutes=1), front="tags: [ai]\n")
    house.tick(MONDAY + timedelta(days=7))
    with visit(house) as client:
        link = client.find_link(A, "preferences")
        shown = client.get(link)
        assert (shown.status, shown.headers["cache-control"]) == (200, "private, no-store")
        assert client.get(link).body == shown.body
        chosen = {"newsletter": "weekly", "cadence-weekly": "daily", "zone": ""}
        saved = client.post(
            link, **chosen, **{"about-weekly": "some", "topic-weekly": "AI", "hour-weekly": "18"}
        )
        assert "10月21日（火）18時" in saved.body
        assert client.post(link, site="cross-site").status == 403
        assert client.post(link, **{**chosen, "about-weekly": "some"}).status == 422
    for name, tag in (("more", "ai"), ("other", "猫")):
        house.write(name, MONDAY + timedelta(days=7, hours=2), front=f"tags: [{tag}]\n")
    house.tick(MONDAY + timedelta(days=7, hours=3))
    house.tick(MONDAY + timedelta(days=8))
    assert house.read_posts(A) == ["ai"]
    house.tick(MONDAY + timedelta(days=8, hours=10))
    assert sorted(house.read_posts(A)) == ["ai", "more"]


@ON_A_FILE
def test_a_reader_takes_everything_along_by_a_link_that_lives_an_hour(house: House) -> None:
    house.write("one", MONDAY + timedelta(minutes=1))
    house.tick(MONDAY + timedelta(days=7))
    with visit(house) as client:
        choices = client.find_link(A, "preferences")
        assert client.post(choices, action="export").status == 200
        link = client.find_link(A, "export")
        assert "<button" in client.get(link).body
        answer = client.post(link)
        assert answer.headers["content-disposition"].startswith("attachment")
        found = json.loads(answer.body)
        assert found["reader"]["address"] == A
        assert found["subscriptions"][0]["consent_source"] == "import: test"
        assert [one["state"] for one in found["deliveries"]] == ["accepted"]
        assert B not in answer.body
        house.clock.advance(minutes=61)
        assert client.post(link).status == client.get(link).status == 410
        # The link of every mail is no key to this, whatever page it is tried on.
        token = choices.rpartition("/")[2]
        for page in ("export", "erase", "address", "new-address"):
            assert client.get(f"/{page}/{token}").status == 404
            assert client.post(f"/{page}/{token}").status == 404


@ON_A_FILE
def test_no_more_than_three_such_mails_go_in_a_day(house: House) -> None:
    with visit(house) as client:
        choices = link_choices(house.app.works.database, house.app.works.register, A)
        answers = {client.post(choices, action="export").body for _ in range(5)}
    assert len(answers) == 1
    deliver_due(house.app.works)
    assert len(list((house.site / "var" / "outbox").glob("*/*.eml"))) == 3


def test_a_reader_is_forgotten_by_one_press(house: House) -> None:
    house.write("one", MONDAY + timedelta(minutes=1))
    house.tick(MONDAY + timedelta(days=7))
    with visit(house) as client:
        client.post(client.find_link(A, "preferences"), action="erase")
        link = client.find_link(A, "erase")
        client.get(link)
        assert A in dump(house)
        assert client.post(link).status == 200
        complete_erasures(house.app.works.database)
        assert A not in dump(house)
        assert client.post(link).status == 200


def test_a_reader_moves_and_nothing_is_repeated_or_lost(house: House) -> None:
    house.write("one", MONDAY + timedelta(minutes=1))
    house.tick(MONDAY + timedelta(days=7))
    with visit(house) as client:
        client.post(client.find_link(A, "preferences"), action="address")
        ask = client.find_link(A, "address")
        assert client.post(ask, email="nowhere").status == 422
        assert client.post(ask, email="Ｎew@Example.NET").status == 200
        confirm = client.find_link(NEW, "new-address")
        client.get(confirm)
        assert NEW not in {row["address"] for row in list_rows(house, "subscribers")}
        assert "お届け先を変更しました" in client.post(confirm).body
        assert "お届け先を変更しました" in client.post(confirm).body
        assert client.get(ask).status == 404
    deliver_due(house.app.works)
    house.write("two", MONDAY + timedelta(days=8))
    house.tick(MONDAY + timedelta(days=8))
    house.tick(MONDAY + timedelta(days=14))
    assert (house.read_posts(A), house.read_posts(NEW)) == (["one"], ["two"])
    told = [row for row in list_rows(house, "notices") if row["purpose"] == "address-changed"]
    assert [(one["address"], one["state"]) for one in told] == [(A, "accepted")]


def test_an_erased_reader_is_forgotten_at_the_old_address_too(house: House) -> None:
    move(house)
    with visit(house) as client:
        choices = link_choices(house.app.works.database, house.app.works.register, NEW)
        client.post(choices, action="erase")
        client.post(client.find_link(NEW, "erase"))
    complete_erasures(house.app.works.database)
    assert NEW not in dump(house)
    assert A not in dump(house)


def test_an_address_that_never_confirmed_a_move_is_forgotten_with_the_reader(house: House) -> None:
    works = house.app.works
    with visit(house) as client:
        client.post(link_choices(works.database, works.register, A), action="address")
        client.post(client.find_link(A, "address"), email=NEW)
        deliver_due(works)
        client.post(link_choices(works.database, works.register, A), action="erase")
        client.post(client.find_link(A, "erase"))
    complete_erasures(works.database)
    assert NEW not in dump(house)


@ON_A_FILE
def test_erasing_one_reader_leaves_no_mail_of_another_who_asked_before(house: House) -> None:
    move(house)
    works = house.app.works
    ask_to_be_erased(works.database, works.register, NEW, works.clock())
    provider = works.mailbag.provider
    assert erase_reader(works.database, works.register, B, works.clock(), provider, by=COMMAND)
    complete_erasures(works.database, provider)
    kept = b"".join(path.read_bytes() for path in house.site.glob("var/outbox/*/*.eml"))
    assert [one for one in (A, B, NEW) if one.encode() in kept or one in dump(house)] == []


@ON_A_FILE
def test_what_comes_back_from_the_old_address_does_not_blame_the_new_one(house: House) -> None:
    house.write("one", MONDAY + timedelta(minutes=1))
    house.tick(MONDAY + timedelta(days=7))
    move(house)
    row = next(row for row in list_rows(house, "deliveries") if row["state"] == "accepted")
    batch = next(one for one in list_rows(house, "batches") if one["batch_id"] == row["batch_id"])
    for address, suppressed in ((A, []), (NEW, [NEW])):
        event = ProviderEvent(
            EventKind.BOUNCED,
            f"bounce of {address}",
            batch_key=batch["key"],
            row_id=row["delivery_id"],
            address_digest=digest_address(address),
            reject_reason=RejectReason.INVALID,
            is_permanent=True,
        )
        apply_events(house.app.works.database, "outbox", [event], house.clock.now)
        with house.app.works.database.reading() as connection:
            assert [one.address for one in list_suppressions(connection)] == suppressed
    assert DeliveryState.BOUNCED in {row["state"] for row in list_rows(house, "deliveries")}


@ON_A_FILE
@pytest.mark.parametrize("who", ["a reader's", "suppressed", "nobody's"])
def test_whoever_asks_to_move_learns_nothing_of_the_new_address(house: House, who: str) -> None:
    works = house.app.works
    new = B if who == "a reader's" else NEW
    if who == "suppressed":
        with works.database.writing() as connection:
            reason = SuppressionReason.COMPLAINT
            add_suppression(connection, Suppression(NEW, None, reason, "", house.clock.now))
    with visit(house) as client:
        client.post(link_choices(works.database, works.register, A), action="address")
        answer = client.post(client.find_link(A, "address"), email=new)
        assert "新しいアドレスのメールをご確認ください" in answer.body
        if who == "a reader's":
            taken = client.post(client.find_link(B, "new-address"))
            assert "すでにお届けしています" in taken.body
    mails = [row["address"] for row in list_rows(house, "notices")]
    assert mails == ([A] if who == "suppressed" else [A, new])
    assert {row["address"] for row in list_rows(house, "subscribers")} == {A, B}


@ON_A_FILE
def test_a_link_of_before_the_move_is_good_for_nothing_of_an_hour(house: House) -> None:
    works = house.app.works
    with visit(house) as client:
        client.post(link_choices(works.database, works.register, A), action="erase")
        early = client.find_link(A, "erase")
    move(house)
    with visit(house) as client:
        assert client.get(early).status == 404
        assert client.post(early).status == 404


def move(house: House) -> None:
    works = house.app.works
    with visit(house) as client:
        client.post(link_choices(works.database, works.register, A), action="address")
        client.post(client.find_link(A, "address"), email=NEW)
        client.post(client.find_link(NEW, "new-address"))
    deliver_due(works)


def list_rows(house: House, table: str) -> list[dict[str, Any]]:
    with house.app.works.database.reading() as connection:
        query = metadata.tables[table].select()
        return [dict(row) for row in connection.execute(query).mappings()]


def dump(house: House) -> str:
    return "".join(str(list_rows(house, name)) for name in metadata.tables)


def _age(path: Path) -> int:
    return path.stat().st_mtime_ns
