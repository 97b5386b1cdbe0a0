"""A restored database, laid where the old one was: the old one stays beside it, whole."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from service.store.database import Database
from service.store.mark import sync_folder
from service.store.snapshot import fold_log

_BESIDE = ("-wal", "-shm")


def lay_file(new: Path, target: Path, suffix: str) -> Path | None:
    """Put `new` in the place of `target`; where what was there before is now, None for nothing.

    At every moment a whole file of either is there.
    """
    kept = _keep_beside(target, suffix)
    new.replace(target)
    sync_folder(target.parent)
    return kept


def _keep_beside(target: Path, suffix: str) -> Path | None:
    """Give a file another name besides its own; None when there is no such file."""
    if not target.exists():
        return None
    kept = target.with_name(f"{target.name}.{suffix}")
    try:
        os.link(target, kept)
    except OSError:
        # Not every file system lets a file have two names.
        shutil.copy2(target, kept)
    return kept


def retire_log(path: Path, suffix: str) -> None:
    """Leave nothing beside an SQLite that the next one in its place would take for its own.

    A log that cannot be folded into its file, which is damaged then, is kept beside that.
    """
    if path.exists():
        database = Database(f"sqlite:///{path}")
        with suppress(DatabaseError):
            fold_log(database)
        database.close()
    for ending in _BESIDE:
        log = path.with_name(path.name + ending)
        if log.exists():
            log.rename(path.with_name(f"{path.name}.{suffix}{ending}"))
