"""The freeze of an edition: who gets which variant, and in which batch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.model.edition import Candidate, Edition, EditionState, Rendered
from service.model.newsletter import Cadence, Newsletter
from service.model.post import Post, Verdict
from service.store import planning
from service.store.accounting import count_deliveries
from service.store.audience import AudienceQuery, ReaderGroup, Span, list_reader_groups, lock_span
from service.store.database import Database
from service.store.editions import (
    add_edition_posts,
    find_edition,
    list_edition_candidates,
    list_variants_with,
    move_edition,
    record_variant,
)
from service.store.news import list_candidates, lock_newsletter
from service.store.planning import GroupPlan
from service.store.subscribers import TOPIC_SEPARATOR
from service.store.wake import Wake

_SPAN = 50_000
"""Readers planned in one transaction: long enough to be fast, short enough to let others in."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """A variant before it is stored: its mail, its language, and the posts shown in it."""

    rendered: Rendered
    language: str
    post_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Freezing:
    """What a freeze needs from outside: how mail is made, cut into batches, and timed.

    `draft` makes the mail of one list of candidates in one language, None when there is
    nothing to say. `leaves_at` answers when mail may leave for a reader's hour and zone.
    """

    draft: Callable[[Edition, Sequence[Candidate], str], Drafted | None]
    leaves_at: Callable[[Edition, int | None, str | None], datetime | None]
    batch_size: Callable[[Rendered], int]
    account: str
    key_prefix: str
    wake: Wake


@dataclass(frozen=True, slots=True)
class Served:
    """The posts one group of readers gets, and why others of the edition's are not among them."""

    group: ReaderGroup
    candidates: tuple[Candidate, ...]
    skipped: str = ""


def freeze_edition(
    database: Database,
    edition: Edition,
    newsletter: Newsletter,
    freezing: Freezing,
    now: datetime,
) -> Edition:
    """Fix the audience and write every row; afterwards the edition is frozen, or empty.

    A freeze that was interrupted goes on where it stopped.
    """
    if edition.state is not EditionState.FREEZING:
        with database.writing() as connection:
            move_edition(connection, edition, EditionState.FREEZING)
    freeze = _Freeze(database, edition.edition_id, newsletter, freezing, now)
    freeze.render_variants()
    while freeze.plan_span():
        pass
    return freeze.finish()


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
    group has all of it.
    """
    if group.is_paused:
        return Served(group, (), "paused")
    already = frozenset().union(*[had[id_] for id_ in group.had(variant_ids)])
    fitting = tuple(c for c in candidates if _matches(c, edition, group))
    if edition.audience.names_posts or (edition.intro and not candidates):
        return _serve_by_hand(edition, fitting, group, already)
    new = tuple(
        c
        for c in fitting
        if c.news_no is not None
        and c.news_no > group.served_through
        and c.post.post_id not in already
    )
    return Served(group, new, "" if new else "nothing new")


def is_still_mailable(post: Post, now: datetime) -> bool:
    """Whether nothing has happened to a piece of news that keeps it out of mail."""
    has_expired = post.expires_at is not None and post.expires_at <= now
    is_published = post.verdict(now) is Verdict.PUBLISHED
    return post.mailable and post.hold is None and is_published and not has_expired


def list_missed_news(
    connection: Connection,
    edition: Edition,
    candidates: Sequence[Candidate],
    *,
    above: int,
    now: datetime,
) -> list[Candidate]:
    """News above a number and before all that a scheduled edition carries.

    A delivery that failed after the draft was made moves its reader back to before the draft's
    first post: what lies between would be lost to them.
    """
    if edition.cadence is None or not candidates:
        return []
    first = min(candidate.news_no or 0 for candidate in candidates)
    known = {candidate.post.post_id for candidate in candidates}
    earlier = list_candidates(connection, edition.newsletter_id, above=above, through=first - 1)
    return [
        candidate
        for candidate in earlier
        if candidate.post.post_id not in known and is_still_mailable(candidate.post, now)
    ]


def name_variant(edition: Edition, drafted: Drafted, candidates: Sequence[Candidate]) -> str:
    """A name for what a group gets: groups with the same name share one variant."""
    posts = ",".join(str(candidate.post.post_id) for candidate in candidates)
    text = f"{edition.edition_id}|{drafted.language}|{posts}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _serve_by_hand(
    edition: Edition,
    fitting: tuple[Candidate, ...],
    group: ReaderGroup,
    already: frozenset[int],
) -> Served:
    if not fitting and not edition.intro:
        return Served(group, (), "no chosen topic")
    if fitting and all(c.post.post_id in already for c in fitting):
        return Served(group, (), "has all the posts")
    return Served(group, fitting)


def _matches(candidate: Candidate, edition: Edition, group: ReaderGroup) -> bool:
    labels = {*candidate.post.categories, *candidate.post.tags}
    chosen = set(group.topics.split(TOPIC_SEPARATOR)) if group.topics else set()
    asked = set(edition.audience.topics)
    return (not chosen or bool(chosen & labels)) and (not asked or bool(asked & labels))


class _Freeze:
    """One freeze under way: variants already rendered, stretches still to plan."""

    def __init__(
        self,
        database: Database,
        edition_id: int,
        newsletter: Newsletter,
        freezing: Freezing,
        now: datetime,
    ) -> None:
        self._database = database
        self._newsletter = newsletter
        self._freezing = freezing
        self._now = now
        self._variants: dict[tuple[str, tuple[int, ...]], tuple[int, int]] = {}
        self._batch_ids: list[int] = []
        with database.reading() as connection:
            self._edition = find_edition(connection, edition_id)
            self._candidates = self._find_candidates(connection)
            self._had = self._find_had(connection)
        self._audience = self._describe_audience()

    def render_variants(self) -> None:
        """Make every mail before the rows, so that no row is written while mail is made."""
        with self._database.reading() as connection:
            groups = list_reader_groups(connection, self._audience)
        with self._database.writing() as connection:
            lock_newsletter(connection, self._newsletter.newsletter_id)
            for group in self._reach_down(connection, groups, None):
                self._find_variant(connection, self._serve(group))

    def plan_span(self) -> bool:
        """Write the rows of the next stretch of readers; False when none is left."""
        with self._database.writing() as connection:
            lock_newsletter(connection, self._newsletter.newsletter_id)
            span = planning.find_next_span(connection, self._edition, self._audience, _SPAN)
            if span is None or not planning.claim_span(connection, self._edition, span):
                return False
            lock_span(connection, self._audience, span)
            self._plan_groups(connection, span)
            if self._edition.cadence is not None:
                planning.record_served(connection, self._edition, self._audience, span)
        return True

    def finish(self) -> Edition:
        """Flip to frozen in one commit, and tell the engine; an edition for nobody is empty."""
        with self._database.writing() as connection:
            edition = find_edition(connection, self._edition.edition_id)
            if edition.state is EditionState.FREEZING:
                frozen = count_deliveries(connection, edition.edition_id).frozen
                state = EditionState.FROZEN if frozen else EditionState.EMPTY
                reason = edition.reason if frozen else "nobody to send it to"
                move_edition(
                    connection,
                    edition,
                    state,
                    reason=reason,
                    frozen_at=self._now,
                    readers=frozen,
                )
                self._freezing.wake(connection, self._batch_ids)
            return find_edition(connection, edition.edition_id)

    def _find_candidates(self, connection: Connection) -> list[Candidate]:
        """The edition's posts, without those that were held or unpublished after the draft."""
        return [
            candidate
            for candidate in list_edition_candidates(connection, self._edition.edition_id)
            if self._edition.audience.names_posts or is_still_mailable(candidate.post, self._now)
        ]

    def _reach_down(
        self, connection: Connection, groups: Sequence[ReaderGroup], span: Span | None
    ) -> Sequence[ReaderGroup]:
        """Carry what only these readers miss as well; the same groups, by what they had of it."""
        lowest = min((group.served_through for group in groups), default=self._edition.mark)
        missed = list_missed_news(
            connection, self._edition, self._candidates, above=lowest, now=self._now
        )
        if not missed:
            return groups
        add_edition_posts(connection, self._edition.edition_id, missed)
        self._candidates = [*missed, *self._candidates]
        self._had = self._find_had(connection)
        self._audience = self._describe_audience()
        return list_reader_groups(connection, self._audience, span)

    def _describe_audience(self) -> AudienceQuery:
        return AudienceQuery(
            newsletter_id=self._newsletter.newsletter_id,
            cadences=find_cadences(self._edition),
            variant_ids=tuple(self._had),
            now=self._now,
        )

    def _find_had(self, connection: Connection) -> dict[int, frozenset[int]]:
        earlier = list_variants_with(
            connection,
            self._newsletter.newsletter_id,
            [candidate.post.post_id for candidate in self._candidates],
            by_hand_only=self._edition.cadence is not None,
        )
        return {
            variant.variant_id: frozenset(variant.post_ids)
            for variant in earlier
            if variant.edition_id != self._edition.edition_id
        }

    def _serve(self, group: ReaderGroup) -> Served:
        return serve_group(
            self._edition, self._candidates, group, self._had, self._audience.variant_ids
        )

    def _plan_groups(self, connection: Connection, span: Span) -> None:
        alike: dict[tuple[int, datetime | None], list[ReaderGroup]] = {}
        sizes: dict[int, int] = {}
        groups = list_reader_groups(connection, self._audience, span)
        for group in self._reach_down(connection, groups, span):
            if (found := self._find_variant(connection, self._serve(group))) is None:
                continue
            variant_id, batch_size = found
            leaves_at = self._freezing.leaves_at(self._edition, group.send_hour, group.timezone)
            alike.setdefault((variant_id, leaves_at), []).append(group)
            sizes[variant_id] = batch_size
        for (variant_id, leaves_at), groups in alike.items():
            plan = self._plan(tuple(groups), variant_id, leaves_at, sizes[variant_id])
            self._batch_ids += planning.insert_deliveries(
                connection, self._edition, self._audience, span, plan
            )

    def _plan(
        self,
        groups: tuple[ReaderGroup, ...],
        variant_id: int,
        leaves_at: datetime | None,
        batch_size: int,
    ) -> GroupPlan:
        return GroupPlan(
            groups=groups,
            variant_id=variant_id,
            not_before=leaves_at,
            account=self._freezing.account,
            key_prefix=self._freezing.key_prefix,
            batch_size=batch_size,
            planned_at=self._now,
        )

    def _find_variant(self, connection: Connection, served: Served) -> tuple[int, int] | None:
        """The variant of a group and its batch size, drafted and stored when it is the first."""
        if served.skipped:
            return None
        language = served.group.language
        name = (language, tuple(c.post.post_id for c in served.candidates))
        if name not in self._variants:
            drafted = self._freezing.draft(self._edition, served.candidates, language)
            if drafted is None:
                return None
            variant_id = record_variant(
                connection,
                self._edition.edition_id,
                name_variant(self._edition, drafted, served.candidates),
                drafted.language,
                drafted.rendered,
                drafted.post_ids,
            )
            self._variants[name] = variant_id, self._freezing.batch_size(drafted.rendered)
        return self._variants[name]


def find_cadences(edition: Edition) -> tuple[Cadence, ...]:
    """The cadences an edition goes to."""
    if edition.cadence is not None:
        return (edition.cadence,)
    return edition.audience.cadences or tuple(Cadence)
