"""Editions opened: by the schedule, by a post, or by hand; their posts are fixed here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from service.delivery.plan import is_still_mailable
from service.delivery.press import Press
from service.editions.news import NewsVerdict, judge_news
from service.editions.slots import Slot, edition_key, list_slots
from service.errors import NotAllowedError, UsageError
from service.model.edition import Audience, Candidate, Edition, EditionState, Trigger
from service.model.newsletter import Approval, Cadence, Newsletter
from service.model.post import Post, Verdict
from service.store.audience import find_lowest_served
from service.store.cancelling import cancel_rows, lock_planned_batches
from service.store.corrections import return_corrections
from service.store.editions import (
    find_edition_by_key,
    find_last_slot,
    insert_edition,
    list_editions,
    move_edition,
)
from service.store.news import (
    find_became_at,
    find_mark,
    find_news_numbers,
    find_newsletter_start,
    list_candidates,
    list_news_post_ids,
    lock_newsletter,
)
from service.store.posts import find_post

_OPEN_STATES = (EditionState.DRAFT, EditionState.WAITING, EditionState.HELD)
OVERDUE = "overdue"
"""How the reason begins for which an edition that comes too late is held."""

UNMADE = "cannot be made"
"""How the reason begins for which an edition is held whose mail cannot be rendered."""

_LONGEST_LOOK_BACK = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class ByHand:
    """What an editor asks for: which posts (paths), to whom, with which words.

    Without posts everybody gets what is news to them; `key` makes a repeated call do nothing.
    One that `waits` leaves no sooner than somebody approves it.
    """

    newsletter_id: str
    key: str
    posts: tuple[str, ...] = ()
    audience: Audience = field(default_factory=Audience)
    subject: str = ""
    intro: str = ""
    freeze_at: datetime | None = None
    waits: bool = False


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


def open_by_hand(connection: Connection, press: Press, asked: ByHand, now: datetime) -> Edition:
    """Open an edition a person asked for; the same key again gives the same edition."""
    newsletter = press.find_newsletter(asked.newsletter_id)
    lock_newsletter(connection, newsletter.newsletter_id)
    if known := find_edition_by_key(connection, newsletter.newsletter_id, None, asked.key):
        return known
    candidates = _find_asked(connection, newsletter, asked, now)
    if not candidates and not asked.intro:
        raise NotAllowedError("there is no news to send; name posts, or give an introduction")
    edition = compose_by_hand(asked, find_mark(connection, newsletter.newsletter_id), now)
    opened = insert_edition(connection, edition, candidates)
    if opened is None:
        raise NotAllowedError("another edition was opened under the same key just now")
    return opened


def compose_by_hand(asked: ByHand, mark: int, now: datetime) -> Edition:
    """The edition a person asked for, before it is written."""
    freeze_at = asked.freeze_at or now
    return Edition(
        edition_id=0,
        newsletter_id=asked.newsletter_id,
        cadence=None,
        key=asked.key,
        trigger=Trigger.MANUAL,
        state=EditionState.WAITING if freeze_at > now or asked.waits else EditionState.DRAFT,
        slot_at=freeze_at,
        freeze_at=freeze_at,
        mark=mark,
        subject=asked.subject,
        intro=asked.intro,
        audience=Audience(
            asked.audience.cadences, asked.audience.topics, names_posts=bool(asked.posts)
        ),
        reason="",
        created_at=now,
        approved_at=None if asked.waits else now,
    )


def find_asked(
    connection: Connection, newsletter: Newsletter, names: Sequence[str], now: datetime
) -> list[Candidate]:
    """The posts a person named, in their order; raises for one that may not be mailed."""
    found = [_find_mailable(connection, name, now) for name in names]
    ids = [post.post_id for post in found]
    numbers = find_news_numbers(connection, newsletter.newsletter_id, ids)
    return [Candidate(post, numbers.get(post.post_id)) for post in found]


def _find_asked(
    connection: Connection, newsletter: Newsletter, asked: ByHand, now: datetime
) -> list[Candidate]:
    if asked.posts:
        return find_asked(connection, newsletter, asked.posts, now)
    if asked.intro:
        return []
    cadences = asked.audience.cadences or tuple(Cadence)
    lowest = [
        find_lowest_served(connection, newsletter.newsletter_id, cadence) for cadence in cadences
    ]
    return _list_news(
        connection, newsletter, min((n for n in lowest if n is not None), default=0), now
    )


def _find_mailable(connection: Connection, name: str, now: datetime) -> Post:
    post = find_post(connection, name)
    if post is None:
        raise UsageError(f"there is no post {name!r}, or more than one; see: kawaraban posts list")
    if post.hold is not None:
        raise NotAllowedError(
            f"{post.path} is held ({post.hold}: {post.hold_note}); "
            f"release it first: kawaraban posts release {post.path}"
        )
    if post.verdict(now) is not Verdict.PUBLISHED:
        raise NotAllowedError(f"{post.path} is not published yet: it is {post.verdict(now)}")
    return post


def _find_lead(newsletter: Newsletter) -> timedelta:
    """How long before its time a draft is made, so that somebody can look at it."""
    return timedelta(0) if newsletter.approval is Approval.NONE else newsletter.notice_for


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
    return _list_news(connection, newsletter, lowest, now, through=through)


def _list_news(
    connection: Connection,
    newsletter: Newsletter,
    above: int,
    now: datetime,
    *,
    through: int | None = None,
) -> list[Candidate]:
    """News that may still be mailed: what was held, unpublished or deleted since is left out."""
    if through is None:
        through = find_mark(connection, newsletter.newsletter_id)
    found = list_candidates(connection, newsletter.newsletter_id, above=above, through=through)
    return [candidate for candidate in found if is_still_mailable(candidate.post, now)]


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


def list_becoming_news(
    connection: Connection, posts: Sequence[Post], newsletter: Newsletter, now: datetime
) -> list[Post]:
    """Posts that are news now and have no number yet, oldest first."""
    numbered = list_news_post_ids(connection, newsletter.newsletter_id)
    since_at = find_newsletter_start(connection, newsletter.newsletter_id)
    fresh = [
        post
        for post in posts
        if post.post_id not in numbered
        and judge_news(post, newsletter, now, since_at) is NewsVerdict.NEWS
    ]
    return sorted(fresh, key=lambda post: (post.published_at, post.uid))
