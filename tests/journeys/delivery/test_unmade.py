"""An edition whose mail cannot be rendered waits for a person, and loses nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from service.delivery.drafted import Freezing
from service.delivery.freeze import freeze_edition
from service.errors import TemplateError
from service.model.edition import Edition, EditionState
from service.model.editor import COMMAND
from service.sending import approve_edition, cancel_edition, hold_unmade
from service.store.accounting import count_deliveries
from service.store.database import Database
from service.store.editions import find_edition
from tests.fakes.world import (
    NOON,
    WEEKLY,
    add_news,
    add_readers,
    freeze_with,
    number_readers,
    open_edition,
)


def break_off(database: Database) -> Edition:
    """An edition for three readers that stopped after the first was planned."""
    add_readers(database, number_readers(3))
    add_news(database, 1)
    edition = open_edition(database, "2025-10-13")
    with pytest.raises(TemplateError):
        freeze_edition(database, edition, WEEKLY, _stop_after_one(), NOON)
    hold_unmade(database, edition.edition_id, "cannot be made: no template")
    with database.reading() as connection:
        return find_edition(connection, edition.edition_id)


def _stop_after_one() -> Freezing:
    planned: list[int] = []

    def leave_once(_edition: Edition, _hour: int | None, _zone: str | None) -> None:
        if planned:
            raise TemplateError("no template")
        planned.append(1)

    return replace(freeze_with(), leaves_at=leave_once)


@pytest.fixture(autouse=True)
def short_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.delivery.lineup._SPAN", 1)


def test_it_is_held_with_its_reason(database: Database) -> None:
    held = break_off(database)
    assert held.state is EditionState.HELD
    assert held.reason == "cannot be made: no template"


def test_once_mended_and_approved_it_goes_on_where_it_stopped(database: Database) -> None:
    held = break_off(database)
    waiting = approve_edition(database, held.edition_id, NOON + timedelta(hours=1), by=COMMAND)
    frozen = freeze_edition(database, waiting, WEEKLY, freeze_with(), NOON)
    with database.reading() as connection:
        count = count_deliveries(connection, frozen.edition_id)
    assert frozen.state is EditionState.FROZEN
    assert (count.frozen, count.waiting) == (3, 3)


def test_cancelled_it_gives_its_readers_back(database: Database) -> None:
    held = break_off(database)
    assert cancel_edition(database, held.edition_id, "never mind", NOON, by=COMMAND)[1] == 1
    again = open_edition(database, "2025-10-20")
    frozen = freeze_edition(database, again, WEEKLY, freeze_with(), NOON)
    with database.reading() as connection:
        assert count_deliveries(connection, frozen.edition_id).frozen == 3
