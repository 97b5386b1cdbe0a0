"""What this installation knows of itself: its name, its home, its first and last scan."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, RowMapping, insert, select, update

from service.errors import SendHoldError
from service.model.editor import Actor
from service.store.audit import record_action
from service.store.database import Database, after_commit
from service.store.home import describe_home, is_same_home, is_timeline_kept
from service.store.mark import is_mark_fresh, is_mark_sound, lay_mark, move_mark
from service.store.tables import installation


@dataclass(frozen=True, slots=True)
class Installation:
    """The one row. `name` is in every batch key, so that two installations never share one."""

    name: str
    home: str
    is_send_held: bool
    first_scan_at: datetime | None
    last_scan_at: datetime | None
    published_version: int


def open_installation(database: Database) -> Installation:
    """Return the row, made on the first start; a database that moved starts in send-hold.

    So does one that is older than the mark beside it, or has none any more.
    """
    home = describe_home(database)
    with database.writing() as connection:
        row = connection.execute(select(installation)).mappings().first()
        if row is None:
            connection.execute(insert(installation).values(_new_row(database, home)))
        elif not row["is_send_held"] and not _is_at_home(database, row, home):
            hold_installation(connection)
        elif not row["is_send_held"]:
            _settle_in(connection, database, row, home)
        return find_installation(connection)


def find_installation(connection: Connection) -> Installation:
    """The row as it stands."""
    row = connection.execute(select(installation)).mappings().one()
    return Installation(**{key: row[key] for key in Installation.__slots__})


def find_installation_name(connection: Connection) -> str:
    """Its name alone, whatever the schema; empty before the first start."""
    return str(connection.scalar(select(installation.c.name)) or "")


def hold_installation(connection: Connection) -> None:
    """Let nothing leave before a person says so."""
    connection.execute(update(installation).values(is_send_held=True))


def hold_by_hand(database: Database, now: datetime, *, by: Actor) -> None:
    """Let nothing leave before a person says so, because one wants that."""
    with database.writing() as connection:
        if not find_installation(connection).is_send_held:
            hold_installation(connection)
            record_action(connection, by, "mail.hold", "installation", {}, now)


def release_send_hold(database: Database, now: datetime, *, by: Actor) -> None:
    """Let mail leave from where the database lives now; does nothing where it may already."""
    home = describe_home(database)
    with database.writing() as connection:
        row = connection.execute(select(installation)).mappings().one()
        if row["is_send_held"] or not _is_at_home(database, row, home):
            values = {"is_send_held": False, "home": home, **_lay_mark(database)}
            connection.execute(update(installation).values(values))
            record_action(connection, by, "mail.release", "installation", {}, now)


def require_no_send_hold(connection: Connection) -> None:
    """Raise SendHoldError while the database may be a copy of one that already sent."""
    if find_installation(connection).is_send_held:
        raise SendHoldError(
            "this database was restored or copied, and what it says of sent mail may be old; "
            "nothing leaves until you run: kawaraban doctor --release-hold"
        )


def step_mark(connection: Connection) -> None:
    """Go one step forward, and let the mark beside the file follow once that is on disk.

    A database that was laid over the one in use, under our eyes, is held. On PostgreSQL there
    is no mark: a row that every claim changes would make the workers wait for each other. There
    it is held when another server took over, which may not have the last claims.
    """
    if connection.dialect.name != "sqlite":
        if not is_timeline_kept(connection, find_installation(connection).home):
            hold_installation(connection)
        return
    number = installation.c.mark_no
    step = update(installation).values({number: number + 1})
    row = connection.execute(step.returning(installation.c.mark, number)).one()
    path = Path(str(connection.engine.url.database))
    if is_mark_sound(path, row.mark, row.mark_no):
        after_commit(connection, partial(move_mark, path, row.mark, row.mark_no))
    else:
        hold_installation(connection)


def record_scan(connection: Connection, now: datetime) -> None:
    """Note a good scan; the first one divides what was there from what is news."""
    connection.execute(
        update(installation).where(installation.c.first_scan_at.is_(None)).values(first_scan_at=now)
    )
    connection.execute(update(installation).values(last_scan_at=now))
    step_mark(connection)


def raise_published_version(connection: Connection) -> int:
    """Tell every process that published files changed; the version they have now."""
    version = installation.c.published_version
    connection.execute(update(installation).values({version: version + 1}))
    return int(connection.execute(select(version)).scalar_one())


def _new_row(database: Database, home: str) -> dict[str, object]:
    return {
        "installation_id": 1,
        "name": secrets.token_hex(4),
        "home": home,
        "is_send_held": False,
        "published_version": 0,
        **_lay_mark(database),
    }


def _lay_mark(database: Database) -> dict[str, object]:
    """Lay the mark before the commit that names it: cut short, it finds a mark that is fresh."""
    if not database.is_sqlite:
        return {}
    return {"mark": lay_mark(Path(str(database.url.database))), "mark_no": 0}


def _is_at_home(database: Database, row: RowMapping, home: str) -> bool:
    if not is_same_home(row["home"], home):
        return False
    if not database.is_sqlite:
        return True
    path = Path(str(database.url.database))
    if not row["mark"]:
        return is_mark_fresh(path)
    return is_mark_sound(path, row["mark"], row["mark_no"])


def _settle_in(connection: Connection, database: Database, row: RowMapping, home: str) -> None:
    """Write down what an older version, or another container, did not know of the same place."""
    values: dict[str, object] = {} if row["mark"] else _lay_mark(database)
    if row["home"] != home:
        values["home"] = home
    if values:
        connection.execute(update(installation).values(values))
