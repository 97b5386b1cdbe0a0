from __future__ import annotations

from datetime import UTC, datetime, timedelta

from service.store.database import Database
from service.store.pings import (
    HubHealth,
    Ping,
    ask_pings,
    count_pings,
    drop_pings,
    end_ping,
    find_hubs,
    list_due_pings,
    record_hub_failure,
    record_taken,
)
from service.store.stated_readers import list_stated_readers, record_stated_readers

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SOON = NOON + timedelta(minutes=1)
A, B = "https://a.example/", "https://b.example/hub"
TOPIC = "https://kawara.example/tag/%E7%94%9F%E6%88%90AI/feed.xml"


def test_a_feed_that_changes_again_is_asked_for_once(database: Database) -> None:
    first, again = Ping(A, TOPIC, 1, NOON), Ping(A, TOPIC, 2, SOON)
    with database.writing() as connection:
        ask_pings(connection, [first, Ping(B, TOPIC, 1, NOON)])
        ask_pings(connection, [again])
        ask_pings(connection, [])
        assert count_pings(connection) == {A: 1, B: 1}
        end_ping(connection, first)
        assert list_due_pings(connection, SOON, SOON, 9) == [Ping(B, TOPIC, 1, NOON), again]
        assert list_due_pings(connection, SOON, NOON, 9) == [Ping(B, TOPIC, 1, NOON)]
        end_ping(connection, again)
        assert count_pings(connection) == {B: 1}


def test_many_feeds_are_asked_for_at_once(database: Database) -> None:
    pings = [Ping(hub, f"{TOPIC}{n}", 1, NOON) for n in range(800) for hub in (A, B)]
    with database.writing() as connection:
        ask_pings(connection, pings)
        ask_pings(connection, pings)
        assert count_pings(connection) == {A: 800, B: 800}


def test_a_hub_is_left_alone_until_its_time_and_well_once_it_takes_one(
    database: Database,
) -> None:
    ping = Ping(A, TOPIC, 1, NOON)
    with database.writing() as connection:
        ask_pings(connection, [ping])
        assert find_hubs(connection, [A, B]) == [HubHealth(A), HubHealth(B)]
        record_hub_failure(connection, HubHealth(A), "it answered 503", NOON, SOON)
        (health,) = find_hubs(connection, [A])
        record_hub_failure(connection, health, "it answered 500", SOON, SOON)
        assert find_hubs(connection, [A]) == [HubHealth(A, SOON, 2, NOON, "it answered 500")]
        assert list_due_pings(connection, NOON, NOON, 9) == []
        assert list_due_pings(connection, SOON, NOON, 9) == [ping]
        record_taken(connection, ping, SOON)
        assert find_hubs(connection, [A]) == [HubHealth(A, taken_at=SOON)]
        assert count_pings(connection) == {}


def test_old_pings_and_those_of_hubs_of_before_are_dropped(database: Database) -> None:
    with database.writing() as connection:
        ask_pings(connection, [Ping(A, TOPIC, 1, NOON), Ping(A, "new", 1, SOON)])
        ask_pings(connection, [Ping(B, TOPIC, 1, SOON)])
        record_hub_failure(connection, HubHealth(B), "it answered 503", NOON, SOON)
        assert drop_pings(connection, [A], SOON) == 1
        assert list_due_pings(connection, SOON, SOON, 9) == [Ping(A, "new", 1, SOON)]
        assert find_hubs(connection, [B]) == [HubHealth(B)]


def test_what_an_aggregator_said_last_is_kept(database: Database) -> None:
    with database.writing() as connection:
        record_stated_readers(connection, {("feed.xml", "Feedly"): 12}, NOON)
        assert record_stated_readers(connection, {("feed.xml", "Feedly"): 12}, SOON) == 0
        assert record_stated_readers(connection, {("feed.xml", "Feedly"): 13}, SOON) == 1
        (stated,) = list_stated_readers(connection, SOON)
        assert (stated.readers, stated.stated_at) == (13, SOON)
