"""What was sent, as the pages and feeds of the archive show it: which editions, and which face."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import Connection

from service.editions.faces import choose_faces, list_rivals
from service.editions.permalink import EditionName, ReadSlug, mark_key, read_slug
from service.model.newsletter import Cadence, Newsletter
from service.store.database import Database
from service.store.sent_editions import (
    Face,
    SentEdition,
    count_readers,
    find_beside,
    find_sent_edition,
    list_faces,
    list_sent_between,
    list_sent_editions,
)
from service.store.variants import find_variant

Kinds = tuple[Cadence | None, ...]
"""Cadences of editions that are listed together; None is for those made by hand."""

_MOST_KEPT = 2_000
_A_DAY = timedelta(days=1)

Shown = tuple[SentEdition, tuple[Face, ...]]
"""An edition with one variant for each language, that of its newsletter first."""


class PastEditions:
    """Looks up what was sent by the newsletters that have an archive.

    Which variant is shown is settled for ever when an edition is frozen, so it is remembered.
    """

    def __init__(self, database: Database, newsletters: Mapping[str, Newsletter]) -> None:
        self._database = database
        self.newsletters = {id_: one for id_, one in newsletters.items() if one.archive}
        self._faces: dict[int, tuple[Face, ...]] = {}

    def list_newest(
        self, newsletter: Newsletter, kinds: Kinds, *, limit: int, offset: int = 0
    ) -> list[Shown]:
        """The editions of these kinds that went to everybody, newest first."""
        with self._database.reading() as connection:
            found = list_sent_editions(
                connection, newsletter.newsletter_id, kinds, limit=limit, offset=offset
            )
            return self._add_faces(connection, newsletter, found)

    def find(self, newsletter: Newsletter, slug: str) -> Shown | None:
        """The edition of a slug, if it was sent."""
        said = read_slug(slug)
        if said is None:
            return None
        with self._database.reading() as connection:
            found = _find_sent(connection, newsletter, said)
            shown = self._add_faces(connection, newsletter, [found] if found else [])
            return shown[0] if shown else None

    def find_beside(
        self, newsletter: Newsletter, edition: SentEdition
    ) -> tuple[SentEdition | None, SentEdition | None]:
        """Those right before and after it among its like; none for one that is in no list."""
        if not edition.is_for_all:
            return None, None
        usual = list_kinds(newsletter)
        kinds = usual if edition.cadence in usual else (edition.cadence,)
        with self._database.reading() as connection:
            return find_beside(connection, edition, kinds)

    def load_html(self, faces: Sequence[Face]) -> list[str]:
        """The mails as they were stored, marks and all."""
        with self._database.reading() as connection:
            return [find_variant(connection, face.variant_id).rendered.html for face in faces]

    def _add_faces(
        self, connection: Connection, newsletter: Newsletter, found: Sequence[SentEdition]
    ) -> list[Shown]:
        missing = [one.edition_id for one in found if one.edition_id not in self._faces]
        if missing:
            if len(self._faces) > _MOST_KEPT:
                self._faces = {}
            self._faces |= _choose(connection, newsletter.language, missing)
        shown = ((one, self._faces[one.edition_id]) for one in found)
        return [(one, faces) for one, faces in shown if faces]


def list_kinds(newsletter: Newsletter) -> Kinds:
    """What a list shows unless it is asked for more: single posts only where there is no digest.

    They are in the publication's own feed and list already.
    """
    if set(newsletter.cadences) == {Cadence.EACH}:
        return None, Cadence.EACH
    return None, Cadence.DAILY, Cadence.WEEKLY, Cadence.MONTHLY


def name_edition(edition: SentEdition) -> EditionName:
    """What its address is made of."""
    return EditionName(edition.cadence, edition.key, edition.slot_at)


def _find_sent(
    connection: Connection, newsletter: Newsletter, said: ReadSlug
) -> SentEdition | None:
    if said.cadence and said.key:
        return find_sent_edition(connection, newsletter.newsletter_id, said.cadence, said.key)
    # The day may be of a zone that the publication had before.
    midnight = datetime.combine(said.day, time(), UTC)
    since, until = midnight - _A_DAY, midnight + 2 * _A_DAY
    near = list_sent_between(connection, newsletter.newsletter_id, said.cadence, since, until)
    return next((one for one in near if mark_key(one.key) == said.mark), None)


def _choose(
    connection: Connection, language: str, edition_ids: Sequence[int]
) -> dict[int, tuple[Face, ...]]:
    by_edition: dict[int, list[Face]] = {edition_id: [] for edition_id in edition_ids}
    for face in list_faces(connection, edition_ids):
        by_edition[face.edition_id].append(face)
    chosen = {}
    for edition_id, faces in by_edition.items():
        rivals = [face.variant_id for face in list_rivals(faces)]
        readers = count_readers(connection, rivals) if rivals else {}
        chosen[edition_id] = choose_faces(faces, language, readers)
    return chosen
