"""A PostgreSQL server of the tests' own, in a folder of its own, with one plain role."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from service.store.database import Database

_OWNER = "postgres"
_MEMORY, _ROOM = Path("/dev/shm"), 1 << 30


@dataclass(frozen=True, slots=True)
class Cluster:
    """A server that runs, reached over a socket in its folder."""

    binaries: Path
    folder: str

    @property
    def url(self) -> str:
        """Where the plain role finds its database."""
        return f"postgresql+psycopg://kawaraban@/kawaraban?host={self.folder}"

    def restart(self, mode: str) -> None:
        """Restart the server; `mode` is fast, which ends what runs, or immediate, as in a crash."""
        self.control("-m", mode, "restart")

    def control(self, *words: str) -> None:
        """Let pg_ctl do something, and wait until it is done."""
        # Without a log the server would keep what it is told to write to, and us with it.
        where = ("-D", f"{self.folder}/data", "-l", f"{self.folder}/log")
        _run(self.binaries / "pg_ctl", *where, "-w", *words)


@contextmanager
def open_cluster(*settings: str, on_disk: bool = False) -> Iterator[Cluster]:
    """A server for the length of a block; the test is skipped where none can be had.

    Its files lie in memory, where there is room, and it never waits for a disk, unless told to.
    """
    binaries = _find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed here (no initdb and pg_ctl)")
    if os.geteuid() == 0 and not _has_owner():
        pytest.skip("PostgreSQL does not run as root, and there is no user named postgres")
    folder_of_all = None if on_disk else find_memory()
    with tempfile.TemporaryDirectory(prefix="kawaraban-pg-", dir=folder_of_all) as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, _OWNER)
        cluster = Cluster(binaries, folder)
        data = f"{folder}/data"
        _run(
            binaries / "initdb", "-D", data, "-A", "trust", "-U", "root", "--no-sync", "-E", "UTF8"
        )
        more = "".join(f" -c {one}" for one in ("listen_addresses=''", "fsync=off", *settings))
        cluster.control("-o", f"-k {folder}{more}", "start")
        try:
            _create_role(f"postgresql+psycopg://root@/postgres?host={folder}")
            yield cluster
        finally:
            cluster.control("-m", "immediate", "stop")


def find_memory() -> Path | None:
    """The folder that lies in memory, where there is one with room: a container's may be small."""
    may_write = os.access(_MEMORY, os.W_OK)
    return _MEMORY if may_write and shutil.disk_usage(_MEMORY).free > _ROOM else None


def _find_binaries() -> Path | None:
    folders = [Path(folder) for folder in os.get_exec_path()]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    return None


def _has_owner() -> bool:
    return (
        _OWNER in {user.pw_name for user in pwd.getpwall()} and shutil.which("runuser") is not None
    )


def _run(*command: str | Path) -> None:
    """Run a program of PostgreSQL, as its own user where we are root."""
    drop = ["runuser", "-u", _OWNER, "--"] if os.geteuid() == 0 else []
    subprocess.run([*drop, *map(str, command)], check=True, capture_output=True, cwd="/")


def _create_role(url: str) -> None:
    admin = Database(url)
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CREATE ROLE kawaraban LOGIN"))
        connection.execute(text("CREATE DATABASE kawaraban OWNER kawaraban"))
    admin.close()
