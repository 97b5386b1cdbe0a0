"""The mark beside an SQLite file: it goes forward with the database, and never back with a copy.

It is one file in a folder of its own, `kawaraban.db.mark/`, and its name says all: a token that
only this database has, and a number that the database steps forward and the name follows. A
backup laid over the file has the smaller number, wherever it came from; a folder laid over the
folder brings its own mark along and cannot take the later one away.

The name follows after the commit. So a crash between the two, or a power cut that takes a rename
back, leaves the mark behind the database, which is no alarm; only a mark ahead of it is.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

_SAYS = """\
By this file Kawaraban knows whether the database beside this folder is still the one that it
used last, or an older copy, which may not know what was sent since. Leave it where it is.
"""


def lay_mark(database: Path) -> str:
    """Begin anew at number 0, with nothing left of what was before; the new token."""
    folder = _find_folder(database)
    folder.mkdir(exist_ok=True)
    token = secrets.token_hex(8)
    before = _list(folder)
    new = folder / _name(token, 0)
    with new.open("w", encoding="ascii") as file:
        file.write(_SAYS)
        file.flush()
        os.fsync(file.fileno())
    for one in before:
        (folder / _name(*one)).unlink(missing_ok=True)
    sync_folder(folder)
    sync_folder(folder.parent)
    return token


def is_mark_fresh(database: Path) -> bool:
    """Whether no database ever went forward beside it: it is not there, or was just laid."""
    return all(number == 0 for _, number in _list(_find_folder(database)))


def is_mark_sound(database: Path, token: str, number: int) -> bool:
    """Whether the mark is there, is this database's own, and is not ahead of it."""
    folder = _find_folder(database)
    # Who lists a folder while a file in it is renamed may see neither name: look twice.
    found = _list(folder) or _list(folder)
    return bool(found) and all(one == token and at <= number for one, at in found)


def move_mark(database: Path, token: str, number: int) -> None:
    """Let the mark follow to `number`; where another process moved it just now, leave it there."""
    folder = _find_folder(database)
    behind = [one for one in _list(folder) if one[0] == token and one[1] < number]
    # A mark that stays behind makes no false alarm, and moves with the next step.
    with suppress(OSError):
        for one in behind:
            (folder / _name(*one)).rename(folder / _name(token, number))


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _find_folder(database: Path) -> Path:
    return database.with_name(f"{database.name}.mark")


def _name(token: str, number: int) -> str:
    return f"{token}-{number}"


def _list(folder: Path) -> list[tuple[str, int]]:
    """The marks by token and number; names that are none of ours do not count."""
    if not folder.is_dir():
        return []
    parts = [name.partition("-") for name in os.listdir(folder)]  # noqa: PTH208 (with every claim)
    return [(token, int(number)) for token, _, number in parts if number.isdecimal()]
