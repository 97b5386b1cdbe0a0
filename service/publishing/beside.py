"""What a static host needs beside the feeds: written by a build, and taken away when it is over.

The folder may be that of a whole site. So files of somebody else are left as they are and named;
which ones are ours is said by a list in the folder, with the sha256 of each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from service.feeds.files import remove_file, write_file
from service.model.feed import FeedFile
from service.publishing.manifest import PAGES_LIST, read_manifest, write_manifest

_CONTROL_FILES = frozenset({"_headers", "_redirects"})
"""What a host reads and never hands out, so there is nothing to compress."""


@dataclass(frozen=True, slots=True)
class BesideReport:
    """What became of the files, by path below public/.

    `foreign` were there already and are somebody else's, or were changed by somebody since.
    """

    files: int
    written: int
    removed: tuple[str, ...]
    foreign: tuple[str, ...]


def write_beside(
    folder: Path, files: Iterable[FeedFile], *, replaces: bool = False
) -> BesideReport:
    """Put these files into the folder, and take away those of an earlier build that are not here.

    Nothing of somebody else's is touched, unless it `replaces` what is in the way.
    """
    known = read_manifest(folder, PAGES_LIST) or {}
    digests: dict[str, str] = {}
    written = 0
    foreign: list[str] = []
    for file in files:
        digest = hashlib.sha256(file.content).hexdigest()
        there = _find_digest(folder / file.path)
        if there in (None, digest, known.get(file.path)) or replaces:
            digests[file.path] = digest
            written += _write(folder, file)
        else:
            foreign.append(file.path)
    removed = _remove_gone(folder, known, {*digests, *foreign})
    write_manifest(folder, digests, PAGES_LIST)
    return BesideReport(len(digests), written, removed, tuple(foreign))


def write_plainly(path: Path, content: bytes) -> bool:
    """Put a file where it belongs, whole or not at all; False when it was there already."""
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
    return True


def _write(folder: Path, file: FeedFile) -> bool:
    if file.path in _CONTROL_FILES:
        return write_plainly(folder / file.path, file.content)
    return write_file(folder, file)


def _remove_gone(folder: Path, known: dict[str, str], wanted: set[str]) -> tuple[str, ...]:
    gone = [
        path for path in sorted(set(known) - wanted) if _find_digest(folder / path) == known[path]
    ]
    for path in gone:
        remove_file(folder, path)
    return tuple(gone)


def _find_digest(path: Path) -> str | None:
    """The sha256 of a file in hex, None where there is none, "" where no file can be."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None
    except (IsADirectoryError, NotADirectoryError):
        return ""
