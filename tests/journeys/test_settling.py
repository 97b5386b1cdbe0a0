from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from service.delivery.by_hand import ByHand
from service.delivery.settling import settle_batch
from service.engine.works import deliver_due
from service.errors import NotAllowedError
from service.model.edition import EditionState
from service.model.editor import COMMAND
from service.sending import cancel_edition, send_by_hand
from service.store import claims, outcomes
from service.store.history import list_unvouched
from tests.fakes.house import MONDAY, WEEKLY, House

TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def house(migrated_file: Path, tmp_path: Path) -> Iterator[House]:
    """An edition for two readers, whose only batch got no clear answer."""
    (tmp_path / "var").mkdir()
    shutil.copyfile(migrated_file, tmp_path / "var" / "kawaraban.db")
    built = House(tmp_path, WEEKLY)
    built.tick(MONDAY)
    built.add_readers("hana@example.jp", "ken@example.jp")
    built.write("ichi", TUESDAY)
    built.tick(TUESDAY + timedelta(hours=1))
    works = built.app.works
    asked = ByHand("weekly", "k", posts=("ichi.md",))
    send_by_hand(works.database, works.press, asked, built.clock.now, by=COMMAND)
    _lose_track(built)
    yield built
    built.app.close()


def _lose_track(house: House) -> None:
    now = house.clock.now
    with house.app.works.database.writing() as connection:
        (batch_id,) = claims.list_due_batches(connection, now, 10)
        batch = claims.claim_batch(
            connection, batch_id, now=now, claimed_until=now + timedelta(minutes=2)
        )
        assert batch is not None
        claims.record_claimed(connection, batch, {"rows": []})
        outcomes.record_unsure(connection, batch, "the connection was reset", now)


def _find_unknown(house: House) -> list[tuple[int, int]]:
    with house.app.works.database.reading() as connection:
        return [(one.batch_id, one.rows) for one in list_unvouched(connection)]


def _settle(house: House, *, was_accepted: bool) -> int:
    ((batch_id, _),) = _find_unknown(house)
    database, now = house.app.works.database, house.clock.now
    return settle_batch(database, batch_id, now, was_accepted=was_accepted, by=COMMAND)


def test_what_the_provider_has_counts_as_accepted(house: House) -> None:
    assert _settle(house, was_accepted=True) == 2
    (edition,) = house.list_editions()
    assert edition.state is EditionState.FINISHED
    assert house.count(edition).accepted == 2
    assert house.list_mail() == []


def test_what_was_not_sent_goes_out_with_the_next_pass(house: House) -> None:
    assert _settle(house, was_accepted=False) == 2
    deliver_due(house.app.works)
    assert house.count_mail() == {"hana@example.jp": 1, "ken@example.jp": 1}
    assert house.list_editions()[0].state is EditionState.FINISHED


def test_what_was_not_sent_of_a_cancelled_edition_is_cancelled(house: House) -> None:
    (edition,) = house.list_editions()
    cancel_edition(
        house.app.works.database, edition.edition_id, "a mistake", house.clock.now, by=COMMAND
    )
    _settle(house, was_accepted=False)
    deliver_due(house.app.works)
    count = house.count(edition)
    assert (count.cancelled, count.waiting, count.unknown) == (2, 0, 0)
    assert house.list_mail() == []


def test_a_batch_is_settled_by_hand_only_once(house: House) -> None:
    ((batch_id, _),) = _find_unknown(house)
    _settle(house, was_accepted=True)
    with pytest.raises(NotAllowedError, match="is not unknown"):
        settle_batch(
            house.app.works.database, batch_id, house.clock.now, was_accepted=False, by=COMMAND
        )
