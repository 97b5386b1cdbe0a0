"""Readers who leave, or are erased, while nobody knows what became of their mail."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select

from service.audience.tokens import Purpose, sign_link
from service.engine.works import deliver_due, run_pass
from service.model.edition import Edition, EditionState
from service.store.tables import deliveries, metadata, subscribers
from tests.fakes.office import Office, compose_callback, open_door, post

LEAVES, ERASED, STAYS = "leaves@example.jp", "erased@example.jp", "stays@example.jp"
TAKEN, LOST = "drop-after-accepting", "drop-before-reading"


def settle_by_events(office: Office) -> None:
    fields = dict(office.mailgun.ledger.requests[-1]["fields"])
    rows = json.loads(fields["recipient-variables"])
    with open_door(office.app) as port:
        for address in (ERASED, LEAVES, STAYS):
            event = "complained" if address == ERASED else "delivered"
            told = compose_callback(fields["v:batch"], rows[address]["r"], address, event)
            assert post(port, "/hooks/mailgun", told, "application/json") == 200


def settle_by_look_up(office: Office) -> None:
    run_pass(office.app.works, office.read_clock())


def settle_as_accepted(office: Office) -> None:
    settle(office, "accepted")


def settle_as_not_sent(office: Office) -> None:
    settle(office, "not-sent")


def settle(office: Office, outcome: str) -> None:
    [one] = office.run("unknown", "list")[1]["unknown"]
    assert office.run("unknown", "settle", str(one["batch"]), outcome)[0] == 0


@pytest.mark.parametrize(
    ("ending", "settle", "later"),
    [
        (TAKEN, settle_by_events, 0),
        (TAKEN, settle_by_look_up, 10),
        (TAKEN, settle_as_accepted, 0),
        (LOST, settle_as_not_sent, 0),
    ],
)
def test_who_left_is_unknown_till_the_end_and_who_is_erased_is_nowhere_after_it(
    office: Office, ending: str, settle: Callable[[Office], None], later: int
) -> None:
    ids = office.add_readers(LEAVES, ERASED, STAYS)
    assert office.run("send", "weekly", "--post", "kaze.md", "--test", ERASED)[0] == 0
    edition = lose_an_answer(office, ending)
    leave(office, ids[LEAVES])
    assert office.run("suppressions", "add", ERASED)[0] == 0
    assert office.run("subscribers", "erase", ERASED, "--yes") == (0, {"erased": False})

    run_pass(office.app.works, office.read_clock())
    assert read_states(office) == {LEAVES: "unknown", ERASED: "unknown", STAYS: "unknown"}
    assert find_tables(office, ERASED) == {"subscribers", "batches", "suppressions", "notices"}
    assert office.find_alarms() == []

    office.move_on(minutes=later)
    settle(office)
    assert find_tables(office, ERASED) == set()
    assert find_tables(office, LEAVES) == {"subscribers"}
    [(hash_,)] = office.ask("SELECT address_hash FROM suppressions WHERE reason = 'erased'")
    assert hash_
    deliver_due(office.app.works)
    count = office.count(edition)
    is_again = ending == LOST
    assert (count.accepted, count.suppressed) == ((1, 2) if is_again else (3, 0))
    assert office.find(edition).state is EditionState.FINISHED

    office.plan("hashi")
    deliver_due(office.app.works)
    mailed = office.count_mail()
    assert (mailed[LEAVES], mailed[STAYS]) == (0 if is_again else 1, 2)
    # Their test mail came before all this.
    assert mailed[ERASED] == (1 if is_again else 2)
    sheet = office.write_sheet(ERASED)
    words = ("subscribers", "import", sheet, "--newsletter", "weekly", "--as", "confirmed")
    assert office.run(*words)[1]["erased"] == 1
    assert find_tables(office, ERASED) == set()
    assert office.find_alarms() == []


def lose_an_answer(office: Office, ending: str) -> Edition:
    edition = office.plan("fune")
    office.mailgun.ledger.script.append(office.mailgun.find_behaviour(ending))
    deliver_due(office.app.works)
    assert office.count(edition).unknown == 3
    return edition


def leave(office: Office, subscription_id: int) -> None:
    key = office.app.works.register.key_ring.current
    token = sign_link(key, Purpose.UNSUBSCRIBE, f"s{subscription_id}")
    with open_door(office.app) as port:
        body = b"List-Unsubscribe=One-Click"
        assert post(port, f"/unsubscribe/{token}", body, "application/octet-stream") == 200


def read_states(office: Office) -> dict[str, str]:
    query = select(subscribers.c.address, deliveries.c.state).join(
        deliveries, deliveries.c.subscriber_id == subscribers.c.subscriber_id
    )
    with office.app.works.database.reading() as connection:
        return {row.address: row.state for row in connection.execute(query)}


def find_tables(office: Office, address: str) -> set[str]:
    """Every table of the database in which an address stands, in whatever column."""
    with office.app.works.database.reading() as connection:
        return {
            table.name
            for table in metadata.sorted_tables
            if any(address in repr(row) for row in connection.execute(select(table)))
        }
