from __future__ import annotations

import pytest
from sqlalchemy import select

from service.delivery.watching import find_trouble, pause_troubled_editions
from service.model.delivery import DeliveryState, Feedback
from service.model.edition import Edition, EditionState
from service.store.database import Database
from service.store.editions import find_edition, move_edition
from service.store.feedback import record_feedback
from service.store.tables import deliveries
from tests.fakes.replay import freeze_news


@pytest.mark.parametrize(
    ("taken", "bounced", "complained", "is_trouble"),
    [
        (199, 199, 199, False),
        (200, 10, 0, False),
        (200, 11, 0, True),
        (1_000_000, 50_000, 1_000, False),
        (1_000_000, 50_001, 0, True),
        (1_000_000, 0, 1_001, True),
        (1_000, 0, 1, False),
        (999, 0, 1, True),
    ],
)
def test_an_edition_stops_above_five_percent_back_or_one_complaint_in_a_thousand(
    taken: int, bounced: int, complained: int, is_trouble: bool
) -> None:
    assert bool(find_trouble(Feedback(taken, bounced, complained))) is is_trouble


def tell(database: Database, count: int, state: DeliveryState, skip: int = 0) -> None:
    """The provider has so many readers' mail, and said so much of it."""
    with database.writing() as connection:
        query = select(deliveries.c.delivery_id).order_by(deliveries.c.delivery_id)
        ids = list(connection.execute(query.offset(skip).limit(count)).scalars())
        if state is DeliveryState.ACCEPTED:
            connection.execute(
                deliveries.update().where(deliveries.c.delivery_id.in_(ids)).values(state=state)
            )
        else:
            record_feedback(connection, ids, state)


def watch(database: Database, edition: Edition) -> Edition:
    with database.writing() as connection:
        pause_troubled_editions(connection)
        return find_edition(connection, edition.edition_id)


def resume(database: Database, edition: Edition) -> None:
    with database.writing() as connection:
        found = find_edition(connection, edition.edition_id)
        assert move_edition(connection, found, EditionState.SENDING, reason="")


def test_an_edition_of_which_too_much_bounced_waits_and_what_was_excused_counts_no_more(
    database: Database,
) -> None:
    edition = freeze_news(database, 500)
    tell(database, 200, DeliveryState.ACCEPTED)
    tell(database, 10, DeliveryState.BOUNCED)
    assert watch(database, edition).state is EditionState.FROZEN
    tell(database, 12, DeliveryState.BOUNCED)
    paused = watch(database, edition)
    assert paused.state is EditionState.PAUSED
    assert paused.reason.startswith("12 of 200 bounced")
    tell(database, 20, DeliveryState.BOUNCED)
    watch(database, edition)
    resume(database, edition)
    tell(database, 199, DeliveryState.ACCEPTED, skip=200)
    tell(database, 199, DeliveryState.BOUNCED, skip=200)
    assert watch(database, edition).state is EditionState.SENDING, "too few since then"
    tell(database, 1, DeliveryState.ACCEPTED, skip=399)
    again = watch(database, edition)
    assert again.state is EditionState.PAUSED
    assert again.reason.startswith("199 of 200 bounced")


def test_a_complaint_counts_whatever_is_told_of_that_mail_later(database: Database) -> None:
    edition = freeze_news(database, 200)
    tell(database, 200, DeliveryState.ACCEPTED)
    tell(database, 1, DeliveryState.COMPLAINED)
    tell(database, 200, DeliveryState.DELIVERED)
    assert watch(database, edition).reason.startswith("1 of 200 complained")


def test_an_edition_that_an_editor_paused_is_left_to_them(database: Database) -> None:
    edition = freeze_news(database, 200)
    tell(database, 200, DeliveryState.ACCEPTED)
    tell(database, 100, DeliveryState.BOUNCED)
    with database.writing() as connection:
        assert move_edition(connection, edition, EditionState.PAUSED, reason="lunch")
    assert watch(database, edition).reason == "lunch"
