"""`subscribers`: readers in and out, one by one or as sheets."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from service.app import App
from service.audience.exchange import ImportRow
from service.cli.printing import json_option, need_attention, show
from service.cli.reader_lines import (
    describe_added,
    describe_past,
    describe_suppression,
    list_reader,
)
from service.cli.reader_link import link
from service.cli.session import Session, pass_session, read_address
from service.cli.sheets import AS, export, import_
from service.cli.waiting import waiting
from service.errors import NotAllowedError, UsageError
from service.membership import add_reader, describe_subscription, erase_reader, remove_reader
from service.model.editor import COMMAND
from service.model.newsletter import Cadence
from service.model.subscriber import SubscriptionState
from service.store.choices import find_pause
from service.store.consents import list_past_consents
from service.store.history import list_past_deliveries
from service.store.posts import list_posts
from service.store.subscribers import list_readers_at
from service.store.suppressions import find_suppression

_LEFT = "Not added: they were subscribed and left; only they themselves come back."


@click.group("subscribers")
def subscribers() -> None:
    """Readers in and out: import, export, add, remove, erase; sign-ups that wait."""


subscribers.add_command(import_)
subscribers.add_command(export)
subscribers.add_command(waiting)
subscribers.add_command(link)


@subscribers.command("add")
@click.argument("address")
@click.option("--newsletter", metavar="ID", required=True)
@click.option("--cadence", type=click.Choice([one.value for one in Cadence]))
@click.option("--topic", "topics", multiple=True, help="Only this; repeatable. Else everything.")
@click.option("--name", default="")
@click.option(
    "--as",
    "as_",
    type=click.Choice(list(AS)),
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
    """Subscribe one reader.

    Exit status 1: the address is suppressed, was erased, or left by itself.
    """
    app = session.open_app()
    _check_choice(app, newsletter, cadence, topics)
    row = ImportRow(
        address=read_address(address),
        name=name,
        cadence=Cadence(cadence) if cadence else None,
        topics=topics,
        line=1,
    )
    report = add_reader(
        app.works.database,
        app.works.register,
        row,
        newsletter,
        AS[as_],
        source="command line",
        now=app.works.clock(),
        by=COMMAND,
    )
    has_left = bool(report.already) and _has_left(app, row.address, newsletter)
    line = _LEFT if has_left else describe_added(report)
    show({**asdict(report), "has_left": has_left}, line, as_json=as_json)
    need_attention(bool(report.suppressed or report.erased) or has_left)


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
        former = {
            one.subscription.subscription_id: list_past_consents(
                connection, one.subscription.subscription_id
            )
            for one in readers
        }
        suppression = find_suppression(connection, normal)
        paused_until = find_pause(connection, readers[0].subscriber.subscriber_id)
    document = {
        "name": readers[0].subscriber.name,
        "paused_until": paused_until,
        "is_suppressed": suppression is not None,
        "suppression": suppression and describe_suppression(suppression),
        "subscriptions": [
            describe_subscription(one, former[one.subscription.subscription_id]) for one in readers
        ],
        "deliveries": [describe_past(one) for one in past],
    }
    lines = list_reader(readers, past, suppression, paused_until, session.zone)
    show(document, *lines, as_json=as_json)


@subscribers.command("remove")
@click.argument("address")
@json_option
@pass_session
def remove(session: Session, *, address: str, as_json: bool) -> None:
    """Unsubscribe a reader from everything; their history stays."""
    works = session.open_app().works
    ended = remove_reader(works.database, read_address(address), works.clock(), by=COMMAND)
    show({"ended": ended}, f"Subscriptions ended: {ended}.", as_json=as_json)


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
    is_done = erase_reader(
        works.database,
        works.register,
        normal,
        works.clock(),
        works.mailbag.provider,
        by=COMMAND,
    )
    line = "Erased." if is_done else "Unsubscribed; erased as soon as a mail under way has settled."
    show({"erased": is_done}, line, as_json=as_json)


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


def _has_left(app: App, address: str, newsletter_id: str) -> bool:
    with app.works.database.reading() as connection:
        readers = list_readers_at(connection, address)
    found = [one.subscription for one in readers]
    return any(
        one.newsletter_id == newsletter_id and one.state is SubscriptionState.UNSUBSCRIBED
        for one in found
    )
