"""An edition that is frozen, as it was stored and to whom it was planned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from service.delivery.arranging import Explained, explain_posts
from service.delivery.previewed import Preview, VariantPreview
from service.model.edition import Edition, Section, Selection, Variant
from service.model.newsletter import Cadence
from service.store.corrections import list_corrections_for
from service.store.edition_posts import list_arranged
from service.store.posts import find_posts
from service.store.subscribers import TOPIC_SEPARATOR
from service.store.variant_readers import Carried, list_carried
from service.store.variants import list_variants


def show_frozen(connection: Connection, edition: Edition) -> Preview:
    """What was stored, and to whom it was planned."""
    corrections = tuple(list_corrections_for(connection, edition))
    carried = _list_carried(connection, edition)
    stored = [
        (one, [each for each in carried if each.variant_id == one.variant_id])
        for one in list_variants(connection, edition.edition_id)
    ]
    stored.sort(key=lambda one: -_sum(one[1]))
    variants = tuple(
        _show_variant(number, one, readers) for number, (one, readers) in enumerate(stored, start=1)
    )
    return Preview(
        edition=replace(edition, corrections=corrections),
        is_frozen=True,
        readers=_sum(carried),
        variants=variants,
        cadences=_count_cadences(carried),
        topics=_count_topics(carried),
        skipped={},
        posts=_explain(connection, edition, variants),
        flaws=(),
    )


def _list_carried(connection: Connection, edition: Edition) -> list[Carried]:
    """Who got which mail; of a scheduled edition all were of its cadence, whatever they are now."""
    found = list_carried(connection, edition.edition_id)
    return [replace(one, cadence=edition.cadence or one.cadence) for one in found]


def _show_variant(number: int, stored: Variant, readers: Sequence[Carried]) -> VariantPreview:
    return VariantPreview(
        number=number,
        key=stored.key,
        language=stored.language,
        readers=_sum(readers),
        cadences=_count_cadences(readers),
        topics=_count_topics(readers),
        rendered=stored.rendered,
        post_ids=stored.post_ids,
        not_shown=0,
        html_bytes=len(stored.rendered.html.encode()),
    )


def _explain(
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


def _sum(readers: Sequence[Carried]) -> int:
    return sum(one.readers for one in readers)


def _count_cadences(readers: Sequence[Carried]) -> Counter[Cadence]:
    counts: Counter[Cadence] = Counter()
    for one in readers:
        counts[one.cadence] += one.readers
    return counts


def _count_topics(readers: Sequence[Carried]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for one in readers:
        for topic in one.topics.split(TOPIC_SEPARATOR):
            counts[topic] += one.readers
    return counts
