"""Services elsewhere are told what happens: each thing once at least, and no address for ever."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from service.audience.tokens import Purpose, sign_link
from service.delivery.conditions import find_conditions
from service.delivery.facts import read_facts
from service.delivery.feedback import apply_events
from service.engine.telling import Teller, tell_once
from service.engine.works import deliver_due, run_pass
from service.membership import (
    Choice,
    Choices,
    admit_signups,
    choose,
    complete_erasures,
    confirm_subscription,
    erase_reader,
    sign_up,
    unsubscribe,
)
from service.model.condition import Condition
from service.model.editor import COMMAND
from service.model.event import EventKind, ProviderEvent
from service.model.newsletter import Cadence
from service.model.signup import Signup
from service.model.subscriber import Consent
from service.model.webhook import WEBHOOK_EVENTS, MessageState, Webhook
from service.store.claims import claim_batch, list_due_batches
from service.store.installation import hold_installation, release_send_hold
from service.store.subscribers import list_readers_at
from service.store.tables import batches, deliveries, webhook_messages
from service.store.unknowns import expire_claims, plan_replay
from service.webhooks import (
    add_webhook,
    find_secret,
    list_webhooks,
    redeliver,
    rotate_secret,
    send_test,
    show_secret,
    show_webhook,
    start_again,
)
from tests.fakes.forks import start_program
from tests.fakes.house import MONDAY, WEEKLY, House
from tests.fakes.machines import find_port
from tests.fakes.waiting import wait_until
from tests.fakes.webhook_receiver import Service, open_service

from .conftest import OpenHouse

ALL = tuple(one.value for one in WEBHOOK_EVENTS)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ON_A_FILE = pytest.mark.parametrize("open_house", ["sqlite"], indirect=True)
TARO = "taro@kawara.example"


@pytest.fixture
def service() -> Iterator[Service]:
    with open_service() as one:
        yield one


def add(house: House, service: Service, *events: str) -> Webhook:
    works = house.app.works
    return add_webhook(
        works.database,
        works.register.key_ring,
        service.url,
        events or ALL,
        by=COMMAND,
        now=works.clock(),
        is_private=True,
    )


def tell(house: House, after: timedelta = timedelta()) -> int:
    house.clock.now += after
    return tell_once(house.app.works)


def join(house: House, address: str) -> None:
    """Sign up by the form, and press the button in the mail."""
    works = house.app.works
    consent = Consent("form", "毎週受け取る", works.clock())
    wanted = Signup(
        address=address,
        newsletter_id="weekly",
        cadence=Cadence.WEEKLY,
        topics=(),
        language="ja",
        send_hour=None,
        consent=consent,
        network="",
    )
    sign_up(works.database, [wanted], "")
    admit_signups(works.database, works.register, works.clock())
    token = sign(house, address, Purpose.CONFIRM)
    for _ in range(2):
        confirm_subscription(works.database, works.register, token, works.clock())


def sign(house: House, address: str, purpose: Purpose) -> str:
    works = house.app.works
    with works.database.reading() as connection:
        (reader,) = list_readers_at(connection, address)
    subject = f"s{reader.subscription.subscription_id}"
    return sign_link(works.register.key_ring.current, purpose, subject)


def list_stopped(house: House) -> list[str]:
    works = house.app.works
    with works.database.reading() as connection:
        found = find_conditions(read_facts(connection, works.press, works.clock()))
    return [str(one.values["reason"]) for one in found.get(Condition.WEBHOOK, ())]


def read_bodies(house: House) -> str:
    with house.app.works.database.reading() as connection:
        return "\n".join(connection.execute(select(webhook_messages.c.body)).scalars())


def test_a_service_is_told_what_an_edition_comes_to(house: House, service: Service) -> None:
    webhook = add(house, service)
    house.tick(MONDAY)
    assert tell(house) == 0
    house.write("new", MONDAY + DAY)
    house.write("tomorrow", MONDAY + 3 * DAY)
    house.tick(MONDAY + DAY)
    house.tick(MONDAY + 7 * DAY)
    house.tick(MONDAY + 7 * DAY + HOUR)
    tell(house)
    assert [one["title"] for one in service.list_events("post.published")] == [
        "記事new",
        "記事tomorrow",
    ]
    (drafted,) = service.list_events("edition.drafted")
    assert drafted["newsletter"] == "weekly"
    assert drafted["leaves_at"] == "2025-10-19T23:00:00Z"
    assert {one["url"] for one in drafted["posts"]} == {
        "https://example.jp/new/",
        "https://example.jp/tomorrow/",
    }
    (sent,) = service.list_events("edition.sent")
    assert sent["edition_id"] == drafted["edition_id"]
    assert sent["readers"] == {
        "frozen": 2,
        "accepted": 2,
        "refused": 0,
        "suppressed": 0,
        "cancelled": 0,
        "unknown": 0,
        "waiting": 0,
    }
    secret = find_secret(house.app.works.register.key_ring, webhook)
    assert all(one.is_signed_with(secret) for one in service.calls)
    assert not service.calls[0].is_signed_with("whsec_" + "A" * 44)
    assert len({one.uid for one in service.calls}) == len(service.calls)


def test_a_post_is_told_of_once_whatever_becomes_of_it(house: House, service: Service) -> None:
    add(house, service, "post.published")
    house.write("new", MONDAY)
    house.tick(MONDAY)
    tell(house)
    assert [one["title"] for one in service.list_events("post.published")] == ["記事new"]
    service.calls.clear()
    house.write("new", MONDAY, front="draft: true\n", body="下書きに戻した。" * 20)
    house.tick(MONDAY + DAY)
    house.write("new", MONDAY, body="書き直した。" * 30)
    house.tick(MONDAY + 40 * DAY)
    house.write("old", MONDAY - 3 * DAY, body="古い記事を直した。" * 30)
    house.tick(MONDAY + 41 * DAY)
    tell(house)
    assert service.calls == []


def test_a_service_learns_who_comes_and_who_goes(house: House, service: Service) -> None:
    add(house, service)
    works = house.app.works
    join(house, TARO)
    house.add_readers("brought-in@kawara.example")
    tell(house)
    (came,) = service.list_events("subscriber.confirmed")
    assert came["address"] == TARO
    assert came["consent"] == {"source": "form", "given_at": "2025-10-12T22:00:00Z"}
    token = sign(house, TARO, Purpose.UNSUBSCRIBE)
    for _ in range(2):
        unsubscribe(works.database, works.register, token, works.clock())
    back = Choices({"weekly": Choice(True, Cadence.WEEKLY, (), "ja", None)}, None, None)
    gone = Choices({"weekly": Choice(False, Cadence.WEEKLY, (), "ja", None)}, None, None)
    token = sign(house, TARO, Purpose.PREFERENCES)
    for choices in (gone, back, back, gone, gone):
        choose(works.database, works.register, token, choices, {}, works.clock())
    tell(house)
    kinds = [one.event["type"].removeprefix("subscriber.") for one in service.calls]
    assert kinds == ["confirmed", "left", "confirmed", "left"]
    assert {one.event["data"]["subscriber_id"] for one in service.calls} == {came["subscriber_id"]}
    assert [one["reason"] for one in service.list_events("subscriber.left")] == ["unsubscribed"] * 2


@ON_A_FILE
def test_who_calls_our_mail_spam_has_left_for_others_too(house: House, service: Service) -> None:
    add(house, service, "subscriber.left")
    house.write("new", MONDAY + DAY)
    house.tick(MONDAY + DAY)
    house.tick(MONDAY + 7 * DAY)
    works = house.app.works
    with works.database.reading() as connection:
        joined = select(batches.c.key, deliveries.c.delivery_id).join(deliveries).limit(1)
        key, row_id = connection.execute(joined).one()
    events = [
        ProviderEvent(EventKind.COMPLAINED, f"e{n}", batch_key=key, row_id=row_id) for n in range(2)
    ]
    for one in events:
        apply_events(works.database, "outbox", [one], works.clock())
    tell(house)
    (left,) = service.list_events("subscriber.left")
    assert left["reason"] == "complaint"
    assert left["address"] in {"a@example.com", "b@example.com"}


@ON_A_FILE
def test_what_fails_is_told_again_under_its_id_until_it_is_taken(
    house: House, service: Service
) -> None:
    webhook = add(house, service)
    works = house.app.works
    send_test(works.database, webhook.webhook_id, works.clock(), by=COMMAND)
    service.answer(500, 301)
    service.answer(503, Retry_After="600")
    tell(house)
    for wait, calls in (
        (4 * SECOND, 1),
        (SECOND, 2),
        (4 * MINUTE, 2),
        (MINUTE, 3),
        (29 * MINUTE, 3),
        (MINUTE, 4),
    ):
        tell(house, wait)
        assert len(service.calls) == calls
    assert tell(house, DAY) == 0
    assert len({(one.uid, one.body) for one in service.calls}) == 1
    assert len({one.timestamp for one in service.calls}) == 4
    shown = show_webhook(works.database, webhook.webhook_id)
    assert shown.webhook.failing_since_at is None
    (message,) = shown.messages
    assert (message.state, message.attempt, message.status) == (MessageState.TOLD, 4, 204)


@ON_A_FILE
@pytest.mark.parametrize(("status", "calls"), [(500, 1), (429, 1), (404, 2)])
def test_where_nobody_is_there_for_now_the_others_are_not_tried(
    house: House, service: Service, status: int, calls: int
) -> None:
    webhook = add(house, service)
    works = house.app.works
    for _ in range(2):
        send_test(works.database, webhook.webhook_id, works.clock(), by=COMMAND)
    service.answer(status)
    tell(house)
    assert len(service.calls) == calls
    assert tell(house, 5 * SECOND) == 3 - calls
    assert not [one for one in list_webhooks(works.database) if one.waiting]


def test_a_service_that_is_gone_is_stopped_until_a_person_starts_it(
    house: House, service: Service
) -> None:
    webhook = add(house, service)
    works = house.app.works
    for _ in range(2):
        send_test(works.database, webhook.webhook_id, works.clock(), by=COMMAND)
    service.answer(410)
    with capture_logs() as logged:
        tell(house)
    assert len(service.calls) == 1
    assert list_stopped(house) == ["it answered 410: it is gone for good"]
    assert "not-for-logs" not in str(logged)
    assert logged
    tell(house, DAY)
    assert len(service.calls) == 1
    start_again(works.database, webhook.webhook_id, works.clock(), by=COMMAND)
    assert tell(house) == 2
    assert list_stopped(house) == []


@ON_A_FILE
def test_a_service_that_fails_for_days_is_stopped(house: House, service: Service) -> None:
    webhook = add(house, service)
    works = house.app.works
    service.answer(*[500] * 1000)
    begun = house.clock.now
    while not list_stopped(house):
        assert house.clock.now - begun < 7 * DAY
        if (house.clock.now - begun) % DAY == timedelta():
            send_test(works.database, webhook.webhook_id, works.clock(), by=COMMAND)
        tell(house, 6 * HOUR)
    assert 5 * DAY <= house.clock.now - begun <= 5 * DAY + 12 * HOUR
    first = show_webhook(works.database, webhook.webhook_id).messages[-1]
    assert first.state is MessageState.GIVEN_UP
    assert first.attempt == 10
    tries = [one.timestamp for one in service.calls if one.uid == first.uid]
    assert len(tries) == 10
    redelivered = [one.uid for one in service.calls]
    service.answers.clear()
    start_again(works.database, webhook.webhook_id, works.clock(), by=COMMAND)
    redeliver(works.database, webhook.webhook_id, first.message_id, works.clock(), by=COMMAND)
    assert tell(house) >= 2
    assert first.uid in [one.uid for one in service.calls[len(redelivered) :]]


@ON_A_FILE
def test_a_slow_service_keeps_no_other_waiting(house: House, service: Service) -> None:
    works = house.app.works
    with ExitStack() as stack:
        slow = [stack.enter_context(open_service()) for _ in range(2)]
        for one in slow:
            one.is_free.clear()
        for one in (*slow, service):
            webhook = add(house, one)
            send_test(works.database, webhook.webhook_id, works.clock(), by=COMMAND)
            send_test(works.database, webhook.webhook_id, works.clock(), by=COMMAND)
        teller = Teller(works, threads=3)
        for _ in range(3):
            teller.tell()
        wait_until(lambda: len(service.calls) == 2, "the quick one is told")
        wait_until(lambda: all(one.calls for one in slow), "the slow ones are called")
        assert [len(one.calls) for one in slow] == [1, 1]
        for one in slow:
            one.is_free.set()
        wait_until(
            lambda: not any(one.waiting for one in list_webhooks(works.database)), "all are told"
        )
        teller.stop()
    assert [len(one.calls) for one in slow] == [2, 2]


@ON_A_FILE
def test_for_a_day_the_former_secret_signs_as_well(house: House, service: Service) -> None:
    works = house.app.works
    webhook = add(house, service)
    ring, number = works.register.key_ring, webhook.webhook_id
    before = find_secret(ring, webhook)
    after = rotate_secret(works.database, ring, number, works.clock(), by=COMMAND)
    now = works.clock()
    assert after == show_secret(works.database, ring, number, now, by=COMMAND) != before
    for wait, signs in ((23 * HOUR, True), (HOUR, False)):
        send_test(works.database, number, works.clock(), by=COMMAND)
        tell(house, wait)
        assert service.calls[-1].is_signed_with(after)
        assert service.calls[-1].is_signed_with(before) is signs
    assert len(service.calls[-1].signatures) == 1


@ON_A_FILE
def test_a_webhook_whose_key_is_gone_is_stopped(house: House, service: Service) -> None:
    webhook = add(house, service)
    works = house.app.works
    send_test(works.database, webhook.webhook_id, works.clock(), by=COMMAND)
    other = replace(works.register.key_ring.current, key_id="zz", secret=b"another")
    ring = replace(works.register.key_ring, current=other)
    tell_once(replace(works, register=replace(works.register, key_ring=ring)))
    assert service.calls == []
    (reason,) = list_stopped(house)
    assert "give it another secret" in reason


def test_nothing_of_an_erased_reader_is_told_or_kept(house: House, service: Service) -> None:
    webhook = add(house, service)
    works = house.app.works
    join(house, TARO)
    service.answer(503)
    tell(house)
    assert service.list_events("subscriber.confirmed")[0]["address"] == TARO
    assert TARO not in read_bodies(house)
    deliver_due(works)
    erase_reader(works.database, works.register, TARO, works.clock(), by=COMMAND)
    complete_erasures(works.database)
    tell(house, MINUTE)
    told = service.calls[1:]
    assert [one.event["type"] for one in told] == ["subscriber.confirmed", "subscriber.left"]
    assert [one.event["data"]["address"] for one in told] == [None, None]
    assert told[1].event["data"]["reason"] == "erased"
    ids = {"subscription_id", "subscriber_id", "newsletter", "address"}
    assert [set(one.event["data"]) - ids for one in told] == [set(), {"reason"}]
    assert told[1].event["data"]["subscriber_id"] == told[0].event["data"]["subscriber_id"]
    assert not any(TARO.encode() in one.body for one in told)
    shown = show_webhook(works.database, webhook.webhook_id)
    assert "kawara.example" not in "".join(one.body for one in shown.messages)


def test_what_nobody_can_vouch_for_is_told_once(house: House, service: Service) -> None:
    add(house, service, "delivery.unknown")
    house.tick(MONDAY)
    house.write("new", MONDAY + DAY)
    house.tick(MONDAY + DAY)
    works = house.app.works
    house.clock.now = MONDAY + 7 * DAY
    run_pass(works, house.clock.now)
    for _ in range(2):
        with works.database.writing() as connection:
            (batch_id,) = list_due_batches(connection, works.clock(), 9)
            until = works.clock() + MINUTE
            batch = claim_batch(connection, batch_id, now=works.clock(), claimed_until=until)
        assert batch is not None
        house.clock.now += 2 * MINUTE
        with works.database.writing() as connection:
            assert expire_claims(connection, works.clock()) == [batch_id]
            plan_replay(connection, batch_id)
    tell(house)
    (unknown,) = service.list_events("delivery.unknown")
    assert (unknown["batch_id"], unknown["newsletter"]) == (batch_id, "weekly")


@ON_A_FILE
def test_a_database_that_may_be_a_copy_tells_nobody(house: House, service: Service) -> None:
    webhook = add(house, service)
    works = house.app.works
    send_test(works.database, webhook.webhook_id, works.clock(), by=COMMAND)
    with works.database.writing() as connection:
        hold_installation(connection)
    assert tell(house, MINUTE) == 0
    assert service.calls == []
    release_send_hold(works.database, works.clock(), by=COMMAND)
    assert tell(house) == 1


@ON_A_FILE
def test_what_was_told_a_month_ago_is_forgotten(house: House, service: Service) -> None:
    webhook = add(house, service)
    works = house.app.works
    send_test(works.database, webhook.webhook_id, works.clock(), by=COMMAND)
    tell(house)
    house.tick(house.clock.now + 29 * DAY)
    assert show_webhook(works.database, webhook.webhook_id).messages
    house.tick(house.clock.now + 2 * DAY)
    assert not [
        one
        for one in show_webhook(works.database, webhook.webhook_id).messages
        if one.event == "webhook.test"
    ]


@ON_A_FILE
def test_a_process_killed_in_the_middle_of_a_call_tells_it_again(
    open_house: OpenHouse, service: Service
) -> None:
    house = open_house(WEEKLY)
    house.tick(datetime.now(UTC) - HOUR)
    add(house, service)
    house.write("new", datetime.now(UTC) - MINUTE)
    service.is_free.clear()
    words = ("--config", str(house.site / "kawaraban.toml"), "up")
    process = start_program(*words, env={**os.environ, "PORT": str(find_port())})
    try:
        wait_until(lambda: bool(service.calls), "the clock of a running process tells it", 30)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    service.is_free.set()
    house.clock.now = datetime.now(UTC)
    assert tell(house) == 0
    assert tell(house, MINUTE) == 1
    first, second = service.calls
    assert (first.uid, first.body) == (second.uid, second.body)
    assert second.event["data"]["title"] == "記事new"
