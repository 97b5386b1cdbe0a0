"""What `check` found as a document for scripts; docs/commands.md promises its keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from service.cli.advice import find_advice, find_title
from service.cli.complaints import Complaint, Grade, Heap
from service.cli.pulled import write_source
from service.config import Config, list_send_obstacles
from service.content.survey import Survey, Surveyed
from service.model.feed import FeedKind
from service.model.post import Verdict

_DATED = {Verdict.PUBLISHED, Verdict.SCHEDULED}

PlaceOf = Callable[[str, int | None], str]
"""Where a file is from here, with its line where there is one."""


def describe_check(
    config: Config,
    survey: Survey,
    heaps: Sequence[Heap],
    feeds: Mapping[FeedKind, int],
    place_of: PlaceOf,
) -> dict[str, object]:
    """Everything there is to say of the folder, file by file and rule by rule."""
    found: dict[str, list[dict[str, object]]] = {}
    for heap in heaps:
        for one in heap.complaints:
            found.setdefault(one.path, []).append(_describe_complaint(heap.rule, heap.grade, one))
    return {
        "publication": config.publication.title,
        "source": write_source(config.content.git) or None,
        "folder": config.content.path,
        "generator": config.content.generator,
        "verdicts": dict(survey.verdicts),
        "feeds": feeds,
        "newsletters": [one.newsletter_id for one in config.newsletters],
        "obstacles": list_send_obstacles(config),
        "rules": [_describe_heap(heap) for heap in heaps],
        "settings": found.get("", []),
        "files": [
            _describe_file(file, found.get(file.reading.facts.path, []), place_of)
            for file in survey.files
        ],
    }


def _describe_complaint(rule: str, grade: Grade, one: Complaint) -> dict[str, object]:
    return {
        "rule": rule,
        "level": grade,
        "line": one.line,
        "quote": one.quote,
        "message": one.message,
    }


def _describe_heap(heap: Heap) -> dict[str, object]:
    return {
        "rule": heap.rule,
        "level": heap.grade,
        "title": find_title(heap.rule),
        "advice": find_advice(heap.rule),
        "findings": len(heap.complaints),
        "files": len({one.path for one in heap.complaints if one.path}),
    }


def _describe_file(
    file: Surveyed, findings: list[dict[str, object]], place_of: PlaceOf
) -> dict[str, object]:
    reading = file.reading
    article = reading.article
    return {
        "path": reading.facts.path,
        "file": place_of(reading.facts.path, None),
        "verdict": reading.verdict,
        "code": reading.code,
        "message": reading.message,
        "line": reading.line,
        "title": article.title if article else None,
        "url": article.url if article else None,
        "published_at": article.published_at if article else None,
        "is_held": bool(file.holds) and reading.verdict in _DATED,
        "findings": findings,
    }
