"""`subscribers import` and `export`: readers in and out as sheets."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from pathlib import Path

import click

from service.app import App
from service.audience.archives import open_sheets
from service.audience.exchange import ImportRow, stream_export
from service.audience.intake import Intake, Named
from service.audience.origins import ORIGINS
from service.audience.tags import TagReader
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
from service.membership import ImportReport, export_readers, foresee_import, import_readers
from service.model.subscriber import SubscriptionState
from service.store.posts import list_posts

_CHUNK = 2000
"""Rows in one transaction: a bar that moves, and others get their turn."""

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
        _check_newsletters(app, named, newsletter)
        names = ", ".join(one.name for one in files)
        errand = _Errand(app, newsletter, AS[as_], names, source, app.works.clock())
        if dry_run or (sys.stdin.isatty() and not yes):
            report = errand.foresee(intake)
        if not dry_run:
            if sys.stdin.isatty() and not yes:
                tags = errand.tags.list_ignored()
                lines = list_import(intake.outline, report, tags, is_done=False)
                print_lines(open_error_console(), lines)
                click.confirm("Bring them in?", abort=True, err=True)
            report = errand.bring_in(intake)
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


class _Errand:
    """One import of many rows: on which terms, and as of when."""

    def __init__(
        self,
        app: App,
        newsletter: str | None,
        state: SubscriptionState,
        source: str,
        vouched_by: str,
        now: datetime,
    ) -> None:
        self._works = app.works
        self._newsletter = newsletter
        self._state = state
        self._source = source
        self._vouched_by = vouched_by
        self._now = now
        self._offered = _list_offered(app)
        self.tags = TagReader(self._offered)

    def foresee(self, intake: Intake) -> ImportReport:
        """What it would come to."""
        report, self.tags = ImportReport(), TagReader(self._offered)
        for rows in _cut(intake, "counting"):
            report += foresee_import(
                self._works.database,
                self._works.register,
                rows,
                newsletter_id=self._newsletter,
                state=self._state,
            )
            for row in rows:
                self.tags.read(row.newsletter_id, row.tags)
        return report

    def bring_in(self, intake: Intake) -> ImportReport:
        """Bring everybody in, some thousand rows in one transaction."""
        report, self.tags = ImportReport(), TagReader(self._offered)
        for rows in _cut(intake, "importing"):
            report += import_readers(
                self._works.database,
                self._works.register,
                rows,
                newsletter_id=self._newsletter,
                state=self._state,
                source=self._source,
                now=self._now,
                vouched_by=self._vouched_by,
                tags=self.tags,
            )
        return report


def _check_newsletters(app: App, named: Named, newsletter: str | None) -> None:
    """Refuse the whole sheet before any of it is in, where a newsletter is missing or unknown."""
    if newsletter is not None:
        app.works.register.find_newsletter(newsletter)
        return
    if (nameless := named.nameless) is not None:
        where = (
            f"{nameless.sheet}, line {nameless.line}" if nameless.sheet else f"line {nameless.line}"
        )
        raise UsageError(
            f"{where}: for which newsletter? name it with --newsletter, "
            "or in a column headed newsletter"
        )
    for name in sorted(named.newsletter_ids):
        app.works.register.find_newsletter(name)


def _list_offered(app: App) -> dict[str, set[str]]:
    """What readers of each newsletter may choose: its categories, and the tags that it lists."""
    with app.works.database.reading() as connection:
        categories = {name for post in list_posts(connection) for name in post.categories}
    return {
        one.newsletter_id: {*one.topics, *(one.categories or categories)}
        for one in app.works.register.newsletters.values()
    }


def _cut(intake: Intake, step: str) -> Iterator[list[ImportRow]]:
    with progress() as tell:
        rows = intake.stream_rows(tell_step(tell, step))
        while part := list(islice(rows, _CHUNK)):
            yield part
