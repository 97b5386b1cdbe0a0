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
from service.membership import (
    add_reader,
    change_newsletter_for,
    describe_subscription,
    erase_reader,
    pause_for,
    remove_reader,
)
from service.model.editor import Scope
from service.model.newsletter import Cadence, Newsletter
from service.model.subscriber import Subscriber, Subscription, SubscriptionState
from service.store.address_changes import list_former_addresses
from service.store.choices import Manner, find_pause
from service.store.consents import list_past_consents
from service.store.history import list_past_deliveries
from service.store.labels import list_labels
from service.store.readership import find_erased_at, list_notices_to, list_soft_bounces
from service.store.subscribers import (
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

_MOST_NOTICES = 30

NewsletterId = Annotated[str, Path(max_length=200, description="Its id, as /newsletters has it.")]


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
            return show_reader(connection, found)

    def add_subscriber(self, request: Request, asked: SubscriberAsked) -> ShownSubscriber:
        """Subscribe one reader; who is there already stays as they are.

        Nobody is subscribed who is suppressed, was erased, or left by themselves.
        """
        row = self._read_row(asked)
        actor = actor_of(request)
        report = add_reader(
            self._api.database,
            self._api.works.register,
            row,
            asked.newsletter,
            SubscriptionState.ACTIVE if asked.is_confirmed else SubscriptionState.PENDING,
            source=f"API: {actor.name}",
            note=asked.vouched_by,
            now=self._api.clock(),
            by=actor,
        )
        if report.suppressed or report.erased:
            why = "is suppressed" if report.suppressed else "was erased"
            raise NotAllowedError(f"not added: the address {why}")
        with self._api.database.reading() as connection:
            shown = show_reader(connection, _find_at(connection, row.address))
        mine = [one for one in shown.subscriptions if one.newsletter == asked.newsletter]
        if any(one.state is SubscriptionState.UNSUBSCRIBED for one in mine):
            raise NotAllowedError("not added: they left, and only they themselves come back")
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
        now, actor = self._api.clock(), actor_of(request)
        ended = remove_reader(self._api.database, address, now, by=actor)
        return Ended(ended=ended)

    def erase_subscriber(self, request: Request, subscriber: Number) -> Erased:
        """Forget a reader for good; a keyed hash alone keeps imports from bringing them back."""
        works, address = self._api.works, self._find_address(subscriber)
        is_done = erase_reader(
            works.database,
            works.register,
            address,
            works.clock(),
            works.mailbag.provider,
            by=actor_of(request),
        )
        return Erased(is_done=is_done)

    def pause_subscriber(
        self, request: Request, subscriber: Number, asked: PauseAsked
    ) -> ShownSubscriber:
        """Let a reader skip what comes until a moment."""
        self._find_address(subscriber)
        now, actor = self._api.clock(), actor_of(request)
        pause_for(self._api.database, subscriber, asked.until, now, by=actor)
        return self._show(subscriber)

    def change_subscription(
        self, request: Request, subscriber: Number, newsletter: NewsletterId, asked: ChoiceAsked
    ) -> ShownSubscriber:
        """Let a newsletter come to a reader in another manner; nobody is brought back by it."""
        address = self._find_address(subscriber)
        known = self._find_newsletter(newsletter)
        with self._api.database.reading() as connection:
            theirs = list_readers_at(connection, address)
            if newsletter not in {one.subscription.newsletter_id for one in theirs}:
                raise NotFoundError("this reader has no such newsletter")
            self._check(connection, known, asked.cadence, asked.topics or [])

        def change(one: Subscription) -> Manner:
            return _compose_manner(one, asked)

        now, actor = self._api.clock(), actor_of(request)
        change_newsletter_for(self._api.database, subscriber, newsletter, change, now, by=actor)
        return self._show(subscriber)

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
            return find_or_miss(connection, subscriber_id).address or ""

    def _show(self, subscriber_id: int) -> ShownSubscriber:
        with self._api.database.reading() as connection:
            return show_reader(connection, find_or_miss(connection, subscriber_id))


def find_or_miss(connection: Connection, subscriber_id: int) -> Subscriber:
    """One reader; raises NotFoundError when there is none, or none any more."""
    found = find_subscriber_by_id(connection, subscriber_id)
    if found is None or found.address is None:
        raise NotFoundError(f"there is no reader {subscriber_id}, or none any more")
    return found


def _find_at(connection: Connection, address: str) -> Subscriber:
    found = find_subscriber(connection, address)
    if found is None:
        raise NotFoundError("there is no reader with this address")
    return found


def show_reader(connection: Connection, reader: Subscriber) -> ShownSubscriber:
    """A reader with everything that is kept of them."""
    address = reader.address or ""
    former = list_former_addresses(connection, [reader.subscriber_id])
    return ShownSubscriber.model_validate(
        {
            "subscriber": reader.subscriber_id,
            "address": address,
            "name": reader.name,
            "created_at": reader.created_at,
            "paused_until": find_pause(connection, reader.subscriber_id),
            "erased_at": find_erased_at(connection, reader.subscriber_id),
            "former_addresses": former.get(reader.subscriber_id, []),
            "soft_bounces": list_soft_bounces(connection, reader.subscriber_id),
            "suppression": find_suppression(connection, address),
            "subscriptions": [
                describe_subscription(
                    one, list_past_consents(connection, one.subscription.subscription_id)
                )
                for one in list_readers_at(connection, address)
            ],
            "deliveries": list_past_deliveries(connection, reader.subscriber_id),
            "notices": list_notices_to(connection, address, _MOST_NOTICES),
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
