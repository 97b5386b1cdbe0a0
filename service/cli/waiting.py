"""`subscribers waiting`: sign-ups that were not answered yet, and how to be rid of a flood."""

from __future__ import annotations

import click
from rich.console import RenderableType

from service.cli.printing import json_option, make_facts, make_table, show, write_minute
from service.cli.session import Session, pass_session
from service.membership import drop_signups
from service.model.editor import COMMAND
from service.store.signups import count_domains, find_held

_MOST_DOMAINS = 20


@click.command("waiting")
@click.option("--drop", metavar="DOMAIN", help="Forget what waits for addresses at this domain.")
@json_option
@pass_session
def waiting(session: Session, *, drop: str | None, as_json: bool) -> None:
    """Show sign-ups that wait for their confirmation mail.

    Most are answered within seconds. What is held exceeds a cap: of mails in an hour, of one
    network, of one domain, or one a day to an address. It is mailed later, or forgotten after
    two days.
    """
    works = session.open_app().works
    dropped = 0
    if drop is not None:
        dropped = drop_signups(works.database, drop.lower(), works.clock(), by=COMMAND)
    with works.database.reading() as connection:
        held, domains = find_held(connection), count_domains(connection, _MOST_DOMAINS)
    document = {
        "held": held.count if held else 0,
        "since": held.since_at if held else None,
        "domains": dict(domains),
        "dropped": dropped,
    }
    since = write_minute(held.since_at, session.zone) if held else ""
    facts = {
        "held": f"{held.count:,} since {since}" if held else "none",
        "mails in an hour": f"{works.register.signup.per_hour:,} at the most",
        "dropped": f"{dropped:,}" if drop is not None else "",
    }
    table = make_table(("domain", "#waiting"), domains) if domains else "Nothing waits."
    lines: list[RenderableType] = [make_facts(facts), "", table]
    show(document, *lines, as_json=as_json)
