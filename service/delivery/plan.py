"""The deliveries of an edition planned: stretch by stretch of its readers, in batches."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from service.delivery.drafted import Freezing
from service.delivery.lineup import Lineup
from service.delivery.variants import Variants
from service.store import planning
from service.store.audience import Stretch, find_lowest_reached, lock_span, set_readers_apart
from service.store.database import Database
from service.store.planning import Franking, LastBatch, Mailing


def plan_deliveries(
    database: Database, lineup: Lineup, variants: Variants, freezing: Freezing, now: datetime
) -> list[int]:
    """Write the rows of every reader not planned yet, each stretch in one commit; the batch ids."""
    plan = _Plan(lineup, variants, freezing, now)
    is_left = True
    while is_left:
        with database.writing() as connection:
            is_left = plan.plan_span(connection)
    return plan.batch_ids


class _Plan:
    """The batches so far, the last of which the next stretch goes on filling."""

    def __init__(
        self, lineup: Lineup, variants: Variants, freezing: Freezing, now: datetime
    ) -> None:
        self._lineup = lineup
        self._variants = variants
        self._leaves_at = freezing.leaves_at
        self._franking = Franking(freezing.account, freezing.key_prefix, now)
        self._last_batches: dict[Mailing, LastBatch] = {}
        self.batch_ids: list[int] = []

    def plan_span(self, connection: Connection) -> bool:
        """Write the rows of the next stretch of readers; False when none is left."""
        lineup = self._lineup
        lineup.take_turn(connection)
        span = lineup.find_next_span(connection)
        if span is None or not planning.claim_span(connection, lineup.edition, span):
            return False
        lock_span(connection, lineup.audience, span)
        lineup.reach_down(connection, find_lowest_reached(connection, lineup.audience, span))
        with set_readers_apart(connection, lineup.audience, span) as stretch:
            self._plan_stretch(connection, stretch)
        if lineup.edition.cadence is not None:
            planning.record_served(connection, lineup.edition, lineup.audience, span)
        return True

    def _plan_stretch(self, connection: Connection, stretch: Stretch) -> None:
        edition = self._lineup.edition
        mailings: dict[int, Mailing] = {}
        for group_no, group in enumerate(stretch.groups):
            served = self._lineup.serve(group)
            made = None if served.skipped else self._variants.find(connection, served)
            if made is not None:
                leaves_at = self._leaves_at(edition, group.send_hour, group.timezone)
                mailings[group_no] = Mailing(made.variant_id, leaves_at, made.batch_size)
        if mailings:
            self.batch_ids += planning.insert_deliveries(
                connection, edition, stretch, mailings, self._last_batches, self._franking
            )
