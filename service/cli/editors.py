"""`editors`: who may sign in at the desk."""

from __future__ import annotations

import click

from service.cli.printing import json_option, make_table, need_attention, show, write_moment
from service.cli.session import Session, pass_session, read_address
from service.errors import UsageError
from service.model.editor import COMMAND, Editor, Role
from service.staff import add_editor, print_sign_in_link, remove_editor
from service.store.editors import find_editor_by_address, list_editors
from service.web.desk.parts import open_reception

address_argument = click.argument("address")


@click.group("editors")
def editors() -> None:
    """Who may sign in at the desk; there are no passwords."""


@editors.command("list")
@json_option
@pass_session
def list_(session: Session, *, as_json: bool) -> None:
    """List everybody who may sign in.

    Exit status 1: nobody may.
    """
    with session.open_app().works.database.reading() as connection:
        found = list_editors(connection)
    rows = [
        (one.address, one.name, one.role, write_moment(one.created_at, session.zone))
        for one in found
    ]
    table = make_table(("address", "name", "role", "since"), rows)
    nobody = "Nobody may sign in yet: kawaraban editors add ADDRESS --role owner"
    show({"editors": [_describe(one) for one in found]}, table if rows else nobody, as_json=as_json)
    need_attention(not found)


@editors.command("add")
@address_argument
@click.option(
    "--role",
    type=click.Choice([one.value for one in Role]),
    help="owner: everything; editor: posts, editions, sending, readers; viewer: looks only. "
    "Without it the first one is an owner, the others are editors.",
)
@click.option("--name", default="", help="What the others see.")
@json_option
@pass_session
def add(session: Session, *, address: str, role: str | None, name: str, as_json: bool) -> None:
    """Let somebody sign in, or change what they may do."""
    works = session.open_app().works
    with works.database.reading() as connection:
        is_first = not list_editors(connection)
    wanted = Role(role) if role else Role.OWNER if is_first else Role.EDITOR
    added = add_editor(
        works.database, read_address(address), name, wanted, works.clock(), by=COMMAND
    )
    show(
        _describe(added),
        f"{added.address} may sign in as {added.role}: at {_find_desk(session)},",
        f"or with kawaraban editors link {added.address}",
        as_json=as_json,
    )


@editors.command("link")
@address_argument
@json_option
@pass_session
def link(session: Session, *, address: str, as_json: bool) -> None:
    """Print a link that signs an editor in: once, within a quarter of an hour, in any browser."""
    works = session.open_app().works
    url = print_sign_in_link(
        works.database,
        open_reception(works.register),
        read_address(address),
        works.clock(),
        by=COMMAND,
    )
    show({"url": url}, url, as_json=as_json)


@editors.command("remove")
@address_argument
@json_option
@pass_session
def remove(session: Session, *, address: str, as_json: bool) -> None:
    """Let somebody sign in no more, and sign them out everywhere."""
    works = session.open_app().works
    with works.database.reading() as connection:
        known = find_editor_by_address(connection, read_address(address))
    if known is None:
        raise UsageError("nobody with that address may sign in")
    removed = remove_editor(works.database, known.editor_id, works.clock(), by=COMMAND)
    show(_describe(removed), f"{removed.address} may sign in no more.", as_json=as_json)


def _find_desk(session: Session) -> str:
    return f"{session.config.service.url}/desk"


def _describe(editor: Editor) -> dict[str, object]:
    return {
        "editor": editor.editor_id,
        "address": editor.address,
        "name": editor.name,
        "role": editor.role,
        "since": editor.created_at,
    }
