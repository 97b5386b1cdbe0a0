"""`build --without-database`: feeds for a static site, from its files alone."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType

from service.app import build_feeds, build_scan, read_clock
from service.cli.printing import (
    count_of,
    find_place,
    make_facts,
    need_attention,
    progress,
    show,
    tell_step,
)
from service.cli.verdicts import write_verdicts
from service.config import Config
from service.content.survey import count_readings, read_posts
from service.errors import UsageError
from service.model.post import Article, Reading, Verdict
from service.publishing import LeftOut, StatelessReport, publish_stateless

_DATED = {Verdict.PUBLISHED, Verdict.SCHEDULED}


def build_from_files(config: Config, *, is_strict: bool, replaces: bool, as_json: bool) -> None:
    """Build and report; raises UsageError where feeds would not know their own addresses."""
    _require_address(config)
    settings, now = build_scan(config), read_clock()
    with progress() as tell:
        readings = read_posts(
            settings.root, settings.rules, now, tell_step(tell, "reading"), keeps_html=True
        )
        report = publish_stateless(
            _list_articles(readings),
            build_feeds(config),
            now,
            replaces=replaces,
            on_progress=tell_step(tell, "feeds"),
        )
    quarantined = [one for one in readings if one.verdict is Verdict.QUARANTINED]
    document = _describe(config, readings, quarantined, report)
    show(document, *_list_lines(config, readings, quarantined, report), as_json=as_json)
    need_attention(is_strict and bool(quarantined or report.left_out))


def _require_address(config: Config) -> None:
    # Without one of its own the service answers at localhost, and where depends on PORT.
    if config.service.url == f"http://localhost:{config.service.port}":
        raise UsageError(
            "service.url: is missing; feeds name their own addresses, so write where "
            f"{config.service.public.name}/ will be served, such as {config.publication.url}"
        )


def _list_articles(readings: Sequence[Reading]) -> list[Article]:
    return [one.article for one in readings if one.article and one.verdict in _DATED]


def _describe(
    config: Config,
    readings: Sequence[Reading],
    quarantined: Sequence[Reading],
    report: StatelessReport,
) -> dict[str, object]:
    return {
        "files": len(readings),
        "verdicts": dict(count_readings(readings)),
        "feeds": report.feeds,
        "written": report.written,
        "removed": report.removed,
        "kept": report.kept,
        "quarantined": [
            {"path": one.facts.path, "code": one.code, "line": one.line, "message": one.message}
            for one in quarantined
        ],
        "left_out": [
            {"path": one.post.path, "url": one.post.url, "served": one.served.path}
            for one in report.left_out
        ],
        "folder": config.service.public,
    }


def _list_lines(
    config: Config,
    readings: Sequence[Reading],
    quarantined: Sequence[Reading],
    report: StatelessReport,
) -> list[RenderableType]:
    root, public = config.content.path, config.service.public
    lines: list[RenderableType] = [
        f"{find_place(root, one.facts.path, one.line)}: quarantined: {one.message}"
        for one in quarantined
    ]
    lines += [
        f"{find_place(root, one.post.path, None)}: left out: {_tell_why(one)}"
        for one in report.left_out
    ]
    lines += [f"{find_place(public, path, None)}: taken away" for path in report.removed]
    lines += [
        f"{find_place(public, path, None)}: kept, for somebody changed it" for path in report.kept
    ]
    facts = {
        "files": f"{len(readings):,}: {write_verdicts(count_readings(readings))}",
        "feeds": f"{report.feeds:,} in {count_of(report.files, 'file')}",
        "written": f"{count_of(report.written, 'file')}, the others are as before",
        "folder": public,
    }
    return [*lines, *([""] if lines else []), make_facts(facts)]


def _tell_why(one: LeftOut) -> str:
    what = "address" if one.post.url == one.served.url else "id"
    return f"{one.served.path} has the same {what} and is served"
