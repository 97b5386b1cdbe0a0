"""All readers: listed, found by how their addresses begin, taken out, and counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import islice
from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import StreamingResponse

from service.audience.exchange import ExportRow, stream_export
from service.membership import export_readers
from service.model.editor import Scope
from service.model.newsletter import Cadence
from service.model.subscriber import SubscriptionState, SuppressionReason
from service.store.growth import list_growth
from service.store.readership import (
    MOST_FOUND,
    count_readers,
    list_reader_page,
    search_readers,
)
from service.store.readership import ListedReader as Listed
from service.web.api.api import Api
from service.web.api.fields import (
    Asked,
    Filter,
    Limit,
    Moment,
    Name,
    NumberCursor,
    Page,
    Shown,
)
from service.web.api.gate import actor_of
from service.web.api.problems import NotFoundError
from service.web.desk.growth_plot import list_midnights
from service.web.security import PRIVATE

_LINES_AT_ONCE = 500
_LONGEST_GROWTH = 366
_UNKNOWN = "there is no newsletter of this name; see /newsletters"


class ListedSubscription(Shown):
    """A newsletter that a reader has, or had."""

    newsletter: str
    state: SubscriptionState
    cadence: Cadence


class ListedSubscriber(Shown):
    """A reader as lists show them, with what they have; nothing is sent to a suppressed one."""

    subscriber: int
    address: str
    name: str
    created_at: Moment
    is_suppressed: bool
    subscriptions: list[ListedSubscription]


class SubscribersSearched(Asked):
    """How an address begins, or the domain in it; "@example" means a domain alone."""

    beginning: Name
    limit: Annotated[int, Field(strict=True, ge=1, le=MOST_FOUND)] = MOST_FOUND


class SubscribersFound(Shown):
    """Readers by address; when `has_more`, a longer beginning finds the others."""

    items: list[ListedSubscriber]
    has_more: bool


class ExportFormat(StrEnum):
    """In which format readers are taken out."""

    CSV = "csv"
    JSON = "json"


class ExportedSubscription(Shown):
    """One reader's subscription to one newsletter, with all it takes to bring it in elsewhere."""

    address: str
    name: str
    newsletter: str = Field(validation_alias="newsletter_id")
    cadence: Cadence | None
    topics: list[str] | None
    language: str
    send_hour: int | None
    timezone: str | None
    state: SubscriptionState | None
    created_at: Moment | None
    confirmed_at: Moment | None
    ended_at: Moment | None
    consent_source: str
    consent_text: str
    consent_given_at: Moment | None
    paused_until: Moment | None
    reader_since: Moment | None
    suppressed: SuppressionReason | None
    suppressed_at: Moment | None
    suppressed_note: str


class Exported(Shown):
    """Every subscription, one by one."""

    subscriptions: list[ExportedSubscription]


class SubscriptionCount(Shown):
    """How many subscriptions stand so, and come so often."""

    state: SubscriptionState
    cadence: Cadence
    readers: int


class GrowthOfDay(Shown):
    """A day of the publication's zone: who asked for the newsletter, confirmed it, and left it."""

    begins_at: Moment
    joined: int
    confirmed: int
    left: int


class NewsletterReadership(Shown):
    """How many readers a newsletter has, and how that grew, the oldest day first."""

    newsletter: str
    counts: list[SubscriptionCount]
    growth: list[GrowthOfDay]


_SHEET = {
    "description": "The sheet, or the document, as it is read: nothing is held back for it.",
    "model": Exported,
    "content": {"text/csv": {"schema": {"type": "string"}}},
}


class Readership:
    """The addresses under /subscribers that are about many of them."""

    def __init__(self, api: Api) -> None:
        self._api = api
        theirs = Scope.SUBSCRIBERS
        api.show("/subscribers", self.list_subscribers, needs=theirs)
        api.act("/subscribers/search-many", self.search_subscribers, needs=theirs, fails=())
        api.act("/subscribers/export", self.export_subscribers, needs=theirs, answer=_SHEET)
        api.show("/newsletters/{newsletter}/readership", self.show_readership)

    def list_subscribers(
        self,
        newsletter: Annotated[Filter, Query(description="Who has, or had, this one.")] = "",
        state: Annotated[
            SubscriptionState | None, Query(description="pending: who has not confirmed yet.")
        ] = None,
        cursor: NumberCursor = None,
        limit: Limit = 50,
    ) -> Page[ListedSubscriber]:
        """Readers, the newest first, those who left among them unless a state is named."""
        with self._api.database.reading() as connection:
            found, older = list_reader_page(connection, newsletter, state, cursor, limit)
        return Page(items=_show_all(found), next=None if older is None else str(older))

    def search_subscribers(self, asked: SubscribersSearched) -> SubscribersFound:
        """Readers whose address, or the domain in it, begins with a text."""
        text = asked.beginning.strip().lower()
        with self._api.database.reading() as connection:
            found, has_more = search_readers(connection, text, asked.limit) if text else ([], False)
        return SubscribersFound(items=_show_all(found), has_more=has_more)

    def export_subscribers(
        self,
        request: Request,
        newsletter: Annotated[Filter, Query(description="Only this one's readers.")] = "",
        format_: Annotated[
            ExportFormat, Query(alias="format", description="A sheet, or a document.")
        ] = ExportFormat.CSV,
    ) -> StreamingResponse:
        """Take all readers out; that is written down.

        The sheet (CSV) brings them in again, here or elsewhere; JSON says the same.
        """
        if newsletter:
            self._api.works.register.find_newsletter(newsletter)
        now, actor = self._api.clock(), actor_of(request)
        rows = export_readers(self._api.database, newsletter or None, now, by=actor)
        is_sheet = format_ is ExportFormat.CSV
        return StreamingResponse(
            _stream(rows, is_sheet=is_sheet),
            headers=PRIVATE,
            media_type="text/csv; charset=utf-8" if is_sheet else "application/json",
        )

    def show_readership(
        self,
        newsletter: str,
        days: Annotated[int, Query(ge=1, le=_LONGEST_GROWTH, description="The last so many.")] = 90,
    ) -> NewsletterReadership:
        """How many readers a newsletter has by state and cadence, and how it grew day by day."""
        register = self._api.works.register
        if newsletter not in register.newsletters:
            raise NotFoundError(_UNKNOWN)
        midnights = list_midnights(self._api.clock(), register.publication.zone, days)
        with self._api.database.reading() as connection:
            counts = count_readers(connection)
            growth = list_growth(connection, newsletter, midnights)
        return NewsletterReadership(
            newsletter=newsletter,
            counts=[
                SubscriptionCount(state=one.state, cadence=one.cadence, readers=one.count)
                for one in counts
                if one.newsletter_id == newsletter
            ],
            growth=[GrowthOfDay.model_validate(one) for one in growth],
        )


def _stream(rows: Iterator[ExportRow], *, is_sheet: bool) -> Iterator[bytes]:
    lines = stream_export(rows) if is_sheet else _stream_document(rows)
    while part := list(islice(lines, _LINES_AT_ONCE)):
        yield "".join(part).encode()


def _stream_document(rows: Iterable[ExportRow]) -> Iterator[str]:
    """The same as a document of JSON, one row at a time."""
    before = '{"subscriptions":['
    for row in rows:
        yield before + ExportedSubscription.model_validate(row).model_dump_json()
        before = ",\n"
    yield "]}" if before == ",\n" else before + "]}"


def _show_all(readers: Iterable[Listed]) -> list[ListedSubscriber]:
    return [
        ListedSubscriber(
            subscriber=one.subscriber.subscriber_id,
            address=one.subscriber.address or "",
            name=one.subscriber.name,
            created_at=one.subscriber.created_at,
            is_suppressed=one.is_suppressed,
            subscriptions=[
                ListedSubscription(newsletter=newsletter, state=state, cadence=cadence)
                for newsletter, state, cadence in one.has
            ],
        )
        for one in readers
    ]
