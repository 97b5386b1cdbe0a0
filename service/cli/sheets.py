"""`subscribers import` and `export`: readers in and out as sheets."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from service.audience.archives import open_sheets
from service.audience.exchange import ImportRow, stream_export
from service.audience.intake import Intake
from service.audience.origins import ORIGINS
from service.cli.import_lines import describe_import, list_import
from service.cli.printing import (
    json_option,
    need_attention,
    open_error_console,
    print_lines,
    progress,
    show,
    tell_step,
)
from service.cli.session import Session, pass_session
from service.errors import UsageError
from service.membership import SheetErrand, export_readers
from service.model.editor import COMMAND
from service.model.subscriber import SubscriptionState

AS = {"confirmed": SubscriptionState.ACTIVE, "pending": SubscriptionState.PENDING}


@click.command("import")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--newsletter", metavar="ID", help="For which; else a column says it.")
@click.option(
    "--as",
    "as_",
    type=click.Choice(list(AS)),
    default="pending",
    show_default=True,
    help="Those of whom the sheet proves nothing. pending: ask them by mail, once. "
    "confirmed: they said yes elsewhere, and you can show it.",
)
@click.option("--source", default="", help="With --as confirmed: where they said yes.")
@click.option(
    "--from",
    "from_",
    type=click.Choice(list(ORIGINS)),
    help="Which service wrote the sheet; else its columns tell.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_session
def import_(
    session: Session,
    *,
    files: Sequence[Path],
    newsletter: str | None,
    as_: str,
    source: str,
    from_: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Bring in readers: our own export, another service's, or a sheet with a column of addresses.

    Several files, or a ZIP of them, count as one. At a terminal the counts are shown first. Who
    confirmed elsewhere is not asked again, who left or bounced there is not written to, everybody
    else is asked once. Again is harmless. Exit status 1: some rows could not be read; the others
    are in.
    """
    if source and as_ != "confirmed":
        raise UsageError("--source says by what you vouch for readers; add: --as confirmed")
    app = session.open_app()
    with open_sheets(files) as sheets:
        origin = ORIGINS[from_] if from_ else None
        intake = Intake(sheets, session.zone, newsletter_id=newsletter, origin=origin)
        with progress() as tell:
            named = intake.look_through(tell_step(tell, "reading"))
        works, names = app.works, ", ".join(one.name for one in files)
        errand = SheetErrand(
            works.database,
            works.register,
            newsletter,
            AS[as_],
            names,
            source,
            works.clock(),
            by=COMMAND,
        )
        errand.require_newsletters(named)
        if dry_run or (sys.stdin.isatty() and not yes):
            report = errand.foresee(_stream(intake, "counting"))
        if not dry_run:
            if sys.stdin.isatty() and not yes:
                tags = errand.tags.list_ignored()
                lines = list_import(intake.outline, report, tags, is_done=False)
                print_lines(open_error_console(), lines)
                click.confirm("Bring them in?", abort=True, err=True)
            report = errand.bring_in(_stream(intake, "importing"))
    tags = errand.tags.list_ignored()
    document = describe_import(intake.outline, report, tags, is_done=not dry_run)
    lines = list_import(intake.outline, report, tags, is_done=not dry_run)
    show(document, *lines, as_json=as_json)
    need_attention(bool(intake.outline.problem_count))


@click.command("export")
@click.option("--newsletter", metavar="ID", help="Only this newsletter's readers.")
@json_option
@pass_session
def export(session: Session, *, newsletter: str | None, as_json: bool) -> None:
    """Write readers as CSV to standard output, with all it takes to bring them in elsewhere."""
    works = session.open_app().works
    if newsletter is not None:
        works.register.find_newsletter(newsletter)
    rows = export_readers(works.database, newsletter, works.clock(), by=COMMAND)
    if as_json:
        show({"subscriptions": [asdict(row) for row in rows]}, as_json=True)
        return
    for line in stream_export(rows):
        click.echo(line.encode(), nl=False)


def _stream(intake: Intake, step: str) -> Iterator[ImportRow]:
    with progress() as tell:
        yield from intake.stream_rows(tell_step(tell, step))
