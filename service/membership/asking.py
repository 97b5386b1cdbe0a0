"""Pending readers asked by mail whether they meant it, no oftener than the caps allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import Connection

from service.audience.caps import Asking, judge_asking
from service.audience.tokens import Purpose, sign_link
from service.errors import NotAllowedError
from service.membership.register import Register
from service.model.editor import Actor
from service.model.subscriber import SubscriptionState
from service.store import notices, subscribers
from service.store.audit import record_action
from service.store.consents import find_clicks
from service.store.database import Database
from service.store.notices import Notice
from service.store.subscribers import Reader
from service.store.suppressions import find_suppression
from service.words.catalogues import find_voice


def ask_to_confirm(
    connection: Connection, register: Register, subscription_ids: Sequence[int], now: datetime
) -> list[int]:
    """Plan a confirmation for each address with pending ones of these; the batch ids.

    One mail asks for all that an address has among them.
    """
    pending = subscribers.list_pending(connection, subscription_ids)
    theirs = {address: list(ones) for address, ones in _group(pending)}
    turns = find_turns(connection, register, list(theirs), now)
    batch_ids: list[int] = []
    for address, readers in theirs.items():
        if turns[address] is Asking.NOW:
            notice = _compose_confirmation(register, readers, now)
            if (batch_id := plan_notice(connection, register, notice, now)) is not None:
                batch_ids.append(batch_id)
    return batch_ids


def ask_again(
    database: Database, register: Register, subscriber_id: int, now: datetime, *, by: Actor
) -> None:
    """Mail a reader who has not confirmed once more; raises NotAllowedError when that may not be.

    Nobody is asked more than once a day, nor for ever, and nobody who is suppressed.
    """
    with database.writing() as connection:
        reader = subscribers.find_subscriber_by_id(connection, subscriber_id)
        address = (reader.address if reader else None) or ""
        pending = [
            one.subscription.subscription_id
            for one in subscribers.list_readers_at(connection, address)
            if one.subscription.state is SubscriptionState.PENDING
        ]
        if not pending:
            raise NotAllowedError("there is nothing that this reader has yet to confirm")
        if find_suppression(connection, address) is not None:
            raise NotAllowedError("the address is suppressed: nothing is sent to it")
        batch_ids = ask_to_confirm(connection, register, pending, now)
        if not batch_ids:
            raise NotAllowedError("this reader was asked today already, or too often")
        record_action(connection, by, "reader.ask", f"reader:{subscriber_id}", {}, now)
        register.wake(connection, batch_ids)


def find_turns(
    connection: Connection, register: Register, addresses: Sequence[str], now: datetime
) -> Mapping[str, Asking]:
    """When each of these addresses may be asked to confirm."""
    days = notices.list_notice_days(connection, Purpose.CONFIRM, addresses)
    clicks = find_clicks(connection, addresses)
    today = find_day(register, now)
    return {
        one: judge_asking(
            days.get(one, ()), find_day(register, clicks[one]) if one in clicks else None, today
        )
        for one in addresses
    }


def find_day(register: Register, moment: datetime) -> date:
    """The day on which something falls by the publication's calendar."""
    return moment.astimezone(register.publication.zone).date()


def name_sender(register: Register) -> dict[str, str]:
    """What every notice says of who sends it."""
    sender = register.sender
    return {
        "publication": register.publication.title,
        "sender": sender.name,
        "postal_address": sender.postal_address,
        "contact": sender.contact,
    }


def write_link(register: Register, page: str, purpose: Purpose, subscription_id: int) -> str:
    """The signed link to a page of one subscription."""
    token = sign_link(register.key_ring.current, purpose, f"s{subscription_id}")
    return f"{register.publication.service_url}/{page}/{token}"


def plan_notice(
    connection: Connection, register: Register, notice: Notice, now: datetime
) -> int | None:
    """Write a notice with its batch; its id, or None when it was planned already."""
    return notices.plan_notice(
        connection,
        notice,
        account=register.account,
        key_prefix=f"kb-{register.installation}",
        now=now,
    )


def _group(pending: Sequence[Reader]) -> Iterable[tuple[str, Iterable[Reader]]]:
    ordered = sorted(pending, key=lambda one: one.subscription.subscription_id)
    return groupby(sorted(ordered, key=_address), key=_address)


def _address(reader: Reader) -> str:
    return reader.subscriber.address or ""


def _compose_confirmation(register: Register, readers: Sequence[Reader], now: datetime) -> Notice:
    first = readers[0].subscription
    titles = (register.find_newsletter(one.subscription.newsletter_id).title for one in readers)
    between = find_voice(first.language).say_of("between newsletters in a mail that asks", ", ")
    rendered = register.renderer.render_notice(
        "confirm",
        first.language,
        {
            **name_sender(register),
            "newsletter": between.join(titles),
            "url": write_link(register, "confirm", Purpose.CONFIRM, first.subscription_id),
        },
    )
    return Notice(
        purpose=Purpose.CONFIRM,
        topic=first.newsletter_id,
        address=_address(readers[0]),
        day=find_day(register, now),
        rendered=rendered,
    )
