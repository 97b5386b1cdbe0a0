"""An edition before it goes: every mail it would be, to how many, and what is odd about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from service.delivery.arranging import Explained, explain_posts
from service.delivery.forecast import Prospect, choose_posts, serve_readers
from service.delivery.plan import (
    Drafted,
    Served,
    find_cadences,
    is_still_mailable,
    list_missed_news,
    name_variant,
)
from service.delivery.preflight import Flaw, check_edition, check_variant
from service.delivery.press import Press
from service.errors import NotAllowedError
from service.model.edition import Edition, Rendered, Section, Selection
from service.model.newsletter import Cadence
from service.store.audience import AudienceQuery, find_lowest_reached
from service.store.corrections import list_corrections_for
from service.store.database import Database
from service.store.editions import find_edition, list_arranged, list_variants
from service.store.posts import find_html, find_posts
from service.store.subscribers import TOPIC_SEPARATOR
from service.store.variant_readers import count_variant_readers


@dataclass(frozen=True, slots=True)
class VariantPreview:
    """One mail of an edition, and how many readers get it.

    `number` counts from 1, the many first; `key` names it as long as language and posts stay.
    `cadences` and `topics` count its readers ("" : all topics). `not_shown` is how many posts
    are only counted in it. The marks of model.message stand where a reader's own links will.
    """

    number: int
    key: str
    language: str
    readers: int
    cadences: Mapping[Cadence, int]
    topics: Mapping[str, int]
    rendered: Rendered
    post_ids: tuple[int, ...]
    not_shown: int
    html_bytes: int


@dataclass(frozen=True, slots=True)
class Preview:
    """An edition with every mail of it. `is_frozen`: these are the mails as they were stored.

    `cadences`, `topics` (one reader may count under several) and `skipped` (by the reason why
    they get nothing) count readers; after the freeze only `readers` and those of each variant
    are known. `posts` are for an editor's eyes, `flaws` what should be looked at first.
    """

    edition: Edition
    is_frozen: bool
    readers: int
    variants: tuple[VariantPreview, ...]
    cadences: Mapping[Cadence, int]
    topics: Mapping[str, int]
    skipped: Mapping[str, int]
    posts: tuple[Explained, ...]
    flaws: tuple[Flaw, ...]

    def find_variant(self, number: int) -> VariantPreview:
        """The variant of this number; raises NotAllowedError when there is none."""
        for variant in self.variants:
            if variant.number == number:
                return variant
        raise NotAllowedError(
            f"edition {self.edition.edition_id} has no variant {number}: "
            f"it has {len(self.variants)}"
        )


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
        return _show_frozen(connection, edition)
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
    known = {one.post.post_id: one for one in list_arranged(connection, edition.edition_id)}
    known |= {one.post.post_id: one for one in prospect.candidates}
    candidates = list(known.values())
    usual = press.find_newsletter(edition.newsletter_id).max_posts
    most = max((len(one.post_ids) for one in variants), default=usual)
    selection = choose_posts(press, edition, prospect.candidates, most)
    posts = explain_posts(candidates, selection, prospect.edition.freeze_at)
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


def _show_frozen(connection: Connection, edition: Edition) -> Preview:
    """What was stored, and to whom it was planned."""
    corrections = tuple(list_corrections_for(connection, edition))
    readers = count_variant_readers(connection, edition.edition_id)
    stored = list_variants(connection, edition.edition_id)
    stored.sort(key=lambda one: -readers.get(one.variant_id, 0))
    variants = tuple(
        VariantPreview(
            number=number,
            key=one.key,
            language=one.language,
            readers=readers.get(one.variant_id, 0),
            cadences={},
            topics={},
            rendered=one.rendered,
            post_ids=one.post_ids,
            not_shown=0,
            html_bytes=len(one.rendered.html.encode()),
        )
        for number, one in enumerate(stored, start=1)
    )
    return Preview(
        edition=replace(edition, corrections=corrections),
        is_frozen=True,
        readers=sum(readers.values()),
        variants=variants,
        cadences={},
        topics={},
        skipped={},
        posts=_explain_frozen(connection, edition, variants),
        flaws=(),
    )


def _explain_frozen(
    connection: Connection, edition: Edition, variants: Sequence[VariantPreview]
) -> tuple[Explained, ...]:
    """The posts in the order of the mail that shows the most of them."""
    fullest = max((one.post_ids for one in variants), key=len, default=())
    every = dict.fromkeys((*fullest, *(id_ for one in variants for id_ in one.post_ids)))
    found = find_posts(connection, every)
    shown = Section("", tuple(found[post_id] for post_id in every))
    arranged = list_arranged(connection, edition.edition_id)
    frozen_at = edition.frozen_at or edition.freeze_at
    return explain_posts(arranged, Selection((shown,), (), ()), frozen_at)


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
