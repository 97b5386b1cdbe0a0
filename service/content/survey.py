"""A folder of posts looked at as a whole, without a database: what a scan would say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from service.content.articles import FindAddedAt
from service.content.gate import GateSettings, Neighbours, judge_reading, make_outline
from service.content.history import AddedTimes
from service.content.library import list_files, read_file
from service.content.rules import ReadingRules
from service.model.post import Finding, Level, Reading, Verdict

Progress = Callable[[int, int], None]
"""Told how many of how many files were read."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One file with its verdict and what reader and gate find in it."""

    reading: Reading
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> tuple[Finding, ...]:
        """What would keep it out of mail."""
        return tuple(finding for finding in self.findings if finding.level is Level.HOLD)


@dataclass(frozen=True, slots=True)
class Survey:
    """Every file of a folder, by path."""

    files: tuple[Surveyed, ...]

    @property
    def verdicts(self) -> Counter[Verdict]:
        """How many files ended in each verdict."""
        return count_readings(file.reading for file in self.files)

    @property
    def quarantined(self) -> tuple[Surveyed, ...]:
        """Files that could not be read as posts."""
        return tuple(f for f in self.files if f.reading.verdict is Verdict.QUARANTINED)

    @property
    def held(self) -> tuple[Surveyed, ...]:
        """Posts that would be kept out of mail."""
        return tuple(
            f
            for f in self.files
            if f.holds and f.reading.verdict in {Verdict.PUBLISHED, Verdict.SCHEDULED}
        )


def survey_posts(
    root: Path, rules: ReadingRules, now: datetime, on_progress: Progress | None = None
) -> Survey:
    """Read every file afresh and judge it; writes nothing."""
    found_at = AddedTimes(root)
    readings = _read_posts(root, rules, now, on_progress, found_at)
    return Survey(_judge(readings, rules.gate))


def _read_posts(
    root: Path,
    rules: ReadingRules,
    now: datetime,
    on_progress: Progress | None,
    find_added_at: FindAddedAt,
) -> list[Reading]:
    """Read every file afresh, by path; of articles all but the bodies, for they are heavy."""
    stats = list_files(root, rules.generator, rules.habits)
    readings: list[Reading] = []
    for done, stat in enumerate(stats, start=1):
        reading = read_file(root, stat, rules, now, find_added_at)
        readings.append(_lighten(reading))
        if on_progress is not None:
            on_progress(done, len(stats))
    return refuse_second_ids(readings)


def _lighten(reading: Reading) -> Reading:
    article = reading.article
    return replace(reading, article=replace(article, html="", text="")) if article else reading


def count_readings(readings: Iterable[Reading]) -> Counter[Verdict]:
    """How many files ended in each verdict."""
    return Counter(reading.verdict for reading in readings)


def refuse_second_ids(readings: Sequence[Reading]) -> list[Reading]:
    """Quarantine what a scan would: the second file with an id that another one names."""
    seen: set[str] = set()
    kept: list[Reading] = []
    for reading in readings:
        explicit_id = reading.article.explicit_id if reading.article else None
        if explicit_id is not None and explicit_id in seen:
            kept.append(_quarantine_duplicate(reading, explicit_id))
            continue
        if explicit_id is not None:
            seen.add(explicit_id)
        kept.append(reading)
    return kept


def _quarantine_duplicate(reading: Reading, explicit_id: str) -> Reading:
    message = f"another file has the id {explicit_id!r} too"
    return replace(
        reading, verdict=Verdict.QUARANTINED, code="duplicate-id", message=message, article=None
    )


def _judge(readings: Sequence[Reading], gate: GateSettings) -> tuple[Surveyed, ...]:
    articles = [reading.article for reading in readings if reading.article is not None]
    neighbours = Neighbours(make_outline(article) for article in articles)
    return tuple(Surveyed(one, judge_reading(one, neighbours, gate)) for one in readings)
