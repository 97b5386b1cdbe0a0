"""Links that live an hour: mailed to a reader on request, and whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection

from service.audience.erasure import hash_address
from service.audience.fresh_links import read_fresh_link, sign_fresh_link
from service.audience.tokens import Purpose
from service.errors import TokenError
from service.membership.asking import find_day, name_sender, plan_notice
from service.membership.links import find_reader
from service.membership.register import Register
from service.model.subscriber import Subscriber
from service.store.address_changes import ASKED_THERE
from service.store.database import Database
from service.store.erasures import list_being_erased
from service.store.notices import Notice, list_notice_days
from service.store.subscribers import find_subscriber_by_id

MOST_A_DAY = 3
"""Mails with such a link that go to one address in a day, of each kind."""

_NOTICES: Mapping[Purpose, str] = MappingProxyType(
    {
        Purpose.EXPORT: "export-ready",
        Purpose.ERASE: "erase-confirm",
        Purpose.ADDRESS: "address-change",
        Purpose.NEW_ADDRESS: ASKED_THERE,
    }
)


def mail_fresh_link(
    database: Database, register: Register, token: str, purpose: Purpose, now: datetime
) -> None:
    """Mail the reader of a preferences link another one that lives an hour.

    Nothing more goes to somebody who asked often enough today. Raises TokenError.
    """
    reader = find_reader(database, register, Purpose.PREFERENCES, token)
    one = reader.subscriber
    with database.writing() as connection:
        plan_fresh_link(
            connection,
            register,
            purpose,
            subject=_name_reader(register, one),
            address=one.address or "",
            language=reader.subscription.language,
            now=now,
        )


def plan_fresh_link(
    connection: Connection,
    register: Register,
    purpose: Purpose,
    *,
    subject: str,
    address: str,
    language: str,
    now: datetime,
) -> None:
    """Plan the notice with a link of this purpose and subject, unless there were enough today."""
    name, day = _NOTICES[purpose], find_day(register, now)
    today = list_notice_days(connection, name, [address]).get(address, []).count(day)
    if today >= MOST_A_DAY:
        return
    token = sign_fresh_link(register.key_ring.current, purpose, subject, now)
    url = f"{register.publication.service_url}/{purpose}/{token}"
    rendered = register.renderer.render_notice(
        name, language, {**name_sender(register), "url": url}
    )
    notice = Notice(name, str(today + 1), address, day, rendered)
    if (batch_id := plan_notice(connection, register, notice, now)) is not None:
        register.wake(connection, [batch_id])


def find_fresh_reader(
    database: Database, register: Register, purpose: Purpose, token: str, now: datetime
) -> Subscriber:
    """Whose link of an hour this is; the address is None for somebody who had themselves erased.

    Raises TokenError, also when mail went to another address at the time, or LinkExpiredError.
    """
    subject = read_fresh_link(register.key_ring, purpose, token, now)
    with database.reading() as connection:
        found = find_subscriber_by_id(connection, read_number(subject.partition("-")[0], "r"))
        if found is None:
            raise TokenError("this link belongs to nobody")
        is_leaving = found.address and list_being_erased(connection, [found.address])
    if found.address is None or is_leaving:
        return Subscriber(found.subscriber_id, None, "", found.created_at)
    if subject != _name_reader(register, found):
        raise TokenError("this link was mailed to an address that the reader has left behind")
    return found


def read_number(subject: str, kind: str) -> int:
    """The number in a subject of a kind, such as 12 in "r12"; raises TokenError."""
    number = subject.removeprefix(kind)
    if not subject.startswith(kind) or not (number.isascii() and number.isdecimal()):
        raise TokenError("this link is for something else")
    return int(number)


def _name_reader(register: Register, one: Subscriber) -> str:
    """A reader at the address they have: whoever reads the mail of another one gains nothing."""
    digest = hash_address(register.key_ring.current, one.address or "").rpartition(":")[2]
    return f"r{one.subscriber_id}-{digest[:12]}"
