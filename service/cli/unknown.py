"""`unknown`: mail of which nobody can say whether the provider took it."""

from __future__ import annotations

import click

from service.cli.printing import (
    json_option,
    make_facts,
    make_table,
    need_attention,
    show,
    write_moment,
)
from service.cli.session import Session, pass_session
from service.delivery.settling import describe_unknown, settle_batch
from service.membership import complete_erasures
from service.model.editor import COMMAND
from service.store.history import list_unvouched


@click.group("unknown")
def unknown() -> None:
    """Mail without a clear answer; settle it by hand.

    It is never sent again by itself.
    """


@unknown.command("list")
@json_option
@pass_session
def list_(session: Session, *, as_json: bool) -> None:
    """List them, the oldest first. Exit status 1: there are some."""
    with session.open_app().works.database.reading() as connection:
        found = list_unvouched(connection)
    document = [
        {
            "batch": one.batch_id,
            "kind": one.kind,
            "edition": one.edition_id,
            "account": one.account,
            "readers": one.rows,
            "claimed_at": one.first_claimed_at,
            "detail": one.detail,
        }
        for one in found
    ]
    rows = [
        (
            one.batch_id,
            one.edition_id or one.kind,
            one.rows,
            write_moment(one.first_claimed_at, session.zone),
            one.account,
            one.detail,
        )
        for one in found
    ]
    columns = ("#batch", "edition", "#readers", "tried", "account", "what happened")
    show({"unknown": document}, make_table(columns, rows) if rows else "None.", as_json=as_json)
    need_attention(bool(found))


@unknown.command("show")
@click.argument("batch", type=int)
@json_option
@pass_session
def show_(session: Session, *, batch: int, as_json: bool) -> None:
    """Show what to look for in the provider's own log: the batch's key, and its readers."""
    with session.open_app().works.database.reading() as connection:
        found = describe_unknown(connection, batch)
    document = {
        "batch": batch,
        "account": found.account,
        "key": found.key,
        "subject": found.subject,
        "attempts": [
            {"attempt": one.attempt, "claimed_at": one.claimed_at, "detail": one.detail}
            for one in found.attempts
        ],
        "readers": found.addresses,
    }
    facts = {
        "account": found.account,
        "key": found.key,
        "subject": found.subject,
    }
    tried = [
        (one.attempt, write_moment(one.claimed_at, session.zone), one.detail)
        for one in found.attempts
    ]
    show(
        document,
        make_facts(facts),
        "",
        make_table(("#attempt", "tried", "what happened"), tried),
        "",
        *found.addresses,
        as_json=as_json,
    )


@unknown.command("settle")
@click.argument("batch", type=int)
@click.argument("outcome", type=click.Choice(["accepted", "not-sent"]))
@json_option
@pass_session
def settle(session: Session, *, batch: int, outcome: str, as_json: bool) -> None:
    """Say what became of a batch, after you looked into the provider's own log.

    accepted: the provider has it. not-sent: it never had; the batch is planned again, and goes
    out with the next pass.
    """
    works = session.open_app().works
    was_accepted = outcome == "accepted"
    # Whoever is only waiting for this batch to be forgotten is forgotten with it.
    complete_erasures(works.database, works.mailbag.provider)
    now = works.clock()
    readers = settle_batch(works.database, batch, now, was_accepted=was_accepted, by=COMMAND)
    what = "counted as accepted" if was_accepted else "planned again"
    line = f"{readers:,} readers of batch {batch} are {what}."
    show({"batch": batch, "outcome": outcome, "readers": readers}, line, as_json=as_json)
