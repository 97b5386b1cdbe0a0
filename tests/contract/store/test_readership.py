from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from service.model.delivery import DeliveryState
from service.model.newsletter import Cadence
from service.model.signup import Signup
from service.model.subscriber import Consent, SubscriptionState
from service.store import readership
from service.store.database import Database
from service.store.signups import keep_signups, list_signups_at
from service.store.subscribers import find_subscriber_ids
from service.store.tables import subscribers
from tests.fakes.world import NOON, add_readers, freeze_news, subscribe


def add(database: Database, *addresses: str) -> None:
    add_readers(database, [subscribe(one) for one in addresses])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("anna", ["anna@x.jp", "anna@y.org"]),
        ("@x", ["anna@x.jp", "b_b@x.jp", "bcb@x.jp"]),
        ("y.org", ["anna@y.org"]),
        ("b_b", ["b_b@x.jp"]),
        ("%", []),
        ("nna", []),
    ],
)
def test_readers_are_found_by_how_address_or_domain_begin(
    database: Database, text: str, found: list[str]
) -> None:
    add(database, "anna@x.jp", "anna@y.org", "b_b@x.jp", "bcb@x.jp")
    with database.reading() as connection:
        readers, is_more = readership.search_readers(connection, text)
    assert ([one.subscriber.address for one in readers], is_more) == (found, False)


def test_a_search_is_bounded(database: Database) -> None:
    add(database, "a1@x.jp", "a2@x.jp", "a3@x.jp")
    with database.reading() as connection:
        readers, is_more = readership.search_readers(connection, "a", limit=2)
    assert (len(readers), is_more) == (2, True)


def test_pages_go_on_where_the_last_ended_and_name_no_erased_reader(database: Database) -> None:
    add(database, *(f"r{number}@x.jp" for number in range(5)))
    with database.writing() as connection:
        gone = subscribers.c.address == "r2@x.jp"
        connection.execute(update(subscribers).where(gone).values(address=None))
    with database.reading() as connection:
        first, before = readership.list_reader_page(connection, "weekly", limit=2)
        rest, end = readership.list_reader_page(connection, "weekly", before=before, limit=2)
        none, _ = readership.list_reader_page(connection, "", SubscriptionState.PENDING)
    shown = [one.subscriber.address for one in (*first, *rest)]
    assert (shown, end) == (["r4@x.jp", "r3@x.jp", "r1@x.jp", "r0@x.jp"], None)
    assert none == []


def test_readers_are_counted_by_newsletter_state_and_cadence(database: Database) -> None:
    pending = replace(subscribe("c@x.jp"), state=SubscriptionState.PENDING)
    add_readers(database, [subscribe("a@x.jp"), subscribe("b@x.jp"), pending])
    with database.reading() as connection:
        counts = readership.count_readers(connection)
    assert [(one.newsletter_id, one.state, one.cadence, one.count) for one in counts] == [
        ("weekly", SubscriptionState.ACTIVE, Cadence.WEEKLY, 2),
        ("weekly", SubscriptionState.PENDING, Cadence.WEEKLY, 1),
    ]


def test_editions_say_what_became_of_them_for_one_reader(database: Database) -> None:
    edition = freeze_news(database, readers=2)
    add(database, "late@x.jp")
    with database.reading() as connection:
        ids = find_subscriber_ids(connection, ["reader0@example.jp", "late@x.jp"])
        states = {
            address: readership.list_reader_editions(connection, id_, ["weekly"])[0][0]
            for address, id_ in ids.items()
        }
    assert {one.edition.edition_id for one in states.values()} == {edition.edition_id}
    assert states["late@x.jp"].state is None
    assert [one.state for address, one in states.items() if address != "late@x.jp"] == [
        DeliveryState.PLANNED
    ]


def test_sign_ups_at_a_domain_are_listed_address_by_address(database: Database) -> None:
    wanted = [
        Signup(address, "weekly", Cadence.WEEKLY, (), "ja", None, Consent("form", "", NOON), "")
        for address in ("b@x.jp", "a@x.jp", "c@y.jp")
    ]
    with database.writing() as connection:
        keep_signups(connection, wanted, "")
        first = list_signups_at(connection, "x.jp", "", 1)
        rest = list_signups_at(connection, "x.jp", first[-1].signup.address, 5)
    assert [one.signup.address for one in (*first, *rest)] == ["a@x.jp", "b@x.jp"]
