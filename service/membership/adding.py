"""One reader subscribed by hand."""

from __future__ import annotations

from datetime import datetime

from service.audience.addresses import hide_addresses
from service.audience.exchange import ImportRow
from service.membership.importing import Terms, bring_in_rows
from service.membership.register import Register
from service.membership.sorting import ImportReport
from service.model.editor import Actor
from service.model.subscriber import SubscriptionState
from service.store.audit import record_action
from service.store.database import Database
from service.store.subscribers import find_subscriber_ids


def add_reader(
    database: Database,
    register: Register,
    row: ImportRow,
    newsletter_id: str,
    state: SubscriptionState,
    *,
    source: str,
    note: str = "",
    now: datetime,
    by: Actor,
) -> ImportReport:
    """Subscribe one reader, if that may be; the report says what became of them.

    Pending ones are asked by mail to confirm, active ones an editor vouches for: the `note` is
    kept as their consent. Who is there already, left, is suppressed or erased stays as they are,
    and nothing is written down.
    """
    is_vouched = state is SubscriptionState.ACTIVE
    terms = Terms(newsletter_id, state, source, now, note if is_vouched else "")
    with database.writing() as connection:
        report = bring_in_rows(connection, register, [row], terms)
        if report.added:
            reader_id = find_subscriber_ids(connection, [row.address])[row.address]
            detail = {
                "newsletter": newsletter_id,
                "manner": "vouched" if is_vouched else "ask",
                "note": hide_addresses(note),
            }
            record_action(connection, by, "reader.add", f"reader:{reader_id}", detail, now)
    return report
