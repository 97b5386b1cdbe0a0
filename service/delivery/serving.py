"""Which of an edition's posts a group of readers gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from service.editions.news import takes_topics
from service.model.edition import Candidate, Edition
from service.model.newsletter import Cadence
from service.store.audience import ReaderGroup
from service.store.subscribers import TOPIC_SEPARATOR
from service.store.variants import Carrier, list_variants_with


@dataclass(frozen=True, slots=True)
class Served:
    """The posts one group of readers gets, and why others of the edition's are not among them."""

    group: ReaderGroup
    candidates: tuple[Candidate, ...]
    skipped: str = ""


def find_cadences(edition: Edition) -> tuple[Cadence, ...]:
    """The cadences an edition goes to."""
    if edition.cadence is not None:
        return (edition.cadence,)
    return edition.audience.cadences or tuple(Cadence)


def find_had(
    connection: Connection, edition: Edition, candidates: Sequence[Candidate]
) -> dict[int, frozenset[int]]:
    """Earlier variants of the newsletter that matter to who gets which candidate, by their posts.

    Of a scheduled edition's own news a reader's mark tells; of what an editor added only what
    was mailed ever.
    """
    earlier = _list_carriers(
        connection, edition, candidates, by_hand_only=edition.cadence is not None
    )
    added = [one for one in candidates if one.is_added]
    if added and edition.cadence is not None:
        earlier += _list_carriers(connection, edition, added, by_hand_only=False)
    return {
        variant.variant_id: frozenset(variant.post_ids)
        for variant in earlier
        if variant.edition_id != edition.edition_id
    }


def _list_carriers(
    connection: Connection,
    edition: Edition,
    candidates: Sequence[Candidate],
    *,
    by_hand_only: bool,
) -> list[Carrier]:
    ids = [candidate.post.post_id for candidate in candidates]
    return list_variants_with(connection, edition.newsletter_id, ids, by_hand_only=by_hand_only)


def serve_group(
    edition: Edition,
    candidates: Sequence[Candidate],
    group: ReaderGroup,
    had: Mapping[int, frozenset[int]],
    variant_ids: Sequence[int],
) -> Served:
    """Which of the edition's posts a group of readers gets.

    `had` maps earlier variants to the posts they carried. A scheduled edition gives what is
    above the group's mark and was not had; one made by hand gives everything, unless the
    group has all of it. What an editor added goes to whoever has not had it.
    """
    if group.is_paused:
        return Served(group, (), "paused")
    already = frozenset().union(*[had[id_] for id_ in group.had(variant_ids)])
    fitting = tuple(c for c in candidates if _matches(c, edition, group))
    if edition.audience.names_posts or _is_announcement(edition, candidates):
        return _serve_by_hand(edition, fitting, group, already)
    new = tuple(
        c
        for c in fitting
        if (c.is_added or (c.news_no is not None and c.news_no > group.served_through))
        and c.post.post_id not in already
    )
    return Served(group, new, "" if new else "nothing new")


def _matches(candidate: Candidate, edition: Edition, group: ReaderGroup) -> bool:
    chosen = tuple(group.topics.split(TOPIC_SEPARATOR)) if group.topics else ()
    return takes_topics(chosen, candidate.post) and takes_topics(
        edition.audience.topics, candidate.post
    )


def _is_announcement(edition: Edition, candidates: Sequence[Candidate]) -> bool:
    """Whether its introduction is what an edition made by hand is for; a schedule makes none."""
    is_by_hand = edition.cadence is None and bool(edition.intro)
    return is_by_hand and all(candidate.is_added for candidate in candidates)


def _serve_by_hand(
    edition: Edition,
    fitting: tuple[Candidate, ...],
    group: ReaderGroup,
    already: frozenset[int],
) -> Served:
    if not fitting and not edition.intro:
        return Served(group, (), "no chosen topic")
    has_all = bool(fitting) and all(c.post.post_id in already for c in fitting)
    if has_all and edition.audience.names_posts:
        return Served(group, (), "has all the posts")
    given = tuple(c for c in fitting if not c.is_added or c.post.post_id not in already)
    return Served(group, given)
