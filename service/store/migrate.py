"""Bring the database's schema to the one this program knows."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from service.errors import SchemaError
from service.store.database import Database
from service.store.jobs import are_jobs_laid_out, lay_out_jobs


def migrate(database: Database) -> tuple[str | None, str]:
    """Upgrade to the newest schema, in one transaction; the revision before and after."""
    with database.writing() as connection:
        before = find_revision(connection)
        config = _configure()
        _refuse_newer(before, _read_scripts())
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if not database.is_sqlite:
            lay_out_jobs(connection)
        return before, str(find_revision(connection))


def check_schema(database: Database) -> None:
    """Raise SchemaError unless the schema is the newest one."""
    with database.reading() as connection:
        found = find_revision(connection)
        has_jobs = database.is_sqlite or are_jobs_laid_out(connection)
    scripts = _read_scripts()
    newest = scripts.get_current_head()
    if found != newest:
        _refuse_newer(found, scripts)
        raise SchemaError(
            f"the database has schema {found or 'none'}, this program needs {newest}; "
            "run: kawaraban migrate"
        )
    if not has_jobs:
        raise SchemaError(
            "the jobs in the database are laid out for another version of procrastinate, or not "
            "at all; run: kawaraban migrate"
        )


def require_known(revision: str) -> None:
    """Raise SchemaError when a newer version wrote that schema."""
    _refuse_newer(revision, _read_scripts())


def find_revision(connection: Connection) -> str | None:
    """The schema that is there; None before anything was migrated."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def _read_scripts() -> ScriptDirectory:
    """The migrations of this program, which never change while it runs."""
    return ScriptDirectory.from_config(_configure())


def _refuse_newer(found: str | None, scripts: ScriptDirectory) -> None:
    known = {script.revision for script in scripts.walk_revisions()}
    if found is not None and found not in known:
        raise SchemaError(
            f"the database has schema {found}, which this program does not know; "
            "it was written by a newer version: install that one"
        )


def _configure() -> Config:
    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
