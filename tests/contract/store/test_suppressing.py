from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.delivery.suppressing import Imported, import_suppressions
from service.errors import DeliveryError
from service.model.editor import COMMAND
from service.model.subscriber import SubscriptionState, SuppressionReason
from service.providers.suppressing import ListedAddress
from service.store.database import Database
from service.store.subscribers import list_readers_at
from service.store.suppressions import find_suppression, list_suppressions
from tests.fakes.world import NOON, add_readers, subscribe

BOUNCE = SuppressionReason.HARD_BOUNCE
LISTED = [
    ListedAddress("Gone@Example.jp", BOUNCE),
    ListedAddress("reader@example.jp", None),
    ListedAddress("stranger@example.jp", None),
    ListedAddress("no address", BOUNCE),
]


def test_a_list_of_another_service_is_taken_over_once(database: Database) -> None:
    add_readers(database, [subscribe("reader@example.jp"), subscribe("gone@example.jp")])

    done = import_suppressions(database, LISTED, "elsewhere", NOON, by=COMMAND)
    again = import_suppressions(database, LISTED, "elsewhere", NOON, by=COMMAND)

    assert done == Imported(added=2, already=0, left=1, unreadable=1)
    assert again == Imported(added=0, already=2, left=1, unreadable=1)
    with database.reading() as connection:
        [reader] = list_readers_at(connection, "reader@example.jp")
        [gone] = list_readers_at(connection, "gone@example.jp")
        found = {one.address: one.reason for one in list_suppressions(connection)}
        why = find_suppression(connection, "stranger@example.jp")
        assert find_suppression(connection, "reader@example.jp") is None
    assert reader.subscription.state is SubscriptionState.UNSUBSCRIBED
    assert gone.subscription.state is SubscriptionState.ACTIVE
    assert found == {"gone@example.jp": BOUNCE, "stranger@example.jp": SuppressionReason.MANUAL}
    assert why is not None
    assert why.note == "elsewhere: left there"


def test_a_bounce_that_was_about_us_never_suppresses(database: Database) -> None:
    listed = [
        ListedAddress("gone@example.jp", BOUNCE, "550 5.1.1 no such user"),
        ListedAddress("filtered@example.jp", BOUNCE, "550 5.7.1 message refused"),
        ListedAddress("listed@example.jp", BOUNCE, "550 blocked by our reputation list"),
        ListedAddress("angry@example.jp", SuppressionReason.COMPLAINT, "5.7.1"),
    ]

    done = import_suppressions(database, listed, "elsewhere", NOON, by=COMMAND)

    assert done == Imported(added=2, blameless=2)
    with database.reading() as connection:
        found = {one.address for one in list_suppressions(connection)}
    assert found == {"gone@example.jp", "angry@example.jp"}


def test_what_came_before_the_list_broke_off_is_kept(database: Database) -> None:
    def break_off() -> Iterator[ListedAddress]:
        for number in range(1_001):
            yield ListedAddress(f"gone{number}@example.jp", BOUNCE)
        raise DeliveryError("no more")

    with pytest.raises(DeliveryError):
        import_suppressions(database, break_off(), "elsewhere", NOON, by=COMMAND)

    with database.reading() as connection:
        assert len(list_suppressions(connection)) == 1_001
