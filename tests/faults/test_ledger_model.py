"""The ledger under any order of events: nobody twice, nobody lost, everybody counted."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import RowMapping, text, update

from service.audience.tokens import KeyRing, SigningKey
from service.delivery.envelope import Letterhead
from service.delivery.freeze import freeze_edition
from service.delivery.mailbag import Mailbag
from service.delivery.reconcile import reconcile
from service.delivery.retrying import retry_edition
from service.delivery.send import send_batch
from service.delivery.settling import settle_batch
from service.errors import NotAllowedError
from service.model.delivery import TAKEN, DeliveryState
from service.model.editor import COMMAND
from service.model.newsletter import Cadence
from service.model.publication import Sender
from service.model.subscriber import SubscriptionState, SuppressionReason
from service.providers.base import Rate, RateUnit
from service.sending import cancel_edition, pause_edition, resume_edition
from service.store import accounts, claims, editions, history, news, subscribers
from service.store.accounting import count_deliveries
from service.store.audience import find_lowest_served
from service.store.database import Database
from service.store.feedback import record_feedback
from service.store.inspection import inspect_ledger
from service.store.installation import open_installation
from service.store.subscription_states import set_subscription_state
from service.store.suppressions import Suppression, add_suppression, remove_suppression
from service.store.tables import subscriptions
from tests.fakes import provider as endings
from tests.fakes.emptying import empty_database
from tests.fakes.log_keeper import LogKeeper
from tests.fakes.provider import ProgrammedProvider
from tests.fakes.world import (
    NOON,
    WEEKLY,
    HandClock,
    add_news,
    add_readers,
    describe_edition,
    freeze_with,
    number_readers,
    wake_nobody,
)

READERS = 5
EXAMPLES = 100 if os.environ.get("KAWARABAN_FAULTS") == "whole" else 12
HEAD = Letterhead(
    Sender("編集部", "news@example.jp", "news@example.jp", "東京都", "https://example.jp/c"),
    "https://mail.example.jp",
    KeyRing(SigningKey("k1", b"one secret")),
    "inst",
)
ENDINGS = {
    "accepted": endings.ACCEPT,
    "reply lost": endings.LOST_REPLY,
    "request lost": endings.LOST_REQUEST,
    "not sent": endings.NOT_SENT,
    "batch refused": endings.refuse(endings.BAD_REQUEST),
    "slow down": endings.refuse(endings.TOO_MANY),
    "no account": endings.refuse(endings.NO_ACCOUNT),
    "row refused": endings.Ending(refusals={"reader1@example.jp": endings.NO_MAILBOX}),
    "row put off": endings.Ending(refusals={"reader2@example.jp": endings.FULL}),
    "row in doubt": endings.Ending(unsure=("reader1@example.jp",)),
    "rows in doubt and put off": endings.Ending(
        unsure=("reader1@example.jp", "reader3@example.jp"),
        refusals={"reader2@example.jp": endings.FULL},
    ),
    "broken off": endings.Ending(
        unsure=("reader2@example.jp",), refusals={"reader3@example.jp": endings.TOO_MANY}
    ),
}
reader = st.integers(0, READERS - 1)
cadence = st.sampled_from([Cadence.WEEKLY, Cadence.DAILY])


class _KilledError(BaseException):
    """What ends a process, as seen from inside the call."""


class Ledger(RuleBasedStateMachine):
    """A newsletter of five readers, a provider with or without keys, and a hand on the clock."""

    is_open = False
    database: Database
    make_provider: Callable[[HandClock], ProgrammedProvider]

    @initialize()
    def open(self) -> None:
        self.is_open = True
        empty_database(self.database)
        open_installation(self.database)
        self.ids = add_readers(self.database, number_readers(READERS))
        self.clock = HandClock()
        self.provider = type(self).make_provider(self.clock)
        self.bag = Mailbag(self.provider, HEAD)
        self.frozen: dict[int, int] = {}
        self.absent: set[int] = set()
        self.posts = 0
        self.publish(2)
        self.freeze(Cadence.WEEKLY)

    @rule(count=st.integers(1, 2))
    def publish(self, count: int) -> None:
        add_news(self.database, *range(self.posts + 1, self.posts + count + 1))
        self.posts += count

    @rule(cadence=cadence)
    def freeze(self, cadence: Cadence) -> None:
        with self.database.writing() as connection:
            mark = news.find_mark(connection, "weekly")
            lowest = find_lowest_served(connection, "weekly", cadence)
            if lowest is None or lowest >= mark:
                return
            posts = news.list_candidates(connection, "weekly", above=lowest, through=mark)
            draft = describe_edition(f"{len(self.frozen)}-{self.clock()}", mark, cadence)
            edition = editions.insert_edition(connection, draft, posts)
        if edition is not None:
            freeze_edition(self.database, edition, WEEKLY, freeze_with(2), NOON)
            with self.database.reading() as connection:
                count = count_deliveries(connection, edition.edition_id).frozen
            self.frozen[edition.edition_id] = count

    @rule(which=st.integers(0, 9), how=st.sampled_from(sorted(ENDINGS)))
    def send(self, which: int, how: str) -> None:
        self.provider.program = [ENDINGS[how]]
        self._send(which)

    @rule(
        which=st.integers(0, 9),
        how=st.sampled_from(sorted(ENDINGS)),
        meanwhile=st.sampled_from(["ran out", "replayed", "replayed and lost", "cancelled"]),
    )
    def answer_late(self, which: int, how: str, meanwhile: str) -> None:
        """Before the answer comes the claim runs out, or the edition is cancelled."""

        def wait() -> None:
            self.provider.before_answer = lambda: None
            if meanwhile == "cancelled":
                self.handle(which, "cancel")
                return
            self.advance(10)
            self.settle()
            if meanwhile == "replayed and lost":
                self.provider.program = [endings.LOST_REPLY]
            if meanwhile != "ran out":
                self._send(which)

        self.provider.program = [ENDINGS[how]]
        self.provider.before_answer = wait
        self._send(which)

    @rule(which=st.integers(0, 9), how=st.sampled_from(sorted(ENDINGS)))
    def die(self, which: int, how: str) -> None:
        def kill() -> None:
            self.provider.before_answer = lambda: None
            raise _KilledError

        self.provider.program = [ENDINGS[how]]
        self.provider.before_answer = kill
        with suppress(_KilledError):
            self._send(which)

    def _send(self, which: int) -> None:
        with self.database.reading() as connection:
            due = claims.list_due_batches(connection, self.clock(), 10)
        if due:
            send_batch(self.database, self.bag, due[which % len(due)], self.clock)
        self.provider.program = []
        self.provider.before_answer = lambda: None

    @rule()
    def settle(self) -> None:
        reconcile(self.database, self.provider, self.clock())

    @rule(minutes=st.sampled_from([1, 10, 60, 2000]))
    def advance(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)

    @rule()
    def resume_account(self) -> None:
        with self.database.writing() as connection:
            for account in accounts.list_accounts(connection):
                accounts.resume_account(connection, account.account)

    @rule(account=st.sampled_from(["fake", "fake", "other"]))
    def switch(self, account: str) -> None:
        """The same provider by another account, which knows nothing of the first one's keys."""
        self.provider.account = account

    @precondition(lambda self: self.frozen)
    @rule(which=st.integers(0, 9))
    def retry(self, which: int) -> None:
        edition_id = sorted(self.frozen)[which % len(self.frozen)]
        with suppress(NotAllowedError):
            retry_edition(
                self.database, self.provider, wake_nobody, edition_id, self.clock(), by=COMMAND
            )

    @rule(which=st.integers(0, 9), state=st.sampled_from(TAKEN[1:]))
    def tell(self, which: int, state: DeliveryState) -> None:
        """The provider says what became of a mail that it took."""
        with self.database.writing() as connection:
            record_feedback(connection, [which], state)

    @rule(which=st.integers(0, 9))
    def settle_by_hand(self, which: int) -> None:
        """An editor looks into the log of the account that the batch went through."""
        with self.database.reading() as connection:
            unknown = history.list_unvouched(connection)
            if not unknown:
                return
            one = unknown[which % len(unknown)]
            envelope = claims.find_envelope(connection, one.batch_id)
        assert envelope is not None
        was_accepted = self.provider.has_taken(one.account, envelope["key"])
        settle_batch(
            self.database, one.batch_id, self.clock(), was_accepted=was_accepted, by=COMMAND
        )

    @rule(who=reader)
    def leave_or_return(self, who: int) -> None:
        self.absent.add(who)
        with self.database.writing() as connection:
            found = subscribers.find_subscription(connection, self.ids[who])
            assert found is not None
            is_active = found.subscription.state is SubscriptionState.ACTIVE
            state = SubscriptionState.UNSUBSCRIBED if is_active else SubscriptionState.ACTIVE
            set_subscription_state(connection, self.ids[who], state, NOON)

    @rule(who=reader, lift=st.booleans())
    def suppress_or_lift(self, who: int, lift: bool) -> None:
        self.absent.add(who)
        address = f"reader{who}@example.jp"
        with self.database.writing() as connection:
            if lift:
                remove_suppression(connection, address)
            else:
                reason = SuppressionReason.MANUAL
                add_suppression(connection, Suppression(address, None, reason, "", NOON))

    @rule(who=reader, cadence=cadence)
    def change_cadence(self, who: int, cadence: Cadence) -> None:
        with self.database.writing() as connection:
            chosen = subscriptions.c.subscription_id == self.ids[who]
            connection.execute(update(subscriptions).where(chosen).values(cadence=cadence))

    @precondition(lambda self: self.frozen)
    @rule(which=st.integers(0, 9), act=st.sampled_from(["cancel", "pause", "resume"]))
    def handle(self, which: int, act: str) -> None:
        edition_id = sorted(self.frozen)[which % len(self.frozen)]
        with suppress(NotAllowedError):
            if act == "cancel":
                cancel_edition(self.database, edition_id, "a mistake", self.clock(), by=COMMAND)
            elif act == "pause":
                pause_edition(self.database, edition_id, "wait", self.clock(), by=COMMAND)
            else:
                resume_edition(self.database, wake_nobody, edition_id, self.clock(), by=COMMAND)

    def _rows(self, query: str) -> list[RowMapping]:
        with self.database.reading() as connection:
            return list(connection.execute(text(query)).mappings())

    @invariant()
    def everybody_frozen_is_counted(self) -> None:
        if not self.is_open:
            return
        with self.database.reading() as connection:
            for edition_id, count in self.frozen.items():
                accounting = count_deliveries(connection, edition_id)
                assert accounting.adds_up
                assert accounting.frozen == count

    @invariant()
    def no_row_waits_where_nobody_looks(self) -> None:
        if self.is_open:
            assert not self._rows(
                "SELECT * FROM deliveries JOIN batches USING (batch_id) "
                "WHERE batches.state = 'settled' "
                "AND deliveries.state IN ('planned', 'claimed', 'unknown')"
            )
            assert not self._rows(
                "SELECT * FROM deliveries JOIN batches USING (batch_id) "
                "JOIN editions ON editions.edition_id = deliveries.edition_id "
                "WHERE editions.state IN ('cancelled', 'finished') AND "
                "deliveries.state = 'planned'"
            )
            assert not self._rows(
                "SELECT * FROM deliveries JOIN batches USING (batch_id) "
                "WHERE batches.state != deliveries.state "
                "AND deliveries.state IN ('planned', 'claimed', 'unknown')"
            )

    @invariant()
    def everything_in_the_ledger_agrees(self) -> None:
        if self.is_open:
            with self.database.reading() as connection:
                found = inspect_ledger(connection, NOON)
            assert not found

    @invariant()
    def nobody_gets_a_post_twice(self) -> None:
        if self.is_open:
            counted = Counter(
                (address, title)
                for address, titles in self.provider.mail
                for title in titles.split("、")
            )
            assert set(counted.values()) <= {1}, counted

    @invariant()
    def a_key_means_the_same_bytes(self) -> None:
        if self.is_open:
            bodies: dict[str, set[bytes]] = {}
            for call in self.provider.calls:
                bodies.setdefault(call.key, set()).add(call.body)
            assert all(len(found) == 1 for found in bodies.values())
            if self.provider.capabilities.same_key_for is None:
                assert len(bodies) == len(self.provider.calls)

    @invariant()
    def whoever_got_nothing_is_where_they_were(self) -> None:
        if not self.is_open:
            return
        present = [id_ for who, id_ in enumerate(self.ids) if who not in self.absent]
        for row in self._rows(
            "SELECT subscriptions.subscription_id, served_through, served_from, mark, "
            "deliveries.state AS state FROM deliveries "
            "JOIN editions USING (edition_id) JOIN subscriptions USING (subscription_id) "
            "WHERE deliveries.delivery_id IN "
            "(SELECT max(delivery_id) FROM deliveries GROUP BY subscriber_id)"
        ):
            ended_short = row["state"] in ("refused", "suppressed", "cancelled")
            if ended_short and row["subscription_id"] in present:
                assert row["served_through"] == row["served_from"], dict(row)


def keep_to_a_rate(clock: HandClock) -> ProgrammedProvider:
    provider = LogKeeper(clock)
    rate = Rate(1, timedelta(minutes=1), RateUnit.RECIPIENTS)
    provider.capabilities = replace(provider.capabilities, rate=rate)
    return provider


@pytest.mark.parametrize(
    "make_provider",
    [
        lambda _: ProgrammedProvider(),
        lambda _: ProgrammedProvider(same_key_for=timedelta(days=1)),
        LogKeeper,
        keep_to_a_rate,
    ],
    ids=["no key", "a key", "a log", "a log and a rate"],
)
def test_the_ledger_keeps_its_promises_in_any_order(
    sqlite: Database, make_provider: Callable[[HandClock], ProgrammedProvider]
) -> None:
    class Bound(Ledger):
        database = sqlite

    Bound.make_provider = staticmethod(make_provider)
    run_state_machine_as_test(
        Bound,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
