"""A folder of posts read for its feeds alone: no gate, and of most files only the beginning."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from service.content.glancing import glance_file
from service.content.library import list_files, read_file
from service.content.listing import FileStat
from service.content.rules import ReadingRules
from service.content.spool import Spool
from service.content.survey import refuse_second_ids
from service.errors import ContentError
from service.model.post import Article, Reading

Progress = Callable[[int, int], None]
"""Told how many of how many files were read."""


class Manuscripts:
    """Articles without their bodies, which `spool` keeps and `complete` gives back.

    Unless it `reads_whole`, a file whose verdict and feeds its front matter tells is rendered
    only when its article is asked for.
    """

    def __init__(
        self, root: Path, rules: ReadingRules, now: datetime, spool: Spool, *, reads_whole: bool
    ) -> None:
        self._root = root
        self._rules = rules
        self._now = now
        self._spool = spool
        self._reads_whole = reads_whole
        self._glanced: dict[str, tuple[FileStat, Reading]] = {}

    def read(self, on_progress: Progress | None = None) -> list[Reading]:
        """Read every file, by path; the second one with an id is quarantined, as by a scan."""
        stats = list_files(self._root, self._rules.generator, self._rules.habits)
        readings: list[Reading] = []
        for done, stat in enumerate(stats, start=1):
            readings.append(self._glance(stat) or self._read_whole(stat))
            if on_progress is not None:
                on_progress(done, len(stats))
        return refuse_second_ids(readings)

    def complete(self, article: Article) -> Article:
        """The whole article.

        Raises ContentError when its file is not what it was at the first look.
        """
        if article.path in self._glanced:
            stat, glanced = self._glanced.pop(article.path)
            reading = self._read_whole(stat)
            if reading.article is None or _look(reading) != _look(glanced):
                raise ContentError("changed", "{path} changed while it was read", path=article.path)
            article = reading.article
        return self._spool.fill(article)

    def _glance(self, stat: FileStat) -> Reading | None:
        if self._reads_whole:
            return None
        reading = glance_file(self._root, stat, self._rules, self._now)
        if reading is not None:
            self._glanced[stat.path] = stat, reading
        return reading

    def _read_whole(self, stat: FileStat) -> Reading:
        reading = read_file(self._root, stat, self._rules, self._now, is_judged=False)
        return self._spool.put_away(reading)


def _look(reading: Reading) -> tuple[int, int]:
    return reading.facts.size, reading.facts.mtime_ns
