"""An edition tried again for those it did not reach, at an editor's word: never twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection

from service.delivery.limits import find_batch_size
from service.errors import NotAllowedError
from service.model.edition import EditionState
from service.model.editor import Actor
from service.providers.base import Provider
from service.store.accounting import count_deliveries
from service.store.audit import record_action
from service.store.batches import cut_batch, find_batch
from service.store.cancelling import lock_planned_batches
from service.store.database import Database
from service.store.editions import find_edition, lock_edition, move_edition
from service.store.news import lock_newsletter
from service.store.retrying import Missed, hurry_batches, list_missed, plan_missed
from service.store.variants import find_variant
from service.store.wake import Wake

_STATES = (
    EditionState.FROZEN,
    EditionState.SENDING,
    EditionState.PAUSED,
    EditionState.FINISHED,
)


@dataclass(frozen=True, slots=True)
class Retried:
    """Readers planned again, those that need not wait any longer, and those left refused."""

    planned: int
    hurried: int
    left: int


def retry_edition(
    database: Database,
    provider: Provider,
    wake: Wake,
    edition_id: int,
    now: datetime,
    *,
    by: Actor,
) -> Retried:
    """Plan again who was refused, and let go at once who was refused for now.

    A reader who left meanwhile, or had one of the posts from a later edition, stays refused; who
    is unknown stays unknown. Raises NotAllowedError for an edition that is not frozen, or ended.
    """
    with database.writing() as connection:
        # Whoever freezes the next edition must not serve the same readers the same posts.
        lock_newsletter(connection, find_edition(connection, edition_id).newsletter_id)
        lock_planned_batches(connection, edition_id)
        edition = lock_edition(connection, edition_id)
        if edition.state not in _STATES:
            raise NotAllowedError(
                "edition {edition} is {state}: there is nothing to try again",
                edition=edition_id,
                state=edition.state,
            )
        hurried = hurry_batches(connection, edition_id)
        waiting = sum(find_batch(connection, batch_id).size for batch_id in hurried)
        missed = list_missed(connection, edition)
        plan_missed(connection, edition, missed)
        cut = _cut(connection, provider, missed, now)
        if missed and edition.state is EditionState.FINISHED:
            move_edition(connection, edition, EditionState.SENDING, reason="tried again")
        wake(connection, [*hurried, *cut])
        left = count_deliveries(connection, edition_id).refused
        if missed or hurried:
            detail = {"planned": len(missed), "hurried": waiting}
            record_action(connection, by, "edition.retry", f"edition:{edition_id}", detail, now)
        return Retried(len(missed), waiting, left)


def _cut(
    connection: Connection, provider: Provider, missed: Sequence[Missed], now: datetime
) -> list[int]:
    cut: list[int] = []
    for variant_id, group in groupby(missed, lambda one: one.variant_id):
        some = list(group)
        size = find_batch_size(provider.capabilities, find_variant(connection, variant_id).rendered)
        source = replace(find_batch(connection, some[0].batch_id), account=provider.account)
        for start in range(0, len(some), size):
            ids = [one.delivery_id for one in some[start : start + size]]
            cut.append(cut_batch(connection, source, ids, None, now))
    return cut
