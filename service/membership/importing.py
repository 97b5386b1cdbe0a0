"""Many readers brought in at once from sheets: first what would become of them, then it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection

from service.audience.addresses import hide_addresses
from service.audience.consent import asked_consent, row_consent, vouched_consent
from service.audience.exchange import ImportRow
from service.audience.tags import TagReader
from service.errors import UsageError
from service.membership.asking import ask_to_confirm
from service.membership.register import Register
from service.membership.sorting import ImportReport, sort_rows
from service.model.editor import Actor
from service.model.newsletter import Newsletter
from service.model.subscriber import Consent, SubscriptionState, SuppressionReason
from service.store import newcomers, suppressions
from service.store.audit import record_action
from service.store.database import Database
from service.store.new_subscriptions import NewSubscription, add_subscriptions
from service.store.news import open_newsletter
from service.store.suppressions import Suppression

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms rows come in, and as of when.

    `newsletter_id` None is what each row says. `state` is for those of whom the sheet proves
    nothing: pending ones are asked by mail to confirm, active ones an editor vouches for, by what
    `vouched_by` says. `source` names where they come from.
    """

    newsletter_id: str | None
    state: SubscriptionState
    source: str
    now: datetime
    vouched_by: str = ""


def import_readers(
    database: Database,
    register: Register,
    rows: Sequence[ImportRow],
    *,
    newsletter_id: str | None,
    state: SubscriptionState,
    source: str,
    now: datetime,
    vouched_by: str = "",
    tags: TagReader | None = None,
    by: Actor | None = None,
) -> ImportReport:
    """Subscribe everybody who may be, in one transaction; again is harmless. Terms has the words.

    Suppressed addresses are left out, and so are erased ones: only they themselves come back. Whom
    the sheet suppresses is suppressed here, and who left there after they asked for it here leaves
    here. `by` is whoever begins an import with these rows; None when that is written down already.
    """
    terms = Terms(newsletter_id, state, source, now, vouched_by)
    with database.writing() as connection:
        report = bring_in_rows(connection, register, rows, terms, tags)
        if by is not None:
            detail = {"newsletter": newsletter_id or "", "from": hide_addresses(source)}
            record_action(connection, by, "readers.import", "readers", detail, now)
    log.info("readers imported", added=report.added, already=report.already)
    return report


def bring_in_rows(
    connection: Connection,
    register: Register,
    rows: Sequence[ImportRow],
    terms: Terms,
    tags: TagReader | None = None,
) -> ImportReport:
    """What `import_readers` does, within a transaction."""
    now = terms.now
    for newsletter in register.newsletters.values():
        open_newsletter(connection, newsletter.newsletter_id, now)
    found = sort_rows(connection, register, rows, terms.newsletter_id, terms.state)
    # In one order everywhere, so that two imports never wait for each other.
    blocked = sorted(found.blocked, key=lambda row: row.address)
    suppressions.add_suppressions(connection, [_suppress(row, now) for row in blocked])
    newcomers.end_elsewhere(connection, found.ended)
    wanted = [
        _compose(register, row, terms, consent, tags)
        for row in found.new
        if (consent := _find_consent(row, terms))
    ]
    added, _ = add_subscriptions(connection, wanted, now)
    batch_ids: list[int] = []
    if found.report.asked:
        batch_ids = ask_to_confirm(connection, register, added, now)
        register.wake(connection, batch_ids)
    return found.report + ImportReport(confirmations=len(batch_ids))


def foresee_import(
    database: Database,
    register: Register,
    rows: Sequence[ImportRow],
    *,
    newsletter_id: str | None,
    state: SubscriptionState,
) -> ImportReport:
    """What an import of these rows would come to; nothing is written, nobody is asked."""
    with database.reading() as connection:
        return sort_rows(connection, register, rows, newsletter_id, state).report


def _suppress(row: ImportRow, now: datetime) -> Suppression:
    return Suppression(
        address=row.address,
        address_hash=None,
        reason=row.suppressed or SuppressionReason.MANUAL,
        note=row.suppressed_note,
        created_at=row.suppressed_at or now,
    )


def _find_consent(row: ImportRow, terms: Terms) -> Consent:
    if terms.vouched_by and row.state is None:
        return vouched_consent(row, terms.vouched_by, terms.now)
    if (row.state or terms.state) is SubscriptionState.PENDING:
        return asked_consent(row, terms.source, terms.now)
    return row_consent(row, terms.source, terms.now)


def _compose(
    register: Register,
    row: ImportRow,
    terms: Terms,
    consent: Consent,
    tags: TagReader | None,
) -> NewSubscription:
    newsletter = _find_newsletter(register, row, terms.newsletter_id)
    has_cadence = row.cadence in newsletter.cadences
    topics = row.topics or ()
    if tags is not None and row.tags:
        topics = tags.read(newsletter.newsletter_id, row.tags)
    return NewSubscription(
        address=row.address,
        name=row.name,
        newsletter_id=newsletter.newsletter_id,
        state=row.state or terms.state,
        cadence=row.cadence if row.cadence and has_cadence else newsletter.default_cadence,
        language=row.language or newsletter.language,
        consent=consent,
        topics=topics,
        send_hour=row.send_hour,
        timezone=row.timezone,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        ended_at=row.ended_at,
        reader_since=row.reader_since,
        paused_until=row.paused_until,
    )


def _find_newsletter(register: Register, row: ImportRow, newsletter_id: str | None) -> Newsletter:
    wanted_id = newsletter_id or row.newsletter_id
    if not wanted_id:
        raise UsageError(
            "line {line}: for which newsletter? choose one (--newsletter), or let a column "
            "headed newsletter say it",
            line=row.line,
        )
    return register.find_newsletter(wanted_id)
