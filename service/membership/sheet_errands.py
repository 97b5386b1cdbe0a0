"""One import of many rows: on which terms, as of when, and in portions that others can follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from service.audience.exchange import ImportRow
from service.audience.intake import Named
from service.audience.tags import TagReader
from service.errors import UsageError
from service.membership.importing import foresee_import, import_readers
from service.membership.register import Register
from service.membership.sorting import ImportReport
from service.model.editor import Actor
from service.model.subscriber import SubscriptionState
from service.model.wording import word
from service.store.database import Database
from service.store.posts import list_posts

PORTION = 2000
"""Rows in one transaction: a bar that moves, and others get their turn."""

Told = Callable[[ImportReport, int], None]
"""Told after each portion what it came to, and how many rows it had."""


@dataclass(slots=True)
class SheetErrand:
    """The terms of an import, for its rehearsal and for itself.

    `newsletter_id` None is what each row says. `source` names the sheet, `vouched_by` says by
    what an editor vouches for readers of whom the sheet proves nothing. `by` is whoever has them
    brought in; None when that was written down before, as it is of uploaded lists.
    """

    database: Database
    register: Register
    newsletter_id: str | None
    state: SubscriptionState
    source: str
    vouched_by: str
    now: datetime
    by: Actor | None = None
    tags: TagReader = field(init=False)
    _offered: dict[str, set[str]] = field(init=False)

    def __post_init__(self) -> None:
        self._offered = _list_offered(self.database, self.register)
        self.tags = TagReader(self._offered)

    def require_newsletters(self, named: Named) -> None:
        """Refuse the whole sheet before any of it is in; raises UsageError.

        It is refused where a newsletter is missing or unknown.
        """
        if self.newsletter_id is not None:
            self.register.find_newsletter(self.newsletter_id)
            return
        if (nameless := named.nameless) is not None:
            sheet, line = nameless.sheet, nameless.line
            where = word("line {line}", line=str(line))
            if sheet:
                where = word("{sheet}, line {line}", sheet=sheet, line=str(line))
            raise UsageError(
                "{where}: for which newsletter? choose one (--newsletter), or let a column "
                "headed newsletter say it",
                where=where,
            )
        for name in sorted(named.newsletter_ids):
            self.register.find_newsletter(name)

    def foresee(self, rows: Iterator[ImportRow], told: Told | None = None) -> ImportReport:
        """What it would come to; nothing is written, nobody is asked."""
        report, self.tags = ImportReport(), TagReader(self._offered)
        for part in _cut(rows):
            found = foresee_import(
                self.database,
                self.register,
                part,
                newsletter_id=self.newsletter_id,
                state=self.state,
            )
            for row in part:
                self.tags.read(row.newsletter_id, row.tags)
            report += found
            if told is not None:
                told(found, len(part))
        return report

    def bring_in(self, rows: Iterator[ImportRow], told: Told | None = None) -> ImportReport:
        """Bring everybody in, some thousand rows in one transaction; the first says who began."""
        report, self.tags = ImportReport(), TagReader(self._offered)
        by = self.by
        for part in _cut(rows):
            found = import_readers(
                self.database,
                self.register,
                part,
                newsletter_id=self.newsletter_id,
                state=self.state,
                source=self.source,
                now=self.now,
                vouched_by=self.vouched_by,
                tags=self.tags,
                by=by,
            )
            by = None
            report += found
            if told is not None:
                told(found, len(part))
        return report


def _list_offered(database: Database, register: Register) -> dict[str, set[str]]:
    """What readers of each newsletter may choose: its categories, and the tags that it lists."""
    with database.reading() as connection:
        categories = {name for post in list_posts(connection) for name in post.categories}
    return {
        one.newsletter_id: {*one.topics, *(one.categories or categories)}
        for one in register.newsletters.values()
    }


def _cut(rows: Iterator[ImportRow]) -> Iterator[list[ImportRow]]:
    while part := list(islice(rows, PORTION)):
        yield part
