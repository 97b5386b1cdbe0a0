"""`suppressions`: addresses that must not be written to."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click

from service.app import App
from service.audience.exchange import RowProblem
from service.audience.exclusions import read_exclusions
from service.audience.sheets import Sheet
from service.audience.suppressed import SuppressedRow, read_suppressed, stream_suppressed
from service.cli.printing import (
    count_of,
    json_option,
    make_facts,
    make_table,
    need_attention,
    show,
    write_moment,
)
from service.cli.session import Session, pass_session, read_address
from service.delivery.suppressing import Imported, import_suppressions
from service.errors import UsageError
from service.membership import (
    export_suppressions,
    lift_suppression,
    restore_suppressions,
    suppress,
)
from service.model.editor import COMMAND
from service.model.subscriber import SuppressionReason
from service.providers.suppressing import ListedAddress, ListKeeper
from service.store.suppressions import list_suppressions

_PAGE_WITHIN = timedelta(seconds=30)
_REASONS = {
    "bounce": SuppressionReason.HARD_BOUNCE,
    "complaint": SuppressionReason.COMPLAINT,
    "left": None,
    "manual": SuppressionReason.MANUAL,
}


@click.group("suppressions")
def suppressions() -> None:
    """Addresses that nothing is sent to."""


@suppressions.command("list")
@json_option
@pass_session
def list_(session: Session, *, as_json: bool) -> None:
    """List them, the newest first; of erased readers nothing but the day is known."""
    with session.open_app().works.database.reading() as connection:
        found = list_suppressions(connection)
    document = [
        {
            "address": one.address,
            "reason": one.reason,
            "note": one.note,
            "created_at": one.created_at,
        }
        for one in found
    ]
    rows = [
        (
            one.address or "(erased)",
            one.reason,
            write_moment(one.created_at, session.zone),
            one.note,
        )
        for one in found
    ]
    table = make_table(("address", "reason", "since", "note"), rows)
    show({"suppressions": document}, table if rows else "None.", as_json=as_json)


@suppressions.command("export")
@pass_session
def export(session: Session) -> None:
    """Write them as CSV to standard output, as `import` takes them in again.

    Of erased readers it has a keyed hash, which means something only beside the same secret.json.
    """
    works = session.open_app().works
    rows = export_suppressions(works.database, works.clock(), by=COMMAND)
    for line in stream_suppressed(rows):
        click.echo(line.encode(), nl=False)


@suppressions.command("add")
@click.argument("address")
@click.option("--note", default="", help="Why, for whoever looks later.")
@json_option
@pass_session
def add(session: Session, *, address: str, note: str, as_json: bool) -> None:
    """Send nothing to an address any more, also of editions already planned."""
    works = session.open_app().works
    is_new = suppress(works.database, read_address(address), note, works.clock(), by=COMMAND)
    line = "Suppressed." if is_new else "Was suppressed already; the first reason stands."
    show({"added": is_new}, line, as_json=as_json)


@suppressions.command("remove")
@click.argument("address")
@json_option
@pass_session
def remove(session: Session, *, address: str, as_json: bool) -> None:
    """Let an address be written to again. Exit status 1: it was not suppressed."""
    works = session.open_app().works
    normal = read_address(address)
    was_there = lift_suppression(works.database, normal, "", works.clock(), by=COMMAND)
    line = "May be written to again." if was_there else "That address was not suppressed."
    show({"removed": was_there}, line, as_json=as_json)
    need_attention(not was_there)


@suppressions.command("import")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--reason",
    type=click.Choice(list(_REASONS)),
    default="manual",
    show_default=True,
    help="Why, where the sheet does not say; left: they unsubscribed there.",
)
@json_option
@pass_session
def import_(session: Session, *, file: Path | None, reason: str, as_json: bool) -> None:
    """Take over whom a provider does not write to: from its list itself, or from a CSV of it.

    Readers who left there leave here. Again is harmless. Exit status 1: some of it could not be
    read; the rest is in.
    """
    app = session.open_app()
    problems: list[RowProblem] = []
    if file is None:
        source, listed = _pull(app)
        now = app.works.clock()
        done = import_suppressions(app.works.database, listed, source, now, by=COMMAND)
    else:
        with file.open("rb") as stream:
            done, problems = _take_in(app, Sheet(file.name, stream), _REASONS[reason])
    unreadable = done.unreadable + len(problems)
    facts = {
        "suppressed": f"{done.added:,}",
        "already there": f"{done.already:,}" if done.already else "",
        "left": f"{count_of(done.left, 'reader')} unsubscribed" if done.left else "",
        "not blamed": f"{done.blameless:,} turned away for the mail or its sender"
        if done.blameless
        else "",
        "not read": count_of(unreadable, "row") if unreadable else "",
    }
    lines = [make_table(("#line", "why"), [(one.line, one.reason) for one in problems])]
    document = {
        **asdict(done),
        "unreadable": unreadable,
        "problems": [asdict(one) for one in problems],
    }
    show(document, make_facts(facts), *lines * bool(problems), as_json=as_json)
    need_attention(bool(unreadable))


def _take_in(
    app: App, sheet: Sheet, usual: SuppressionReason | None
) -> tuple[Imported, list[RowProblem]]:
    """Our own export as it was, or another service's list."""
    database, now = app.works.database, app.works.clock()
    own = read_suppressed(sheet)
    if own is not None:
        problems: list[RowProblem] = []
        rows = _leave_problems(own, problems)
        added, already = restore_suppressions(database, rows, sheet.name, now, by=COMMAND)
        return Imported(added, already), problems
    exclusions, problems = read_exclusions(sheet)
    listed = [ListedAddress(one.address, one.reason or usual) for one in exclusions]
    return import_suppressions(database, listed, sheet.name, now, by=COMMAND), problems


def _leave_problems(
    rows: Iterable[SuppressedRow | RowProblem], problems: list[RowProblem]
) -> Iterator[SuppressedRow]:
    for row in rows:
        if isinstance(row, RowProblem):
            problems.append(row)
        else:
            yield row


def _pull(app: App) -> tuple[str, Iterable[ListedAddress]]:
    provider = app.works.mailbag.provider
    if not isinstance(provider, ListKeeper):
        raise UsageError(
            f"the list of {provider.account} cannot be read from here; "
            "export it there and name the file"
        )
    return provider.account, provider.list_suppressed(total_for=_PAGE_WITHIN, pause=_wait)


def _wait(pause_for: timedelta) -> None:
    time.sleep(pause_for.total_seconds())
