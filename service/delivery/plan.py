"""The freeze of an edition: who gets which variant, and in which batch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from service.editions.news import takes_topics
from service.model.edition import Candidate, Edition, EditionState, Rendered
from service.model.newsletter import Cadence, Newsletter
from service.model.post import Post, Verdict
from service.store import planning
from service.store.accounting import count_deliveries
from service.store.arranging import list_edition_post_ids
from service.store.audience import (
    AudienceQuery,
    ReaderGroup,
    Stretch,
    find_lowest_reached,
    list_reader_groups,
    lock_span,
    set_readers_apart,
)
from service.store.corrections import (
    list_corrections_for,
    return_corrections,
    take_corrections,
)
from service.store.database import Database
from service.store.editions import (
    Carrier,
    add_edition_posts,
    find_edition,
    list_edition_candidates,
    list_variants_with,
    move_edition,
    record_variant,
)
from service.store.mailed_texts import record_mailed_texts
from service.store.news import list_candidates, lock_newsletter
from service.store.planning import Franking, LastBatch, Mailing
from service.store.posts import find_html
from service.store.subscribers import TOPIC_SEPARATOR
from service.store.variant_readers import has_variants, list_shown_post_ids
from service.store.wake import Wake

_SPAN = 20_000
"""Readers planned in one transaction: long enough to be fast, short enough to let others in."""


ReadHtml = Callable[[int], str]
"""The body of a post, by its id: read only for a mail that shows all of it."""


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

    draft: Callable[[Edition, Sequence[Candidate], str, ReadHtml], Drafted | None]
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
    if edition.cadence is None:
        return []
    # Where everything in the draft was held since, its readers are moved to its mark all the same.
    numbers = (one.news_no or 0 for one in candidates if not one.is_added)
    first = min(numbers, default=edition.mark + 1)
    known = list_edition_post_ids(connection, edition.edition_id)
    known |= {candidate.post.post_id for candidate in candidates}
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
    has_all = bool(fitting) and all(c.post.post_id in already for c in fitting)
    if has_all and edition.audience.names_posts:
        return Served(group, (), "has all the posts")
    given = tuple(c for c in fitting if not c.is_added or c.post.post_id not in already)
    return Served(group, given)


def _is_announcement(edition: Edition, candidates: Sequence[Candidate]) -> bool:
    """Whether its introduction is what an edition made by hand is for; a schedule makes none."""
    is_by_hand = edition.cadence is None and bool(edition.intro)
    return is_by_hand and all(candidate.is_added for candidate in candidates)


def _list_carriers(
    connection: Connection,
    edition: Edition,
    candidates: Sequence[Candidate],
    *,
    by_hand_only: bool,
) -> list[Carrier]:
    ids = [candidate.post.post_id for candidate in candidates]
    return list_variants_with(connection, edition.newsletter_id, ids, by_hand_only=by_hand_only)


def _matches(candidate: Candidate, edition: Edition, group: ReaderGroup) -> bool:
    chosen = tuple(group.topics.split(TOPIC_SEPARATOR)) if group.topics else ()
    return takes_topics(chosen, candidate.post) and takes_topics(
        edition.audience.topics, candidate.post
    )


_MailName = tuple[str, tuple[int, ...]]
"""A language and posts: groups that have these in common get the same mail."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A variant that is stored, and how many readers of it go into a batch."""

    variant_id: int
    batch_size: int


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
        self._variants: dict[_MailName, _Made | None] = {}
        self._last_batches: dict[Mailing, LastBatch] = {}
        self._franking = Franking(freezing.account, freezing.key_prefix, now)
        self._batch_ids: list[int] = []
        with database.reading() as connection:
            self._edition = find_edition(connection, edition_id)
            self._candidates = self._find_candidates(connection)
            self._had = self._find_had(connection)
        self._audience = self._describe_audience()

    def render_variants(self) -> None:
        """Make every mail before the rows, and hold nothing that others wait for while at it."""
        with self._database.reading() as connection:
            lowest = find_lowest_reached(connection, self._audience)
        with self._database.writing() as connection:
            self._take_turn(connection)
            self._reach_down(connection, lowest)
            self._take_corrections(connection)
        for one in self._list_mails():
            drafted = self._draft(one, self._read_html)
            with self._database.writing() as connection:
                lock_newsletter(connection, self._newsletter.newsletter_id)
                self._record_variant(connection, one, drafted)

    def _list_mails(self) -> list[Served]:
        """One group for each mail there is to make, looked for stretch by stretch."""
        served: dict[_MailName, Served] = {}
        above = 0
        with self._database.reading() as connection:
            while span := planning.find_span(connection, self._audience, above, _SPAN):
                groups = list_reader_groups(connection, self._audience, span)
                made = (one for one in map(self._serve, groups) if not one.skipped)
                served |= {_name_mail(one): one for one in made}
                above = span.through
        return list(served.values())

    def plan_span(self) -> bool:
        """Write the rows of the next stretch of readers; False when none is left."""
        with self._database.writing() as connection:
            self._take_turn(connection)
            span = planning.find_next_span(connection, self._edition, self._audience, _SPAN)
            if span is None or not planning.claim_span(connection, self._edition, span):
                return False
            lock_span(connection, self._audience, span)
            lowest = find_lowest_reached(connection, self._audience, span)
            self._reach_down(connection, lowest)
            with set_readers_apart(connection, self._audience, span) as stretch:
                self._plan_stretch(connection, stretch)
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
                is_ours = move_edition(
                    connection,
                    edition,
                    state,
                    reason=reason,
                    frozen_at=self._now,
                    readers=frozen,
                )
                # Another process may have frozen it with us, and be done.
                if is_ours:
                    self._keep_texts(connection, is_mailed=bool(frozen))
                self._freezing.wake(connection, self._batch_ids)
            return find_edition(connection, edition.edition_id)

    def _take_corrections(self, connection: Connection) -> None:
        """What was wrong before is said in the mail of this edition, and of no other one."""
        # Where it goes on after a stop, mail may have been made without what was written since.
        if not has_variants(connection, self._edition.edition_id):
            take_corrections(connection, self._edition)
        corrections = list_corrections_for(connection, self._edition)
        self._edition = replace(self._edition, corrections=tuple(corrections))

    def _keep_texts(self, connection: Connection, *, is_mailed: bool) -> None:
        """Keep what the posts said that are shown; what nobody gets leaves no trace."""
        edition_id = self._edition.edition_id
        if not is_mailed:
            return_corrections(connection, edition_id)
            return
        shown = list_shown_post_ids(connection, edition_id)
        record_mailed_texts(connection, edition_id, shown, self._now)

    def _take_turn(self, connection: Connection) -> None:
        """Keep other freezes of the newsletter waiting, and see what they brought meanwhile."""
        lock_newsletter(connection, self._newsletter.newsletter_id)
        self._had = self._find_had(connection)
        self._audience = self._describe_audience()

    def _find_candidates(self, connection: Connection) -> list[Candidate]:
        """The edition's posts, without those that were held or unpublished after the draft."""
        return [
            candidate
            for candidate in list_edition_candidates(connection, self._edition.edition_id)
            if self._edition.audience.names_posts or is_still_mailable(candidate.post, self._now)
        ]

    def _reach_down(self, connection: Connection, lowest: int | None) -> None:
        """Carry as well what only readers miss who were served through no more than `lowest`."""
        above = self._edition.mark if lowest is None else lowest
        missed = list_missed_news(
            connection, self._edition, self._candidates, above=above, now=self._now
        )
        if missed:
            add_edition_posts(connection, self._edition.edition_id, missed)
            self._candidates = [*missed, *self._candidates]
            self._had = self._find_had(connection)
            self._audience = self._describe_audience()

    def _describe_audience(self) -> AudienceQuery:
        return AudienceQuery(
            newsletter_id=self._newsletter.newsletter_id,
            cadences=find_cadences(self._edition),
            variant_ids=tuple(self._had),
            now=self._now,
        )

    def _find_had(self, connection: Connection) -> dict[int, frozenset[int]]:
        return find_had(connection, self._edition, self._candidates)

    def _serve(self, group: ReaderGroup) -> Served:
        return serve_group(
            self._edition, self._candidates, group, self._had, self._audience.variant_ids
        )

    def _plan_stretch(self, connection: Connection, stretch: Stretch) -> None:
        mailings: dict[int, Mailing] = {}
        for group_no, group in enumerate(stretch.groups):
            served = self._serve(group)
            found = None if served.skipped else self._find_variant(connection, served)
            if found is not None:
                leaves_at = self._freezing.leaves_at(self._edition, group.send_hour, group.timezone)
                mailings[group_no] = Mailing(found.variant_id, leaves_at, found.batch_size)
        if mailings:
            self._batch_ids += planning.insert_deliveries(
                connection, self._edition, stretch, mailings, self._last_batches, self._franking
            )

    def _find_variant(self, connection: Connection, served: Served) -> _Made | None:
        """What a group gets; made now, when a reader's choices changed after the others were."""
        if _name_mail(served) not in self._variants:
            drafted = self._draft(served, partial(find_html, connection))
            self._record_variant(connection, served, drafted)
        return self._variants[_name_mail(served)]

    def _draft(self, served: Served, read_html: ReadHtml) -> Drafted | None:
        language = served.group.language
        return self._freezing.draft(self._edition, served.candidates, language, read_html)

    def _read_html(self, post_id: int) -> str:
        with self._database.reading() as connection:
            return find_html(connection, post_id)

    def _record_variant(
        self, connection: Connection, served: Served, drafted: Drafted | None
    ) -> None:
        if drafted is None:
            self._variants[_name_mail(served)] = None
            return
        variant_id = record_variant(
            connection,
            self._edition.edition_id,
            name_variant(self._edition, drafted, served.candidates),
            drafted.language,
            drafted.rendered,
            drafted.post_ids,
        )
        size = self._freezing.batch_size(drafted.rendered)
        self._variants[_name_mail(served)] = _Made(variant_id, size)


def _name_mail(served: Served) -> _MailName:
    return served.group.language, tuple(c.post.post_id for c in served.candidates)


def find_cadences(edition: Edition) -> tuple[Cadence, ...]:
    """The cadences an edition goes to."""
    if edition.cadence is not None:
        return (edition.cadence,)
    return edition.audience.cadences or tuple(Cadence)
