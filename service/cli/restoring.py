"""`restore`: a backup becomes the database, and nothing leaves before a person says so."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import RenderableType

from service.app import read_clock
from service.cli.backing_up import FILE_NAMES, SECRET_NAME, describe_rows
from service.cli.printing import json_option, make_facts, show, write_moment
from service.cli.session import Session, pass_session
from service.engine.guard import hold_clock
from service.errors import StoreError, UsageError
from service.store.archive import Archive, Manifest, open_archive
from service.store.database import Database
from service.store.dumping import load_server, require_nothing_there
from service.store.laying import lay_file, retire_log
from service.store.migrate import require_known
from service.store.secret_file import find_secret, open_secret
from service.store.snapshot import check_file, count_rows, fold_log, make_ready


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--replace",
    is_flag=True,
    help="Take the place of the database that is there; that one is kept beside it (SQLite).",
)
@json_option
@pass_session
def restore(session: Session, *, file: Path, replace: bool, as_json: bool) -> None:
    """Make the backup in FILE the database, of this version's schema.

    Nothing leaves from it before you run: kawaraban doctor --release-hold. Nothing may run
    meanwhile. Whatever goes wrong, what was there before stays.
    """
    database = session.open_database()
    try:
        with _hold_everything(session, database), open_archive(file) as archive:
            require_known(archive.manifest.schema)
            _require_kind(database, archive.manifest)
            put_back = _restore_file if database.is_sqlite else _restore_server
            kept = put_back(session, database, archive, replace=replace)
            manifest = archive.manifest
    except OSError as error:
        raise StoreError(f"the backup was not restored: {error.strerror}") from error
    finally:
        database.close()
    document = {
        "made_at": manifest.made_at,
        "schema": manifest.schema,
        "rows": manifest.rows,
        "has_secret": SECRET_NAME in manifest.digests,
        "kept": [str(path) for path in kept],
        "is_send_held": True,
    }
    show(document, *_list_lines(session, manifest, kept), as_json=as_json)


@contextmanager
def _hold_everything(session: Session, database: Database) -> Iterator[None]:
    """Keep every clock off, and raise AlreadyRunningError where one runs: on both folders."""
    data = session.config.service.data
    with hold_clock(data, database):
        folder = Path(str(database.url.database)).parent
        if not database.is_sqlite or folder.resolve() == data.resolve():
            yield
            return
        with hold_clock(folder, database):
            yield


def _require_kind(database: Database, manifest: Manifest) -> None:
    kind = "sqlite" if database.is_sqlite else "postgresql"
    if manifest.kind != kind:
        advice = (
            "unset DATABASE_URL, restore it, and move it then: kawaraban migrate --copy-from"
            if manifest.kind == "sqlite"
            else "set DATABASE_URL to a new PostgreSQL database"
        )
        raise UsageError(f"this backup is of another kind of database ({manifest.kind}): {advice}")


def _restore_file(
    session: Session, database: Database, archive: Archive, *, replace: bool
) -> list[Path]:
    target = Path(str(database.url.database)).absolute()
    secret = find_secret(session.config.service.data).absolute()
    _refuse_living([target, secret], replace=replace)
    suffix = _compose_suffix(read_clock())
    with tempfile.TemporaryDirectory(prefix=".kawaraban-", dir=target.parent) as folder:
        new = Path(folder) / FILE_NAMES["sqlite"]
        archive.extract(new.name, new)
        check_file(new)
        _make_file_ready(new)
        keys = _extract_secret(archive, Path(folder))
        database.close()
        retire_log(target, suffix)
        kept = [lay_file(new, target, suffix)]
        if keys is not None:
            kept.append(_lay_secret(keys, secret, suffix))
    return [path for path in kept if path is not None]


def _refuse_living(paths: list[Path], *, replace: bool) -> None:
    there = [str(path) for path in paths if path.exists()]
    if there and not replace:
        raise StoreError(
            f"{' and '.join(there)} would be lost: --replace takes the place, and keeps what is "
            "there beside it"
        )


def _compose_suffix(now: datetime) -> str:
    return f"before-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _make_file_ready(new: Path) -> None:
    database = Database(f"sqlite:///{new}")
    try:
        make_ready(database)
        fold_log(database)
    finally:
        database.close()


def _extract_secret(archive: Archive, folder: Path) -> Path | None:
    """The keys in the backup, looked at; None where it has none."""
    if SECRET_NAME not in archive.manifest.digests:
        return None
    path = find_secret(folder)
    archive.extract(SECRET_NAME, path)
    open_secret(folder)
    return path


def _lay_secret(keys: Path, target: Path, suffix: str) -> Path | None:
    if target.exists() and target.read_bytes() == keys.read_bytes():
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    # It may have to go to another file system.
    beside = target.with_name(f".{target.name}.new")
    shutil.copy2(keys, beside)
    return lay_file(beside, target, suffix)


def _restore_server(
    session: Session, database: Database, archive: Archive, *, replace: bool
) -> list[Path]:
    if replace:
        raise UsageError(
            "--replace is for SQLite; on PostgreSQL restore into a new database (createdb, and "
            "DATABASE_URL set to it), and the old one stays as it is"
        )
    with database.reading() as connection:
        require_nothing_there(connection)
    data = session.config.service.data
    with tempfile.TemporaryDirectory(prefix=".kawaraban-", dir=data) as folder:
        dump = Path(folder) / FILE_NAMES["postgresql"]
        archive.extract(dump.name, dump)
        keys = _extract_secret(archive, Path(folder))
        load_server(database, dump)
        _compare(database, archive.manifest)
        make_ready(database)
        kept = _lay_secret(keys, find_secret(data), _compose_suffix(read_clock())) if keys else None
    return [kept] if kept else []


def _compare(database: Database, manifest: Manifest) -> None:
    with database.reading() as connection:
        found = count_rows(connection)
    if any(found[table] != count for table, count in manifest.rows.items()):
        raise StoreError("not every row was restored; drop this database, and please report it")


def _list_lines(session: Session, manifest: Manifest, kept: list[Path]) -> list[RenderableType]:
    facts = {
        "restored": f"as it was on {write_moment(manifest.made_at, session.zone)}",
        "holds": describe_rows(manifest.rows),
        "links": "secret.json, which signs them" if SECRET_NAME in manifest.digests else "",
        "kept": "\n".join(str(path) for path in kept),
    }
    return [
        make_facts(facts),
        "",
        "Nothing leaves from it now: it cannot know what was sent since.",
        "  Look what your provider sent after that moment, and who left.",
        "  Then let mail leave: kawaraban doctor --release-hold",
    ]
