"""`migrate`: the database made ready, or filled with everything out of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import RenderableType
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from service.cli.printing import Tell, json_option, make_facts, progress, show
from service.cli.session import Session, pass_session
from service.engine.guard import hold_clock
from service.errors import UsageError
from service.store.copying import copy_database
from service.store.database import Database
from service.store.migrate import migrate as migrate_database


@click.command("migrate")
@click.option(
    "--copy-from",
    metavar="URL",
    help="Fill a new PostgreSQL with everything out of an SQLite: sqlite:///var/kawaraban.db",
)
@json_option
@pass_session
def migrate(session: Session, *, copy_from: str | None, as_json: bool) -> None:
    """Make the database, or bring it to the newest schema.

    --copy-from moves an installation: nothing may run on the old database, and afterwards
    nothing leaves from either until you run: kawaraban doctor --release-hold
    """
    database = session.open_database()
    try:
        if copy_from is not None:
            _move(session, database, copy_from, as_json=as_json)
            return
        before, after = migrate_database(database)
    finally:
        database.close()
    line = (
        f"schema {after}, as before" if before == after else f"schema {before or 'none'} → {after}"
    )
    show({"before": before, "after": after}, line, as_json=as_json)


def _move(session: Session, target: Database, url: str, *, as_json: bool) -> None:
    if target.is_sqlite:
        raise UsageError(
            "--copy-from fills a PostgreSQL; set DATABASE_URL to it: postgresql://host/name"
        )
    path = _find_file(url)
    source = Database(f"sqlite:///{path}")
    folders = sorted({session.config.service.data.resolve(), path.parent})
    try:
        with _hold_all(folders, source), progress() as tell:
            migrate_database(target)
            counts = copy_database(source, target, _tell_table(tell))
    finally:
        source.close()
    document = {"copied_from": str(path), "rows": counts, "is_send_held": True}
    show(document, *_list_advice(path, counts), as_json=as_json)


def _find_file(url: str) -> Path:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise UsageError("--copy-from is not an SQLite; write sqlite:///var/kawaraban.db")
    path = Path(parsed.database).resolve()
    if not path.is_file():
        raise UsageError(f"--copy-from: there is no file {path}")
    return path


@contextmanager
def _hold_all(folders: list[Path], source: Database) -> Iterator[None]:
    """Keep every clock off the old database: its lock is in the data folder, usually beside it."""
    if not folders:
        yield
        return
    with hold_clock(folders[0], source), _hold_all(folders[1:], source):
        yield


def _tell_table(tell: Tell | None) -> Tell:
    if tell is None:
        return lambda _table, _done, _total: None
    return lambda table, done, total: tell(f"copying {table}", done, total)


def _list_advice(path: Path, counts: Mapping[str, int]) -> list[RenderableType]:
    rows = {table: f"{count:,}" for table, count in counts.items() if count}
    return [
        make_facts(rows),
        "",
        "Every row was copied and compared. Nothing leaves from either database now.",
        f"  Retire the old one: nothing may ever run on {path} again.",
        "  Keep the key of the links already mailed: secret.json, or KAWARABAN_SECRET_KEY.",
        "  Then let mail leave from the new one: kawaraban doctor --release-hold",
    ]
