"""An edition before it goes: every mail it would be, to how many, and what is odd about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from service.delivery.arranging import Explained, explain_posts
from service.delivery.drafted import Drafted, name_variant
from service.delivery.news import is_still_mailable, list_missed_news
from service.delivery.preflight import check_edition, check_variant
from service.delivery.press import Press
from service.delivery.preview_frozen import show_frozen
from service.delivery.previewed import Preview, VariantPreview
from service.delivery.prospects import Prospect
from service.delivery.serving import Served, find_cadences
from service.delivery.shares import choose_posts, serve_readers
from service.model.edition import Edition
from service.model.newsletter import Cadence
from service.store.audience import AudienceQuery, find_lowest_reached
from service.store.corrections import list_corrections_for
from service.store.database import Database
from service.store.edition_posts import list_arranged
from service.store.editions import find_edition
from service.store.posts import find_html
from service.store.subscribers import TOPIC_SEPARATOR

_Audience = list[tuple[Cadence, Served]]
"""Groups of readers with their cadence, and what each gets."""


def preview_edition(
    database: Database,
    press: Press,
    edition_id: int,
    now: datetime,
    *,
    obstacles: Sequence[str] = (),
) -> Preview:
    """Every mail of an edition, by the rule of the freeze, or as they were frozen; writes nothing.

    `obstacles` say why nothing may leave this installation at all. Raises NotAllowedError when
    there is no such edition, TemplateError when its mail cannot be made.
    """
    with database.reading() as connection:
        return preview_open(connection, press, edition_id, now, obstacles=obstacles)


def preview_open(
    connection: Connection,
    press: Press,
    edition_id: int,
    now: datetime,
    *,
    obstacles: Sequence[str] = (),
) -> Preview:
    """The same inside a transaction that is under way."""
    edition = find_edition(connection, edition_id)
    if not edition.may_still_change:
        return show_frozen(connection, edition)
    return _foresee(connection, press, edition, now, obstacles)


def count_readers(connection: Connection, press: Press, edition: Edition, now: datetime) -> int:
    """How many readers an edition would go to if it were frozen at its time, or now if later."""
    prospect = imagine_freeze(connection, press, edition, now)
    audience = _serve(connection, prospect)
    return sum(served.group.count for _, served in audience if not served.skipped)


def imagine_freeze(
    connection: Connection, press: Press, edition: Edition, now: datetime
) -> Prospect:
    """The edition as its freeze will find it: with corrections, and what some readers missed."""
    press.find_newsletter(edition.newsletter_id)
    moment = max(edition.freeze_at, now)
    by_hand = edition.audience.names_posts
    candidates = [
        one
        for one in list_arranged(connection, edition.edition_id)
        if not one.is_left_out and (by_hand or is_still_mailable(one.post, moment))
    ]
    audience = AudienceQuery(edition.newsletter_id, find_cadences(edition), (), moment)
    lowest = find_lowest_reached(connection, audience)
    above = edition.mark if lowest is None else lowest
    missed = list_missed_news(connection, edition, candidates, above=above, now=moment)
    corrections = tuple(list_corrections_for(connection, edition))
    leaving = replace(edition, freeze_at=moment, corrections=corrections)
    return Prospect(leaving, (*missed, *candidates), edition.reason)


def _foresee(
    connection: Connection,
    press: Press,
    edition: Edition,
    now: datetime,
    obstacles: Sequence[str],
) -> Preview:
    prospect = imagine_freeze(connection, press, edition, now)
    audience = _serve(connection, prospect)
    variants = _list_variants(connection, press, prospect, audience)
    posts = _explain(connection, press, prospect, variants)
    served = [(cadence, one) for cadence, one in audience if not one.skipped]
    readers = sum(one.group.count for _, one in served)
    return Preview(
        edition=replace(prospect.edition, freeze_at=edition.freeze_at),
        is_frozen=False,
        readers=readers,
        variants=variants,
        cadences=_count_cadences(served),
        topics=_count_topics(served),
        skipped=_count_skipped(audience),
        posts=posts,
        flaws=(
            *check_edition(prospect.edition, posts, press.publication, readers, obstacles),
            *(
                flaw
                for one in variants
                for flaw in check_variant(one.rendered, one.number, press.publication)
            ),
        ),
    )


def _serve(connection: Connection, prospect: Prospect) -> _Audience:
    return [
        (cadence, served)
        for cadence in find_cadences(prospect.edition)
        for served in serve_readers(connection, prospect, (cadence,))
    ]


def _list_variants(
    connection: Connection, press: Press, prospect: Prospect, audience: _Audience
) -> tuple[VariantPreview, ...]:
    alike: dict[tuple[str, tuple[int, ...]], _Audience] = {}
    for cadence, served in audience:
        if not served.skipped:
            ids = tuple(one.post.post_id for one in served.candidates)
            alike.setdefault((served.group.language, ids), []).append((cadence, served))
    many_first = sorted(
        alike.values(), key=lambda members: -sum(one.group.count for _, one in members)
    )
    read_html = partial(find_html, connection)
    made: list[VariantPreview] = []
    for members in many_first:
        first = members[0][1]
        language = first.group.language
        drafted = press.draft(prospect.edition, first.candidates, language, read_html)
        if drafted is not None:
            made.append(_describe(press, prospect.edition, drafted, members, len(made) + 1))
    return tuple(made)


def _explain(
    connection: Connection, press: Press, prospect: Prospect, variants: Sequence[VariantPreview]
) -> tuple[Explained, ...]:
    """Every post with why it is in the mail that shows the most of them, or is not."""
    edition = prospect.edition
    known = {one.post.post_id: one for one in list_arranged(connection, edition.edition_id)}
    known |= {one.post.post_id: one for one in prospect.candidates}
    usual = press.find_newsletter(edition.newsletter_id).max_posts
    most = max((len(one.post_ids) for one in variants), default=usual)
    selection = choose_posts(press, edition, prospect.candidates, most)
    return explain_posts(list(known.values()), selection, edition.freeze_at)


def _describe(
    press: Press, edition: Edition, drafted: Drafted, members: _Audience, number: int
) -> VariantPreview:
    candidates = members[0][1].candidates
    selection = choose_posts(press, edition, candidates, len(drafted.post_ids))
    return VariantPreview(
        number=number,
        key=name_variant(edition, drafted, candidates),
        language=drafted.language,
        readers=sum(one.group.count for _, one in members),
        cadences=_count_cadences(members),
        topics=_count_topics(members),
        rendered=drafted.rendered,
        post_ids=drafted.post_ids,
        not_shown=selection.more_count,
        html_bytes=len(drafted.rendered.html.encode()),
    )


def _count_cadences(audience: _Audience) -> Counter[Cadence]:
    counts: Counter[Cadence] = Counter()
    for cadence, served in audience:
        counts[cadence] += served.group.count
    return counts


def _count_topics(audience: _Audience) -> Counter[str]:
    counts: Counter[str] = Counter()
    for _, served in audience:
        for topic in served.group.topics.split(TOPIC_SEPARATOR):
            counts[topic] += served.group.count
    return counts


def _count_skipped(audience: _Audience) -> Counter[str]:
    counts: Counter[str] = Counter()
    for _, served in audience:
        if served.skipped:
            counts[served.skipped] += served.group.count
    return counts
