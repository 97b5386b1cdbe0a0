"""Who would get what next, and why not: the same rules as a freeze, and nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from service.delivery.opening import (
    ByHand,
    compose_by_hand,
    find_asked,
    list_becoming_news,
)
from service.delivery.plan import (
    ReadHtml,
    Served,
    find_had,
    is_still_mailable,
    serve_group,
)
from service.delivery.press import Press
from service.editions.news import NewsVerdict, judge_news
from service.editions.select import select_posts
from service.editions.slots import edition_key, find_next_slot, list_slots
from service.model.edition import Audience, Candidate, Edition, EditionState, Selection, Trigger
from service.model.newsletter import Approval, Cadence, Newsletter
from service.model.post import Post
from service.store.audience import (
    AudienceQuery,
    ReaderGroup,
    Span,
    find_lowest_served,
    list_reader_groups,
)
from service.store.database import Database
from service.store.editions import (
    find_edition_by_key,
    find_last_slot,
    list_edition_candidates,
    list_editions,
)
from service.store.news import (
    find_mark,
    find_newsletter_start,
    list_candidates,
    list_fresh_posts,
)
from service.store.posts import find_html

_OPEN_STATES = (EditionState.DRAFT, EditionState.WAITING, EditionState.HELD)
_LONGEST_LOOK_BACK = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Share:
    """Readers who would get the same mail, or nothing for the same reason (`skipped`).

    `leaves` counts them by the moment from which their mail may leave.
    """

    readers: int
    language: str
    subject: str
    selection: Selection
    skipped: str
    leaves: tuple[tuple[datetime, int], ...]


@dataclass(frozen=True, slots=True)
class Prospect:
    """An edition that is open already, or would be opened next, with the posts it would carry.

    `edition.edition_id` is 0 for one that does not exist yet; `note` says what it waits for.
    """

    edition: Edition
    candidates: tuple[Candidate, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """A prospect with everybody it would go to."""

    prospect: Prospect
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class HandOutlook:
    """What an edition by hand would be: `known` when its key was used already."""

    known: Edition | None
    subject: str
    posts: tuple[Post, ...]
    shares: Mapping[Cadence, tuple[Share, ...]]


def forecast(
    database: Database, press: Press, now: datetime, newsletters: Iterable[Newsletter]
) -> list[Outlook]:
    """For each newsletter and cadence, what leaves next as seen from `now`; sends nothing."""
    outlooks: list[Outlook] = []
    with database.reading() as connection:
        for newsletter in newsletters:
            for cadence in newsletter.cadences:
                outlooks += [
                    Outlook(prospect, share_out(connection, press, prospect, (cadence,)))
                    for prospect in list_prospects(connection, press, newsletter, cadence, now)
                ]
    return outlooks


def forecast_by_hand(database: Database, press: Press, asked: ByHand, now: datetime) -> HandOutlook:
    """Who would get an edition by hand, by cadence; raises as opening it would."""
    with database.reading() as connection:
        known = find_edition_by_key(connection, asked.newsletter_id, None, asked.key)
        if known is not None:
            return HandOutlook(known, known.subject, (), {})
        candidates = list_asked(connection, press, asked, now)
        edition = compose_by_hand(asked, find_mark(connection, asked.newsletter_id), now)
        prospect = Prospect(edition, tuple(candidates), "")
        shares = {
            cadence: share_out(connection, press, prospect, (cadence,))
            for cadence in asked.audience.cadences or tuple(Cadence)
        }
        language = press.find_newsletter(asked.newsletter_id).language
        drafted = press.draft(edition, candidates, language, partial(find_html, connection))
    subject = drafted.rendered.subject if drafted else ""
    return HandOutlook(None, subject, tuple(one.post for one in candidates), shares)


def list_asked(
    connection: Connection, press: Press, asked: ByHand, now: datetime
) -> list[Candidate]:
    """The posts that an edition by hand would carry: those named, or everybody's news."""
    newsletter = press.find_newsletter(asked.newsletter_id)
    if asked.posts:
        return find_asked(connection, newsletter, asked.posts, now)
    if asked.intro:
        return []
    cadences = asked.audience.cadences or tuple(Cadence)
    return _list_news(connection, newsletter, cadences, now)


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


def share_out(
    connection: Connection,
    press: Press,
    prospect: Prospect,
    cadences: tuple[Cadence, ...],
    span: Span | None = None,
) -> tuple[Share, ...]:
    """Everybody of these cadences (in the span) by what they would get, the many first."""
    edition = prospect.edition
    alike: dict[tuple[str, str, tuple[int, ...]], list[Served]] = {}
    for served in serve_readers(connection, prospect, cadences, span):
        ids = tuple(one.post.post_id for one in served.candidates)
        language = "" if served.skipped else served.group.language
        alike.setdefault((served.skipped, language, ids), []).append(served)
    read_html = partial(find_html, connection)
    shares = [_describe_share(press, edition, one, read_html) for one in alike.values()]
    return tuple(sorted(shares, key=lambda share: (bool(share.skipped), -share.readers)))


def serve_readers(
    connection: Connection,
    prospect: Prospect,
    cadences: tuple[Cadence, ...],
    span: Span | None = None,
) -> list[Served]:
    """Which of the prospect's posts each group of readers would get, by the rule of the freeze."""
    edition = prospect.edition
    had = find_had(connection, edition, prospect.candidates)
    audience = AudienceQuery(edition.newsletter_id, cadences, tuple(had), edition.freeze_at)
    groups: Sequence[ReaderGroup] = list_reader_groups(connection, audience, span)
    return [
        serve_group(edition, prospect.candidates, group, had, audience.variant_ids)
        for group in groups
    ]


def find_news_time(post: Post, newsletter: Newsletter, now: datetime) -> datetime | None:
    """When a post becomes news by time alone; None when it is already, or will not."""
    verdict = judge_news(post, newsletter, now)
    if verdict not in {NewsVerdict.SETTLING, NewsVerdict.NOT_PUBLISHED}:
        return None
    moment = max(post.published_at, post.changed_at + newsletter.settle_for)
    return moment if judge_news(post, newsletter, moment) is NewsVerdict.NEWS else None


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


def _is_slot_due(
    connection: Connection, press: Press, newsletter: Newsletter, cadence: Cadence, now: datetime
) -> bool:
    return bool(_list_due_slots(connection, press, newsletter, cadence, now))


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


def _imagine_slot(
    connection: Connection, press: Press, newsletter: Newsletter, cadence: Cadence, now: datetime
) -> Prospect:
    """The latest slot that is due, where it has anything to carry; else the next one."""
    due = _list_due_slots(connection, press, newsletter, cadence, now)
    candidates = _list_news(connection, newsletter, (cadence,), now) if due else []
    key, at = due[-1] if due else ("", now)
    if not candidates:
        key, at = _find_next(connection, press, newsletter, cadence, now)
        candidates = _list_news(connection, newsletter, (cadence,), at)
    mark = max((one.news_no or 0 for one in candidates), default=0)
    edition = _imagine(newsletter, cadence, key, at, mark)
    return Prospect(edition, tuple(candidates), _find_note(newsletter, at, now))


def _find_next(
    connection: Connection, press: Press, newsletter: Newsletter, cadence: Cadence, now: datetime
) -> tuple[str, datetime]:
    last = find_last_slot(connection, newsletter.newsletter_id, cadence)
    slot = find_next_slot(
        newsletter, cadence, press.publication.zone, max(now, last) if last else now
    )
    return edition_key(slot), slot.at


def _list_each(connection: Connection, newsletter: Newsletter, now: datetime) -> list[Prospect]:
    opened = list_editions(connection, newsletter_id=newsletter.newsletter_id, cadence=Cadence.EACH)
    above = max((edition.mark for edition in opened), default=0)
    at = _find_next_news_time(connection, newsletter, above, now)
    if at is None:
        return []
    unopened = _list_news_above(connection, newsletter, above, at)
    return [
        Prospect(
            _imagine(newsletter, Cadence.EACH, one.post.uid, at, one.news_no or 0),
            (one,),
            _find_note(newsletter, at, now),
        )
        for one in unopened
    ]


def _find_next_news_time(
    connection: Connection, newsletter: Newsletter, above: int, now: datetime
) -> datetime | None:
    """Now when there is news that no edition was opened for, else when the next post is news."""
    if _list_news_above(connection, newsletter, above, now):
        return now
    fresh = list_fresh_posts(connection, newsletter.newsletter_id)
    times = [find_news_time(post, newsletter, now) for post in fresh]
    return min((moment for moment in times if moment is not None), default=None)


def _list_news(
    connection: Connection, newsletter: Newsletter, cadences: Sequence[Cadence], moment: datetime
) -> list[Candidate]:
    """What is news by `moment` and above the mark of any reader of these cadences."""
    name = newsletter.newsletter_id
    lowest = [find_lowest_served(connection, name, cadence) for cadence in cadences]
    marks = [mark for mark in lowest if mark is not None]
    above = min(marks, default=find_mark(connection, name))
    return _list_news_above(connection, newsletter, above, moment)


def _list_news_above(
    connection: Connection, newsletter: Newsletter, above: int, moment: datetime
) -> list[Candidate]:
    name = newsletter.newsletter_id
    mark = find_mark(connection, name)
    numbered = [
        one
        for one in list_candidates(connection, name, above=above, through=mark)
        if is_still_mailable(one.post, moment)
    ]
    fresh = list_becoming_news(connection, list_fresh_posts(connection, name), newsletter, moment)
    return [*numbered, *(Candidate(post, mark + n) for n, post in enumerate(fresh, start=1))]


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


def _describe_share(
    press: Press, edition: Edition, servings: Sequence[Served], read_html: ReadHtml
) -> Share:
    first = servings[0]
    drafted = (
        None
        if first.skipped
        else press.draft(edition, first.candidates, first.group.language, read_html)
    )
    return Share(
        readers=sum(served.group.count for served in servings),
        language=first.group.language,
        subject=drafted.rendered.subject if drafted else "",
        selection=choose_posts(
            press, edition, first.candidates, len(drafted.post_ids) if drafted else 0
        ),
        skipped=first.skipped or ("" if drafted else "nothing to say"),
        leaves=_count_leaving(press, edition, servings) if drafted else (),
    )


def choose_posts(
    press: Press, edition: Edition, candidates: Sequence[Candidate], fitting: int
) -> Selection:
    """The same choice that the press made, which may have had to leave out some for size."""
    newsletter = press.find_newsletter(edition.newsletter_id)
    return select_posts(
        candidates,
        max_posts=fitting,
        group_by=newsletter.group_by,
        fold=not edition.audience.names_posts,
    )


def _count_leaving(
    press: Press, edition: Edition, servings: Sequence[Served]
) -> tuple[tuple[datetime, int], ...]:
    leaves_at = press.prepare_freezing().leaves_at
    counts: Counter[datetime] = Counter()
    for served in servings:
        group = served.group
        moment = leaves_at(edition, group.send_hour, group.timezone) or edition.freeze_at
        counts[moment] += group.count
    return tuple(sorted(counts.items()))
