"""A database that was restored or copied sends nothing before a person says so, on either kind."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from service.errors import SendHoldError
from service.model.editor import COMMAND
from service.store.birth import find_birth
from service.store.database import Database
from service.store.home import describe_home, find_host, is_same_home
from service.store.installation import (
    open_installation,
    record_scan,
    release_send_hold,
    require_no_send_hold,
    step_mark,
)
from service.store.migrate import migrate
from service.store.tables import installation

NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)


class Life:
    """A folder with a database in it that is started, works, and may be stopped in any way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "kawaraban.db"

    def work(self) -> None:
        """What every claim and every look at the posts does."""
        database = Database(f"sqlite:///{self.path}")
        for _ in range(3):
            with database.writing() as connection:
                record_scan(connection, NOON)
        database.close()

    def is_held(self) -> bool:
        """Whether a process that starts now finds it held."""
        database = Database(f"sqlite:///{self.path}")
        try:
            return open_installation(database).is_send_held
        finally:
            database.close()

    def release(self) -> None:
        database = Database(f"sqlite:///{self.path}")
        release_send_hold(database, NOON, by=COMMAND)
        database.close()


@pytest.fixture
def life(migrated_file: Path, tmp_path: Path) -> Life:
    """A database that has been at work, in a folder of its own."""
    folder = tmp_path / "var"
    folder.mkdir()
    shutil.copyfile(migrated_file, folder / "kawaraban.db")
    life = Life(folder)
    assert not life.is_held()
    life.work()
    return life


@pytest.fixture
def backups(life: Life, tmp_path: Path) -> Path:
    """What somebody kept of it, before it worked on."""
    folder = tmp_path / "backups"
    shutil.copytree(life.folder, folder)
    life.work()
    return folder


def _copy_over(life: Life, backups: Path) -> None:
    shutil.copyfile(backups / "kawaraban.db", life.path)


def _move_over(life: Life, backups: Path) -> None:
    (backups / "kawaraban.db").replace(life.path)


def _delete_and_copy(life: Life, backups: Path) -> None:
    life.path.unlink()
    shutil.copy2(backups / "kawaraban.db", life.path)


def _copy_folder_over(life: Life, backups: Path) -> None:
    shutil.copytree(backups, life.folder, dirs_exist_ok=True)


def _empty_folder_and_copy(life: Life, backups: Path) -> None:
    shutil.rmtree(life.folder)
    shutil.copytree(backups, life.folder)


def _go_on_elsewhere(life: Life, backups: Path) -> None:
    life.folder, life.path = backups, backups / "kawaraban.db"


def _restore_in_shell(life: Life, backups: Path) -> None:
    with sqlite3.connect(backups / "kawaraban.db") as source, sqlite3.connect(life.path) as target:
        source.backup(target)
    source.close()
    target.close()


def _vacuum_into_and_copy(life: Life, backups: Path) -> None:
    with sqlite3.connect(backups / "kawaraban.db", isolation_level=None) as source:
        source.execute("VACUUM INTO ?", (str(backups / "vacuumed.db"),))
    source.close()
    shutil.copyfile(backups / "vacuumed.db", life.path)


def _lose_mark(life: Life, backups: Path) -> None:
    shutil.rmtree(life.folder / "kawaraban.db.mark")


def _copy_an_older_release(life: Life, backups: Path) -> None:
    life.is_held()
    (life.folder / "kawaraban.db.mark").rename(backups / "mark")
    assert life.is_held()
    life.release()
    _copy_folder_over(life, backups)


@pytest.mark.parametrize(
    "put_back",
    [
        _copy_over,
        _move_over,
        _delete_and_copy,
        _copy_folder_over,
        _empty_folder_and_copy,
        _go_on_elsewhere,
        _restore_in_shell,
        _vacuum_into_and_copy,
        _lose_mark,
        _copy_an_older_release,
    ],
)
def test_however_a_copy_is_put_in_place_it_is_held_until_it_is_released(
    life: Life, backups: Path, put_back: Callable[[Life, Path], None]
) -> None:
    put_back(life, backups)
    assert life.is_held()
    life.work()
    assert life.is_held()
    life.release()
    for _ in range(2):
        assert not life.is_held()
        life.work()


def test_a_copy_laid_under_a_process_that_runs_is_held_when_that_goes_on(
    life: Life, backups: Path
) -> None:
    database = Database(f"sqlite:///{life.path}")
    open_installation(database)
    # Through SQLite itself: a file that is copied over one in use is damaged.
    _restore_in_shell(life, backups)
    with database.writing() as connection:
        record_scan(connection, NOON)
    with database.reading() as connection, pytest.raises(SendHoldError):
        require_no_send_hold(connection)
    database.close()


def test_a_copy_made_while_a_process_writes_is_held(life: Life, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{life.path}")
    with database.writing() as connection:
        record_scan(connection, NOON)
    shutil.copytree(life.folder, tmp_path / "copied")
    database.close()
    assert Life(tmp_path / "copied").is_held()
    assert not life.is_held()


WORKER = """
import os, sys
from datetime import UTC, datetime
from service.store.database import Database
from service.store.installation import open_installation, record_scan
database = Database(f"sqlite:///{sys.argv[1]}")
assert not open_installation(database).is_send_held
print("at work", flush=True)
while True:
    with database.writing() as connection:
        record_scan(connection, datetime.now(UTC))
"""


def test_a_process_that_was_killed_while_it_worked_goes_on_unheld(life: Life) -> None:
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(life.path)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"at work\n"
        # Threads of ours step beside it: none takes the other's mark for a copy's.
        life.work()
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert not life.is_held()


@pytest.mark.parametrize("behind", [1, 2])
def test_a_mark_that_a_power_cut_left_behind_is_no_alarm(life: Life, behind: int) -> None:
    (mark,) = (life.folder / "kawaraban.db.mark").iterdir()
    token, _, number = mark.name.partition("-")
    mark.rename(mark.with_name(f"{token}-{int(number) - behind}"))
    assert not life.is_held()
    life.work()
    assert not life.is_held()


def test_a_first_start_that_was_cut_short_is_no_alarm(life: Life) -> None:
    database = Database(f"sqlite:///{life.path}")
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE installation SET mark = '', mark_no = 0")
    (mark,) = (life.folder / "kawaraban.db.mark").iterdir()
    mark.rename(mark.with_name("0123456789abcdef-0"))
    database.close()
    assert not life.is_held()
    life.work()
    assert not life.is_held()


def test_a_database_of_an_older_version_is_not_held_for_having_no_mark(life: Life) -> None:
    shutil.rmtree(life.folder / "kawaraban.db.mark")
    database = Database(f"sqlite:///{life.path}")
    with database.writing() as connection:
        older = f"{find_host(Path('/'))}:2049:{life.path.stat().st_ino}"
        values = {"mark": "", "mark_no": 0, "home": older}
        connection.execute(installation.update().values(values))
    assert not open_installation(database).is_send_held
    with database.reading() as connection:
        assert connection.scalar(select(installation.c.home)) == describe_home(database)
    database.close()


@pytest.mark.parametrize(
    ("known", "found", "is_same"),
    [
        ("file:a:7:100", "file:a:7:100", True),
        ("file:a:7:100", "file:b:7:100", False),
        ("file:a:7:100", "file:a:8:100", False),
        ("file:a:7:100", "file:a:7:101", False),
        ("file::7:100", "file::7:100", True),
        ("file:a:7:", "file:a:7:100", True),
        ("3f2a9c:2049:7", "file::7:100", True),
        ("a:2049:7", "file:a:7:100", True),
        ("a:2049:7", "file:b:7:100", False),
        ("server:1:5:00000001", "server:1:5:00000001", True),
        ("server:1:5:00000001", "server:1:5:00000002", False),
        ("server:1:5:00000001", "server:1:6:00000001", False),
        ("server:1:5:", "server:1:5:00000002", True),
        ("1:5", "server:1:5:00000002", True),
        ("1:5", "server:2:5:00000002", False),
    ],
)
def test_a_home_is_told_from_another(known: str, found: str, is_same: bool) -> None:
    assert is_same_home(known, found) is is_same


def test_a_file_made_anew_in_its_old_place_has_another_birth(life: Life) -> None:
    """Some file systems give it the same inode, so that only this tells."""
    born = describe_home(Database(f"sqlite:///{life.path}"))
    life.path.chmod(0o600)
    life.work()
    assert describe_home(Database(f"sqlite:///{life.path}")) == born
    kept = life.path.read_bytes()
    birth = find_birth(life.path)
    life.path.unlink()
    life.path.write_bytes(kept)
    assert birth == "" or find_birth(life.path) != birth
    assert birth in born


def test_a_new_container_with_the_same_folder_is_the_same_home(tmp_path: Path) -> None:
    assert find_host(tmp_path) == os.uname().nodename
    (tmp_path / ".dockerenv").touch()
    assert find_host(tmp_path) == ""


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


@pytest.mark.postgres
def test_a_dump_is_held_until_it_is_released_and_not_again_after_that(
    restored_server: Database,
) -> None:
    assert open_installation(restored_server).is_send_held
    with restored_server.reading() as connection, pytest.raises(SendHoldError, match="--release"):
        require_no_send_hold(connection)
    release_send_hold(restored_server, NOON, by=COMMAND)
    assert not open_installation(restored_server).is_send_held
    assert not open_installation(restored_server).is_send_held


@pytest.mark.postgres
def test_a_server_set_back_in_time_or_taken_over_is_held(postgres: Database) -> None:
    system, oid, timeline = describe_home(postgres).split(":")[1:]
    assert timeline == "00000001"
    open_installation(postgres)
    with postgres.writing() as connection:
        earlier = f"server:{system}:{oid}:00000000"
        connection.execute(installation.update().values(home=earlier))
    with postgres.writing() as connection:
        step_mark(connection)
        with pytest.raises(SendHoldError):
            require_no_send_hold(connection)
    assert open_installation(postgres).is_send_held
