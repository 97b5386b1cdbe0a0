from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from service.delivery.feedback import Applied, apply_events
from service.model.delivery import Batch, BatchState, DeliveryState, Refusal, Scope
from service.model.edition import Rendered
from service.model.event import EventKind, ProviderEvent, RejectReason, digest_address
from service.model.subscriber import SubscriptionState, SuppressionReason
from service.store import claims, outcomes, unknowns
from service.store.accounting import count_deliveries, finish_editions, tally_deliveries
from service.store.batches import find_batch, find_batch_key
from service.store.database import Database
from service.store.event_counts import list_event_counts
from service.store.notices import Notice, plan_notice
from service.store.reported import settle_told_batches
from service.store.subscribers import list_readers_at
from service.store.suppressions import list_suppressions, remove_suppression
from service.store.tables import deliveries, notices, soft_bounces
from tests.contract.store.test_ledger import claim_first, read_states
from tests.fakes import world
from tests.fakes.replay import freeze_news, lay_down
from tests.fakes.world import NOON

DAY = timedelta(days=1)


def bounce(event: ProviderEvent) -> ProviderEvent:
    """The same of somebody who is not there."""
    says = "550 5.1.1 reader: no such user"
    return replace(bounce_for_now(event), is_permanent=True, diagnostic=says)


def bounce_for_now(event: ProviderEvent) -> ProviderEvent:
    return replace(event, kind=EventKind.BOUNCED, reject_reason=RejectReason.BOUNCED)


class Wire:
    """What a provider knows of one batch, and the events it makes of it."""

    def __init__(self, database: Database, batch: Batch) -> None:
        self._database = database
        with database.reading() as connection:
            self.key = find_batch_key(connection, batch.batch_id)
            query = select(deliveries.c.delivery_id).order_by(deliveries.c.delivery_id)
            self.row_ids = list(connection.execute(query).scalars())
        self._number = 0

    def event(self, at: int = 0, kind: EventKind = EventKind.DELIVERED) -> ProviderEvent:
        self._number += 1
        return ProviderEvent(
            kind,
            event_id=f"event-{self._number}",
            batch_key=f"{self.key}-a1",
            row_id=self.row_ids[at],
        )

    def tell(self, *events: ProviderEvent, now: datetime = NOON, source: str = "fake") -> Applied:
        return apply_events(self._database, source, events, now)


def accept(database: Database, batch: Batch) -> None:
    with database.writing() as connection:
        outcomes.record_outcome(connection, batch, message_ids={}, refusals={}, now=NOON)


@pytest.fixture
def sent(database: Database) -> Wire:
    """Three readers, and the provider has said that it took their mail."""
    return Wire(database, lay_down(database, _send_three))


@pytest.fixture
def lost(database: Database) -> Wire:
    """Three readers, and no answer of the provider."""
    return Wire(database, lay_down(database, _lose_three))


def _send_three(database: Database) -> Batch:
    world.freeze_news(database, 3)
    batch = claim_first(database)
    accept(database, batch)
    return batch


def _lose_three(database: Database) -> Batch:
    world.freeze_news(database, 3)
    batch = claim_first(database)
    with database.writing() as connection:
        outcomes.record_unsure(connection, batch, "lost", NOON)
    return batch


def read_rows(database: Database) -> list[tuple[str, str]]:
    with database.reading() as connection:
        query = select(deliveries.c.state, deliveries.c.reason).order_by(deliveries.c.delivery_id)
        return [(state, reason) for state, reason in connection.execute(query)]


def read_suppressed(database: Database) -> list[tuple[str | None, SuppressionReason, str]]:
    with database.reading() as connection:
        found = list_suppressions(connection)
    return [(one.address, one.reason, one.note.rpartition(": ")[2]) for one in found]


def test_each_mail_goes_where_its_events_say(database: Database, sent: Wire) -> None:
    told = sent.tell(
        sent.event(0),
        sent.event(1, EventKind.DEFERRED),
        bounce(sent.event(2)),
        sent.event(0, EventKind.OPENED),
    )

    assert read_rows(database) == [
        ("delivered", ""),
        ("deferred", ""),
        ("bounced", "bounced 5.1.1"),
    ]
    kinds = (EventKind.DELIVERED, EventKind.DEFERRED, EventKind.BOUNCED, EventKind.OPENED)
    assert told == Applied(applied=Counter(kinds), repeated=Counter(), strange=Counter())
    with database.reading() as connection:
        edition_id = connection.execute(select(deliveries.c.edition_id).limit(1)).scalar_one()
        assert tally_deliveries(connection, edition_id).told == {
            "deferred": 1,
            "delivered": 1,
            "bounced": 1,
            "complained": 0,
        }


def test_an_event_is_applied_once_by_its_id(database: Database, sent: Wire) -> None:
    event = sent.event(0, EventKind.DEFERRED)
    sent.tell(event)

    forged = replace(event, kind=EventKind.COMPLAINED, row_id=sent.row_ids[1])
    again = sent.tell(event, forged, now=NOON + 29 * DAY)

    assert (again.applied, again.repeated.total()) == (Counter(), 2)
    assert read_states(database) == {"deferred": 1, "accepted": 2}
    other = sent.tell(event, source="other")
    assert (other.repeated, other.strange.total()) == (Counter(), 1)


def test_events_out_of_order_move_nothing_back(database: Database, sent: Wire) -> None:
    sent.tell(sent.event(0, EventKind.COMPLAINED), bounce(sent.event(1)), sent.event(2))

    sent.tell(
        *(sent.event(at, kind) for at in range(3) for kind in (EventKind.QUEUED, EventKind.SENT)),
        *(sent.event(at, EventKind.DEFERRED) for at in range(3)),
        *(sent.event(at) for at in range(2)),
    )

    assert [state for state, _ in read_rows(database)] == ["complained", "bounced", "delivered"]


@pytest.mark.parametrize(
    "changes",
    [
        {"batch_key": ""},
        {"batch_key": "kb-other-e1-0-a1"},
        {"batch_key": "kb\0"},
        {"batch_key": "\ud800"},
        {"row_id": 999},
        {"row_id": None},
        {"row_id": None, "address_digest": digest_address("stranger@example.jp")},
    ],
)
def test_what_is_not_ours_is_only_counted(
    database: Database, sent: Wire, changes: dict[str, object]
) -> None:
    told = sent.tell(replace(sent.event(0, EventKind.COMPLAINED), **changes))  # type: ignore[arg-type]

    assert (told.applied, told.strange) == (Counter(), Counter({EventKind.COMPLAINED: 1}))
    assert read_states(database) == {"accepted": 3}
    assert read_suppressed(database) == []


def test_another_provider_cannot_speak_for_this_one(database: Database, sent: Wire) -> None:
    told = sent.tell(sent.event(0, EventKind.COMPLAINED), source="fak")

    assert told.strange.total() == 1
    assert read_states(database) == {"accepted": 3}


def test_nothing_is_believed_of_a_batch_that_never_left(database: Database) -> None:
    freeze_news(database, 1)
    with database.reading() as connection:
        batch = find_batch(connection, claims.list_due_batches(connection, NOON, 1)[0])
    wire = Wire(database, batch)

    assert wire.tell(wire.event(0)).strange.total() == 1
    assert read_states(database) == {"planned": 1}


def test_a_reader_is_also_found_by_the_batch_and_the_digest_of_the_address(
    database: Database, sent: Wire
) -> None:
    digest = digest_address(" Reader1@Example.jp")
    sent.tell(replace(sent.event(0), row_id=None, address_digest=digest))

    assert [state for state, _ in read_rows(database)] == ["accepted", "delivered", "accepted"]


def test_an_event_proves_that_mail_of_which_nobody_knew_it_was_taken(
    database: Database, lost: Wire
) -> None:
    lost.tell(lost.event(0, EventKind.QUEUED), bounce(lost.event(1)))
    assert [state for state, _ in read_rows(database)] == ["accepted", "bounced", "unknown"]
    with database.writing() as connection:
        assert finish_editions(connection, NOON) == []

    lost.tell(lost.event(2, EventKind.OPENED))

    with database.writing() as connection:
        [edition_id] = finish_editions(connection, NOON)
        count = count_deliveries(connection, edition_id)
        assert (count.accepted, count.unknown, count.adds_up) == (3, 0, True)
        assert unknowns.list_unknown_batches(connection, "fake") == []


def test_an_event_may_come_before_the_answer(database: Database) -> None:
    freeze_news(database, 2)
    batch = claim_first(database)
    wire = Wire(database, batch)

    wire.tell(wire.event(0))
    accept(database, batch)

    assert [state for state, _ in read_rows(database)] == ["delivered", "accepted"]


def test_a_batch_all_of_which_was_told_before_its_answer_was_lost_is_settled(
    database: Database,
) -> None:
    freeze_news(database, 2)
    batch = claim_first(database)
    wire = Wire(database, batch)

    wire.tell(wire.event(0), wire.event(1))
    with database.writing() as connection:
        outcomes.record_unsure(connection, batch, "lost", NOON)
        assert find_batch(connection, batch.batch_id).state is BatchState.SETTLED

    assert read_states(database) == {"delivered": 2}


def test_a_batch_all_of_which_is_told_while_it_waits_to_be_asked_again_is_settled(
    database: Database,
) -> None:
    freeze_news(database, 2)
    batch = claim_first(database)
    wire = Wire(database, batch)
    with database.writing() as connection:
        outcomes.record_unsure(connection, batch, "lost", NOON)
        unknowns.plan_replay(connection, batch.batch_id)
        # The last of them was told by a process that died before it looked at the batch.
        connection.execute(update(deliveries).values(state=DeliveryState.DELIVERED))
        assert settle_told_batches(connection, NOON) == [batch.batch_id]
        assert settle_told_batches(connection, NOON) == []
        assert claims.find_envelope(connection, batch.batch_id) is None

    assert wire.tell(wire.event(0)).applied.total() == 1


def test_what_an_event_proved_is_not_sent_again_when_the_rest_of_its_batch_is(
    database: Database,
) -> None:
    freeze_news(database, 2)
    batch = claim_first(database)
    wire = Wire(database, batch)
    refusal = Refusal(Scope.BATCH, "bad", "")

    wire.tell(wire.event(0))
    with database.writing() as connection:
        outcomes.record_batch_refused(connection, batch, refusal, NOON)

    assert [state for state, _ in read_rows(database)] == ["delivered", "refused"]


def test_a_row_of_a_halved_batch_is_known_by_the_key_it_left_under(database: Database) -> None:
    freeze_news(database, 2)
    batch = claim_first(database)
    wire = Wire(database, batch)
    with database.writing() as connection:
        outcomes.record_batch_refused(connection, batch, Refusal(Scope.BATCH, "bad", ""), NOON)
    assert read_states(database) == {"planned": 2}

    wire.tell(wire.event(0))

    assert [state for state, _ in read_rows(database)] == ["delivered", "planned"]


def test_what_ended_otherwise_stays_ended(database: Database, sent: Wire) -> None:
    with database.writing() as connection:
        connection.execute(update(deliveries).values(state=DeliveryState.REFUSED, reason="x"))

    sent.tell(sent.event(0), bounce(sent.event(1)))

    assert read_states(database) == {"refused": 3}


def test_who_is_not_there_or_complained_is_suppressed_once(database: Database, sent: Wire) -> None:
    sent.tell(bounce(sent.event(0)))
    sent.tell(sent.event(0, EventKind.COMPLAINED), sent.event(1, EventKind.COMPLAINED))

    assert read_suppressed(database) == [
        ("reader1@example.jp", SuppressionReason.COMPLAINT, "complaint"),
        ("reader0@example.jp", SuppressionReason.HARD_BOUNCE, "bounced 5.1.1"),
    ]


def test_who_leaves_at_the_provider_leaves_everything_here(database: Database, sent: Wire) -> None:
    sent.tell(sent.event(0, EventKind.UNSUBSCRIBED))

    with database.reading() as connection:
        states = [
            list_readers_at(connection, f"reader{number}@example.jp")[0].subscription.state
            for number in range(2)
        ]
    assert states == [SubscriptionState.UNSUBSCRIBED, SubscriptionState.ACTIVE]
    assert read_suppressed(database) == []


def bounce_softly(wire: Wire, days: tuple[int, ...]) -> None:
    for day in days:
        for _ in range(2):
            wire.tell(bounce_for_now(wire.event(0)), now=NOON + day * DAY)


def test_an_address_is_given_up_after_five_days_of_soft_bounces(
    database: Database, sent: Wire
) -> None:
    bounce_softly(sent, (0, 7, 14, 21))
    assert read_suppressed(database) == []

    bounce_softly(sent, (28,))

    [(address, reason, _)] = read_suppressed(database)
    assert (address, reason) == ("reader0@example.jp", SuppressionReason.SOFT_BOUNCES)


def test_mail_that_arrives_wipes_the_slate_and_so_does_an_editor(
    database: Database, sent: Wire
) -> None:
    bounce_softly(sent, (0, 7, 14, 21))
    sent.tell(sent.event(0), now=NOON + 22 * DAY)
    bounce_softly(sent, (28, 35, 42, 49))
    assert read_suppressed(database) == []
    bounce_softly(sent, (56,))
    assert len(read_suppressed(database)) == 1

    with database.writing() as connection:
        remove_suppression(connection, "reader0@example.jp")
    bounce_softly(sent, (63,))

    assert read_suppressed(database) == []


def test_a_day_is_the_one_that_the_event_names_when_it_can_be_believed(
    database: Database, sent: Wire
) -> None:
    near, far = NOON - DAY, NOON - 400 * DAY
    sent.tell(*(replace(bounce_for_now(sent.event(0)), occurred_at=at) for at in (near, far, NOON)))

    with database.reading() as connection:
        days = connection.execute(select(soft_bounces.c.day)).scalars().all()
    assert sorted(days) == [near.date(), NOON.date()]


def test_a_notice_that_bounces_suppresses_its_address_too(database: Database) -> None:
    notice = Notice("confirm", "weekly", "new@example.jp", NOON.date(), Rendered("", "", "", ""))
    with database.writing() as connection:
        batch_id = plan_notice(connection, notice, account="fake", key_prefix="kb-x", now=NOON)
        assert batch_id is not None
        batch = claims.claim_batch(
            connection, batch_id, now=NOON, claimed_until=NOON + timedelta(minutes=5)
        )
        assert batch is not None
        claims.record_claimed(connection, batch, {"rows": []})
        notice_id = connection.execute(select(notices.c.notice_id)).scalar_one()
        key = find_batch_key(connection, batch_id)
    event = ProviderEvent(EventKind.DELIVERED, "e1", batch_key=f"{key}-a1", row_id=notice_id)

    apply_events(database, "fake", [bounce(event)], NOON)

    with database.reading() as connection:
        assert connection.execute(select(notices.c.state)).scalar_one() == "bounced"
        assert find_batch(connection, batch_id).state is BatchState.CLAIMED
    assert [one[0] for one in read_suppressed(database)] == ["new@example.jp"]


def test_what_is_told_of_an_edition_is_counted_by_the_hour_and_once(
    database: Database, sent: Wire
) -> None:
    late = replace(sent.event(0), occurred_at=NOON + timedelta(hours=1, minutes=20))
    events = (late, bounce(sent.event(1)), sent.event(2, EventKind.CLICKED))
    sent.tell(*events)
    sent.tell(*events)
    with database.reading() as connection:
        number = connection.execute(select(deliveries.c.edition_id)).scalars().first()
        assert number is not None
        counted = list_event_counts(connection, number)
    assert [(one.hour_at, one.kind, one.count) for one in counted] == [
        (NOON, EventKind.BOUNCED, 1),
        (NOON + timedelta(hours=1), EventKind.DELIVERED, 1),
    ]
