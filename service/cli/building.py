"""`build`: feeds written."""

from __future__ import annotations

from dataclasses import dataclass

import click

from service.cli.building_beside import (
    BesideOptions,
    BuiltFeeds,
    beside_options,
    build_beside,
    describe_beside,
    list_beside_lines,
    write_beside_fact,
)
from service.cli.building_static import build_from_files
from service.cli.printing import (
    json_option,
    make_facts,
    need_attention,
    progress,
    say,
    show,
    tell_step,
)
from service.cli.pulled import write_pull
from service.cli.session import Session, pass_session
from service.cli.verdicts import count_verdicts, write_verdicts
from service.config import Config
from service.engine.guard import hold_clock
from service.engine.works import pull_now, scan_works
from service.errors import UsageError
from service.model.post import Verdict
from service.publishing import (
    BesideReport,
    PublishReport,
    list_manifest,
    list_removed_paths,
    list_shown_posts,
    publish_feeds,
    read_manifest,
)
from service.scanning import ScanReport

_DATED = {Verdict.PUBLISHED, Verdict.SCHEDULED}


@click.command("build")
@click.option(
    "--without-database",
    is_flag=True,
    help="Feeds from the files alone, for a static site's CI: no state, the same bytes each time.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Exit status 1 when a file is quarantined, a post left out or a custom feed empty.",
)
@click.option(
    "--replace",
    is_flag=True,
    help="Overwrite feeds that were built in the other way, although entries get other ids.",
)
@beside_options
@json_option
@pass_session
def build(
    session: Session,
    *,
    without_database: bool,
    strict: bool,
    replace: bool,
    has_pages: bool,
    hosts: tuple[str, ...],
    as_json: bool,
) -> None:
    """Read what changed and write the feeds into public/.

    Refuses while an `up` or `clock` runs, which does the same by itself.
    """
    options = BesideOptions(has_pages, hosts, replaces=replace)
    if without_database:
        build_from_files(session.config, options, is_strict=strict, as_json=as_json)
    else:
        _build_from_database(session, options, is_strict=strict, as_json=as_json)


def _build_from_database(
    session: Session, options: BesideOptions, *, is_strict: bool, as_json: bool
) -> None:
    public = session.config.service.public
    if not options.replaces and read_manifest(public) is not None:
        raise UsageError(
            f"{public} was built without a database; built from one, its entries get other ids, "
            "and readers see every post anew. Choose another folder (service.public), or "
            "overwrite it with --replace"
        )
    app = session.open_app()
    now = app.works.clock()
    with hold_clock(app.config.service.data, app.works.database), progress() as tell:
        pulled = pull_now(app.works)
        scan = scan_works(app.works, now, tell_step(tell, "reading"))
        feeds = publish_feeds(
            app.works.database, app.works.feeds, now, on_progress=tell_step(tell, "feeds")
        )
    built = BuiltFeeds(
        session.config.feeds,
        list_shown_posts(app.works.database, app.works.feeds, now),
        [file.path for file in list_manifest(app.works.database)],
        list_removed_paths(app.works.database),
    )
    beside = build_beside(session.config, built, options)
    with app.works.database.reading() as connection:
        verdicts = count_verdicts(connection, now)
    _report(_Built(session.config, scan, feeds, beside, options), dict(verdicts), as_json=as_json)
    if pulled is not None and pulled.failure:
        say(f"source: {write_pull(pulled)}")
    need_attention((is_strict and bool(scan.quarantined)) or bool(pulled and pulled.failure))


@dataclass(frozen=True, slots=True)
class _Built:
    config: Config
    scan: ScanReport
    feeds: PublishReport
    beside: BesideReport
    options: BesideOptions


def _report(built: _Built, verdicts: dict[Verdict, int], *, as_json: bool) -> None:
    scan, feeds, folder = built.scan, built.feeds, built.config.service.public
    document = {
        "files": scan.files,
        "read": scan.read,
        "verdicts": verdicts,
        "feeds": feeds.feeds,
        "rendered": feeds.rendered,
        "written": feeds.written,
        "removed": feeds.removed,
        "folder": folder,
        **describe_beside(built.beside),
    }
    facts = {
        "files": f"{scan.files:,}, of which {scan.read:,} read: {write_verdicts(verdicts)}",
        "feeds": f"{feeds.feeds:,}, of which {feeds.rendered:,} made anew",
        "written": f"{feeds.written:,} files, {feeds.removed:,} taken away",
        "beside": write_beside_fact(built.beside),
        "folder": folder,
    }
    lines = list_beside_lines(built.config, built.beside, built.options)
    show(document, *lines, *([""] if lines else []), make_facts(facts), as_json=as_json)
