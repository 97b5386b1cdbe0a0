"""`editions`: what was opened, what became of it, and an editor's word on it."""

from __future__ import annotations

import click
from rich.console import RenderableType

from service.cli.edition_lines import (
    describe_accounting,
    describe_edition,
    describe_variant,
    list_accounting,
    list_carried,
    list_facts,
    list_told,
    list_variants_made,
    tabulate_editions,
)
from service.cli.printing import (
    count_of,
    describe_post,
    json_option,
    make_facts,
    need_attention,
    show,
    write_moment,
)
from service.cli.refusal_lines import describe_refusals, list_refusals
from service.cli.session import Session, pass_session
from service.delivery.retrying import retry_edition
from service.model.edition import Edition, EditionState
from service.model.editor import COMMAND
from service.sending import (
    approve_edition,
    cancel_edition,
    hold_edition,
    pause_edition,
    resume_edition,
)
from service.store.accounting import count_deliveries, tally_deliveries
from service.store.edition_posts import list_edition_candidates
from service.store.editions import find_edition, list_editions
from service.store.refusals import count_refusals
from service.store.variants import list_variants

number_argument = click.argument("edition", type=int)


@click.group("editions")
def editions() -> None:
    """Look at editions; approve, hold, pause, resume, cancel, retry."""


@editions.command("list")
@click.option("--newsletter", metavar="ID", help="Only this newsletter's.")
@click.option(
    "--state",
    "states",
    type=click.Choice([one.value for one in EditionState]),
    multiple=True,
    help="Only in this state; repeatable.",
)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@json_option
@pass_session
def list_(
    session: Session, *, newsletter: str | None, states: tuple[str, ...], limit: int, as_json: bool
) -> None:
    """List editions, the newest first."""
    chosen = [EditionState(one) for one in states]
    with session.open_app().works.database.reading() as connection:
        found = list_editions(connection, states=chosen, newsletter_id=newsletter)[::-1][:limit]
        counts = [count_deliveries(connection, one.edition_id) for one in found]
    document = [
        {**describe_edition(one), "accounting": describe_accounting(count)}
        for one, count in zip(found, counts, strict=True)
    ]
    table = tabulate_editions(found, counts, session.zone)
    show({"editions": document}, table, as_json=as_json)


@editions.command("show")
@number_argument
@json_option
@pass_session
def show_(session: Session, *, edition: int, as_json: bool) -> None:
    """Show one edition: its posts, its variants, and the accounting of its readers.

    Exit status 1: it is held or paused, or some of its readers are refused or unknown.
    """
    with session.open_app().works.database.reading() as connection:
        found = find_edition(connection, edition)
        posts = [one.post for one in list_edition_candidates(connection, edition)]
        variants = list_variants(connection, edition)
        tally = tally_deliveries(connection, edition)
        count, told = tally.accounting, tally.told
        refusals = count_refusals(connection, edition, count)
    shown = {id_ for variant in variants for id_ in variant.post_ids}
    document = {
        **describe_edition(found),
        "posts": [{**describe_post(post), "is_shown": post.post_id in shown} for post in posts],
        "variants": [describe_variant(variant) for variant in variants],
        "accounting": describe_accounting(count),
        "told": told,
        "refusals": describe_refusals(refusals),
    }
    lines: list[RenderableType] = [
        make_facts(list_facts(found, session.zone)),
        "",
        *list_carried(posts, shown),
        *list_variants_made(variants),
        *list_accounting(count),
        *list_refusals(refusals, session.zone),
        *list_told(told),
    ]
    show(document, *lines, as_json=as_json)
    is_stopped = found.state in {EditionState.HELD, EditionState.PAUSED}
    need_attention(is_stopped or bool(count.refused or count.unknown))


@editions.command("approve")
@number_argument
@json_option
@pass_session
def approve(session: Session, *, edition: int, as_json: bool) -> None:
    """Let a held or waiting edition go at its time, or with the next pass when that is over."""
    works = session.open_app().works
    moved = approve_edition(works.database, edition, works.clock(), by=COMMAND)
    _show_moved(session, moved, as_json=as_json)


@editions.command("hold")
@number_argument
@click.option("--reason", default="held by an editor", show_default=True)
@json_option
@pass_session
def hold(session: Session, *, edition: int, reason: str, as_json: bool) -> None:
    """Keep an edition that has not left yet from leaving, until it is approved."""
    works = session.open_app().works
    moved = hold_edition(works.database, edition, reason, works.clock(), by=COMMAND)
    _show_moved(session, moved, as_json=as_json)


@editions.command("pause")
@number_argument
@click.option("--reason", default="paused by an editor", show_default=True)
@json_option
@pass_session
def pause(session: Session, *, edition: int, reason: str, as_json: bool) -> None:
    """Stop an edition that is being sent; a batch at the provider cannot be called back."""
    works = session.open_app().works
    moved = pause_edition(works.database, edition, reason, works.clock(), by=COMMAND)
    _show_moved(session, moved, as_json=as_json)


@editions.command("resume")
@number_argument
@json_option
@pass_session
def resume(session: Session, *, edition: int, as_json: bool) -> None:
    """Let a paused edition go on where it stopped."""
    works = session.open_app().works
    moved = resume_edition(works.database, works.press.wake, edition, works.clock(), by=COMMAND)
    _show_moved(session, moved, as_json=as_json)


@editions.command("cancel")
@number_argument
@click.option("--reason", default="cancelled by an editor", show_default=True)
@json_option
@pass_session
def cancel(session: Session, *, edition: int, reason: str, as_json: bool) -> None:
    """End an edition for good; readers not reached yet get its posts with the next one."""
    works = session.open_app().works
    moved, _ = cancel_edition(works.database, edition, reason, works.clock(), by=COMMAND)
    _show_moved(session, moved, as_json=as_json)


@editions.command("retry")
@number_argument
@json_option
@pass_session
def retry(session: Session, *, edition: int, as_json: bool) -> None:
    """Try an edition again for those it did not reach: never twice, and nobody who is unknown.

    Who was refused for good is planned again, unless they left or had one of its posts since;
    who was refused for now need not wait any longer. It leaves with the next pass.
    """
    works = session.open_app().works
    provider, wake, now = works.mailbag.provider, works.press.wake, works.clock()
    done = retry_edition(works.database, provider, wake, edition, now, by=COMMAND)
    document = {
        "edition": edition,
        "planned": done.planned,
        "hurried": done.hurried,
        "left": done.left,
    }
    planned = count_of(done.planned, "reader")
    lines = [
        f"{planned} planned again; {done.hurried:,} who waited need not wait any longer.",
        *[f"{done.left:,} stay refused: they left, or had its posts since."] * bool(done.left),
    ]
    show(document, *lines, as_json=as_json)


def _show_moved(session: Session, edition: Edition, *, as_json: bool) -> None:
    when = write_moment(edition.freeze_at, session.zone)
    is_waiting = edition.state is EditionState.WAITING
    line = f"Edition {edition.edition_id} is {edition.state}" + (
        f", for {when}" if is_waiting else ""
    )
    show(describe_edition(edition), f"{line}.", as_json=as_json)
