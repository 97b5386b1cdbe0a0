"""Every subscription out again, losslessly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection

from service.audience.exchange import ExportRow
from service.model.editor import Actor
from service.store import subscribers
from service.store.audit import record_action
from service.store.database import Database
from service.store.newcomers import list_pauses
from service.store.subscribers import Reader
from service.store.suppressions import Suppression, map_suppressions

_CHUNK = 1000


def export_readers(
    database: Database, newsletter_id: str | None, now: datetime, *, by: Actor
) -> Iterator[ExportRow]:
    """Every subscription, one by one, with everything needed to bring it in elsewhere.

    Who has them is written down before the first of them is out.
    """
    with database.writing() as connection:
        detail = {"newsletter": newsletter_id or ""}
        record_action(connection, by, "readers.export", "readers", detail, now)
    return _stream(database, newsletter_id)


def _stream(database: Database, newsletter_id: str | None) -> Iterator[ExportRow]:
    with database.reading() as connection:
        yield from _list_rows(connection, newsletter_id)


def _list_rows(connection: Connection, newsletter_id: str | None) -> Iterator[ExportRow]:
    readers = subscribers.stream_readers(connection, newsletter_id)
    while part := list(islice(readers, _CHUNK)):
        addresses = [reader.subscriber.address or "" for reader in part]
        pauses = list_pauses(connection, addresses)
        suppressed = map_suppressions(connection, addresses)
        for address, reader in zip(addresses, part, strict=True):
            yield _compose(reader, address, pauses.get(address), suppressed.get(address))


def _compose(
    reader: Reader, address: str, paused_until: datetime | None, suppressed: Suppression | None
) -> ExportRow:
    one = reader.subscription
    return ExportRow(
        address=address,
        name=reader.subscriber.name,
        newsletter_id=one.newsletter_id,
        cadence=one.cadence,
        topics=one.topics,
        language=one.language,
        send_hour=one.send_hour,
        timezone=one.timezone,
        state=one.state,
        created_at=one.created_at,
        confirmed_at=one.confirmed_at,
        ended_at=one.ended_at,
        consent_source=reader.consent.source,
        consent_text=reader.consent.text,
        consent_given_at=reader.consent.given_at,
        paused_until=paused_until,
        reader_since=reader.subscriber.created_at,
        suppressed=suppressed.reason if suppressed else None,
        suppressed_at=suppressed.created_at if suppressed else None,
        suppressed_note=suppressed.note if suppressed else "",
    )
