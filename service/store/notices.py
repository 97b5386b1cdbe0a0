"""Mail that is no edition: confirmations and tests, each once a day to an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, insert, select

from service.model.delivery import BatchKind, BatchState, DeliveryState
from service.model.edition import Rendered
from service.store.batches import find_next_ordinal
from service.store.tables import batches, notices


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice to one address. `topic` tells apart what may be sent on one day."""

    purpose: str
    topic: str
    address: str
    day: date
    rendered: Rendered


def plan_notice(
    connection: Connection, notice: Notice, *, account: str, key_prefix: str, now: datetime
) -> int | None:
    """Write a notice with its batch; the batch id, or None when it was planned already."""
    ordinal = find_next_ordinal(connection, None)
    known = select(notices.c.notice_id).where(
        notices.c.purpose == notice.purpose,
        notices.c.topic == notice.topic,
        notices.c.address == notice.address,
        notices.c.day == notice.day,
    )
    if connection.execute(known).first() is not None:
        return None
    batch_id = _insert_batch(connection, ordinal, account, f"{key_prefix}-n{ordinal}", now)
    connection.execute(
        insert(notices).values(
            purpose=notice.purpose,
            topic=notice.topic,
            address=notice.address,
            day=notice.day,
            batch_id=batch_id,
            state=DeliveryState.PLANNED,
            reason="",
            provider_message_id="",
            subject=notice.rendered.subject,
            html=notice.rendered.html,
            text=notice.rendered.text,
            created_at=now,
        )
    )
    return batch_id


def find_notice_content(connection: Connection, batch_id: int) -> tuple[str, Rendered]:
    """The purpose and content of the notice in a batch."""
    row = connection.execute(select(notices).where(notices.c.batch_id == batch_id)).one()
    return row.purpose, Rendered(row.subject, "", row.html, row.text)


def list_notice_days(
    connection: Connection, purpose: str, addresses: Sequence[str]
) -> dict[str, list[date]]:
    """On which days notices of a purpose went to these addresses."""
    days: dict[str, list[date]] = {}
    for start in range(0, len(addresses), 500):
        query = select(notices.c.address, notices.c.day).where(
            notices.c.purpose == purpose,
            notices.c.address.in_(addresses[start : start + 500]),
        )
        for row in connection.execute(query):
            days.setdefault(row.address, []).append(row.day)
    return days


def _insert_batch(
    connection: Connection, ordinal: int, account: str, key: str, now: datetime
) -> int:
    values = {
        "kind": BatchKind.NOTICE,
        "ordinal": ordinal,
        "key": key,
        "account": account,
        "state": BatchState.PLANNED,
        "attempt": 0,
        "created_at": now,
        "body_digest": "",
        "detail": "",
    }
    statement = insert(batches).values(values).returning(batches.c.batch_id)
    return int(connection.execute(statement).scalar_one())
