"""Lists of readers that were uploaded: who runs them, how far they are, what became of them.

A claim is known by the moment until which it lasts: whoever renews it names that moment, so that
one which was taken over meanwhile can do nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Update,
    func,
    insert,
    or_,
    select,
    update,
)

from service.model.reader_list import (
    DroppedFor,
    ListCounts,
    ListMistake,
    ListState,
    ListTerms,
    ReaderList,
)
from service.model.subscriber import SubscriptionState, SuppressionReason
from service.store.tables import imports, suppressions

_OPEN = (ListState.WAITING, ListState.REHEARSED)


def add_list(
    connection: Connection,
    name: str,
    file: str,
    size: int,
    terms: ListTerms,
    *,
    created_by: str,
    now: datetime,
) -> int:
    """Write down a list that was uploaded and waits to be looked through; its number."""
    values = {
        "name": name,
        "file": file,
        "newsletter_id": terms.newsletter_id,
        "options": {"state": terms.state, "source": terms.source, "origin": terms.origin},
        "state": ListState.WAITING,
        "is_rehearsal": True,
        "bytes": size,
        "bytes_read": 0,
        "counts": {},
        "mistakes": [],
        "failure": "",
        "created_at": now,
        "created_by": created_by,
    }
    statement = insert(imports).values(values).returning(imports.c.import_id)
    return int(connection.execute(statement).scalar_one())


def find_list(connection: Connection, import_id: int) -> ReaderList | None:
    """One list by its number."""
    row = connection.execute(select(imports).where(_is(import_id))).mappings().first()
    return _to_list(row) if row else None


def list_lists(connection: Connection, limit: int) -> list[ReaderList]:
    """So many lists, the newest first, without their mistakes."""
    query = select(imports).order_by(imports.c.import_id.desc()).limit(limit)
    return [replace(_to_list(row), mistakes=()) for row in connection.execute(query).mappings()]


def count_open_lists(connection: Connection) -> int:
    """How many lists have files that wait."""
    query = select(func.count()).select_from(imports).where(imports.c.state.in_(_OPEN))
    return int(connection.execute(query).scalar_one())


def list_runnable(connection: Connection, now: datetime) -> list[ReaderList]:
    """Lists that wait to be run and that nobody runs, the oldest first."""
    query = select(imports).where(_is_free(now)).order_by(imports.c.import_id)
    return [_to_list(row) for row in connection.execute(query).mappings()]


def list_open_lists(connection: Connection) -> list[ReaderList]:
    """Lists whose files are needed still."""
    query = select(imports).where(imports.c.state.in_(_OPEN)).order_by(imports.c.import_id)
    return [_to_list(row) for row in connection.execute(query).mappings()]


def claim_list(
    connection: Connection, import_id: int, now: datetime, until: datetime
) -> ReaderList | None:
    """Take a list to run it, once more than before; None when it is not to be had."""
    row = (
        connection.execute(
            select(imports).where(_is(import_id), _is_free(now)).with_for_update(skip_locked=True)
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    one = _to_list(row)
    counts = replace(one.counts, attempt=one.counts.attempt + 1)
    taken = connection.execute(
        update(imports)
        .where(_is(import_id), _is_free(now))
        .values(claimed_until=until, counts=asdict(counts))
    )
    return replace(one, counts=counts, claimed_until=until) if taken.rowcount else None


def renew_claim(
    connection: Connection, one: ReaderList, until: datetime, bytes_read: int, counts: ListCounts
) -> bool:
    """Keep a list for longer and write down how far it is; False when it is not ours any more."""
    values = {"claimed_until": until, "bytes_read": bytes_read, "counts": asdict(counts)}
    return connection.execute(_update_claimed(one).values(values)).rowcount == 1


def release_claim(connection: Connection, one: ReaderList) -> bool:
    """Let somebody else go on with a list, as if this run had not been begun."""
    counts = replace(one.counts, attempt=one.counts.attempt - 1)
    values = {"claimed_until": None, "counts": asdict(counts)}
    return connection.execute(_update_claimed(one).values(values)).rowcount == 1


def conclude_list(
    connection: Connection,
    one: ReaderList,
    state: ListState,
    counts: ListCounts,
    mistakes: Sequence[ListMistake],
    failure: str,
    now: datetime,
) -> bool:
    """Write down what a run came to; False when the list is not ours any more."""
    values = {
        "state": state,
        "claimed_until": None,
        "bytes_read": one.bytes if state is not ListState.FAILED else one.bytes_read,
        "counts": asdict(counts),
        "mistakes": [asdict(each) for each in mistakes],
        "failure": failure,
        "ended_at": None if state is ListState.REHEARSED else now,
    }
    return connection.execute(_update_claimed(one).values(values)).rowcount == 1


def ask_to_import(connection: Connection, import_id: int) -> bool:
    """Have a list brought in that was looked through; False when it is not at that."""
    return (
        connection.execute(
            update(imports)
            .where(_is(import_id), imports.c.state == ListState.REHEARSED)
            .values(
                state=ListState.WAITING, is_rehearsal=False, bytes_read=0, counts={}, mistakes=[]
            )
        ).rowcount
        == 1
    )


def drop_list(connection: Connection, import_id: int, why: DroppedFor, now: datetime) -> bool:
    """Put a list away that is not done; whoever runs it finds its claim gone."""
    return connection.execute(_drop(why, now).where(_is(import_id))).rowcount == 1


def drop_old_lists(connection: Connection, before: datetime, now: datetime) -> int:
    """Put away lists of before then that nobody runs; how many."""
    idle = or_(imports.c.claimed_until.is_(None), imports.c.claimed_until < now)
    statement = _drop(DroppedFor.EXPIRED, now).where(imports.c.created_at < before, idle)
    return connection.execute(statement).rowcount


def list_erased_hashes(connection: Connection, since_at: datetime) -> list[str]:
    """The keyed hashes of readers who were erased since then."""
    query = select(suppressions.c.address_hash).where(
        suppressions.c.reason == SuppressionReason.ERASED,
        suppressions.c.created_at >= since_at,
        suppressions.c.address_hash.is_not(None),
    )
    return [hash_ for hash_ in connection.execute(query).scalars() if hash_]


def _is(import_id: int) -> ColumnElement[bool]:
    return imports.c.import_id == import_id


def _is_free(now: datetime) -> ColumnElement[bool]:
    unclaimed = or_(imports.c.claimed_until.is_(None), imports.c.claimed_until < now)
    return (imports.c.state == ListState.WAITING) & unclaimed


def _update_claimed(one: ReaderList) -> Update:
    return update(imports).where(
        _is(one.import_id),
        imports.c.state == ListState.WAITING,
        imports.c.claimed_until == one.claimed_until,
    )


def _drop(why: DroppedFor, now: datetime) -> Update:
    return (
        update(imports)
        .where(imports.c.state.in_(_OPEN))
        .values(state=ListState.DROPPED, failure=why, claimed_until=None, ended_at=now)
    )


def _to_list(row: RowMapping) -> ReaderList:
    options: dict[str, Any] = row["options"]
    return ReaderList(
        import_id=row["import_id"],
        name=row["name"],
        file=row["file"],
        terms=ListTerms(
            newsletter_id=row["newsletter_id"],
            state=SubscriptionState(options["state"]),
            source=options["source"],
            origin=options["origin"],
        ),
        state=ListState(row["state"]),
        is_rehearsal=row["is_rehearsal"],
        bytes=row["bytes"],
        bytes_read=row["bytes_read"],
        counts=_to_counts(row["counts"]),
        mistakes=tuple(ListMistake(**one) for one in row["mistakes"]),
        failure=row["failure"],
        created_at=row["created_at"],
        created_by=row["created_by"],
        claimed_until=row["claimed_until"],
        ended_at=row["ended_at"],
    )


def _to_counts(counts: dict[str, Any]) -> ListCounts:
    lists = ("origins", "ignored", "tags")
    kept = {name: value for name, value in counts.items() if name not in lists}
    return ListCounts(
        **kept,
        origins=tuple(counts.get("origins", ())),
        ignored=tuple(counts.get("ignored", ())),
        tags=tuple((tag, count) for tag, count in counts.get("tags", ())),
    )
