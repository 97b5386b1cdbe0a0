"""`subscribers`: readers in and out, one by one or as sheets."""

from __future__ import annotations

import sys
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
    json_option,
    make_facts,
    make_table,
    need_attention,
    progress,
    show,
    write_moment,
)
from service.cli.session import Session, pass_session, read_address
from service.errors import NotAllowedError, UsageError
from service.membership import (
    ImportReport,
    erase_reader,
    export_readers,
    import_readers,
    remove_reader,
)
from service.model.newsletter import Cadence
from service.model.subscriber import SubscriptionState
from service.store.history import PastDelivery, list_past_deliveries
from service.store.posts import list_posts
from service.store.subscribers import Reader, list_readers_at
from service.store.suppressions import find_suppressed

_CHUNK = 1000
_AS = {"confirmed": SubscriptionState.ACTIVE, "pending": SubscriptionState.PENDING}


@click.group("subscribers")
def subscribers() -> None:
    """Readers in and out: import, export, add, remove, erase."""


@subscribers.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--newsletter", metavar="ID", help="For which; else a column says it.")
@click.option(
    "--as",
    "as_",
    type=click.Choice(list(_AS)),
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
            reports.append(_import(app, rows, newsletter, _AS[as_], file.name))
            if tell is not None:
                tell("importing", done, len(sheet.rows))
    total = _add_up(reports)
    problems = [{"line": one.line, "reason": one.reason} for one in sheet.problems]
    document = {**asdict(total), "folded": sheet.folded, "problems": problems}
    show({**document, "ignored": sheet.ignored}, *_list_import(sheet, total), as_json=as_json)
    need_attention(bool(sheet.problems))


@subscribers.command("export")
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


@subscribers.command("add")
@click.argument("address")
@click.option("--newsletter", metavar="ID", required=True)
@click.option("--cadence", type=click.Choice([one.value for one in Cadence]))
@click.option("--topic", "topics", multiple=True, help="Only this; repeatable. Else everything.")
@click.option("--name", default="")
@click.option(
    "--as",
    "as_",
    type=click.Choice(list(_AS)),
    default="pending",
    show_default=True,
    help="pending: they are asked by mail to confirm.",
)
@json_option
@pass_session
def add(
    session: Session,
    *,
    address: str,
    newsletter: str,
    cadence: str | None,
    topics: tuple[str, ...],
    name: str,
    as_: str,
    as_json: bool,
) -> None:
    """Subscribe one reader. Exit status 1: the address is suppressed or was erased."""
    app = session.open_app()
    _check_choice(app, newsletter, cadence, topics)
    row = ImportRow(
        address=read_address(address),
        name=name,
        cadence=Cadence(cadence) if cadence else None,
        topics=topics,
        line=1,
    )
    report = _import(app, [row], newsletter, _AS[as_], "command line")
    show(asdict(report), _describe_added(report), as_json=as_json)
    need_attention(bool(report.suppressed or report.erased))


@subscribers.command("show")
@click.argument("address")
@json_option
@pass_session
def show_(session: Session, *, address: str, as_json: bool) -> None:
    """Show one reader: what they chose, how they came, and what they were sent."""
    normal = read_address(address)
    with session.open_app().works.database.reading() as connection:
        readers = list_readers_at(connection, normal)
        if not readers:
            raise NotAllowedError("there is no reader with this address")
        past = list_past_deliveries(connection, readers[0].subscriber.subscriber_id)
        is_suppressed = bool(find_suppressed(connection, [normal], [])[0])
    document = {
        "name": readers[0].subscriber.name,
        "is_suppressed": is_suppressed,
        "subscriptions": [_describe_reader(one) for one in readers],
        "deliveries": [_describe_past(one) for one in past],
    }
    lines = _list_reader(session, readers, past, is_suppressed=is_suppressed)
    show(document, *lines, as_json=as_json)


@subscribers.command("remove")
@click.argument("address")
@json_option
@pass_session
def remove(session: Session, *, address: str, as_json: bool) -> None:
    """Unsubscribe a reader from everything; their history stays."""
    works = session.open_app().works
    ended = remove_reader(works.database, read_address(address), works.clock())
    show({"ended": ended}, f"{ended} subscriptions ended.", as_json=as_json)


@subscribers.command("erase")
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_session
def erase(session: Session, *, address: str, yes: bool, as_json: bool) -> None:
    """Forget a reader for good; a keyed hash alone keeps imports from bringing them back."""
    works = session.open_app().works
    normal = read_address(address)
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("nobody is there to ask; --yes erases without asking")
        click.confirm("Erase this reader for good?", abort=True, err=True)
    is_done = erase_reader(works.database, works.register, normal, works.clock())
    line = "Erased." if is_done else "Unsubscribed; erased as soon as a mail under way has settled."
    show({"erased": is_done}, line, as_json=as_json)


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


def _import(
    app: App,
    rows: Sequence[ImportRow],
    newsletter: str | None,
    state: SubscriptionState,
    source: str,
) -> ImportReport:
    return import_readers(
        app.works.database,
        app.works.register,
        rows,
        newsletter_id=newsletter,
        state=state,
        source=source,
        now=app.works.clock(),
    )


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
        "folded": f"{len(sheet.folded):,} rows on somebody met before" if sheet.folded else "",
        "to confirm": _describe_asked(total) if total.confirmations else "",
        "ignored columns": sheet.ignored,
        "not read": f"{len(sheet.problems):,} rows" if sheet.problems else "",
    }
    return [make_facts(facts), *_list_problems(sheet.problems)]


def _list_problems(problems: Sequence[RowProblem]) -> list[RenderableType]:
    if not problems:
        return []
    return ["", make_table(("#line", "why"), [(one.line, one.reason) for one in problems])]


def _describe_asked(report: ImportReport) -> str:
    return f"{report.confirmations:,} are asked by mail, by a running `up` or the next `tick`"


def _check_choice(
    app: App, newsletter_id: str, cadence: str | None, topics: tuple[str, ...]
) -> None:
    newsletter = app.works.register.find_newsletter(newsletter_id)
    if cadence is not None and cadence not in newsletter.cadences:
        known = ", ".join(newsletter.cadences)
        raise UsageError(f"{newsletter_id} has no cadence {cadence}; it has: {known}")
    if not topics:
        return
    with app.works.database.reading() as connection:
        categories = {name for post in list_posts(connection) for name in post.categories}
    known_topics = {*newsletter.topics, *newsletter.categories, *categories}
    for topic in topics:
        if topic not in known_topics:
            known = ", ".join(sorted(known_topics)) or "none yet"
            raise UsageError(f"{topic!r} is neither a category nor a topic; known: {known}")


def _describe_added(report: ImportReport) -> str:
    if report.suppressed:
        return "Not added: the address is suppressed; see: kawaraban suppressions list"
    if report.erased:
        return "Not added: the address was erased; only they themselves can sign up again"
    if report.already:
        return "Is subscribed already, or was and left: nothing was changed."
    return f"Added; {_describe_asked(report)}." if report.confirmations else "Added."


def _describe_reader(reader: Reader) -> dict[str, object]:
    one = reader.subscription
    return {
        "newsletter": one.newsletter_id,
        "state": one.state,
        "cadence": one.cadence,
        "topics": one.topics,
        "language": one.language,
        "send_hour": one.send_hour,
        "timezone": one.timezone,
        "served_through": one.served_through,
        "created_at": one.created_at,
        "confirmed_at": one.confirmed_at,
        "ended_at": one.ended_at,
        "consent": asdict(reader.consent),
    }


def _describe_past(past: PastDelivery) -> dict[str, object]:
    return {
        "edition": past.edition_id,
        "newsletter": past.newsletter_id,
        "key": past.key,
        "subject": past.subject,
        "posts": len(past.post_ids),
        "state": past.state,
        "reason": past.reason,
        "frozen_at": past.frozen_at,
    }


def _list_reader(
    session: Session,
    readers: Sequence[Reader],
    past: Sequence[PastDelivery],
    *,
    is_suppressed: bool,
) -> list[RenderableType]:
    zone = session.zone
    suppressed = "the address is suppressed: nothing is sent to it" if is_suppressed else ""
    choices = [
        (
            one.subscription.newsletter_id,
            one.subscription.state,
            one.subscription.cadence,
            one.subscription.topics or "everything",
            one.subscription.send_hour,
            one.subscription.timezone,
            write_moment(one.subscription.created_at, zone),
            one.consent.source,
        )
        for one in readers
    ]
    columns = ("newsletter", "state", "cadence", "topics", "#hour", "zone", "since", "consent")
    mails = [
        (
            one.edition_id,
            one.newsletter_id,
            write_moment(one.frozen_at, zone),
            f"{one.state} {one.reason}".strip(),
            len(one.post_ids),
            one.subject,
        )
        for one in past
    ]
    sent = ("#edition", "newsletter", "when", "state", "#posts", "subject")
    lines: list[RenderableType] = [
        make_facts({"name": readers[0].subscriber.name, "note": suppressed}),
        make_table(columns, choices),
        "",
    ]
    return [*lines, make_table(sent, mails) if mails else "Nothing was sent to them yet."]
