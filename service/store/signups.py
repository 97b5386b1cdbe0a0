"""Sign-ups that wait to be answered by mail, and how much mail they made in each hour."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    Table,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from service.model.newsletter import Cadence
from service.model.signup import Held, Signup, WaitingSignup
from service.model.subscriber import Consent
from service.store.subscribers import TOPIC_SEPARATOR
from service.store.tables import signup_counts, signups

MOST_WAITING = 10_000
MOST_OF_ONE_NETWORK = 200
"""Sign-ups that wait at the most: whatever floods the form, the table stays small."""

_KEY = ("address", "newsletter_id")
_EVERYTHING = ("all", "")

Counted = tuple[str, str]
"""What mail is counted under: "network" or "domain" and its name, or all of it."""


def keep_signups(connection: Connection, wanted: Sequence[Signup], network: str) -> bool:
    """Let these wait, each in the place of an earlier one for the same; False when full.

    What is known of an address plays no part in it: the same statements for everybody.
    """
    waiting = connection.execute(select(func.count()).select_from(signups)).scalar_one()
    theirs = connection.execute(
        select(func.count()).where(signups.c.network == network)
    ).scalar_one()
    is_flooding = bool(network) and theirs + len(wanted) > MOST_OF_ONE_NETWORK
    if waiting + len(wanted) > MOST_WAITING or is_flooding:
        return False
    rows = [_to_row(one) for one in wanted]
    connection.execute(_keep(connection.dialect.name, tuple(rows[0])), rows)
    return True


def list_waiting_signups(
    connection: Connection, now: datetime, addresses: int
) -> list[WaitingSignup]:
    """What so many addresses wait for that may be answered now.

    Of each network the first, then of each the second: nobody waits behind a flood.
    """
    is_due = or_(signups.c.not_before.is_(None), signups.c.not_before <= now)
    first = (
        select(
            signups.c.address,
            func.min(signups.c.signup_id).label("signup_id"),
            func.min(signups.c.network).label("network"),
        )
        .where(is_due)
        .group_by(signups.c.address)
        .subquery()
    )
    rank = func.row_number().over(partition_by=first.c.network, order_by=first.c.signup_id)
    turns = select(first.c.address, first.c.signup_id, rank.label("turn")).subquery()
    chosen = select(turns).order_by(turns.c.turn, turns.c.signup_id).limit(addresses).subquery()
    query = (
        select(signups)
        .join(chosen, chosen.c.address == signups.c.address)
        .where(is_due)
        .order_by(chosen.c.turn, chosen.c.signup_id, signups.c.signup_id)
    )
    return [_to_waiting(row) for row in connection.execute(query).mappings()]


def list_signups_at(
    connection: Connection, domain: str, after: str, addresses: int
) -> list[WaitingSignup]:
    """What so many addresses at a domain wait for, in their order, held or not."""
    theirs = signups.c.domain == domain
    chosen = (
        select(signups.c.address)
        .where(theirs, signups.c.address > after)
        .distinct()
        .order_by(signups.c.address)
        .limit(addresses)
    )
    query = (
        select(signups)
        .where(signups.c.address.in_(connection.execute(chosen).scalars().all()))
        .order_by(signups.c.address, signups.c.signup_id)
    )
    return [_to_waiting(row) for row in connection.execute(query).mappings()]


def count_signups_at(connection: Connection, domain: str) -> int:
    """How many wait for addresses at a domain, held or not."""
    query = select(func.count()).where(signups.c.domain == domain)
    return int(connection.execute(query).scalar_one())


def hold_signups(connection: Connection, signup_ids: Collection[int], until: datetime) -> None:
    """Let these wait until then."""
    chosen = signups.c.signup_id.in_(signup_ids)
    connection.execute(update(signups).where(chosen).values(not_before=until))


def drop_signups(connection: Connection, signup_ids: Collection[int]) -> None:
    """Forget these: they are answered."""
    connection.execute(delete(signups).where(signups.c.signup_id.in_(signup_ids)))


def drop_old_signups(connection: Connection, before: datetime) -> int:
    """Forget what has waited since before then, with the counters of such hours; how many."""
    connection.execute(delete(signup_counts).where(signup_counts.c.hour_at < before))
    return connection.execute(delete(signups).where(signups.c.asked_at < before)).rowcount


def open_hour(connection: Connection, hour_at: datetime) -> int:
    """How much mail went in the hour; nobody else adds to it until the transaction ends."""
    row = {"hour_at": hour_at, "kind": _EVERYTHING[0], "name": _EVERYTHING[1], "count": 0}
    statement = _upsert_count(connection, row).returning(signup_counts.c.count)
    return int(connection.execute(statement).scalar_one())


def find_counts(
    connection: Connection, hour_at: datetime, names: Iterable[str]
) -> dict[Counted, int]:
    """How much mail went in the hour because of these networks and to these domains."""
    query = select(signup_counts).where(
        signup_counts.c.hour_at == hour_at, signup_counts.c.name.in_(sorted(set(names)))
    )
    return {
        (row["kind"], row["name"]): row["count"] for row in connection.execute(query).mappings()
    }


def add_counts(connection: Connection, hour_at: datetime, counts: Mapping[Counted, int]) -> None:
    """Count so much more mail."""
    for (kind, name), count in sorted(counts.items()):
        row = {"hour_at": hour_at, "kind": kind, "name": name, "count": count}
        connection.execute(_upsert_count(connection, row))


def find_held(connection: Connection, until: datetime | None = None) -> Held | None:
    """The sign-ups that a cap keeps waiting, or keeps no longer than `until`; None without any."""
    query = select(
        func.count().label("held"), func.min(signups.c.asked_at).label("since_at")
    ).where(signups.c.not_before.is_not(None))
    if until is not None:
        query = query.where(signups.c.not_before <= until)
    row = connection.execute(query).one()
    return Held(row.held, row.since_at) if row.held else None


def count_domains(connection: Connection, limit: int) -> list[tuple[str, int]]:
    """Where the addresses that wait are, the most frequent first."""
    count = func.count()
    query = (
        select(signups.c.domain, count)
        .group_by(signups.c.domain)
        .order_by(count.desc(), signups.c.domain)
        .limit(limit)
    )
    return [(domain, waiting) for domain, waiting in connection.execute(query)]


def drop_domain(connection: Connection, domain: str) -> int:
    """Forget everything that waits for addresses there; how many."""
    return connection.execute(delete(signups).where(signups.c.domain == domain)).rowcount


def _upsert_count(connection: Connection, row: Mapping[str, Any]) -> Any:  # noqa: ANN401
    statement = _insert_for(connection.dialect.name, signup_counts).values(row)
    return statement.on_conflict_do_update(
        index_elements=["hour_at", "kind", "name"],
        set_={"count": signup_counts.c.count + row["count"]},
    )


@cache
def _keep(dialect: str, names: tuple[str, ...]) -> Any:  # noqa: ANN401
    """Built once, because building it takes longer than executing it."""
    statement = _insert_for(dialect, signups)
    changed = {name: statement.excluded[name] for name in names if name not in _KEY}
    return statement.on_conflict_do_update(index_elements=list(_KEY), set_=changed)


def _insert_for(dialect: str, table: Table) -> Any:  # noqa: ANN401
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def _to_row(one: Signup) -> dict[str, Any]:
    return {
        "address": one.address,
        "newsletter_id": one.newsletter_id,
        "cadence": one.cadence,
        "topics": TOPIC_SEPARATOR.join(sorted(set(one.topics))),
        "language": one.language,
        "send_hour": one.send_hour,
        "consent_source": one.consent.source,
        "consent_text": one.consent.text,
        "asked_at": one.consent.given_at,
        "network": one.network,
        "domain": one.domain,
    }


def _to_waiting(row: RowMapping) -> WaitingSignup:
    signup = Signup(
        address=row["address"],
        newsletter_id=row["newsletter_id"],
        cadence=Cadence(row["cadence"]),
        topics=tuple(row["topics"].split(TOPIC_SEPARATOR)) if row["topics"] else (),
        language=row["language"],
        send_hour=row["send_hour"],
        consent=Consent(row["consent_source"], row["consent_text"], row["asked_at"]),
        network=row["network"],
    )
    return WaitingSignup(row["signup_id"], signup, row["not_before"] is not None)
