"""When a file was made: what no copy of it can have the same, not even one in its old place.

An inode is no proof: ext4 gives the number of a file that was just deleted to the next one.
"""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path

# linux/stat.h and linux/fcntl.h: statx(2), which Python does not offer before 3.15.
_HERE, _BIRTH, _SIZE, _BIRTH_AT = -100, 0x800, 256, 80


def find_birth(path: Path) -> str:
    """The moment at which a file was made, in nanoseconds; empty where its file system forgets."""
    try:
        statx = ctypes.CDLL(None).statx
    except (AttributeError, OSError):
        seconds = getattr(path.stat(), "st_birthtime", "")
        return str(seconds)
    told = ctypes.create_string_buffer(_SIZE)
    failed = statx(_HERE, os.fsencode(path), 0, _BIRTH, told)
    (mask,) = struct.unpack_from("I", told)
    if failed or not mask & _BIRTH:
        return ""
    seconds, nanoseconds = struct.unpack_from("qI", told, _BIRTH_AT)
    return str(seconds * 1_000_000_000 + nanoseconds)
