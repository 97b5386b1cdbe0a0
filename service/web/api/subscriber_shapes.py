"""Readers as answers show them, and what is asked about them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from service.model.delivery import DeliveryState
from service.model.edition import EditionState
from service.model.newsletter import Cadence
from service.model.subscriber import SubscriptionState, SuppressionReason
from service.web.api.fields import Address, Asked, AskedMoment, Line, Moment, Shown

_MOST_TOPICS = 200

Hour = Annotated[int, Field(strict=True, ge=0, le=23)]
Topics = Annotated[list[Line], Field(max_length=_MOST_TOPICS)]


class ShownConsent(Shown):
    """How somebody came to be subscribed."""

    source: str
    text: str
    given_at: Moment


class FormerConsent(Shown):
    """A consent that held once, until its reader left."""

    consent: ShownConsent
    confirmed_at: Moment | None
    ended_at: Moment | None


class ShownSubscription(Shown):
    """One newsletter of one reader. No topics: everything. Null: the publication's own."""

    newsletter: str
    state: SubscriptionState
    cadence: Cadence
    topics: list[str]
    language: str
    send_hour: int | None
    timezone: str | None
    served_through: int
    created_at: Moment
    confirmed_at: Moment | None
    ended_at: Moment | None
    consent: ShownConsent
    former_consents: list[FormerConsent]


class ShownDelivery(Shown):
    """One edition to one reader: the posts it carried, and how that ended."""

    edition: int = Field(validation_alias="edition_id")
    newsletter: str = Field(validation_alias="newsletter_id")
    key: str
    subject: str
    posts: list[int] = Field(validation_alias="post_ids")
    state: DeliveryState
    reason: str
    frozen_at: Moment | None


class SubscriberSuppression(Shown):
    """Why nothing is sent to a reader's address."""

    reason: SuppressionReason
    note: str
    created_at: Moment


class ShownNotice(Shown):
    """A mail to a reader's address that was no edition, such as the one that asks to confirm."""

    purpose: str
    topic: str
    subject: str
    state: DeliveryState
    reason: str
    created_at: Moment


class ShownSubscriber(Shown):
    """One reader with their whole history.

    `erased_at`: they asked to be forgotten, and are once a mail under way has settled.
    `soft_bounces` are the days on which mail came back for now; `notices` the last ones.
    """

    subscriber: int
    address: str
    name: str
    created_at: Moment
    paused_until: Moment | None
    erased_at: Moment | None
    former_addresses: list[str]
    soft_bounces: list[date]
    suppression: SubscriberSuppression | None
    subscriptions: list[ShownSubscription]
    deliveries: list[ShownDelivery]
    notices: list[ShownNotice]


class SubscriberEdition(Shown):
    """An edition of a newsletter that a reader has or had, and `why` they got it or did not.

    `delivery` is null where no mail of it is theirs.
    """

    edition: int
    newsletter: str
    cadence: Cadence | None
    state: EditionState
    subject: str
    posts: int
    frozen_at: Moment | None
    delivery: DeliveryState | None
    reason: str
    why: str


class PersonalLink(Shown):
    """A reader's own way to their choices: whoever has it acts in their name."""

    url: str


class OutlookPost(Shown):
    """A post, and why a reader gets it next or does not."""

    post: int
    title: str
    is_coming: bool
    why: str
    later_at: Moment | None


class SubscriberOutlook(Shown):
    """What one newsletter brings a reader next; `leaves_at` is null where nothing will come."""

    newsletter: str
    leaves_at: Moment | None
    subject: str
    note: str
    posts: list[OutlookPost]


class SubscriberSearched(Asked):
    """Whom to look for."""

    address: Address


class SubscriberAsked(Asked):
    """Somebody to subscribe. Unless `is_confirmed`, they are asked by mail first.

    `vouched_by` says where they said yes: it is kept as their consent.
    """

    address: Address
    newsletter: Line
    cadence: Cadence | None = None
    topics: Topics = Field(default_factory=list)
    name: Line = ""
    is_confirmed: Annotated[bool, Field(strict=True)] = False
    vouched_by: Line = ""


class ChoiceAsked(Asked):
    """How one newsletter is to come; what is left out stays as it is."""

    cadence: Cadence | None = None
    topics: Topics | None = None
    language: Line | None = None
    send_hour: Hour | None = None
    timezone: Line | None = None


class PauseAsked(Asked):
    """Until when nothing is planned for a reader; null ends a pause."""

    until: AskedMoment | None


class Ended(Shown):
    """How many subscriptions ended."""

    ended: int


class Erased(Shown):
    """Whether it is done; else it is as soon as a mail under way has settled."""

    is_done: bool
