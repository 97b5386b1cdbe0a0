"""Editions opened by the schedule, or by a post; their posts are fixed here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from service.delivery.news import list_mailable_news
from service.delivery.press import Press
from service.delivery.reasons import OVERDUE
from service.editions.slots import Slot, edition_key, list_slots
from service.model.edition import Audience, Candidate, Edition, EditionState, Trigger
from service.model.newsletter import Approval, Cadence, Newsletter
from service.store.audience import find_lowest_served
from service.store.cancelling import cancel_rows, lock_planned_batches
from service.store.corrections import return_corrections
from service.store.editions import find_last_slot, insert_edition, list_editions, move_edition
from service.store.news import (
    find_became_at,
    find_mark,
    find_newsletter_start,
    list_candidates,
    lock_newsletter,
)

_OPEN_STATES = (EditionState.DRAFT, EditionState.WAITING, EditionState.HELD)
_LONGEST_LOOK_BACK = timedelta(days=31)


def open_slot(
    connection: Connection, press: Press, newsletter: Newsletter, cadence: Cadence, now: datetime
) -> Edition | None:
    """Open the edition of the latest slot that is due, and merge into it what was missed.

    None when no slot is due, or none since the newsletter began. An edition overdue by more
    than the newsletter allows is held for a person.
    """
    start = find_newsletter_start(connection, newsletter.newsletter_id)
    if start is None:
        return None
    lock_newsletter(connection, newsletter.newsletter_id)
    until = now + _find_lead(newsletter)
    last = find_last_slot(connection, newsletter.newsletter_id, cadence, until)
    after = max(filter(None, (start, last, now - _LONGEST_LOOK_BACK)))
    found = list_slots(newsletter, cadence, press.publication.zone, after, until)
    has_turn = not _waits_for_its_time(connection, newsletter, cadence, now)
    slots = _take_turns(found, now, has_turn=has_turn)
    if not slots:
        return None
    candidates = _list_candidates(connection, newsletter, cadence, now)
    _merge_earlier(connection, newsletter, cadence, slots[:-1], slots[-1], now)
    edition = _compose_slot(connection, newsletter, cadence, slots[-1], candidates, now)
    return insert_edition(connection, edition, candidates)


def open_each(connection: Connection, newsletter: Newsletter, now: datetime) -> list[Edition]:
    """Open one edition for every piece of news that has none yet, in the order it came."""
    lock_newsletter(connection, newsletter.newsletter_id)
    opened = []
    for candidate in _list_unopened(connection, newsletter):
        candidates = _list_candidates(
            connection, newsletter, Cadence.EACH, now, through=candidate.news_no
        )
        edition = _compose_each(connection, newsletter, candidate, candidates, now)
        if (written := insert_edition(connection, edition, candidates)) is not None:
            opened.append(written)
    return opened


def _find_lead(newsletter: Newsletter) -> timedelta:
    """How long before its time a draft is made, so that somebody can look at it."""
    return timedelta(0) if newsletter.approval is Approval.NONE else newsletter.notice_for


def _waits_for_its_time(
    connection: Connection, newsletter: Newsletter, cadence: Cadence, now: datetime
) -> bool:
    """Whether a draft is there that leaves by itself, or may still be approved in time."""
    drafts = list_editions(
        connection,
        states=(EditionState.DRAFT, EditionState.WAITING),
        newsletter_id=newsletter.newsletter_id,
        cadence=cadence,
    )
    return any(one.approved_at is not None or one.freeze_at > now for one in drafts)


def _take_turns(slots: Sequence[Slot], now: datetime, *, has_turn: bool) -> list[Slot]:
    """Slots that are due and, of those to come, the first, once no earlier one waits.

    A draft that is made longer ahead than a slot is from the next would be merged before its time.
    """
    due = [slot for slot in slots if slot.at <= now]
    ahead = [slot for slot in slots if slot.at > now]
    return [*due, *ahead[: int(has_turn)]]


def _merge_earlier(
    connection: Connection,
    newsletter: Newsletter,
    cadence: Cadence,
    missed: Sequence[Slot],
    into: Slot,
    now: datetime,
) -> None:
    """Write missed slots down as merged, and merge what still waits of earlier ones."""
    reason = f"merged into {edition_key(into)}"
    for edition in list_editions(
        connection,
        states=_OPEN_STATES,
        newsletter_id=newsletter.newsletter_id,
        cadence=cadence,
    ):
        lock_planned_batches(connection, edition.edition_id)
        # One that stopped while it was frozen gives its readers back to this one; one that an
        # editor has just let go keeps them.
        if move_edition(connection, edition, EditionState.MERGED, reason=reason):
            cancel_rows(connection, edition.edition_id)
            return_corrections(connection, edition.edition_id)
    for slot in missed:
        edition = _compose_scheduled(
            newsletter, cadence, edition_key(slot), slot.at, 0, EditionState.MERGED, reason, now
        )
        insert_edition(connection, edition, [])


def _compose_slot(
    connection: Connection,
    newsletter: Newsletter,
    cadence: Cadence,
    slot: Slot,
    candidates: Sequence[Candidate],
    now: datetime,
) -> Edition:
    mark = find_mark(connection, newsletter.newsletter_id)
    state, reason = EditionState.WAITING, ""
    if not candidates:
        state, reason = EditionState.EMPTY, "no news since the last one"
    elif now - slot.at > newsletter.overdue_after:
        state, reason = EditionState.HELD, f"{OVERDUE}: it was due {slot.at.isoformat()}"
    return _compose_scheduled(
        newsletter, cadence, edition_key(slot), slot.at, mark, state, reason, now
    )


def _list_unopened(connection: Connection, newsletter: Newsletter) -> list[Candidate]:
    opened = list_editions(connection, newsletter_id=newsletter.newsletter_id, cadence=Cadence.EACH)
    above = max((edition.mark for edition in opened), default=0)
    through = find_mark(connection, newsletter.newsletter_id)
    return list_candidates(connection, newsletter.newsletter_id, above=above, through=through)


def _list_candidates(
    connection: Connection,
    newsletter: Newsletter,
    cadence: Cadence,
    now: datetime,
    *,
    through: int | None = None,
) -> list[Candidate]:
    lowest = find_lowest_served(connection, newsletter.newsletter_id, cadence)
    if lowest is None:
        lowest = (through or find_mark(connection, newsletter.newsletter_id)) - 1
    return list_mailable_news(connection, newsletter, lowest, now, through=through)


def _compose_each(
    connection: Connection,
    newsletter: Newsletter,
    candidate: Candidate,
    candidates: Sequence[Candidate],
    now: datetime,
) -> Edition:
    number = candidate.news_no or 0
    became_at = find_became_at(connection, newsletter.newsletter_id, number) or now
    state, reason = EditionState.WAITING, ""
    if not candidates:
        state, reason = EditionState.EMPTY, "the post may not be mailed any more"
    elif now - became_at > newsletter.overdue_after:
        state, reason = EditionState.HELD, f"{OVERDUE}: it was due {became_at.isoformat()}"
    return _compose_scheduled(
        newsletter, Cadence.EACH, candidate.post.uid, became_at, number, state, reason, now
    )


def _compose_scheduled(
    newsletter: Newsletter,
    cadence: Cadence,
    key: str,
    slot_at: datetime,
    mark: int,
    state: EditionState,
    reason: str,
    now: datetime,
) -> Edition:
    return Edition(
        edition_id=0,
        newsletter_id=newsletter.newsletter_id,
        cadence=cadence,
        key=key,
        trigger=Trigger.SCHEDULE,
        state=state,
        slot_at=slot_at,
        freeze_at=slot_at,
        mark=mark,
        subject="",
        intro="",
        audience=Audience(),
        reason=reason,
        created_at=now,
        approved_at=None if newsletter.approval is Approval.REQUIRED else now,
    )
