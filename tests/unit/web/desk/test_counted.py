from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from service.model.delivery import DeliveryState
from service.model.edition import EditionState
from service.store.database import Database
from service.store.editions import find_edition
from service.store.tables import deliveries
from service.web.desk.counted import Ledger
from tests.fakes import world
from tests.fakes.world import NOON


def test_only_what_is_over_is_counted_once(sqlite: Database) -> None:
    world.add_readers(sqlite, world.number_readers(3))
    number = world.freeze_news(sqlite, 1).edition_id
    ledger = Ledger()
    with sqlite.writing() as connection:
        under_way = find_edition(connection, number)
        over = replace(under_way, state=EditionState.FINISHED, finished_at=NOON)
        again = replace(over, finished_at=NOON + timedelta(hours=1))
        assert [ledger.count(connection, one).waiting for one in (under_way, over)] == [3, 3]
        taken = update(deliveries).values(state=DeliveryState.ACCEPTED)
        connection.execute(taken)
        assert [ledger.count(connection, one).accepted for one in (under_way, over, again)] == [
            3,
            0,
            3,
        ]
