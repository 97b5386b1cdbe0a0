"""`editions`: what was opened, what became of it, and an editor's word on it."""

from __future__ import annotations

from collections.abc import Mapping

import click
from rich.console import RenderableType

from service.cli.printing import (
    count_of,
    describe_post,
    json_option,
    make_facts,
    make_table,
    need_attention,
    show,
    write_minute,
    write_moment,
)
from service.cli.refusal_lines import describe_refusals, list_refusals
from service.cli.session import Session, pass_session
from service.delivery.retrying import retry_edition
from service.model.delivery import Accounting
from service.model.edition import Edition, EditionState, Variant
from service.sending import (
    approve_edition,
    cancel_edition,
    hold_edition,
    pause_edition,
    resume_edition,
)
from service.store.accounting import count_deliveries
from service.store.editions import (
    find_edition,
    list_edition_candidates,
    list_editions,
    list_variants,
)
from service.store.feedback import count_told
from service.store.refusals import count_refusals

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
    rows = [
        (
            one.edition_id,
            one.newsletter_id,
            one.cadence or "by hand",
            write_minute(one.freeze_at, session.zone),
            one.state,
            count.frozen,
            count.accepted,
            count.waiting or None,
            count.unknown or None,
            one.reason,
        )
        for one, count in zip(found, counts, strict=True)
    ]
    columns = ("#no", "newsletter", "cadence", "when", "state")
    numbers = ("#readers", "#accepted", "#waiting", "#unknown", "reason")
    table = make_table((*columns, *numbers), rows)
    show({"editions": document}, table if rows else "No editions yet.", as_json=as_json)


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
        count = count_deliveries(connection, edition)
        told = count_told(connection, edition)
        refusals = count_refusals(connection, edition)
    shown = {id_ for variant in variants for id_ in variant.post_ids}
    document = {
        **describe_edition(found),
        "posts": [{**describe_post(post), "is_shown": post.post_id in shown} for post in posts],
        "variants": [_describe_variant(variant) for variant in variants],
        "accounting": describe_accounting(count),
        "told": told,
        "refusals": describe_refusals(refusals),
    }
    post_rows = [(post.title, post.path) for post in posts if post.post_id in shown or not shown]
    unshown = len(posts) - len(post_rows)
    variant_rows = [
        (
            one.variant_id,
            one.language,
            len(one.post_ids),
            len(one.rendered.html.encode()),
            one.rendered.subject,
        )
        for one in variants
    ]
    columns = ("#variant", "language", "#posts", "#bytes", "subject")
    lines: list[RenderableType] = [make_facts(_list_facts(session, found)), ""]
    lines += [make_table(("post", "file"), post_rows), ""] if posts else []
    lines += [f"{unshown} more are counted in it, not shown (--json lists them).", ""] * bool(
        unshown
    )
    lines += [make_table(columns, variant_rows), ""] if variants else []
    lines += [*list_accounting(count), *list_refusals(refusals, session.zone), *_list_told(told)]
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
    _show_moved(session, approve_edition(works.database, edition, works.clock()), as_json=as_json)


@editions.command("hold")
@number_argument
@click.option("--reason", default="held by an editor", show_default=True)
@json_option
@pass_session
def hold(session: Session, *, edition: int, reason: str, as_json: bool) -> None:
    """Keep an edition that has not left yet from leaving, until it is approved."""
    works = session.open_app().works
    _show_moved(session, hold_edition(works.database, edition, reason), as_json=as_json)


@editions.command("pause")
@number_argument
@click.option("--reason", default="paused by an editor", show_default=True)
@json_option
@pass_session
def pause(session: Session, *, edition: int, reason: str, as_json: bool) -> None:
    """Stop an edition that is being sent; a batch at the provider cannot be called back."""
    works = session.open_app().works
    _show_moved(session, pause_edition(works.database, edition, reason), as_json=as_json)


@editions.command("resume")
@number_argument
@json_option
@pass_session
def resume(session: Session, *, edition: int, as_json: bool) -> None:
    """Let a paused edition go on where it stopped."""
    works = session.open_app().works
    _show_moved(session, resume_edition(works.database, edition), as_json=as_json)


@editions.command("cancel")
@number_argument
@click.option("--reason", default="cancelled by an editor", show_default=True)
@json_option
@pass_session
def cancel(session: Session, *, edition: int, reason: str, as_json: bool) -> None:
    """End an edition for good; readers not reached yet get its posts with the next one."""
    works = session.open_app().works
    moved, _ = cancel_edition(works.database, edition, reason)
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
    done = retry_edition(
        works.database, works.mailbag.provider, works.press.wake, edition, works.clock()
    )
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


def describe_edition(edition: Edition) -> dict[str, object]:
    """An edition for scripts."""
    return {
        "edition": edition.edition_id,
        "newsletter": edition.newsletter_id,
        "cadence": edition.cadence,
        "key": edition.key,
        "trigger": edition.trigger,
        "state": edition.state,
        "reason": edition.reason,
        "slot_at": edition.slot_at,
        "freeze_at": edition.freeze_at,
        "approved_at": edition.approved_at,
        "frozen_at": edition.frozen_at,
        "finished_at": edition.finished_at,
    }


def describe_accounting(count: Accounting) -> dict[str, object]:
    """The accounting for scripts."""
    return {
        "frozen": count.frozen,
        "accepted": count.accepted,
        "refused": count.refused,
        "suppressed": count.suppressed,
        "cancelled": count.cancelled,
        "unknown": count.unknown,
        "waiting": count.waiting,
        "adds_up": count.adds_up,
    }


def list_accounting(count: Accounting) -> list[RenderableType]:
    """The accounting for people, as the sum it is."""
    ends = ("accepted", "refused", "suppressed", "cancelled", "unknown", "waiting")
    total = f"{count_of(count.frozen, 'reader')} = "
    return [total + " + ".join(f"{getattr(count, end):,} {end}" for end in ends)]


def _list_told(told: Mapping[str, int]) -> list[RenderableType]:
    """What the provider told of those it accepted, where it tells anything."""
    words = [f"{count:,} {state}" for state, count in told.items() if count]
    return [f"Of the accepted: {', '.join(words)}."] if words else []


def _describe_variant(variant: Variant) -> dict[str, object]:
    return {
        "variant": variant.variant_id,
        "language": variant.language,
        "subject": variant.rendered.subject,
        "posts": len(variant.post_ids),
        "html_bytes": len(variant.rendered.html.encode()),
    }


def _list_facts(session: Session, edition: Edition) -> dict[str, object]:
    zone = session.zone
    return {
        "edition": edition.edition_id,
        "newsletter": edition.newsletter_id,
        "cadence": edition.cadence or "by hand",
        "key": edition.key,
        "state": edition.state,
        "reason": edition.reason,
        "leaves": write_moment(edition.freeze_at, zone),
        "approved": write_moment(edition.approved_at, zone) or "not yet",
        "frozen": write_moment(edition.frozen_at, zone),
        "finished": write_moment(edition.finished_at, zone),
    }


def _show_moved(session: Session, edition: Edition, *, as_json: bool) -> None:
    when = write_moment(edition.freeze_at, session.zone)
    is_waiting = edition.state is EditionState.WAITING
    line = f"Edition {edition.edition_id} is {edition.state}" + (
        f", for {when}" if is_waiting else ""
    )
    show(describe_edition(edition), f"{line}.", as_json=as_json)
