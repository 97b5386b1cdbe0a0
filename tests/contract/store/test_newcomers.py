from __future__ import annotations

from datetime import timedelta

from service.model.subscriber import SubscriptionState, SuppressionReason
from service.store import newcomers, subscribers, suppressions
from service.store.database import Database
from service.store.suppressions import Suppression
from tests.fakes.world import NOON, add_readers, subscribe

A, B = "a@example.jp", "b@example.jp"


def test_who_left_elsewhere_is_ended_as_of_then(database: Database) -> None:
    add_readers(database, [subscribe(A), subscribe(B)])
    later = NOON + timedelta(days=1)
    with database.writing() as connection:
        known = newcomers.list_known(connection, [A, "c@example.jp"])
        assert [address for address, _ in known] == [A]
        (one,) = known.values()
        newcomers.end_elsewhere(connection, {one.subscription_id: later})
        newcomers.end_elsewhere(connection, {})
        readers = {one.subscriber.address: one for one in subscribers.stream_readers(connection)}
    ended = readers[A].subscription
    assert (ended.state, ended.ended_at) == (SubscriptionState.UNSUBSCRIBED, later)
    assert readers[B].subscription.ended_at is None


def test_suppressed_addresses_and_hashes_are_found_among_many(database: Database) -> None:
    barred = Suppression(A, None, SuppressionReason.COMPLAINT, "said so", NOON)
    many = [f"r{number}@example.jp" for number in range(3000)]
    with database.writing() as connection:
        suppressions.add_suppression(connection, barred)
        assert not suppressions.has_hashes(connection)
        erased = Suppression(None, "k:1", SuppressionReason.ERASED, "", NOON)
        suppressions.add_suppression(connection, erased)
        assert suppressions.has_hashes(connection)
        found = suppressions.find_suppressed(connection, [*many, A], ["k:0", "k:1"])
        assert found == ({A}, {"k:1"})
        assert suppressions.map_suppressions(connection, [*many, A]) == {A: barred}
