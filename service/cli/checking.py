"""`check`, `build`, `migrate`, `doctor`: whether everything is as it should be."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import click
from rich.console import RenderableType

from service.app import App, build_scan, read_clock
from service.cli.printing import (
    json_option,
    make_facts,
    make_table,
    need_attention,
    progress,
    show,
    tell_step,
    write_moment,
)
from service.cli.running import list_obstacles
from service.cli.session import Session, pass_session
from service.config import Config, list_send_obstacles
from service.content.posting import Sighting, compose_post
from service.content.survey import Survey, Surveyed, survey_posts
from service.engine.guard import hold_clock
from service.errors import SchemaError
from service.feeds.listing import list_feed_keys
from service.model.edition import EditionState
from service.model.feed import FeedKind
from service.model.post import Verdict
from service.publishing import publish_feeds
from service.scanning import scan_posts
from service.store.accounts import list_accounts, resume_account
from service.store.editions import list_editions
from service.store.history import list_unvouched
from service.store.installation import find_installation, release_send_hold
from service.store.ledger import count_deliveries
from service.store.migrate import check_schema
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
    with hold_clock(app.config.service.data), progress() as tell:
        scan = scan_posts(app.works.database, app.works.scan, now, tell_step(tell, "reading"))
        feeds = publish_feeds(
            app.works.database, app.works.feeds, now, on_progress=tell_step(tell, "feeds")
        )
    document = {
        "files": scan.files,
        "read": scan.read,
        "verdicts": dict(scan.verdicts),
        "feeds": feeds.feeds,
        "rendered": feeds.rendered,
        "written": feeds.written,
        "removed": feeds.removed,
        "folder": app.config.service.public,
    }
    verdicts = ", ".join(f"{count:,} {verdict}" for verdict, count in scan.verdicts.items())
    facts = {
        "files": f"{scan.files:,}, of which {scan.read:,} read ({verdicts})",
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


@click.command("doctor")
@click.option("--release-hold", is_flag=True, help="Let mail leave from a restored database.")
@click.option(
    "--resume-account",
    "resume_account_name",
    metavar="NAME",
    help="Let a paused provider account send again.",
)
@json_option
@pass_session
def doctor(
    session: Session, *, release_hold: bool, resume_account_name: str | None, as_json: bool
) -> None:
    """Find what keeps mail back; see that the count adds up.

    A restored or copied database sends nothing until --release-hold: look first whether the
    original has sent since. Exit status 1: something was found.
    """
    database = session.open_database()
    try:
        check_schema(database)
    except SchemaError as error:
        finding = Diagnosis("schema", is_well=False, says=str(error))
        _show_diagnoses([finding], as_json=as_json)
        return
    finally:
        database.close()
    app = session.open_app()
    if release_hold:
        release_send_hold(app.works.database)
    if resume_account_name is not None:
        with app.works.database.writing() as connection:
            resume_account(connection, resume_account_name)
    _show_diagnoses(list(diagnose(session, app)), as_json=as_json)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing looked at, and what is to be said of it."""

    about: str
    is_well: bool
    says: str


def diagnose(session: Session, app: App) -> Iterable[Diagnosis]:
    """Look at everything that can keep mail back or lose count of it."""
    yield Diagnosis("schema", is_well=True, says="the newest")
    yield Diagnosis(
        "settings",
        is_well=not app.works.obstacles,
        says="; ".join(app.works.obstacles) or "nothing is missing for sending",
    )
    yield _diagnose_hold(session, app)
    yield from _diagnose_editions(app)
    yield from _diagnose_accounts(session, app)
    yield _diagnose_unknown(app)


def _diagnose_hold(session: Session, app: App) -> Diagnosis:
    with app.works.database.reading() as connection:
        installation = find_installation(connection)
    if installation.is_send_held:
        says = (
            "this database was restored or copied; nothing leaves until: "
            "kawaraban doctor --release-hold"
        )
        return Diagnosis("send-hold", is_well=False, says=says)
    scanned = write_moment(installation.last_scan_at, session.zone) or "never"
    return Diagnosis("send-hold", is_well=True, says=f"none; last scan: {scanned}")


def _diagnose_editions(app: App) -> Iterable[Diagnosis]:
    with app.works.database.reading() as connection:
        editions = list_editions(connection)
        counts = {one.edition_id: count_deliveries(connection, one.edition_id) for one in editions}
    for edition in editions:
        count = counts[edition.edition_id]
        is_done = edition.state is EditionState.FINISHED
        if not count.adds_up or (is_done and not count.is_settled):
            says = f"{edition.state}, but: {count}; please report it"
            yield Diagnosis(f"edition {edition.edition_id}", is_well=False, says=says)
        elif edition.state in {EditionState.HELD, EditionState.PAUSED}:
            says = f"{edition.state}: {edition.reason or 'an editor said so'}"
            yield Diagnosis(f"edition {edition.edition_id}", is_well=False, says=says)
    rows = sum(count.frozen for count in counts.values())
    says = f"{len(editions):,} editions, {rows:,} deliveries, every one counted once"
    yield Diagnosis("accounting", is_well=True, says=says)


def _diagnose_accounts(session: Session, app: App) -> Iterable[Diagnosis]:
    with app.works.database.reading() as connection:
        accounts = list_accounts(connection)
    for one in accounts:
        if one.paused_at is not None:
            since = write_moment(one.paused_at, session.zone)
            says = (
                f"paused since {since}: {one.paused_reason}; when that is mended: "
                f"kawaraban doctor --resume-account {one.account}"
            )
            yield Diagnosis(f"account {one.account}", is_well=False, says=says)
        elif one.not_before is not None and one.not_before > app.works.clock():
            until = write_moment(one.not_before, session.zone)
            yield Diagnosis(f"account {one.account}", is_well=True, says=f"waits until {until}")


def _diagnose_unknown(app: App) -> Diagnosis:
    with app.works.database.reading() as connection:
        unvouched = list_unvouched(connection)
    if not unvouched:
        return Diagnosis("unknown", is_well=True, says="none")
    rows = sum(one.rows for one in unvouched)
    says = f"{rows:,} in {len(unvouched):,} batches; see: kawaraban unknown list"
    return Diagnosis("unknown", is_well=False, says=says)


def _show_diagnoses(found: Sequence[Diagnosis], *, as_json: bool) -> None:
    is_well = all(one.is_well for one in found)
    document = {
        "is_well": is_well,
        "found": [{"about": d.about, "is_well": d.is_well, "says": d.says} for d in found],
    }
    rows = [("ok" if one.is_well else "!!", one.about, one.says) for one in found]
    show(document, make_table(("", "about", "says"), rows), as_json=as_json)
    need_attention(not is_well)


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
    counts = Counter(
        finding.rule
        for file in survey.files
        for finding in file.findings
        if finding not in file.holds
    )
    return counts.most_common()


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
    lines += _list_part("Warnings", ("rule", "#posts"), _count_warnings(survey))
    return [*lines, *list_obstacles(list_send_obstacles(config))]


def _list_part(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> list[RenderableType]:
    return [f"{title} ({len(rows):,})", make_table(columns, rows), ""] if rows else []


def _find_place(config: Config, path: str, line: int | None) -> str:
    """Where a file is, seen from here, in the spelling that editors jump to."""
    shown = os.path.relpath(config.content.path / path)
    return shown if line is None else f"{shown}:{line}"
