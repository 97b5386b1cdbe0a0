"""What lies in the folder of posts, seen from outside: files to read, and what is in the way."""

from __future__ import annotations

import os
import re
import stat as stat_modes
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from service.content.generators import NO_HABITS, Generator, Habits, choose_generator
from service.errors import ContentError
from service.model.wording import word

UNDATED = -1
"""The mtime (ns) of what was not read: no file has it, so that the next scan looks again."""

FOLDER_LINK = word("it is a link to a folder, and links to folders are not followed")

_SUFFIXES = (".md", ".markdown")
_SKIPPED = frozenset({"node_modules", "__pycache__", "lost+found"})
_DEEPEST = 64
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_KINDS = (
    (stat_modes.S_ISDIR, word("it is a folder with the name of a post; rename it")),
    (stat_modes.S_ISFIFO, word("it is a pipe, not a file; take it away")),
    (stat_modes.S_ISSOCK, word("it is a socket, not a file; take it away")),
)


@dataclass(frozen=True, slots=True)
class FileStat:
    """A file from outside; `path` is its key (relative, POSIX, NFC), `name` its real path.

    `obstacle` says why it cannot be read, "" when it can; a folder that cannot be entered is
    listed too, with a path that ends in a slash.
    """

    path: str
    size: int
    mtime_ns: int
    name: str = ""
    obstacle: str = ""


def list_files(root: Path, generator: str, habits: Habits = NO_HABITS) -> list[FileStat]:
    """Return every file that may be a post, by path, also those that cannot be read.

    Links never lead out of `root` or in circles. Raises ContentError when `root` itself
    cannot be listed: an empty answer would mean that every post is gone.
    """
    return _Walk(root, choose_generator(generator, habits)).list_stats()


def list_gone(known: Collection[str], stats: Sequence[FileStat]) -> list[str]:
    """Return those of the `known` paths that are there no more, sorted.

    What lies in a folder that could not be entered may still be there.
    """
    closed = tuple(stat.path for stat in stats if stat.path.endswith("/"))
    gone = set(known) - {stat.path for stat in stats}
    return sorted(path for path in gone if not (closed and path.startswith(closed)))


def make_key(name: str) -> str:
    """Return the key of a relative path: printable and in NFC, so that it can be stored."""
    if name.isascii() and name.isprintable():
        return name
    return _UNPRINTABLE.sub(_escape, unicodedata.normalize("NFC", _make_printable(name)))


def explain_os_error(error: OSError) -> str:
    """Return why something cannot be opened, with what to do about it."""
    if isinstance(error, PermissionError):
        return word("cannot be read: give the user that runs Kawaraban the right to")
    return word("cannot be read: {problem}", problem=error.strerror or type(error).__name__)


def _make_printable(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _escape(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


class _Walk:
    def __init__(self, root: Path, generator: Generator) -> None:
        self._root = root
        self._real_root = root.resolve()
        self._generator = generator
        self._is_site = generator.is_site(root)

    def list_stats(self) -> list[FileStat]:
        found: dict[str, FileStat] = {}
        for stat in sorted(self._walk("", 0), key=lambda stat: (stat.path != stat.name, stat.name)):
            key = _find_free_key(stat, found)
            found[key] = replace(stat, path=key) if key != stat.path else stat
        return sorted(found.values(), key=lambda stat: stat.path)

    def _walk(self, folder: str, depth: int) -> Iterator[FileStat]:
        try:
            files, folders, links = self._scan(folder)
        except OSError as error:
            if not folder:
                raise ContentError(
                    "folder",
                    "{folder} {problem}",
                    folder=self._root,
                    problem=explain_os_error(error),
                ) from error
            yield _make_obstacle(
                folder, word("this folder {problem}", problem=explain_os_error(error))
            )
            return
        if self._generator.is_bundle([entry.name for entry in files]):
            files = [entry for entry in files if self._generator.is_bundle([entry.name])]
            folders, links = [], []
        for entry in files:
            name = f"{folder}{entry.name}"
            if self._generator.takes(name, is_site=self._is_site):
                yield from self._look(entry, name)
        for link in links:
            yield _make_obstacle(f"{folder}{link}/", FOLDER_LINK)
        for below in folders:
            if depth == _DEEPEST:
                reason = word(
                    "this folder lies more than {most} deep and is not looked into",
                    most=str(_DEEPEST),
                )
                yield _make_obstacle(f"{folder}{below}/", reason)
            else:
                yield from self._walk(f"{folder}{below}/", depth + 1)

    def _scan(self, folder: str) -> tuple[list[os.DirEntry[str]], list[str], list[str]]:
        """Return what is named like a post, the folders to enter and the links to folders."""
        files: list[os.DirEntry[str]] = []
        folders: list[str] = []
        links: list[str] = []
        with os.scandir(self._root / folder) as entries:
            for entry in entries:
                name = entry.name
                if name[0] == "." or name in _SKIPPED:
                    continue
                if name.endswith(_SUFFIXES):
                    files.append(entry)
                elif self._is_folder(entry) and self._generator.enters(
                    f"{folder}{name}", is_site=self._is_site
                ):
                    (links if entry.is_symlink() else folders).append(name)
        return files, folders, links

    def _is_folder(self, entry: os.DirEntry[str]) -> bool:
        try:
            return entry.is_dir()
        except OSError:  # a link in circles
            return False

    def _look(self, entry: os.DirEntry[str], name: str) -> Iterator[FileStat]:
        try:
            stat = entry.stat()
            if entry.is_symlink() and not self._stays_inside(name):
                yield _make_obstacle(
                    name, word("it is a link that leads out of the folder of posts")
                )
            elif stat_modes.S_ISREG(stat.st_mode):
                yield FileStat(make_key(name), stat.st_size, stat.st_mtime_ns, name)
            else:
                yield _make_obstacle(name, describe_kind(stat.st_mode))
        except OSError as error:
            # What is no link went between the listing and the look.
            if entry.is_symlink():
                reason = error.strerror or type(error).__name__
                yield _make_obstacle(
                    name, word("it is a link that leads nowhere ({problem})", problem=reason)
                )

    def _stays_inside(self, name: str) -> bool:
        return (self._root / name).resolve(strict=True).is_relative_to(self._real_root)


def describe_kind(mode: int) -> str:
    """Return what is wrong with something that is no regular file."""
    reasons = (reason for is_kind, reason in _KINDS if is_kind(mode))
    return next(reasons, word("it is a device, not a file; take it away"))


def _make_obstacle(name: str, reason: str) -> FileStat:
    return FileStat(make_key(name), 0, UNDATED, name, reason)


def _find_free_key(stat: FileStat, found: Collection[str]) -> str:
    """Of names that differ only in their form, the others keep theirs, escaped."""
    if stat.path not in found:
        return stat.path
    key = _UNPRINTABLE.sub(_escape, _make_printable(stat.name))
    while key in found:
        key += "~"
    return key
