"""`check`, `build`, `migrate`: files read, feeds written, the database made ready."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

import click
from rich.console import RenderableType

from service.app import build_scan, read_clock
from service.cli.posts import count_verdicts, write_verdicts
from service.cli.printing import (
    json_option,
    list_obstacles,
    make_facts,
    make_table,
    need_attention,
    progress,
    show,
    tell_step,
)
from service.cli.session import Session, pass_session
from service.config import Config, list_send_obstacles
from service.content.posting import Sighting, compose_post
from service.content.survey import Survey, Surveyed, survey_posts
from service.engine.guard import hold_clock
from service.feeds.listing import list_feed_keys
from service.model.feed import FeedKind
from service.model.post import Finding, Verdict
from service.publishing import publish_feeds
from service.scanning import scan_posts
from service.store.migrate import migrate as migrate_database


@click.command("check")
@json_option
@pass_session
def check(session: Session, *, as_json: bool) -> None:
    """Check the configuration and what becomes of every file.

    Reads the files afresh, with what the gate finds; needs no database and writes nothing.
    Exit status 1: some file is quarantined, or some post would be held back from mail.
    """
    config = session.config
    settings = build_scan(config)
    with progress() as tell:
        survey = survey_posts(
            settings.root, settings.rules, read_clock(), tell_step(tell, "reading")
        )
    feeds = _count_feeds(config, survey, read_clock())
    document = _describe_survey(config, survey, feeds)
    show(document, *_list_survey(config, survey, feeds), as_json=as_json)
    need_attention(bool(survey.quarantined or survey.held))


@click.command("build")
@json_option
@pass_session
def build(session: Session, *, as_json: bool) -> None:
    """Read what changed and write the feeds into public/.

    Refuses while an `up` or `clock` runs, which does the same by itself.
    """
    app = session.open_app()
    now = app.works.clock()
    with hold_clock(app.config.service.data, app.works.database), progress() as tell:
        scan = scan_posts(app.works.database, app.works.scan, now, tell_step(tell, "reading"))
        feeds = publish_feeds(
            app.works.database, app.works.feeds, now, on_progress=tell_step(tell, "feeds")
        )
    with app.works.database.reading() as connection:
        verdicts = count_verdicts(connection, now)
    document = {
        "files": scan.files,
        "read": scan.read,
        "verdicts": dict(verdicts),
        "feeds": feeds.feeds,
        "rendered": feeds.rendered,
        "written": feeds.written,
        "removed": feeds.removed,
        "folder": app.config.service.public,
    }
    facts = {
        "files": f"{scan.files:,}, of which {scan.read:,} read: {write_verdicts(verdicts)}",
        "feeds": f"{feeds.feeds:,}, of which {feeds.rendered:,} made anew",
        "written": f"{feeds.written:,} files, {feeds.removed:,} taken away",
        "folder": app.config.service.public,
    }
    show(document, make_facts(facts), as_json=as_json)


@click.command("migrate")
@json_option
@pass_session
def migrate(session: Session, *, as_json: bool) -> None:
    """Make the database, or bring it to the newest schema."""
    database = session.open_database()
    try:
        before, after = migrate_database(database)
    finally:
        database.close()
    line = (
        f"schema {after}, as before" if before == after else f"schema {before or 'none'} → {after}"
    )
    show({"before": before, "after": after}, line, as_json=as_json)


def _count_feeds(config: Config, survey: Survey, now: datetime) -> Counter[FeedKind]:
    sighting = Sighting(now=now, mtime_at=now, first_scan_at=now, last_scan_at=None)
    posts = [
        compose_post(file.reading.article, file.reading.article.path, None, sighting, ())
        for file in survey.files
        if file.reading.article is not None
        and (config.content.future or file.reading.verdict is Verdict.PUBLISHED)
        and not file.reading.article.draft
    ]
    return Counter(key.kind for key in list_feed_keys(posts, config.feeds.by))


def _describe_survey(config: Config, survey: Survey, feeds: Counter[FeedKind]) -> dict[str, object]:
    return {
        "publication": config.publication.title,
        "folder": config.content.path,
        "generator": config.content.generator,
        "files": len(survey.files),
        "verdicts": dict(survey.verdicts),
        "quarantined": [_describe_quarantined(file) for file in survey.quarantined],
        "held": [one for file in survey.held for one in _describe_held(file)],
        "warnings": dict(_count_warnings(survey)),
        "shared_urls": dict(survey.shared_urls),
        "feeds": dict(feeds),
        "newsletters": [one.newsletter_id for one in config.newsletters],
        "obstacles": list_send_obstacles(config),
    }


def _describe_quarantined(file: Surveyed) -> dict[str, object]:
    reading = file.reading
    return {
        "path": reading.facts.path,
        "line": reading.line,
        "code": reading.code,
        "message": reading.message,
    }


def _describe_held(file: Surveyed) -> list[dict[str, object]]:
    return [
        {
            "path": file.reading.facts.path,
            "line": finding.line,
            "rule": finding.rule,
            "message": finding.message,
        }
        for finding in file.holds
    ]


def _count_warnings(survey: Survey) -> list[tuple[str, int]]:
    return Counter(finding.rule for _, finding in _iterate_warnings(survey)).most_common()


def _list_warnings(config: Config, survey: Survey) -> list[tuple[object, ...]]:
    """One row a rule, with the first that was found as an example."""
    first: dict[str, tuple[str, str]] = {}
    for file, finding in _iterate_warnings(survey):
        place = _find_place(config, file.reading.facts.path, finding.line)
        first.setdefault(finding.rule, (finding.message, place))
    return [(rule, count, *first[rule]) for rule, count in _count_warnings(survey)]


def _iterate_warnings(survey: Survey) -> Iterator[tuple[Surveyed, Finding]]:
    for file in survey.files:
        yield from ((file, finding) for finding in file.findings if finding not in file.holds)


def _list_survey(config: Config, survey: Survey, feeds: Counter[FeedKind]) -> list[RenderableType]:
    lines: list[RenderableType] = [
        make_facts(
            {
                "publication": config.publication.title,
                "posts": f"{config.content.path} ({config.content.generator})",
                "feeds": ", ".join(f"{count:,} {kind}" for kind, count in feeds.items()),
                "newsletters": tuple(one.newsletter_id for one in config.newsletters) or "none",
            }
        ),
        "",
        make_table(("verdict", "#files"), [(v, survey.verdicts[v]) for v in Verdict]),
        "",
    ]
    quarantined = [
        (_find_place(config, file.reading.facts.path, file.reading.line), file.reading.message)
        for file in survey.quarantined
    ]
    held = [
        (_find_place(config, file.reading.facts.path, one.line), one.rule, one.message)
        for file in survey.held
        for one in file.holds
    ]
    shared = [(url, paths) for url, paths in survey.shared_urls.items()]
    lines += _list_part("Quarantined", ("file", "why"), quarantined)
    lines += _list_part("Held back from mail", ("file", "rule", "why"), held)
    lines += _list_part("One address, several posts", ("address", "files"), shared)
    columns = ("rule", "#times", "for example", "in")
    lines += _list_part("Warnings", columns, _list_warnings(config, survey))
    return [*lines, *list_obstacles(list_send_obstacles(config))]


def _list_part(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> list[RenderableType]:
    return [f"{title} ({len(rows):,})", make_table(columns, rows), ""] if rows else []


def _find_place(config: Config, path: str, line: int | None) -> str:
    """Where a file is, seen from here, in the spelling that editors jump to."""
    shown = os.path.relpath(config.content.path / path)
    return shown if line is None else f"{shown}:{line}"
