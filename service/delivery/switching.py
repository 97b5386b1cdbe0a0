"""A change of provider: what was planned for another one is cut anew for the one there is now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from service.delivery.limits import find_batch_size
from service.model.delivery import Batch, DeliveryState
from service.providers.base import Provider
from service.store.batches import cut_batch, find_batch
from service.store.rows import list_row_ids
from service.store.switching import (
    hand_over_batch,
    has_unsettled_batches,
    list_untouched_batches,
)
from service.store.variants import find_variant

_AT_A_TIME = 200
"""Batches handed over in one transaction."""


def hand_over_batches(connection: Connection, provider: Provider, now: datetime) -> list[int]:
    """Plan for this provider what was planned for others and never left; the batches there are.

    Waits until nothing of the others is under way or unknown: who may have a reader's mail
    already is not asked again, and neither is anybody else in their place.
    """
    waiting = list_untouched_batches(connection, provider.account, _AT_A_TIME)
    if not waiting or has_unsettled_batches(connection, provider.account):
        return []
    handed: list[int] = []
    for batch_id in waiting:
        if hand_over_batch(connection, batch_id, provider.account):
            handed += [batch_id, *_cut(connection, provider, find_batch(connection, batch_id), now)]
    return handed


def _cut(connection: Connection, provider: Provider, batch: Batch, now: datetime) -> list[int]:
    """Cut off a batch what the provider does not take in one call."""
    if batch.variant_id is None:
        return []
    rendered = find_variant(connection, batch.variant_id).rendered
    size = find_batch_size(provider.capabilities, rendered)
    row_ids = list_row_ids(connection, batch, (DeliveryState.PLANNED,))
    return [
        cut_batch(connection, batch, row_ids[start : start + size], batch.not_before, now)
        for start in range(size, len(row_ids), size)
    ]
