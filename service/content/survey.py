"""A folder of posts looked at as a whole, without a database: what a scan would say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from service.content.gate import find_findings
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
    """Every file of a folder; `shared_urls` maps an address to the paths that claim it."""

    files: tuple[Surveyed, ...]
    shared_urls: Mapping[str, tuple[str, ...]]

    @property
    def verdicts(self) -> Counter[Verdict]:
        """How many files ended in each verdict."""
        return Counter(file.reading.verdict for file in self.files)

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
    stats = list_files(root, rules.generator)
    readings: list[Reading] = []
    for done, stat in enumerate(stats, start=1):
        readings.append(read_file(root, stat, rules, now))
        if on_progress is not None:
            on_progress(done, len(stats))
    readings = _refuse_second_ids(readings)
    return Survey(
        files=tuple(Surveyed(reading, _judge(reading, rules)) for reading in readings),
        shared_urls=find_shared_urls(readings),
    )


def find_shared_urls(readings: Sequence[Reading]) -> dict[str, tuple[str, ...]]:
    """Addresses that more than one post claims; a feed serves the newest of them."""
    claims: dict[str, list[str]] = {}
    for reading in readings:
        article = reading.article
        if article is not None and reading.verdict in {Verdict.PUBLISHED, Verdict.SCHEDULED}:
            claims.setdefault(article.url, []).append(article.path)
    return {url: tuple(paths) for url, paths in claims.items() if len(paths) > 1}


def _refuse_second_ids(readings: Sequence[Reading]) -> list[Reading]:
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


def _judge(reading: Reading, rules: ReadingRules) -> tuple[Finding, ...]:
    if reading.article is None:
        return ()
    return (*reading.article.warnings, *find_findings(reading.article, rules.gate))
