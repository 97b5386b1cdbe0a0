"""`subscribers link`: the way to a reader's own choices, for whoever answers their letter."""

from __future__ import annotations

import click

from service.cli.printing import json_option, show
from service.cli.session import Session, pass_session, read_address
from service.membership import look_up_link
from service.model.editor import COMMAND


@click.command("link")
@click.argument("address")
@json_option
@pass_session
def link(session: Session, *, address: str, as_json: bool) -> None:
    """Print the link to a reader's choices, the same as in their mails.

    It works for ever and for everybody who has it, so give it to the reader alone.
    """
    works = session.open_app().works
    normal = read_address(address)
    url = look_up_link(works.database, works.register, normal, works.clock(), by=COMMAND)
    show({"url": url}, url, as_json=as_json)
