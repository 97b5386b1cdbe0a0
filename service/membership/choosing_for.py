"""What an editor does about a reader's choices for them: nothing is begun or ended by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from service.errors import NotAllowedError
from service.membership.choosing import compose_manner, link_choices
from service.membership.register import Register
from service.membership.standing import Choices
from service.model.editor import Actor
from service.model.subscriber import Subscription
from service.store import choices as kept
from service.store.audit import record_action
from service.store.choices import Manner
from service.store.database import Database
from service.store.erasures import list_being_erased
from service.store.subscribers import find_subscriber, find_subscriber_by_id

Change = Callable[[Subscription], Manner]
"""How a newsletter is to come, seen how it comes."""


def choose_for(
    database: Database, subscriber_id: int, choices: Choices, now: datetime, *, by: Actor
) -> None:
    """Let what comes to a reader come as they asked an editor for it.

    Nothing is added or ended, whatever `choices` say. Raises NotAllowedError.
    """
    with database.writing() as connection:
        theirs = _list_theirs(connection, subscriber_id)
        for newsletter_id, choice in choices.newsletters.items():
            if newsletter_id in theirs:
                manner = compose_manner(choice, choices.timezone)
                kept.change_manner(connection, theirs[newsletter_id].subscription_id, manner)
        kept.pause_reader(connection, subscriber_id, choices.paused_until)
        _record(connection, by, "reader.choose", subscriber_id, now)


def change_newsletter_for(
    database: Database,
    subscriber_id: int,
    newsletter_id: str,
    change: Change,
    now: datetime,
    *,
    by: Actor,
) -> None:
    """Let one newsletter come to a reader in another manner; raises NotAllowedError without it."""
    with database.writing() as connection:
        one = _list_theirs(connection, subscriber_id).get(newsletter_id)
        if one is None:
            raise NotAllowedError("this reader has no such newsletter")
        kept.change_manner(connection, one.subscription_id, change(one))
        _record(connection, by, "reader.choose", subscriber_id, now, newsletter=newsletter_id)


def pause_for(
    database: Database, subscriber_id: int, until: datetime | None, now: datetime, *, by: Actor
) -> None:
    """Let a reader skip what comes until then; None ends a pause. Raises NotAllowedError."""
    with database.writing() as connection:
        _list_theirs(connection, subscriber_id)
        kept.pause_reader(connection, subscriber_id, until)
        _record(connection, by, "reader.choose", subscriber_id, now, is_paused=until is not None)


def look_up_link(
    database: Database, register: Register, address: str, now: datetime, *, by: Actor
) -> str:
    """The link to a reader's own choices, to be given to them; raises NotAllowedError."""
    link = link_choices(database, register, address)
    with database.writing() as connection:
        reader = find_subscriber(connection, address)
        if reader is None:
            raise NotAllowedError("there is no reader with this address")
        _record(connection, by, "reader.link", reader.subscriber_id, now)
    return link


def _list_theirs(connection: Connection, subscriber_id: int) -> Mapping[str, Subscription]:
    reader = find_subscriber_by_id(connection, subscriber_id)
    if reader is None or reader.address is None:
        raise NotAllowedError("there is no such reader, or none any more")
    if list_being_erased(connection, [reader.address]):
        raise NotAllowedError("this reader is being erased")
    return kept.list_subscriptions_of(connection, reader.address)


def _record(
    connection: Connection,
    by: Actor,
    action: str,
    subscriber_id: int,
    now: datetime,
    **detail: object,
) -> None:
    record_action(connection, by, action, f"reader:{subscriber_id}", detail, now)
