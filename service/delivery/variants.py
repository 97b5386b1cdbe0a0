"""The mails of one freeze: each is made once, for all readers who get the same."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from service.delivery.drafted import Drafted, Freezing, ReadHtml, name_variant
from service.delivery.lineup import Lineup
from service.delivery.serving import Served
from service.store.audience import list_reader_groups
from service.store.database import Database
from service.store.news import lock_newsletter
from service.store.posts import find_html
from service.store.variants import record_variant

_MailName = tuple[str, tuple[int, ...]]
"""A language and posts: groups that have these in common get the same mail."""


@dataclass(frozen=True, slots=True)
class Made:
    """A variant that is stored, and how many readers of it go into a batch."""

    variant_id: int
    batch_size: int


class Variants:
    """The variants of an edition under its freeze, by what their readers have in common."""

    def __init__(self, database: Database, lineup: Lineup, freezing: Freezing) -> None:
        self._database = database
        self._lineup = lineup
        self._freezing = freezing
        self._made: dict[_MailName, Made | None] = {}

    def make_all(self) -> None:
        """Make every mail before the rows, and hold nothing that others wait for while at it."""
        for one in self._list_mails():
            drafted = self._draft(one, self._read_html)
            with self._database.writing() as connection:
                lock_newsletter(connection, self._lineup.edition.newsletter_id)
                self._record(connection, one, drafted)

    def find(self, connection: Connection, served: Served) -> Made | None:
        """What a group gets; made now, when a reader's choices changed after the others were."""
        if _name_mail(served) not in self._made:
            drafted = self._draft(served, partial(find_html, connection))
            self._record(connection, served, drafted)
        return self._made[_name_mail(served)]

    def _list_mails(self) -> list[Served]:
        """One group for each mail there is to make, looked for stretch by stretch."""
        mails: dict[_MailName, Served] = {}
        above = 0
        with self._database.reading() as connection:
            while span := self._lineup.find_span(connection, above):
                groups = list_reader_groups(connection, self._lineup.audience, span)
                served = (one for one in map(self._lineup.serve, groups) if not one.skipped)
                mails |= {_name_mail(one): one for one in served}
                above = span.through
        return list(mails.values())

    def _draft(self, served: Served, read_html: ReadHtml) -> Drafted | None:
        edition, language = self._lineup.edition, served.group.language
        return self._freezing.draft(edition, served.candidates, language, read_html)

    def _read_html(self, post_id: int) -> str:
        with self._database.reading() as connection:
            return find_html(connection, post_id)

    def _record(self, connection: Connection, served: Served, drafted: Drafted | None) -> None:
        if drafted is None:
            self._made[_name_mail(served)] = None
            return
        edition = self._lineup.edition
        variant_id = record_variant(
            connection,
            edition.edition_id,
            name_variant(edition, drafted, served.candidates),
            drafted.language,
            drafted.rendered,
            drafted.post_ids,
        )
        size = self._freezing.batch_size(drafted.rendered)
        self._made[_name_mail(served)] = Made(variant_id, size)


def _name_mail(served: Served) -> _MailName:
    return served.group.language, tuple(c.post.post_id for c in served.candidates)
