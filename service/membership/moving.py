"""A reader who moves to another address: proven from the old one, and from the new one."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from service.audience.addresses import normalise_address
from service.audience.fresh_links import read_fresh_link
from service.audience.tokens import Purpose
from service.errors import AddressTakenError, NotAllowedError, TokenError
from service.membership.asking import find_day, name_sender, plan_notice
from service.membership.fresh import find_fresh_reader, plan_fresh_link, read_number
from service.membership.register import Register
from service.store.address_changes import (
    AddressChange,
    ask_for_change,
    complete_change,
    drop_old_changes,
    find_change,
)
from service.store.choices import find_language_of
from service.store.database import Database
from service.store.notices import Notice
from service.store.suppressions import find_suppression

ADDRESS_CHANGED = "address-changed"
"""The notice that tells the old address."""

_KEEP_FOR = timedelta(days=1)


class Moved(StrEnum):
    """What became of a change when its last link was pressed."""

    DONE = "done"
    TAKEN = "taken"


def ask_new_address(
    database: Database, register: Register, token: str, typed: str, now: datetime
) -> None:
    """Mail a link that lives an hour to the address a reader wants to move to.

    Raises AddressError for what is none, and TokenError. An address that is suppressed gets no
    mail; whether it is, or is another reader's, the one who asks does not learn.
    """
    reader = find_fresh_reader(database, register, Purpose.ADDRESS, token, now)
    new = normalise_address(typed)
    if reader.address is None:
        raise TokenError("this link belongs to somebody who was erased")
    with database.writing() as connection:
        drop_old_changes(connection, now - _KEEP_FOR)
        asked = ask_for_change(connection, reader.subscriber_id, reader.address, new, now)
        if new != reader.address and find_suppression(connection, new) is None:
            plan_fresh_link(
                connection,
                register,
                Purpose.NEW_ADDRESS,
                subject=f"a{asked}",
                address=new,
                language=_find_language(connection, register, reader.subscriber_id),
                now=now,
            )


def find_asked_change(
    database: Database, register: Register, token: str, now: datetime
) -> AddressChange:
    """The change that a link to a new address would make; raises TokenError, changes nothing."""
    subject = read_fresh_link(register.key_ring, Purpose.NEW_ADDRESS, token, now)
    with database.reading() as connection:
        change = find_change(connection, read_number(subject, "a"))
    if change is None:
        raise TokenError("this link was replaced by a later one")
    return change


def confirm_new_address(database: Database, register: Register, token: str, now: datetime) -> Moved:
    """Write to the new address from now on, and tell the old one; twice is the same as once.

    An address that is another reader's stays theirs: whoever pressed has proven that it is their
    own, so they are told. Raises TokenError, and NotAllowedError for an address that must not be
    written to.
    """
    change = find_asked_change(database, register, token, now)
    if change.done_at is not None:
        return Moved.DONE
    with database.writing() as connection:
        if find_suppression(connection, change.new_address) is not None:
            raise NotAllowedError("nothing may be sent to this address")
        try:
            is_moved = complete_change(connection, change, now)
        except AddressTakenError:
            return Moved.TAKEN
        if is_moved:
            _tell_old_address(connection, register, change, now)
        elif not _is_done(connection, change):
            raise TokenError("the reader has another address by now, or was erased")
    return Moved.DONE


def find_language(database: Database, register: Register, subscriber_id: int) -> str:
    """The language to speak to a reader in: that of what they have, else the publication's."""
    with database.reading() as connection:
        return _find_language(connection, register, subscriber_id)


def _find_language(connection: Connection, register: Register, subscriber_id: int) -> str:
    return find_language_of(connection, subscriber_id) or register.publication.language


def _is_done(connection: Connection, change: AddressChange) -> bool:
    """Whether an earlier press, perhaps of this moment, has made it."""
    found = find_change(connection, change.address_change_id)
    return found is not None and found.done_at is not None


def _tell_old_address(
    connection: Connection, register: Register, change: AddressChange, now: datetime
) -> None:
    values = {**name_sender(register), "url": f"{register.publication.service_url}/"}
    language = _find_language(connection, register, change.subscriber_id)
    rendered = register.renderer.render_notice(ADDRESS_CHANGED, language, values)
    topic = str(change.address_change_id)
    notice = Notice(ADDRESS_CHANGED, topic, change.old_address, find_day(register, now), rendered)
    if (batch_id := plan_notice(connection, register, notice, now)) is not None:
        register.wake(connection, [batch_id])
