"""`build --without-database`: feeds for a static site, from its files alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich.console import RenderableType

from service.app import build_feeds, build_scan, read_clock
from service.cli.building_beside import (
    BesideOptions,
    BuiltFeeds,
    build_beside,
    describe_beside,
    list_beside_lines,
    write_beside_fact,
)
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
from service.content.manuscripts import Manuscripts
from service.content.spool import open_spool
from service.content.survey import count_readings
from service.errors import ContentError, UsageError
from service.model.post import Article, Reading, Verdict
from service.publishing import LeftOut, StatelessReport, publish_stateless

_DATED = {Verdict.PUBLISHED, Verdict.SCHEDULED}


def build_from_files(
    config: Config, options: BesideOptions, *, is_strict: bool, as_json: bool
) -> None:
    """Build and report; raises UsageError where feeds would not know their own addresses."""
    _require_address(config)
    # Archives show every post, and pages what a post says: then there is nothing to save.
    reads_whole = config.feeds.has_archive or options.has_pages
    try:
        readings, report = _build(config, options, reads_whole=reads_whole)
    except ContentError:
        # Somebody writes posts just now. What was read at once is of one moment each.
        readings, report = _build(config, options, reads_whole=True)
    settings_of_feeds = replace(config.feeds, has_pages=options.has_pages)
    built = BuiltFeeds(settings_of_feeds, report.shown, report.paths)
    beside = build_beside(config, built, options)
    quarantined = [one for one in readings if one.verdict is Verdict.QUARANTINED]
    document = _describe(config, readings, quarantined, report) | describe_beside(beside)
    lines = _list_lines(config, quarantined, report)
    lines += list_beside_lines(config, beside, options)
    facts = {
        "files": f"{len(readings):,}: {write_verdicts(count_readings(readings))}",
        "feeds": f"{report.feeds:,} in {count_of(report.files, 'file')}",
        "written": f"{count_of(report.written, 'file')}, the others are as before",
        "beside": write_beside_fact(beside),
        "folder": config.service.public,
    }
    show(document, *lines, *([""] if lines else []), make_facts(facts), as_json=as_json)
    need_attention(is_strict and bool(quarantined or report.left_out or report.empty))


def _build(
    config: Config, options: BesideOptions, *, reads_whole: bool
) -> tuple[list[Reading], StatelessReport]:
    settings, now = build_scan(config), read_clock()
    with progress() as tell, open_spool() as spool:
        posts = Manuscripts(settings.root, settings.rules, now, spool, reads_whole=reads_whole)
        readings = posts.read(tell_step(tell, "reading"))
        report = publish_stateless(
            _list_articles(readings),
            build_feeds(config),
            now,
            replaces=options.replaces,
            has_pages=options.has_pages,
            complete=posts.complete,
            on_progress=tell_step(tell, "feeds"),
        )
    return readings, report


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
        "empty": report.empty,
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
    config: Config, quarantined: Sequence[Reading], report: StatelessReport
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
    lines += [f"{find_place(public, path, None)}: no post belongs to it" for path in report.empty]
    lines += [f"{find_place(public, path, None)}: taken away" for path in report.removed]
    lines += [
        f"{find_place(public, path, None)}: kept, for somebody changed it" for path in report.kept
    ]
    return lines


def _tell_why(one: LeftOut) -> str:
    what = "address" if one.post.url == one.served.url else "id"
    return f"{one.served.path} has the same {what} and is served"
