"""A database that was restored or copied sends nothing before a person says so, on either kind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from service.errors import SendHoldError
from service.store.database import Database
from service.store.installation import (
    open_installation,
    release_send_hold,
    require_no_send_hold,
)
from service.store.migrate import migrate
from service.store.tables import installation


@pytest.fixture
def copied_file(migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    """A file that was in use, and then copied."""
    first = tmp_path / "first.db"
    shutil.copyfile(migrated_file, first)
    used = Database(f"sqlite:///{first}")
    open_installation(used)
    with used.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    used.close()
    shutil.copyfile(first, tmp_path / "second.db")
    copied = Database(f"sqlite:///{tmp_path / 'second.db'}")
    yield copied
    copied.close()


@pytest.fixture
def restored_server(postgres: Database) -> Iterator[Database]:
    """A database that was in use, and what a dump of it becomes on the same server."""
    open_installation(postgres)
    with postgres.reading() as connection:
        row = dict(connection.execute(select(installation)).mappings().one())
    admin = Database(_name(postgres, "postgres", user="root"))
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CREATE DATABASE restored OWNER kawaraban"))
    restored = Database(_name(postgres, "restored"))
    migrate(restored)
    with restored.writing() as writer:
        writer.execute(insert(installation).values(row))
    yield restored
    restored.close()
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE restored"))
    admin.close()


def _name(database: Database, name: str, user: str | None = None) -> str:
    url = database.url.set(database=name, username=user or database.url.username)
    return url.render_as_string(hide_password=False)


@pytest.mark.parametrize(
    "kind", ["copied_file", pytest.param("restored_server", marks=pytest.mark.postgres)]
)
def test_a_copy_is_held_until_it_is_released_and_not_again_after_that(
    request: pytest.FixtureRequest, kind: str
) -> None:
    database: Database = request.getfixturevalue(kind)
    assert open_installation(database).is_send_held
    with database.reading() as connection, pytest.raises(SendHoldError, match="--release-hold"):
        require_no_send_hold(connection)
    release_send_hold(database)
    assert not open_installation(database).is_send_held
    assert not open_installation(database).is_send_held
