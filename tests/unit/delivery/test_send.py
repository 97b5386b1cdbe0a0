from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from service.audience.tokens import KeyRing, SigningKey
from service.delivery.envelope import Letterhead
from service.delivery.limits import find_wait
from service.delivery.mailbag import Mailbag
from service.delivery.reconcile import may_replay, reconcile
from service.delivery.recording import Ending
from service.delivery.send import send_batch
from service.errors import SendHoldError, UnsupportedError
from service.model.edition import EditionState, Rendered
from service.model.message import OutgoingBatch
from service.providers.base import Prepared
from service.store import claims, editions, notices
from service.store.accounts import open_account
from service.store.database import Database
from service.store.notices import Notice
from service.store.tables import deliveries
from service.store.tables import notices as notice_rows
from tests.fakes.provider import (
    BAD_REQUEST,
    FULL,
    LOST_REPLY,
    LOST_REQUEST,
    NO_ACCOUNT,
    NO_MAILBOX,
    NOT_SENT,
    TOO_MANY,
    ProgrammedProvider,
    refuse,
)
from tests.fakes.provider import Ending as Programmed
from tests.fakes.replay import freeze_news
from tests.fakes.world import NOON, HandClock

DAY = timedelta(days=1)


class Desk:
    """One frozen edition of two readers, one batch, one provider, one clock."""

    def __init__(
        self, database: Database, head: Letterhead, provider: ProgrammedProvider, readers: int = 2
    ) -> None:
        self.database = database
        self.provider = provider
        self.bag = Mailbag(provider, head)
        self.clock = HandClock()
        self.edition_id = freeze_news(database, readers).edition_id

    def send(self) -> Ending:
        with self.database.reading() as connection:
            due = claims.list_due_batches(connection, self.clock(), 1)
        return send_batch(self.database, self.bag, due[0], self.clock)

    def reconcile(self) -> None:
        reconcile(self.database, self.provider, self.clock())

    @property
    def states(self) -> Counter[str]:
        with self.database.reading() as connection:
            return Counter(connection.execute(select(deliveries.c.state)).scalars())

    @property
    def state(self) -> EditionState:
        with self.database.reading() as connection:
            return editions.find_edition(connection, self.edition_id).state


@pytest.fixture
def desk(database: Database, head: Letterhead) -> Desk:
    return Desk(database, head, ProgrammedProvider())


@pytest.fixture
def keyed(database: Database, head: Letterhead) -> Desk:
    return Desk(database, head, ProgrammedProvider(same_key_for=DAY))


def test_an_accepted_batch_is_sent_once(desk: Desk) -> None:
    assert desk.send() is Ending.ACCEPTED
    assert desk.states == {"accepted": 2}
    desk.reconcile()
    assert desk.state is EditionState.FINISHED


def test_a_lost_reply_without_a_key_stays_unknown(desk: Desk) -> None:
    desk.provider.program = [LOST_REPLY]
    assert desk.send() is Ending.UNKNOWN
    desk.clock.advance(days=3)
    desk.reconcile()
    assert desk.states == {"unknown": 2}
    assert len(desk.provider.calls) == 1


@pytest.mark.parametrize("lost", [LOST_REPLY, LOST_REQUEST])
def test_a_lost_call_is_repeated_with_the_same_key_and_bytes(keyed: Desk, lost: Programmed) -> None:
    keyed.provider.program = [lost]
    keyed.send()
    keyed.reconcile()
    keyed.clock.advance(minutes=1)
    assert keyed.send() is Ending.ACCEPTED
    first, second = keyed.provider.calls
    assert (first.key, first.body) == (second.key, second.body)
    assert set(keyed.provider.delivered.values()) == {1}
    assert keyed.states == {"accepted": 2}


def test_a_replay_waits_a_little_before_it_asks_again(keyed: Desk) -> None:
    keyed.provider.program = [LOST_REQUEST]
    keyed.send()
    keyed.reconcile()
    with keyed.database.reading() as connection:
        assert claims.list_due_batches(connection, keyed.clock(), 1) == []


def test_a_replay_repeats_what_was_said_although_the_sender_changed(
    keyed: Desk, head: Letterhead
) -> None:
    keyed.provider.program = [LOST_REPLY]
    keyed.send()
    keyed.reconcile()
    keyed.clock.advance(minutes=1)
    changed = replace(
        head,
        sender=replace(head.sender, name="別", email="other@example.net"),
        link_base="https://other.example.net",
        key_ring=KeyRing(SigningKey("k2", b"another"), (head.key_ring.current,)),
        installation="other",
    )
    keyed.bag = Mailbag(keyed.provider, changed)
    assert keyed.send() is Ending.ACCEPTED
    first, second = keyed.provider.calls
    assert first.body == second.body


def test_a_replay_whose_key_is_gone_stops_for_a_person(keyed: Desk, head: Letterhead) -> None:
    keyed.provider.program = [LOST_REPLY]
    keyed.send()
    keyed.reconcile()
    keyed.clock.advance(minutes=1)
    lost = replace(head, key_ring=KeyRing(SigningKey("k2", b"another")))
    keyed.bag = Mailbag(keyed.provider, lost)
    assert keyed.send() is Ending.NOT_SENT
    assert keyed.states == {"unknown": 2}
    assert keyed.state is EditionState.PAUSED
    assert len(keyed.provider.calls) == 1


def test_a_replay_that_would_differ_is_stopped(keyed: Desk) -> None:
    keyed.provider.program = [LOST_REPLY]
    keyed.send()
    keyed.reconcile()
    keyed.clock.advance(minutes=1)
    with keyed.database.writing() as connection:
        connection.exec_driver_sql("UPDATE variants SET html = '<p>edited</p>'")
    assert keyed.send() is Ending.NOT_SENT
    assert keyed.states == {"unknown": 2}
    assert keyed.state is EditionState.PAUSED
    assert len(keyed.provider.calls) == 1


@pytest.mark.parametrize(
    "answer", [refuse(BAD_REQUEST), refuse(TOO_MANY), refuse(NO_ACCOUNT), NOT_SENT]
)
def test_a_refused_replay_says_nothing_about_the_call_before_it(
    keyed: Desk, answer: Programmed
) -> None:
    keyed.provider.program = [LOST_REPLY, answer]
    keyed.send()
    keyed.reconcile()
    keyed.clock.advance(minutes=1)
    keyed.send()
    assert keyed.states == {"unknown": 2}
    assert set(keyed.provider.delivered.values()) == {1}


def test_a_replay_never_goes_through_another_account(keyed: Desk) -> None:
    keyed.provider.program = [LOST_REPLY]
    keyed.send()
    keyed.reconcile()
    keyed.clock.advance(minutes=1)
    keyed.provider.account = "another"
    assert keyed.send() is Ending.NOT_CLAIMED
    assert len(keyed.provider.calls) == 1


def test_what_nobody_was_asked_to_send_yet_is_handed_over_to_the_account_there_is(
    desk: Desk,
) -> None:
    desk.provider.account = "another"
    assert desk.send() is Ending.NOT_CLAIMED
    desk.reconcile()
    assert desk.send() is Ending.ACCEPTED


def test_a_replay_that_waited_until_its_key_was_forgotten_asks_nobody(keyed: Desk) -> None:
    keyed.provider.program = [LOST_REPLY]
    keyed.send()
    keyed.reconcile()
    keyed.clock.advance(days=1)
    assert keyed.send() is Ending.UNKNOWN
    keyed.reconcile()
    assert keyed.states == {"unknown": 2}
    assert len(keyed.provider.calls) == 1


def test_after_the_key_is_forgotten_nothing_is_asked_again(keyed: Desk) -> None:
    keyed.provider.program = [LOST_REPLY]
    keyed.send()
    keyed.clock.advance(days=1)
    keyed.reconcile()
    assert keyed.states == {"unknown": 2}


def test_a_key_counts_until_a_margin_before_it_is_forgotten() -> None:
    assert may_replay(NOON, DAY, NOON + DAY - timedelta(minutes=6))
    assert not may_replay(NOON, DAY, NOON + DAY - timedelta(minutes=5))
    assert not may_replay(NOON, None, NOON)


def test_what_was_not_sent_goes_again_under_another_key(desk: Desk) -> None:
    desk.provider.program = [NOT_SENT]
    assert desk.send() is Ending.NOT_SENT
    assert desk.states == {"planned": 2}
    desk.clock.advance(seconds=5)
    assert desk.send() is Ending.ACCEPTED
    assert desk.provider.calls[0].key != desk.provider.calls[1].key
    assert set(desk.provider.delivered.values()) == {1}


def test_the_wait_doubles_up_to_ten_minutes() -> None:
    seconds = [find_wait(attempt).total_seconds() for attempt in (1, 2, 3, 7, 8, 1000)]
    assert seconds == [5, 10, 20, 320, 600, 600]


def test_a_refused_batch_is_halved(database: Database, head: Letterhead) -> None:
    desk = Desk(database, head, ProgrammedProvider(), readers=3)
    desk.provider.program = [refuse(BAD_REQUEST), refuse(BAD_REQUEST)]
    assert [desk.send() for _ in range(3)] == [Ending.REFUSED, Ending.REFUSED, Ending.ACCEPTED]
    assert desk.states == {"accepted": 2, "refused": 1}


def test_refused_readers_end_so_and_the_others_are_accepted(
    database: Database, head: Letterhead
) -> None:
    desk = Desk(database, head, ProgrammedProvider(), readers=3)
    refusals = {"reader0@example.jp": NO_MAILBOX, "reader1@example.jp": FULL}
    desk.provider.program = [Programmed(refusals=refusals)]
    desk.send()
    assert desk.states == {"accepted": 1, "refused": 1, "planned": 1}
    desk.clock.advance(hours=1)
    desk.send()
    assert desk.states == {"accepted": 2, "refused": 1}
    assert desk.provider.delivered == {"reader1@example.jp": 1, "reader2@example.jp": 1}


def test_an_account_told_to_slow_down_waits_that_long(desk: Desk) -> None:
    desk.provider.program = [refuse(TOO_MANY)]
    assert desk.send() is Ending.REFUSED
    with desk.database.reading() as connection:
        assert claims.list_due_batches(connection, desk.clock(), 1) == []
    desk.clock.advance(minutes=1)
    assert desk.send() is Ending.ACCEPTED


def test_a_refused_account_is_paused_and_its_rows_go_back(desk: Desk) -> None:
    desk.provider.program = [refuse(NO_ACCOUNT)]
    desk.send()
    assert desk.states == {"planned": 2}
    with desk.database.writing() as connection:
        account = open_account(connection, "fake")
    assert account.paused_at is not None
    assert account.paused_reason == "the key is wrong"


def test_a_call_broken_off_ends_each_reader_by_what_is_known_of_them(
    database: Database, head: Letterhead
) -> None:
    desk = Desk(database, head, ProgrammedProvider(), readers=5)
    desk.provider.program = [
        Programmed(
            unsure=("reader2@example.jp",),
            refusals={
                "reader1@example.jp": NO_MAILBOX,
                "reader3@example.jp": TOO_MANY,
                "reader4@example.jp": TOO_MANY,
            },
        )
    ]
    assert desk.send() is Ending.UNKNOWN
    assert desk.states == {"accepted": 1, "refused": 1, "unknown": 1, "planned": 2}
    with database.reading() as connection:
        assert claims.list_due_batches(connection, desk.clock(), 9) == []
    desk.clock.advance(minutes=1)
    desk.reconcile()
    assert desk.send() is Ending.ACCEPTED
    assert desk.states == {"accepted": 3, "refused": 1, "unknown": 1}
    assert set(desk.provider.delivered.values()) == {1}


def test_an_account_refused_half_way_is_paused(desk: Desk) -> None:
    refusals = {"reader0@example.jp": TOO_MANY, "reader1@example.jp": NO_ACCOUNT}
    desk.provider.program = [Programmed(refusals=refusals)]
    assert desk.send() is Ending.ACCEPTED
    assert desk.states == {"planned": 2}
    with desk.database.writing() as connection:
        account = open_account(connection, "fake")
    assert account.paused_at is not None
    assert account.not_before is not None


def test_three_calls_in_a_row_without_an_answer_pause_the_account(
    database: Database, head: Letterhead
) -> None:
    desk = Desk(database, head, ProgrammedProvider(batch_limit=1), readers=0)
    with database.writing() as connection:
        for number in range(5):
            plan_notice(connection, number)
    desk.provider.program = [LOST_REQUEST, LOST_REQUEST, Programmed(), *[LOST_REQUEST] * 3]
    endings = [desk.send() for _ in range(5)]
    assert endings.count(Ending.UNKNOWN) == 4
    with database.writing() as connection:
        assert open_account(connection, "fake").paused_at is None
        plan_notice(connection, 5)
    desk.send()
    with database.writing() as connection:
        assert open_account(connection, "fake").paused_at is not None


def plan_notice(connection: object, number: int) -> None:
    rendered = Rendered("確認", "", "<p>押して</p>", "押して")
    notices.plan_notice(
        connection,  # type: ignore[arg-type]
        Notice("confirm", "weekly", f"n{number}@x.jp", NOON.date(), rendered),
        account="fake",
        key_prefix="kb-x",
        now=NOON,
    )


def test_a_worker_that_was_too_slow_sends_nothing_and_says_so(desk: Desk) -> None:
    desk.bag = Mailbag(
        SlowProvider(desk.clock), desk.bag.head, timedelta(seconds=60), timedelta(seconds=150)
    )
    assert desk.send() is Ending.NOT_SENT
    assert desk.states == {"planned": 2}


class SlowProvider(ProgrammedProvider):
    """Its preparing takes so long that the claim cannot cover the call any more."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__()
        self._clock = clock

    def prepare(self, batch: OutgoingBatch) -> Prepared:
        self._clock.advance(seconds=91)
        return super().prepare(batch)


def test_an_answer_that_comes_after_the_claim_ran_out_still_counts(desk: Desk) -> None:
    def expire() -> None:
        desk.clock.advance(minutes=10)
        desk.reconcile()
        assert desk.states == {"unknown": 2}

    desk.provider.before_answer = expire
    assert desk.send() is Ending.ACCEPTED
    assert desk.states == {"accepted": 2}


class PickyProvider(ProgrammedProvider):
    """Would lose something of every batch."""

    def prepare(self, batch: OutgoingBatch) -> Prepared:
        self.before_answer()
        raise UnsupportedError("the batch holds a header that would be lost")


def test_a_batch_that_cannot_be_sent_pauses_its_edition(
    database: Database, head: Letterhead
) -> None:
    desk = Desk(database, head, PickyProvider())
    assert desk.send() is Ending.NOT_SENT
    assert desk.states == {"planned": 2}
    assert desk.state is EditionState.PAUSED


def test_it_is_put_back_also_when_another_worker_paused_the_edition_first(
    database: Database, head: Letterhead
) -> None:
    desk = Desk(database, head, PickyProvider())

    def pause() -> None:
        with database.writing() as connection:
            connection.exec_driver_sql("UPDATE editions SET state = 'paused'")

    desk.provider.before_answer = pause
    assert desk.send() is Ending.NOT_SENT
    assert desk.states == {"planned": 2}


def test_a_notice_that_cannot_be_sent_ends_refused(database: Database, head: Letterhead) -> None:
    desk = Desk(database, head, PickyProvider(), readers=0)
    with database.writing() as connection:
        plan_notice(connection, 1)
    assert desk.send() is Ending.NOT_SENT
    with database.reading() as connection:
        assert list(connection.execute(select(notice_rows.c.state)).scalars()) == ["refused"]
        assert claims.list_due_batches(connection, NOON, 9) == []


def test_a_batch_whose_readers_all_left_ends_without_a_call(desk: Desk) -> None:
    with desk.database.writing() as connection:
        connection.exec_driver_sql("UPDATE subscriptions SET state = 'unsubscribed'")
    assert desk.send() is Ending.EMPTY
    assert desk.states == {"suppressed": 2}
    assert desk.provider.calls == []
    desk.reconcile()
    assert desk.state is EditionState.FINISHED


def test_a_copied_database_sends_nothing(desk: Desk) -> None:
    with desk.database.writing() as connection:
        connection.exec_driver_sql("UPDATE installation SET is_send_held = 1")
    with pytest.raises(SendHoldError):
        desk.send()
    assert desk.states == {"planned": 2}


def test_each_reader_gets_their_own_links_and_message_id(desk: Desk) -> None:
    desk.send()
    body = json.loads(desk.provider.calls[0].body)
    values = [tuple(one[1].values()) for one in body["to"]]
    assert len(set(values)) == 2
    for message_id, link in values:
        assert message_id.endswith(".inst@example.jp")
        assert link.startswith("https://mail.example.jp/unsubscribe/")
    names = [name for name, _ in body["headers"]]
    lists = ["List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"]
    assert names == ["Message-ID", *lists, "Feedback-ID"]
