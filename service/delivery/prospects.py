"""What leaves next: editions that are open, and those that would be opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from service.delivery.news import is_still_mailable
from service.delivery.press import Press
from service.delivery.stock import find_served, take_stock
from service.editions.slots import edition_key, find_next_slot, list_slots
from service.model.edition import Audience, Candidate, Edition, EditionState, Trigger
from service.model.newsletter import Approval, Cadence, Newsletter
from service.store.edition_posts import list_edition_candidates
from service.store.editions import find_last_slot, list_editions
from service.store.news import find_newsletter_start

_OPEN_STATES = (EditionState.DRAFT, EditionState.WAITING, EditionState.HELD)
_LONGEST_LOOK_BACK = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Prospect:
    """An edition that is open already, or would be opened next, with the posts it would carry.

    `edition.edition_id` is 0 for one that does not exist yet; `note` says what it waits for.
    """

    edition: Edition
    candidates: tuple[Candidate, ...]
    note: str


def list_prospects(
    connection: Connection, press: Press, newsletter: Newsletter, cadence: Cadence, now: datetime
) -> list[Prospect]:
    """What leaves next for one cadence: one edition, or for `each` one for every piece of news."""
    waiting = list_editions(
        connection,
        states=_OPEN_STATES,
        newsletter_id=newsletter.newsletter_id,
        cadence=cadence,
    )
    opened = [_describe_open(connection, edition, now) for edition in waiting]
    if cadence is Cadence.EACH:
        return [*opened, *_list_each(connection, newsletter, now)]
    if opened and not _is_slot_due(connection, press, newsletter, cadence, now):
        return opened[-1:]
    return [_imagine_slot(connection, press, newsletter, cadence, now)]


def _describe_open(connection: Connection, edition: Edition, now: datetime) -> Prospect:
    # One whose time has passed freezes when somebody lets it, with what is published by then.
    freezes_at = max(now, edition.freeze_at)
    candidates = [
        one
        for one in list_edition_candidates(connection, edition.edition_id)
        if is_still_mailable(one.post, freezes_at)
    ]
    note = edition.reason or ("" if edition.approved_at else "waits for approval")
    return Prospect(edition, tuple(candidates), note)


def _list_each(connection: Connection, newsletter: Newsletter, now: datetime) -> list[Prospect]:
    opened = list_editions(connection, newsletter_id=newsletter.newsletter_id, cadence=Cadence.EACH)
    above = max((edition.mark for edition in opened), default=0)
    stock = take_stock(connection, newsletter, above)
    at = stock.find_next_time(now)
    if at is None:
        return []
    return [
        Prospect(
            _imagine(newsletter, Cadence.EACH, one.post.uid, at, one.news_no or 0),
            (one,),
            _find_note(newsletter, at, now),
        )
        for one in stock.list_by(at)
    ]


def _is_slot_due(
    connection: Connection, press: Press, newsletter: Newsletter, cadence: Cadence, now: datetime
) -> bool:
    return bool(_list_due_slots(connection, press, newsletter, cadence, now))


def _imagine_slot(
    connection: Connection, press: Press, newsletter: Newsletter, cadence: Cadence, now: datetime
) -> Prospect:
    """The latest slot that is due, where it has anything to carry; else the next one."""
    due = _list_due_slots(connection, press, newsletter, cadence, now)
    stock = take_stock(connection, newsletter, find_served(connection, newsletter, (cadence,)))
    candidates = stock.list_by(now) if due else []
    key, at = due[-1] if due else ("", now)
    if not candidates:
        key, at = _find_next(connection, press, newsletter, cadence, now)
        candidates = stock.list_by(at)
    mark = max((one.news_no or 0 for one in candidates), default=0)
    edition = _imagine(newsletter, cadence, key, at, mark)
    return Prospect(edition, tuple(candidates), _find_note(newsletter, at, now))


def _list_due_slots(
    connection: Connection, press: Press, newsletter: Newsletter, cadence: Cadence, now: datetime
) -> list[tuple[str, datetime]]:
    start = find_newsletter_start(connection, newsletter.newsletter_id)
    if start is None:
        return []
    last = find_last_slot(connection, newsletter.newsletter_id, cadence)
    after = max(filter(None, (start, last, now - _LONGEST_LOOK_BACK)))
    slots = list_slots(newsletter, cadence, press.publication.zone, after, now)
    return [(edition_key(slot), slot.at) for slot in slots]


def _find_next(
    connection: Connection, press: Press, newsletter: Newsletter, cadence: Cadence, now: datetime
) -> tuple[str, datetime]:
    last = find_last_slot(connection, newsletter.newsletter_id, cadence)
    slot = find_next_slot(
        newsletter, cadence, press.publication.zone, max(now, last) if last else now
    )
    return edition_key(slot), slot.at


def _imagine(
    newsletter: Newsletter, cadence: Cadence, key: str, at: datetime, mark: int
) -> Edition:
    return Edition(
        edition_id=0,
        newsletter_id=newsletter.newsletter_id,
        cadence=cadence,
        key=key,
        trigger=Trigger.SCHEDULE,
        state=EditionState.WAITING,
        slot_at=at,
        freeze_at=at,
        mark=mark,
        subject="",
        intro="",
        audience=Audience(),
        reason="",
        created_at=at,
    )


def _find_note(newsletter: Newsletter, at: datetime, now: datetime) -> str:
    if now - at > newsletter.overdue_after:
        return "overdue: it would be held for a person"
    if newsletter.approval is Approval.REQUIRED:
        return "would wait for approval"
    return ""
