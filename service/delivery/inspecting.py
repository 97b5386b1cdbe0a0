"""What is wrong with the ledger, in words that say what to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection

from service.store.inspection import Fault, inspect_ledger

_REPORT = "nothing is sent twice by it, but please report it"

SENTENCES: Mapping[Fault, str] = MappingProxyType(
    {
        Fault.DAMAGED: (
            "the database file is damaged in {count} places: stop everything, and restore a backup"
        ),
        Fault.CLAIM_FORGOTTEN: (
            "{count} claims ran out long ago, of batch {example} for one: no process looks after "
            "them; start `kawaraban up`, or run: kawaraban tick"
        ),
        Fault.ROW_LEFT_BEHIND: (
            "{count} deliveries wait in batches that are past them, number {example} for one: "
            "they would never leave; please report it"
        ),
        Fault.NOTICE_LEFT_BEHIND: (
            "{count} notices wait in batches that are past them, number {example} for one: "
            "they would never leave; please report it"
        ),
        Fault.ROW_ELSEWHERE: (
            "{count} deliveries are in a batch of another edition or variant, number {example} "
            "for one: pause their edition, and report it"
        ),
        Fault.BATCH_HOLLOW: (
            "{count} batches are under way or unknown without a reader, number {example} for one; "
            + _REPORT
        ),
        Fault.ENVELOPE_LOST: (
            "{count} batches are under way or unknown, and what they said to whom is lost, "
            "number {example} for one: settle them by hand; see: kawaraban unknown list"
        ),
        Fault.ENVELOPE_STALE: (
            "{count} batches are planned anew and still hold what an earlier attempt said, "
            "number {example} for one; " + _REPORT
        ),
        Fault.ENVELOPE_DIFFERS: (
            "{count} batches hold readers that were not in them when they were tried, number "
            "{example} for one: settle them by hand; see: kawaraban unknown list"
        ),
        Fault.ATTEMPT_OPEN: (
            "{count} attempts have no end written down, of batch {example} for one; " + _REPORT
        ),
        Fault.CANCELLED_WAITS: (
            "{count} deliveries of cancelled editions still wait, number {example} for one; "
            + _REPORT
        ),
        Fault.SERVED_BEYOND: (
            "{count} readers count as served beyond all news there is, subscription {example} for "
            "one: they would miss what comes next; please report it"
        ),
        Fault.NEWS_BEYOND: (
            "{count} posts are news with numbers nobody gave out, post {example} for one; "
            "please report it"
        ),
        Fault.FREEZE_STUCK: (
            "{count} editions stopped while they were frozen, edition {example} for one: "
            "no process goes on with them; start `kawaraban up`, or run: kawaraban tick"
        ),
        Fault.NOBODY_SENDS: (
            "{count} batches might have left long ago, number {example} for one: no process "
            "sends; start `kawaraban up`, or run: kawaraban tick"
        ),
    }
)


def list_faults(connection: Connection, now: datetime) -> list[str]:
    """A sentence for each thing that is wrong with the ledger; none when all is well."""
    found = inspect_ledger(connection, now)
    return [
        SENTENCES[fault].format(count=f"{one.count:,}", example=one.example)
        for fault, one in found.items()
    ]
