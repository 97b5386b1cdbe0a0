"""`suppressions`: addresses that must not be written to."""

from __future__ import annotations

import click

from service.cli.printing import json_option, make_table, need_attention, show, write_moment
from service.cli.session import Session, pass_session, read_address
from service.model.subscriber import SuppressionReason
from service.store.suppressions import (
    Suppression,
    add_suppression,
    list_suppressions,
    remove_suppression,
)


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


@suppressions.command("add")
@click.argument("address")
@click.option("--note", default="", help="Why, for whoever looks later.")
@json_option
@pass_session
def add(session: Session, *, address: str, note: str, as_json: bool) -> None:
    """Send nothing to an address any more, also of editions already planned."""
    works = session.open_app().works
    suppression = Suppression(
        address=read_address(address),
        address_hash=None,
        reason=SuppressionReason.MANUAL,
        note=note,
        created_at=works.clock(),
    )
    with works.database.writing() as connection:
        is_new = add_suppression(connection, suppression)
    line = "Suppressed." if is_new else "Was suppressed already; the first reason stands."
    show({"added": is_new}, line, as_json=as_json)


@suppressions.command("remove")
@click.argument("address")
@json_option
@pass_session
def remove(session: Session, *, address: str, as_json: bool) -> None:
    """Let an address be written to again. Exit status 1: it was not suppressed."""
    with session.open_app().works.database.writing() as connection:
        was_there = remove_suppression(connection, read_address(address))
    line = "May be written to again." if was_there else "That address was not suppressed."
    show({"removed": was_there}, line, as_json=as_json)
    need_attention(not was_there)
