"""The freeze of an edition: its mails, then a row for each reader, then one word for them all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from service.delivery.drafted import Freezing
from service.delivery.lineup import Lineup
from service.delivery.plan import plan_deliveries
from service.delivery.variants import Variants
from service.model.edition import Edition, EditionState
from service.model.newsletter import Newsletter
from service.store.accounting import count_deliveries
from service.store.audience import find_lowest_reached
from service.store.corrections import return_corrections
from service.store.database import Database
from service.store.editions import find_edition, move_edition
from service.store.mailed_texts import record_mailed_texts
from service.store.variant_readers import list_shown_post_ids
from service.store.wake import Wake


def freeze_edition(
    database: Database,
    edition: Edition,
    newsletter: Newsletter,
    freezing: Freezing,
    now: datetime,
) -> Edition:
    """Fix the audience and write every row; afterwards the edition is frozen, or empty.

    A freeze that was interrupted goes on where it stopped.
    """
    if edition.state is not EditionState.FREEZING:
        with database.writing() as connection:
            move_edition(connection, edition, EditionState.FREEZING)
    lineup = _draw_up(database, edition, newsletter, now)
    variants = Variants(database, lineup, freezing)
    variants.make_all()
    batch_ids = plan_deliveries(database, lineup, variants, freezing, now)
    with database.writing() as connection:
        return _finish(connection, edition.edition_id, freezing.wake, batch_ids, now)


def _draw_up(database: Database, edition: Edition, newsletter: Newsletter, now: datetime) -> Lineup:
    """Everything that mail is made from, as far as can be known before readers are planned."""
    with database.reading() as connection:
        lineup = Lineup(connection, edition.edition_id, newsletter, now)
        lowest = find_lowest_reached(connection, lineup.audience)
    with database.writing() as connection:
        lineup.take_turn(connection)
        lineup.reach_down(connection, lowest)
        lineup.take_corrections(connection)
    return lineup


def _finish(
    connection: Connection, edition_id: int, wake: Wake, batch_ids: Sequence[int], now: datetime
) -> Edition:
    """Flip to frozen in one commit, and tell the engine; an edition for nobody is empty."""
    edition = find_edition(connection, edition_id)
    if edition.state is EditionState.FREEZING:
        readers = count_deliveries(connection, edition_id).frozen
        # Another process may have frozen it with us, and be done.
        if _flip(connection, edition, readers, now):
            _keep_texts(connection, edition_id, now, is_mailed=bool(readers))
        wake(connection, batch_ids)
    return find_edition(connection, edition_id)


def _flip(connection: Connection, edition: Edition, readers: int, now: datetime) -> bool:
    return move_edition(
        connection,
        edition,
        EditionState.FROZEN if readers else EditionState.EMPTY,
        reason=edition.reason if readers else "nobody to send it to",
        frozen_at=now,
        readers=readers,
    )


def _keep_texts(connection: Connection, edition_id: int, now: datetime, *, is_mailed: bool) -> None:
    """Keep what the posts said that are shown; what nobody gets leaves no trace."""
    if not is_mailed:
        return_corrections(connection, edition_id)
        return
    shown = list_shown_post_ids(connection, edition_id)
    record_mailed_texts(connection, edition_id, shown, now)
