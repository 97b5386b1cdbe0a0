"""`subscribers import` and `export`: readers in and out as sheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import RenderableType

from service.app import App
from service.audience.exchange import (
    ImportRow,
    ImportSheet,
    RowProblem,
    read_import,
    stream_export,
)
from service.cli.printing import (
    count_of,
    json_option,
    make_facts,
    make_table,
    need_attention,
    progress,
    show,
)
from service.cli.session import Session, pass_session
from service.errors import UsageError
from service.membership import ImportReport, export_readers, import_readers
from service.model.subscriber import SubscriptionState

_CHUNK = 1000
"""Rows in one transaction: a bar that moves, and others get their turn."""

AS = {"confirmed": SubscriptionState.ACTIVE, "pending": SubscriptionState.PENDING}


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--newsletter", metavar="ID", help="For which; else a column says it.")
@click.option(
    "--as",
    "as_",
    type=click.Choice(list(AS)),
    required=True,
    help="confirmed: they said yes elsewhere, and you can show it. pending: ask them by mail.",
)
@json_option
@pass_session
def import_(
    session: Session, *, file: Path, newsletter: str | None, as_: str, as_json: bool
) -> None:
    """Bring in a CSV of readers: our own export, or a sheet with a column of addresses.

    Again is harmless. Suppressed and erased addresses stay out. Exit status 1: some rows could
    not be read; the others are in.
    """
    app = session.open_app()
    sheet = read_import(file.read_bytes(), session.zone)
    _check_newsletters(app, sheet.rows, newsletter)
    with progress() as tell:
        reports = []
        for done, rows in _cut(sheet.rows):
            reports.append(bring_in(app, rows, newsletter, AS[as_], file.name))
            if tell is not None:
                tell("importing", done, len(sheet.rows))
    total = _add_up(reports)
    problems = [{"line": one.line, "reason": one.reason} for one in sheet.problems]
    document = {**asdict(total), "folded": sheet.folded, "problems": problems}
    show({**document, "ignored": sheet.ignored}, *_list_import(sheet, total), as_json=as_json)
    need_attention(bool(sheet.problems))


@click.command("export")
@click.option("--newsletter", metavar="ID", help="Only this newsletter's readers.")
@json_option
@pass_session
def export(session: Session, *, newsletter: str | None, as_json: bool) -> None:
    """Write readers as CSV to standard output, with all it takes to bring them in elsewhere."""
    works = session.open_app().works
    if newsletter is not None:
        works.register.find_newsletter(newsletter)
    with works.database.reading() as connection:
        rows = export_readers(connection, newsletter)
        if as_json:
            show({"subscriptions": [asdict(row) for row in rows]}, as_json=True)
            return
        for line in stream_export(rows):
            click.echo(line.encode(), nl=False)


def bring_in(
    app: App,
    rows: Sequence[ImportRow],
    newsletter: str | None,
    state: SubscriptionState,
    source: str,
) -> ImportReport:
    """Subscribe these readers, as the road of membership does it."""
    return import_readers(
        app.works.database,
        app.works.register,
        rows,
        newsletter_id=newsletter,
        state=state,
        source=source,
        now=app.works.clock(),
    )


def _check_newsletters(app: App, rows: Sequence[ImportRow], newsletter: str | None) -> None:
    """Refuse the whole sheet before any of it is in, where a newsletter is missing or unknown."""
    if newsletter is not None:
        app.works.register.find_newsletter(newsletter)
        return
    nameless = next((row for row in rows if not row.newsletter_id), None)
    if nameless is not None:
        raise UsageError(
            f"line {nameless.line}: for which newsletter? name it with --newsletter, "
            "or in a column headed newsletter"
        )
    for name in sorted({row.newsletter_id for row in rows}):
        app.works.register.find_newsletter(name)


def _cut(rows: Sequence[ImportRow]) -> Iterator[tuple[int, Sequence[ImportRow]]]:
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        yield start + len(part), part


def _add_up(reports: Sequence[ImportReport]) -> ImportReport:
    return ImportReport(
        added=sum(one.added for one in reports),
        already=sum(one.already for one in reports),
        suppressed=sum(one.suppressed for one in reports),
        erased=sum(one.erased for one in reports),
        confirmations=sum(one.confirmations for one in reports),
    )


def _list_import(sheet: ImportSheet, total: ImportReport) -> list[RenderableType]:
    facts = {
        "added": f"{total.added:,}",
        "already there": f"{total.already:,}" if total.already else "",
        "suppressed": f"{total.suppressed:,}, left out" if total.suppressed else "",
        "erased": f"{total.erased:,}, left out: only they themselves come back"
        if total.erased
        else "",
        "folded": f"{count_of(len(sheet.folded), 'row')} on somebody met before"
        if sheet.folded
        else "",
        "to confirm": _describe_asked(total) if total.confirmations else "",
        "ignored columns": sheet.ignored,
        "not read": count_of(len(sheet.problems), "row") if sheet.problems else "",
    }
    return [make_facts(facts), *_list_problems(sheet.problems)]


def _list_problems(problems: Sequence[RowProblem]) -> list[RenderableType]:
    if not problems:
        return []
    return ["", make_table(("#line", "why"), [(one.line, one.reason) for one in problems])]


def _describe_asked(report: ImportReport) -> str:
    return f"{report.confirmations:,} are asked by mail, by a running `up` or the next `tick`"
