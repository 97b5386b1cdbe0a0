"""`tick`: one pass of the clock, by hand or by cron."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import click
from rich.console import RenderableType

from service.app import App
from service.cli.edition_lines import describe_accounting, describe_edition
from service.cli.printing import (
    Tell,
    json_option,
    list_obstacles,
    make_facts,
    make_table,
    need_attention,
    progress,
    show,
    write_moment,
)
from service.cli.pulled import describe_pull, write_pull
from service.cli.session import Session, pass_session
from service.cli.verdicts import count_verdicts, write_verdicts
from service.delivery.recording import Ending
from service.engine.announcing import announce_once
from service.engine.guard import hold_clock
from service.engine.telling import tell_once
from service.engine.works import PassReport, deliver_due, pull_now, run_pass
from service.errors import SendHoldError
from service.model.delivery import Accounting
from service.model.edition import Edition, EditionState
from service.model.post import Verdict
from service.scanning import ScanReport
from service.scanning.pulling import PullReport
from service.store.accounting import count_deliveries
from service.store.editions import find_edition

_BAD_ENDINGS = (Ending.REFUSED, Ending.NOT_SENT, Ending.UNKNOWN)


@click.command("tick")
@click.option("--at", metavar="ISO", help="As of this instant; without offset, local there.")
@json_option
@pass_session
def tick(session: Session, *, at: str | None, as_json: bool) -> None:
    """Make one pass: read, publish, open, deliver what is due.

    Says when the next thing is due. --at sets the editorial instant (what is published, what
    is due); the ledger keeps its times by the machine's clock. Exit status 1: mail is kept
    back, or ended unwell, or the repository of the posts cannot be pulled.
    """
    app = session.open_app()
    now = session.read_moment(at) or app.works.clock()
    with hold_clock(app.config.service.data, app.works.database), progress() as tell:
        pulled = pull_now(app.works)
        report = run_pass(app.works, now, tell)
        endings, obstacles = _deliver(app, tell)
        announce_once(app.works)
        tell_once(app.works)
    with app.works.database.reading() as connection:
        verdicts = count_verdicts(connection, now)
        touched = {one.edition_id for one in (*report.opened.opened, *report.opened.frozen)}
        editions = [find_edition(connection, number) for number in sorted(touched)]
        counts = [count_deliveries(connection, one.edition_id) for one in editions]
    accounts = tuple(zip(editions, counts, strict=True))
    done = _Done(report, verdicts, endings, accounts, obstacles, pulled)
    show(_describe_tick(done), *_list_tick(session, done), as_json=as_json)
    held = any(one.state is EditionState.HELD for one in editions)
    is_unwell = held or any(endings[bad] for bad in _BAD_ENDINGS)
    need_attention(bool(obstacles) or is_unwell or bool(pulled and pulled.failure))


@dataclass(frozen=True, slots=True)
class _Done:
    """What one tick did; editions as they stand after their delivery."""

    report: PassReport
    verdicts: Mapping[Verdict, int]
    endings: Mapping[Ending, int]
    editions: tuple[tuple[Edition, Accounting], ...]
    obstacles: tuple[str, ...]
    pulled: PullReport | None


def _deliver(app: App, tell: Tell | None) -> tuple[Counter[Ending], tuple[str, ...]]:
    """Send what may leave; how it ended, and what keeps mail back."""
    try:
        return deliver_due(app.works, tell), app.works.obstacles
    except SendHoldError as error:
        return Counter(), (*app.works.obstacles, str(error))


def _describe_tick(done: _Done) -> dict[str, object]:
    report = done.report
    scan, published = report.scan, report.published
    return {
        "source": describe_pull(done.pulled),
        "scan": {
            "files": scan.files,
            "read": scan.read,
            "new": scan.new,
            "changed": scan.changed,
            "renamed": scan.renamed,
            "gone": scan.gone,
            "held_as_mass": scan.held_as_mass,
            "is_first": scan.is_first,
            "verdicts": dict(done.verdicts),
        },
        "feeds": {
            "feeds": published.feeds,
            "rendered": published.rendered,
            "written": published.written,
            "removed": published.removed,
        },
        "news": report.opened.news,
        "editions": [
            {**describe_edition(edition), "accounting": describe_accounting(count)}
            for edition, count in done.editions
        ],
        "batches": {ending.value: count for ending, count in done.endings.items()},
        "finished": report.reconciled.finished,
        "obstacles": done.obstacles,
        "next_due": report.next_due,
    }


def _list_tick(session: Session, done: _Done) -> list[RenderableType]:
    report = done.report
    scan, published = report.scan, report.published
    facts = {
        "source": write_pull(done.pulled),
        "posts": _count_changes(scan),
        "files": write_verdicts(done.verdicts),
        "first scan": "what is there now is known, not news" if scan.is_first else "",
        "held": f"{scan.held_as_mass} posts came at once; see: kawaraban posts list --state held"
        if scan.held_as_mass
        else "",
        "feeds": f"{published.feeds:,}, of which {published.rendered:,} made anew",
        "news": report.opened.news,
        "batches": ", ".join(f"{count} {ending}" for ending, count in done.endings.items())
        or "nothing to send",
        "next due": write_moment(report.next_due, session.zone) or "nothing waits for a time",
    }
    tables = [_tabulate_editions(done.editions), ""] if done.editions else []
    return [make_facts(facts), "", *tables, *list_obstacles(done.obstacles)]


def _tabulate_editions(editions: Sequence[tuple[Edition, Accounting]]) -> RenderableType:
    rows = [
        (
            one.edition_id,
            one.newsletter_id,
            one.cadence or "by hand",
            one.key,
            one.state,
            count.frozen,
            count.accepted,
            one.reason,
        )
        for one, count in editions
    ]
    columns = ("#edition", "newsletter", "cadence", "key", "state")
    numbers = ("#readers", "#accepted", "reason")
    return make_table((*columns, *numbers), rows)


def _count_changes(scan: ScanReport) -> str:
    return (
        f"{scan.new:,} new, {scan.changed:,} changed, {scan.renamed:,} renamed, {scan.gone:,} gone"
    )
