"""`backup`: the database and the key of the links, in one file that can be restored."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import RenderableType

from service import __version__
from service.app import read_clock
from service.cli.printing import count_of, json_option, make_facts, show, write_moment
from service.cli.session import Session, pass_session
from service.config import ServiceConfig
from service.errors import StoreError, UsageError
from service.store.archive import Manifest, digest_file, refuse_existing, write_archive
from service.store.database import Database
from service.store.dumping import dump_server
from service.store.installation import find_installation_name
from service.store.migrate import find_revision
from service.store.secret_file import find_secret
from service.store.snapshot import check_file, copy_file, count_rows

FILE_NAMES: Mapping[str, str] = {"sqlite": "kawaraban.db", "postgresql": "kawaraban.dump"}
"""What the database is called inside a backup, by its kind."""

SECRET_NAME = "secret.json"  # noqa: S105  (the name of a file)


@click.command("backup")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@json_option
@pass_session
def backup(session: Session, *, file: Path | None, as_json: bool) -> None:
    """Copy the database and the key that signs links into one FILE, also while mail leaves.

    Without FILE it goes to backups/ in the data folder: take it to another machine from there.
    Overwrites nothing. On PostgreSQL it needs pg_dump.
    """
    service, now = session.config.service, read_clock()
    target = (file or _name_file(service, now)).absolute()
    if not target.parent.is_dir():
        raise UsageError(f"there is no folder {target.parent}")
    refuse_existing(target)
    database = session.open_database()
    try:
        manifest = _make(database, service, target, now)
    except OSError as error:
        raise StoreError(f"no backup was made, at {target.parent}: {error.strerror}") from error
    finally:
        database.close()
    document = {
        "file": str(target),
        "size": target.stat().st_size,
        "schema": manifest.schema,
        "made_at": manifest.made_at,
        "rows": manifest.rows,
        "has_secret": SECRET_NAME in manifest.digests,
    }
    show(document, *_list_lines(session, target, manifest), as_json=as_json)


def describe_rows(rows: Mapping[str, int]) -> str:
    """What a person asks first of a backup: how much is in it."""
    asked = {"subscribers": "reader", "editions": "edition"}
    counted = [count_of(rows.get(table, 0), noun) for table, noun in asked.items()]
    return ", ".join([*counted, f"{rows.get('deliveries', 0):,} deliveries"])


def _name_file(service: ServiceConfig, now: datetime) -> Path:
    folder = service.data / "backups"
    if service.data.is_dir():
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"kawaraban-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar.gz"


def _make(database: Database, service: ServiceConfig, target: Path, now: datetime) -> Manifest:
    kind = "sqlite" if database.is_sqlite else "postgresql"
    _require_something(database)
    with tempfile.TemporaryDirectory(prefix=".kawaraban-", dir=target.parent) as folder:
        copy = Path(folder) / FILE_NAMES[kind]
        files = {copy.name: copy}
        rows, schema, name = _copy(database, copy)
        secret = find_secret(service.data)
        if secret.exists():
            files[SECRET_NAME] = secret
        manifest = Manifest(
            version=__version__,
            made_at=now,
            kind=kind,
            schema=schema,
            installation=name,
            rows=rows,
            digests={one: digest_file(path) for one, path in files.items()},
        )
        write_archive(target, manifest, files)
    return manifest


def _require_something(database: Database) -> None:
    """Raise StoreError where there is no database: to look would make an empty one."""
    path = Path(str(database.url.database))
    if database.is_sqlite and not path.is_file():
        raise StoreError(f"there is no database {path}; kawaraban migrate makes it")
    with database.reading() as connection:
        if find_revision(connection) is None:
            raise StoreError("the database is empty; kawaraban migrate makes it ready")


def _copy(database: Database, copy: Path) -> tuple[Mapping[str, int], str, str]:
    """Copy the database; its rows, its schema and its installation's name, as they are copied."""
    if not database.is_sqlite:
        rows = dump_server(database, copy)
        with database.reading() as connection:
            return rows, str(find_revision(connection)), find_installation_name(connection)
    copy_file(database, copy)
    check_file(copy)
    copied = Database(f"sqlite:///{copy}")
    try:
        with copied.reading() as connection:
            schema, name = str(find_revision(connection)), find_installation_name(connection)
            return count_rows(connection), schema, name
    finally:
        copied.close()


def _list_lines(session: Session, target: Path, manifest: Manifest) -> list[RenderableType]:
    service = session.config.service
    facts = {
        "written": str(target),
        "size": f"{target.stat().st_size:,} bytes",
        "made": write_moment(manifest.made_at, session.zone),
        "holds": describe_rows(manifest.rows),
        "links": "secret.json, which signs them" if SECRET_NAME in manifest.digests else "",
    }
    lines: list[RenderableType] = [make_facts(facts)]
    if service.secret_key:
        lines += ["", "KAWARABAN_SECRET_KEY stands in the environment and is not in it."]
    if target.is_relative_to(service.data.absolute()):
        lines += ["", "It lies beside what it is a copy of: take it to another machine."]
    return lines
