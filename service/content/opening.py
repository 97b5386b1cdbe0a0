"""The bytes of a file, whole and of one moment, or the reason why there are none."""

from __future__ import annotations

import os
import stat as stat_modes
from dataclasses import dataclass
from pathlib import Path

from service.content.listing import describe_kind, explain_os_error
from service.errors import ContentError

MAX_FILE = 5_000_000
"""Bytes; the largest real post we know has 851,167."""

BUSY = "busy"
"""The code of a file that somebody is writing or taking away just now: no verdict to keep."""

_TRIES = 2


@dataclass(frozen=True, slots=True)
class Taken:
    """The bytes of a file with the size and mtime (ns) it had all the while."""

    raw: bytes
    size: int
    mtime_ns: int


def take_file(root: Path, name: str) -> Taken:
    """Return the file `name` below `root`, never a torn version of it.

    Raises ContentError: "unreadable", "too_large", or BUSY for one that changed while it
    was read, twice, or has gone.
    """
    try:
        for _ in range(_TRIES):
            if taken := _take_once(root, name):
                return taken
    except FileNotFoundError as error:
        raise ContentError(BUSY, "it went while the folder was read; read again later") from error
    except OSError as error:
        raise ContentError("unreadable", explain_os_error(error)) from error
    raise ContentError(BUSY, "it changes while it is read; read again later")


def _take_once(root: Path, name: str) -> Taken | None:
    path = root / name
    if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
        raise ContentError("unreadable", "it is a link that leads out of the folder of posts")
    # Not blocking: a pipe with the name of a post would wait for a writer for ever.
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123
        before = os.fstat(file.fileno())
        if not stat_modes.S_ISREG(before.st_mode):
            raise ContentError("unreadable", describe_kind(before.st_mode))
        if before.st_size > MAX_FILE:
            raise _explain_size(before.st_size)
        raw = file.read(before.st_size + 1)
        after = os.fstat(file.fileno())
    is_whole = len(raw) == before.st_size == after.st_size
    if not is_whole or before.st_mtime_ns != after.st_mtime_ns:
        return None
    return Taken(raw, before.st_size, before.st_mtime_ns)


def _explain_size(size: int) -> ContentError:
    return ContentError(
        "too_large",
        "the file has {size} bytes and may have {most}; put pictures and data into "
        "files of their own",
        size=f"{size:,}",
        most=f"{MAX_FILE:,}",
    )
