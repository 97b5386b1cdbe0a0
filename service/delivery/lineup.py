"""The lineup of an edition under its freeze: its posts, what readers had of them, who is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from service.delivery.news import is_still_mailable, list_missed_news
from service.delivery.serving import Served, find_cadences, find_had, serve_group
from service.model.edition import Candidate
from service.model.newsletter import Newsletter
from service.store.audience import AudienceQuery, ReaderGroup, Span
from service.store.corrections import list_corrections_for, take_corrections
from service.store.edition_posts import add_edition_posts, list_edition_candidates
from service.store.editions import find_edition
from service.store.news import lock_newsletter
from service.store.planning import find_next_span, find_span
from service.store.variant_readers import has_variants

_SPAN = 20_000
"""Readers planned in one transaction: long enough to be fast, short enough to let others in."""


class Lineup:
    """What an edition carries and to whom, while other freezes of the newsletter may go on.

    `edition` has the corrections its mail tells, once they were taken.
    """

    def __init__(
        self, connection: Connection, edition_id: int, newsletter: Newsletter, now: datetime
    ) -> None:
        self._newsletter_id = newsletter.newsletter_id
        self._now = now
        self.edition = find_edition(connection, edition_id)
        self._candidates = self._find_candidates(connection)
        self._look_back(connection)

    def take_turn(self, connection: Connection) -> None:
        """Keep other freezes of the newsletter waiting, and see what they brought meanwhile."""
        lock_newsletter(connection, self._newsletter_id)
        self._look_back(connection)

    def reach_down(self, connection: Connection, lowest: int | None) -> None:
        """Carry as well what only readers miss who were served through no more than `lowest`."""
        above = self.edition.mark if lowest is None else lowest
        missed = list_missed_news(
            connection, self.edition, self._candidates, above=above, now=self._now
        )
        if missed:
            add_edition_posts(connection, self.edition.edition_id, missed)
            self._candidates = [*missed, *self._candidates]
            self._look_back(connection)

    def take_corrections(self, connection: Connection) -> None:
        """What was wrong before is said in the mail of this edition, and of no other one."""
        # Where it goes on after a stop, mail may have been made without what was written since.
        if not has_variants(connection, self.edition.edition_id):
            take_corrections(connection, self.edition)
        corrections = list_corrections_for(connection, self.edition)
        self.edition = replace(self.edition, corrections=tuple(corrections))

    def find_span(self, connection: Connection, above: int) -> Span | None:
        """The stretch of readers after a subscription id; None when none is left."""
        return find_span(connection, self.audience, above, _SPAN)

    def find_next_span(self, connection: Connection) -> Span | None:
        """The next stretch of readers to plan; None when everybody was planned."""
        return find_next_span(connection, self.edition, self.audience, _SPAN)

    def serve(self, group: ReaderGroup) -> Served:
        """Which of the posts a group of readers gets."""
        return serve_group(
            self.edition, self._candidates, group, self._had, self.audience.variant_ids
        )

    def _find_candidates(self, connection: Connection) -> list[Candidate]:
        """The edition's posts, without those that were held or unpublished after the draft."""
        return [
            candidate
            for candidate in list_edition_candidates(connection, self.edition.edition_id)
            if self.edition.audience.names_posts or is_still_mailable(candidate.post, self._now)
        ]

    def _look_back(self, connection: Connection) -> None:
        self._had = find_had(connection, self.edition, self._candidates)
        self.audience = AudienceQuery(
            newsletter_id=self._newsletter_id,
            cadences=find_cadences(self.edition),
            variant_ids=tuple(self._had),
            now=self._now,
        )
