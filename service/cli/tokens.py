"""`tokens`: which programs may use the API."""

from __future__ import annotations

from datetime import timedelta

import click

from service.cli.printing import json_option, make_table, say, show, write_minute
from service.cli.session import Session, pass_session
from service.model.editor import COMMAND, ApiToken, Scope
from service.staff import issue_token, revoke_token
from service.store.api_tokens import list_api_tokens


@click.group("tokens")
def tokens() -> None:
    """What programs show to use the API."""


@tokens.command("list")
@json_option
@pass_session
def list_(session: Session, *, as_json: bool) -> None:
    """List the tokens that count; what they are is not kept."""
    with session.open_app().works.database.reading() as connection:
        found = list_api_tokens(connection)
    zone = session.zone
    rows = [
        (
            one.api_token_id,
            one.name,
            tuple(sorted(one.scopes)),
            one.created_by,
            write_minute(one.used_at, zone) or "never",
            write_minute(one.expires_at, zone) or "for ever",
        )
        for one in found
    ]
    table = make_table(("#no", "name", "may", "made by", "used", "good until"), rows)
    shown = table if rows else "No tokens yet: kawaraban tokens add NAME --scope read"
    show({"tokens": [_describe(one) for one in found]}, shown, as_json=as_json)


@tokens.command("add")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([one.value for one in Scope]),
    multiple=True,
    required=True,
    help="What it may be used for; repeatable.",
)
@click.option("--days", type=click.IntRange(min=1), help="How long it counts; else for ever.")
@json_option
@pass_session
def add(
    session: Session, *, name: str, scopes: tuple[str, ...], days: int | None, as_json: bool
) -> None:
    """Make a token and print it: this once, for only a digest of it is kept."""
    works = session.open_app().works
    now = works.clock()
    number, token = issue_token(
        works.database,
        name,
        map(Scope, scopes),
        by=COMMAND,
        now=now,
        expires_at=now + timedelta(days=days) if days else None,
    )
    say("Keep it where the program finds it; it is not shown again.")
    show({"number": number, "token": token}, token, as_json=as_json)


@tokens.command("revoke")
@click.argument("number", type=int)
@json_option
@pass_session
def revoke(session: Session, *, number: int, as_json: bool) -> None:
    """Let a token count no more."""
    works = session.open_app().works
    revoke_token(works.database, number, works.clock(), by=COMMAND)
    show({"revoked": number}, f"Token {number} counts no more.", as_json=as_json)


def _describe(token: ApiToken) -> dict[str, object]:
    return {
        "number": token.api_token_id,
        "name": token.name,
        "scopes": sorted(token.scopes),
        "created_at": token.created_at,
        "created_by": token.created_by,
        "used_at": token.used_at,
        "expires_at": token.expires_at,
    }
