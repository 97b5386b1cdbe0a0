"""Readers who come to a cadence between the draft of its edition and the freeze."""

from __future__ import annotations

from sqlalchemy import update

from service.model.edition import EditionState
from service.model.newsletter import Cadence
from service.store.database import Database
from service.store.holds import hold_post
from service.store.tables import subscriptions
from tests.fakes.world import add_news, add_readers, freeze, open_edition, subscribe


def test_who_joins_a_draft_gets_what_they_missed_though_all_its_posts_are_held(
    database: Database,
) -> None:
    add_readers(database, [subscribe("weekly@example.jp"), subscribe("d@e.jp", Cadence.DAILY)])
    add_news(database, 1)
    freeze(database, open_edition(database, "2025-10-06"))
    held = add_news(database, 2)[0]
    draft = open_edition(database, "2025-10-13", above=1)
    with database.writing() as connection:
        connection.execute(update(subscriptions).values(cadence=Cadence.WEEKLY))
        hold_post(connection, held, "no")
    frozen = freeze(database, draft)
    assert frozen.state is EditionState.FROZEN
