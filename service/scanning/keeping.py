"""Readings in the light of what was known: a post that was good is not lost by accident."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from service.content.library import BUSY
from service.model.post import Reading, Verdict
from service.model.wording import word
from service.store.files import FileRow

KEPT = "the last good version stays in the feeds"
_SHOWN = frozenset({Verdict.PUBLISHED, Verdict.SCHEDULED})


def keep_last_good(readings: Iterable[Reading], known: Mapping[str, FileRow]) -> list[Reading]:
    """Return the readings to record, as verdicts about files of which `known` tells the past.

    Busy files are left out: they stay as they were known, and the next scan looks again. A
    post that has lost its front matter broke: nobody takes a post away like that.
    """
    kept = (reading for reading in readings if reading.code != BUSY)
    return [_weigh(reading, known.get(reading.facts.path)) for reading in kept]


def _weigh(reading: Reading, before: FileRow | None) -> Reading:
    if before is None or not _is_shown(before):
        return reading
    if reading.code == "no_front_matter":
        message = word(
            "{problem}; the last good version stays in the feeds until the file is deleted",
            problem=reading.message,
        )
        return replace(reading, verdict=Verdict.QUARANTINED, message=message)
    if reading.verdict is Verdict.QUARANTINED:
        message = word(
            "{problem}; the last good version stays in the feeds", problem=reading.message
        )
        return replace(reading, message=message)
    return reading


def _is_shown(row: FileRow) -> bool:
    if row.post_id is None:
        return False
    return row.verdict in _SHOWN or (row.verdict is Verdict.QUARANTINED and KEPT in row.message)
