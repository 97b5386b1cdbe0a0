"""What an editor does for one reader, and every edition with why they got it or did not."""

from __future__ import annotations

from sqlalchemy import Connection
from starlette.requests import Request

from service.membership import ask_again, leave_newsletter, look_up_link
from service.model.editor import Scope
from service.model.subscriber import Subscriber, Subscription
from service.store.readership import ReaderEdition, list_reader_editions
from service.store.subscribers import list_readers_at
from service.web.api.api import Api
from service.web.api.fields import Limit, Number, NumberCursor, Page
from service.web.api.gate import actor_of
from service.web.api.problems import NotFoundError
from service.web.api.subscriber_shapes import PersonalLink, ShownSubscriber, SubscriberEdition
from service.web.api.subscribers import NewsletterId, find_or_miss, show_reader
from service.web.desk.reader_words import say_why
from service.words.catalogues import SOURCE, find_voice
from service.words.voice import Voice


class OneSubscriber:
    """Addresses below /subscribers/{subscriber}."""

    def __init__(self, api: Api) -> None:
        self._api = api
        theirs, one = Scope.SUBSCRIBERS, "/subscribers/{subscriber}"
        api.show(f"{one}/editions", self.list_subscriber_editions, needs=theirs)
        api.act(f"{one}/ask-again", self.ask_subscriber_again, needs=theirs)
        api.act(f"{one}/link", self.show_link, needs=theirs)
        choice = f"{one}/newsletters/{{newsletter}}"
        api.act(choice, self.end_subscription, needs=theirs, method="DELETE", fails=())

    def list_subscriber_editions(
        self, subscriber: Number, cursor: NumberCursor = None, limit: Limit = 50
    ) -> Page[SubscriberEdition]:
        """Editions of a reader's newsletters, the newest first, and why they got each or not."""
        with self._api.database.reading() as connection:
            theirs = _list_theirs(connection, find_or_miss(connection, subscriber))
            found, older = list_reader_editions(
                connection, subscriber, list(theirs), before=cursor, limit=limit
            )
        voice = find_voice(SOURCE)
        items = [_show_edition(voice, one, theirs[one.edition.newsletter_id]) for one in found]
        return Page(items=items, next=None if older is None else str(older))

    def ask_subscriber_again(self, request: Request, subscriber: Number) -> ShownSubscriber:
        """Mail a reader once more to confirm, if they were not asked today, nor too often."""
        works, actor = self._api.works, actor_of(request)
        self._find(subscriber)
        ask_again(works.database, works.register, subscriber, works.clock(), by=actor)
        return self._show(subscriber)

    def show_link(self, request: Request, subscriber: Number) -> PersonalLink:
        """The link to a reader's own choices, to be given to them; who asks is written down."""
        works, reader = self._api.works, self._find(subscriber)
        address, actor = reader.address or "", actor_of(request)
        url = look_up_link(works.database, works.register, address, works.clock(), by=actor)
        return PersonalLink(url=url)

    def end_subscription(
        self, request: Request, subscriber: Number, newsletter: NewsletterId
    ) -> ShownSubscriber:
        """Unsubscribe a reader from one newsletter; their history stays."""
        self._find(subscriber)
        now, actor = self._api.clock(), actor_of(request)
        if not leave_newsletter(self._api.database, subscriber, newsletter, now, by=actor):
            raise NotFoundError("this reader has no such newsletter, or left it already")
        return self._show(subscriber)

    def _find(self, subscriber_id: int) -> Subscriber:
        with self._api.database.reading() as connection:
            return find_or_miss(connection, subscriber_id)

    def _show(self, subscriber_id: int) -> ShownSubscriber:
        with self._api.database.reading() as connection:
            return show_reader(connection, find_or_miss(connection, subscriber_id))


def _list_theirs(connection: Connection, reader: Subscriber) -> dict[str, Subscription]:
    return {
        one.subscription.newsletter_id: one.subscription
        for one in list_readers_at(connection, reader.address or "")
    }


def _show_edition(voice: Voice, one: ReaderEdition, theirs: Subscription) -> SubscriberEdition:
    edition = one.edition
    return SubscriberEdition(
        edition=edition.edition_id,
        newsletter=edition.newsletter_id,
        cadence=edition.cadence,
        state=edition.state,
        subject=one.subject,
        posts=one.posts,
        frozen_at=edition.frozen_at,
        delivery=one.state,
        reason=one.reason,
        why=say_why(voice, one, theirs),
    )
