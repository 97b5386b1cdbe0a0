"""The folder of posts: what lies in it, and what each file turns out to be."""

from __future__ import annotations

import hashlib
import os
import stat as stat_modes
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from service.content.articles import compose_article, is_draft
from service.content.cleaning import clean_text, may_need_cleaning
from service.content.frontmatter import read_front_matter
from service.content.generators import GENERATORS, Generator
from service.content.rules import ReadingRules
from service.errors import ContentError
from service.model.post import Article, FileFacts, Finding, Level, Reading, Verdict

MAX_FILE = 5_000_000
"""Bytes; the largest real post we know has 851,167."""

_SUFFIXES = (".md", ".markdown")
_SKIPPED = frozenset({"node_modules", "__pycache__"})
_DEEPEST = 64


@dataclass(frozen=True, slots=True)
class FileStat:
    """A file from outside; `path` is its key (relative, POSIX, NFC), `name` its real path."""

    path: str
    size: int
    mtime_ns: int
    name: str = ""


def list_files(root: Path, generator: str) -> list[FileStat]:
    """Return every file that may be a post, by path; links never lead out or in circles."""
    return _Walk(root, GENERATORS[generator]).list_stats()


def read_file(root: Path, stat: FileStat, rules: ReadingRules, now: datetime) -> Reading:
    """Return what the file turns out to be; whatever is in it, this never raises."""
    facts = FileFacts(stat.path, stat.size, stat.mtime_ns, "")
    try:
        raw = _read_raw(root, stat.name or stat.path)
    except ContentError as error:
        return _quarantine(facts, error)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return _quarantine(facts, ContentError("unreadable", f"cannot be read: {reason}"))
    facts = replace(facts, digest=hashlib.sha256(raw).hexdigest())
    try:
        return read_bytes(raw, facts, rules, now)
    except Exception as error:  # noqa: BLE001 - one file, however odd, never stops the rest
        reason = f"the reader failed on it ({type(error).__name__}); please report it"
        return _quarantine(facts, ContentError("reader", reason))


def digest_file(root: Path, stat: FileStat) -> str:
    """Return the sha256 of a file's bytes, hex; "" when it cannot be read."""
    try:
        return hashlib.sha256(_read_raw(root, stat.name or stat.path)).hexdigest()
    except (ContentError, OSError):
        return ""


def read_bytes(raw: bytes, facts: FileFacts, rules: ReadingRules, now: datetime) -> Reading:
    """Return what `raw` turns out to be: the pure inside of `read_file`."""
    generator = GENERATORS[rules.generator]
    place = generator.find_place(facts.path)
    if place.why_not:
        return Reading(facts, Verdict.NOT_A_POST, "place", place.why_not)
    try:
        text, notes = _decode(raw)
        front = read_front_matter(text, header_lines=generator.reads_headers)
        if front is None:
            why = "the file is empty" if not text.strip() else "it has no front matter"
            return Reading(facts, Verdict.NOT_A_POST, "no_front_matter", why)
        if not front.body.strip() and {"redirect", "redirect_to"} & front.values.keys():
            return Reading(facts, Verdict.NOT_A_POST, "redirect", "it only redirects")
        front = replace(front, warnings=(*notes, *front.warnings))
    except ContentError as error:
        return _quarantine(facts, error)
    try:
        article = compose_article(place, front, generator, rules)
    except ContentError as error:
        if is_draft(front):
            return Reading(facts, Verdict.DRAFT, error.code, error.message, error.line)
        return _quarantine(facts, error)
    return _judge(facts, article, now)


def _judge(facts: FileFacts, article: Article, now: datetime) -> Reading:
    if article.draft:
        return Reading(facts, Verdict.DRAFT, "draft", "it says that it is a draft", article=article)
    if article.published_at > now:
        when = article.published_at.isoformat(sep=" ", timespec="minutes")
        return Reading(facts, Verdict.SCHEDULED, "future", f"dated {when}", article=article)
    return Reading(facts, Verdict.PUBLISHED, article=article)


def _quarantine(facts: FileFacts, error: ContentError) -> Reading:
    return Reading(facts, Verdict.QUARANTINED, error.code, error.message, error.line)


def _read_raw(root: Path, name: str) -> bytes:
    path = root / name
    if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
        raise ContentError("unreadable", "it is a link that leads out of the folder")
    # Not blocking: a pipe with the name of a post would wait for a writer for ever.
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123
        if not stat_modes.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ContentError("unreadable", "it is not a regular file")
        raw = file.read(MAX_FILE + 1)
    if len(raw) > MAX_FILE:
        raise ContentError("too_large", f"the file is larger than {MAX_FILE:,} bytes")
    return raw


def _decode(raw: bytes) -> tuple[str, list[Finding]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"not UTF-8 at byte {error.start}"
        raise ContentError("encoding", message, line) from error
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    cleaned = clean_text(text) if may_need_cleaning(raw) else text
    if len(cleaned) == len(text):
        return text, []
    message = f"{len(text) - len(cleaned)} control character(s) taken out"
    return cleaned, [Finding("control", Level.WARN, message)]


class _Walk:
    def __init__(self, root: Path, generator: Generator) -> None:
        self._root = root
        self._real_root = root.resolve()
        self._generator = generator
        self._is_site = generator.is_site(root)

    def list_stats(self) -> list[FileStat]:
        found: dict[str, FileStat] = {}
        for stat in sorted(self._walk("", 0), key=lambda stat: (stat.path != stat.name, stat.name)):
            # Of two names that differ only in their normal form, the other keeps its own.
            key = stat.path if stat.path not in found else _make_printable(stat.name)
            found[key] = replace(stat, path=key) if key != stat.path else stat
        return sorted(found.values(), key=lambda stat: stat.path)

    def _walk(self, folder: str, depth: int) -> Iterator[FileStat]:
        files, folders = self._scan(folder)
        if self._generator.is_bundle([entry.name for entry in files]):
            files = [entry for entry in files if self._generator.is_bundle([entry.name])]
            folders = []
        for entry in files:
            name = f"{folder}{entry.name}"
            if self._generator.takes(name, is_site=self._is_site):
                yield from self._look(entry, name)
        for below in folders if depth < _DEEPEST else []:
            yield from self._walk(f"{folder}{below}/", depth + 1)

    def _scan(self, folder: str) -> tuple[list[os.DirEntry[str]], list[str]]:
        """Return the Markdown files and the folders to enter; an unreadable folder has none."""
        files: list[os.DirEntry[str]] = []
        folders: list[str] = []
        with os.scandir(self._root / folder) as entries:
            for entry in entries:
                name = entry.name
                if name[0] == "." or name in _SKIPPED:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if not name.endswith(_SUFFIXES) and self._generator.enters(
                        f"{folder}{name}", is_site=self._is_site
                    ):
                        folders.append(name)
                elif name.endswith(_SUFFIXES):
                    files.append(entry)
        return files, folders

    def _look(self, entry: os.DirEntry[str], name: str) -> Iterator[FileStat]:
        if entry.is_symlink() and not self._stays_inside(name):
            return
        try:
            stat = entry.stat()
        except OSError:
            # It went between the listing and the look: the next scan will not list it.
            return
        if stat_modes.S_ISREG(stat.st_mode):
            yield FileStat(make_key(name), stat.st_size, stat.st_mtime_ns, name)

    def _stays_inside(self, name: str) -> bool:
        try:
            return (self._root / name).resolve(strict=True).is_relative_to(self._real_root)
        except (OSError, RuntimeError):
            return False


def make_key(name: str) -> str:
    """Return the key of a relative path: printable and in NFC, so that it can be stored."""
    return name if name.isascii() else unicodedata.normalize("NFC", _make_printable(name))


def _make_printable(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "backslashreplace")
