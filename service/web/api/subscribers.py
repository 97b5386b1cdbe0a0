"""Readers: found by address, shown with everything that happened, added, changed, removed.

Addresses are in bodies and never in the address of a request, which logs keep.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from sqlalchemy import Connection
from starlette.requests import Request

from service.audience.addresses import normalise_address
from service.audience.cells import parse_language, parse_name, parse_timezone
from service.audience.exchange import ImportRow
from service.delivery.explaining import Answer, Standing, explain_reader
from service.errors import NotAllowedError, UsageError
from service.membership import erase_reader, import_readers, remove_reader
from service.model.editor import Scope
from service.model.newsletter import Cadence, Newsletter
from service.model.subscriber import Subscriber, Subscription, SubscriptionState
from service.store.choices import Manner, change_manner, find_pause, pause_reader
from service.store.consents import list_past_consents
from service.store.history import list_past_deliveries
from service.store.labels import list_labels
from service.store.subscribers import (
    Reader,
    find_subscriber,
    find_subscriber_by_id,
    list_readers_at,
)
from service.store.suppressions import find_suppression
from service.web.api.api import Api
from service.web.api.fields import Number
from service.web.api.gate import actor_of
from service.web.api.problems import NotFoundError
from service.web.api.subscriber_shapes import (
    ChoiceAsked,
    Ended,
    Erased,
    OutlookPost,
    PauseAsked,
    ShownSubscriber,
    SubscriberAsked,
    SubscriberOutlook,
    SubscriberSearched,
)

NewsletterId = Annotated[str, Path(max_length=200)]


class Subscribers:
    """The addresses under /subscribers."""

    def __init__(self, api: Api) -> None:
        self._api = api
        theirs, one = Scope.SUBSCRIBERS, "/subscribers/{subscriber}"
        lookup = (404,)
        api.act("/subscribers/search", self.find_subscriber, needs=theirs, fails=lookup)
        api.act("/subscribers", self.add_subscriber, needs=theirs, status=201)
        api.show(one, self.show_subscriber, needs=theirs)
        api.show(f"{one}/outlook", self.show_outlook, needs=theirs, fails=(404, 409))
        api.act(f"{one}/remove", self.remove_subscriber, needs=theirs)
        api.act(f"{one}/erase", self.erase_subscriber, needs=theirs)
        api.act(f"{one}/pause", self.pause_subscriber, needs=theirs)
        choice = f"{one}/newsletters/{{newsletter}}"
        api.act(choice, self.change_subscription, needs=theirs, method="PATCH")

    def find_subscriber(self, asked: SubscriberSearched) -> ShownSubscriber:
        """The reader with an address. It is looked for by its one normal spelling."""
        address = normalise_address(asked.address)
        with self._api.database.reading() as connection:
            found = find_subscriber(connection, address)
            if found is None:
                raise NotFoundError("there is no reader with this address")
            return _show(connection, found)

    def add_subscriber(self, request: Request, asked: SubscriberAsked) -> ShownSubscriber:
        """Subscribe one reader; who is there already stays as they are.

        Nobody is subscribed who is suppressed, was erased, or left by themselves.
        """
        row = self._read_row(asked)
        report = import_readers(
            self._api.database,
            self._api.works.register,
            [row],
            newsletter_id=asked.newsletter,
            state=SubscriptionState.ACTIVE if asked.is_confirmed else SubscriptionState.PENDING,
            source=f"API: {actor_of(request).name}",
            now=self._api.clock(),
            vouched_by=asked.vouched_by,
        )
        if report.suppressed or report.erased:
            why = "is suppressed" if report.suppressed else "was erased"
            raise NotAllowedError(f"not added: the address {why}")
        with self._api.database.reading() as connection:
            shown = _show(connection, _find_at(connection, row.address))
        mine = [one for one in shown.subscriptions if one.newsletter == asked.newsletter]
        if any(one.state is SubscriptionState.UNSUBSCRIBED for one in mine):
            raise NotAllowedError("not added: they left, and only they themselves come back")
        if not report.already:
            self._record(request, "add", shown.subscriber, newsletter=asked.newsletter)
        return shown

    def show_subscriber(self, subscriber: Number) -> ShownSubscriber:
        """One reader with everything they chose, said yes to, and were sent."""
        return self._show(subscriber)

    def show_outlook(self, subscriber: Number) -> list[SubscriberOutlook]:
        """What each newsletter brings a reader next, and of every other recent post why not."""
        works, address = self._api.works, self._find_address(subscriber)
        found = explain_reader(works.database, works.press, address, works.clock())
        return [_show_outlook(one) for one in found]

    def remove_subscriber(self, request: Request, subscriber: Number) -> Ended:
        """Unsubscribe a reader from everything; their history stays."""
        address = self._find_address(subscriber)
        ended = remove_reader(self._api.database, address, self._api.clock())
        self._record(request, "remove", subscriber, ended=ended)
        return Ended(ended=ended)

    def erase_subscriber(self, request: Request, subscriber: Number) -> Erased:
        """Forget a reader for good; a keyed hash alone keeps imports from bringing them back."""
        works, address = self._api.works, self._find_address(subscriber)
        is_done = erase_reader(
            works.database, works.register, address, works.clock(), works.mailbag.provider
        )
        self._record(request, "erase", subscriber)
        return Erased(is_done=is_done)

    def pause_subscriber(
        self, request: Request, subscriber: Number, asked: PauseAsked
    ) -> ShownSubscriber:
        """Let a reader skip what comes until a moment."""
        self._find_address(subscriber)
        with self._api.database.writing() as connection:
            pause_reader(connection, subscriber, asked.until)
        self._record(request, "choose", subscriber, is_paused=asked.until is not None)
        return self._show(subscriber)

    def change_subscription(
        self, request: Request, subscriber: Number, newsletter: NewsletterId, asked: ChoiceAsked
    ) -> ShownSubscriber:
        """Let a newsletter come to a reader in another manner; nobody is brought back by it."""
        address = self._find_address(subscriber)
        known = self._find_newsletter(newsletter)
        with self._api.database.writing() as connection:
            theirs = {
                one.subscription.newsletter_id: one.subscription
                for one in list_readers_at(connection, address)
            }
            if newsletter not in theirs:
                raise NotFoundError("this reader has no such newsletter")
            self._check(connection, known, asked.cadence, asked.topics or [])
            manner = _compose_manner(theirs[newsletter], asked)
            change_manner(connection, theirs[newsletter].subscription_id, manner)
        self._record(request, "choose", subscriber, newsletter=newsletter)
        return self._show(subscriber)

    def _record(self, request: Request, what: str, subscriber: int, **detail: object) -> None:
        self._api.record(request, f"reader.{what}", f"reader:{subscriber}", **detail)

    def _read_row(self, asked: SubscriberAsked) -> ImportRow:
        known = self._api.works.register.find_newsletter(asked.newsletter)
        if asked.vouched_by and not asked.is_confirmed:
            raise UsageError("vouched_by says where they confirmed; add is_confirmed: true")
        with self._api.database.reading() as connection:
            self._check(connection, known, asked.cadence, asked.topics)
        return ImportRow(
            address=normalise_address(asked.address),
            name=parse_name(asked.name),
            cadence=asked.cadence,
            topics=tuple(asked.topics),
            line=1,
        )

    def _check(
        self,
        connection: Connection,
        newsletter: Newsletter,
        cadence: Cadence | None,
        topics: list[str],
    ) -> None:
        """Raise UsageError for what the newsletter does not offer."""
        if cadence is not None and cadence not in newsletter.cadences:
            known = ", ".join(newsletter.cadences)
            raise UsageError(f"this newsletter does not come {cadence}; it comes: {known}")
        if topics:
            labels = list_labels(connection, self._api.clock())
            categories = {name for one in labels for name in one.categories}
            if not {*newsletter.topics, *newsletter.categories, *categories}.issuperset(topics):
                raise UsageError("a topic is neither a category nor one that the newsletter lists")

    def _find_newsletter(self, newsletter_id: str) -> Newsletter:
        found = self._api.works.register.newsletters.get(newsletter_id)
        if found is None:
            raise NotFoundError("there is no newsletter of this name; see /newsletters")
        return found

    def _find_address(self, subscriber_id: int) -> str:
        with self._api.database.reading() as connection:
            return _find(connection, subscriber_id).address or ""

    def _show(self, subscriber_id: int) -> ShownSubscriber:
        with self._api.database.reading() as connection:
            return _show(connection, _find(connection, subscriber_id))


def _find(connection: Connection, subscriber_id: int) -> Subscriber:
    found = find_subscriber_by_id(connection, subscriber_id)
    if found is None or found.address is None:
        raise NotFoundError(f"there is no reader {subscriber_id}, or none any more")
    return found


def _find_at(connection: Connection, address: str) -> Subscriber:
    found = find_subscriber(connection, address)
    if found is None:
        raise NotFoundError("there is no reader with this address")
    return found


def _show(connection: Connection, reader: Subscriber) -> ShownSubscriber:
    address = reader.address or ""
    return ShownSubscriber.model_validate(
        {
            "subscriber": reader.subscriber_id,
            "address": address,
            "name": reader.name,
            "created_at": reader.created_at,
            "paused_until": find_pause(connection, reader.subscriber_id),
            "suppression": find_suppression(connection, address),
            "subscriptions": [
                _describe(connection, one) for one in list_readers_at(connection, address)
            ],
            "deliveries": list_past_deliveries(connection, reader.subscriber_id),
        }
    )


def _show_outlook(one: Standing) -> SubscriberOutlook:
    return SubscriberOutlook(
        newsletter=one.subscription.newsletter_id,
        leaves_at=one.at,
        subject=one.subject,
        note=one.note,
        posts=[_show_answer(answer) for answer in one.answers],
    )


def _show_answer(one: Answer) -> OutlookPost:
    return OutlookPost(
        post=one.post.post_id,
        title=one.post.title,
        is_coming=one.gets_it,
        why=one.why,
        later_at=one.later_at,
    )


def _describe(connection: Connection, reader: Reader) -> dict[str, object]:
    one = reader.subscription
    return {
        "newsletter": one.newsletter_id,
        "state": one.state,
        "cadence": one.cadence,
        "topics": one.topics,
        "language": one.language,
        "send_hour": one.send_hour,
        "timezone": one.timezone,
        "served_through": one.served_through,
        "created_at": one.created_at,
        "confirmed_at": one.confirmed_at,
        "ended_at": one.ended_at,
        "consent": reader.consent,
        "former_consents": list_past_consents(connection, one.subscription_id),
    }


def _compose_manner(one: Subscription, asked: ChoiceAsked) -> Manner:
    """What was asked for in place of what was; null stands for the publication's own."""
    named = asked.model_fields_set
    topics = one.topics if asked.topics is None else tuple(asked.topics)
    zone = parse_timezone(asked.timezone or "") if "timezone" in named else one.timezone
    return Manner(
        cadence=asked.cadence or one.cadence,
        topics=topics,
        language=parse_language(asked.language or "") or one.language,
        send_hour=asked.send_hour if "send_hour" in named else one.send_hour,
        timezone=zone,
    )
