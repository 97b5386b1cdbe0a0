"""One reader's history as the page shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.editions.cadence_words import name_cadence
from service.model.languages import name_language
from service.model.newsletter import Newsletter
from service.model.subscriber import Consent, Subscriber, Subscription
from service.store.address_changes import list_former_addresses
from service.store.choices import find_pause
from service.store.consents import PastConsent
from service.store.readership import (
    ReaderEdition,
    list_notices_to,
    list_soft_bounces,
)
from service.store.subscribers import Reader
from service.store.suppressions import find_suppression
from service.web.desk.edition_words import name_kind
from service.web.desk.post_lines import Badge
from service.web.desk.reader_words import (
    name_delivery,
    name_notice,
    name_state,
    name_suppression,
    rate_delivery,
    say_why,
)
from service.web.desk.readership_view import KINDS, name_newsletter
from service.words.voice import Told, Voice

_MOST_NOTICES = 30

Write = Callable[[datetime], str]
"""Writes a moment for the visitor."""


@dataclass(frozen=True, slots=True)
class Showing:
    """For whom a reader is shown; words that may hold an address only where `names` says so."""

    voice: Voice
    newsletters: Mapping[str, Newsletter]
    write: Write
    names: bool


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """What somebody agreed to, by which form and when, and how long it held."""

    source: str
    text: str
    given: str
    confirmed: str
    ended: str


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """One newsletter of a reader, with what they chose and agreed to, the newest consent first."""

    newsletter_id: str
    title: str
    badge: Badge
    is_over: bool
    is_pending: bool
    cadence: str
    topics: tuple[str, ...]
    language: str
    hour: str
    since: str
    ended: str
    consents: tuple[ConsentLine, ...]


@dataclass(frozen=True, slots=True)
class EditionLine:
    """An edition with what became of it for this reader, and why."""

    edition_id: int
    subject: str
    newsletter: str
    kind: str
    when: str
    badge: Badge
    reason: Told | None
    why: str


def show_subscription(
    showing: Showing, reader: Reader, past: Sequence[PastConsent]
) -> SubscriptionView:
    """A subscription with what was agreed to, now and before."""
    one, voice, write = reader.subscription, showing.voice, showing.write
    present = PastConsent(reader.consent, one.confirmed_at, one.ended_at)
    consents = [present, *reversed(past)] if showing.names else []
    return SubscriptionView(
        newsletter_id=one.newsletter_id,
        title=name_newsletter(showing.newsletters, one.newsletter_id),
        badge=Badge(name_state(voice, one.state), KINDS[one.state]),
        is_over=one.state == "unsubscribed",
        is_pending=one.state == "pending",
        cadence=name_cadence(voice, one.cadence),
        topics=one.topics,
        language=name_language(one.language),
        hour=_say_hour(voice, one),
        since=write(one.created_at),
        ended=write(one.ended_at) if one.ended_at else "",
        consents=tuple(_show_consent(each, write) for each in consents),
    )


def show_editions(
    showing: Showing, readers: Sequence[Reader], editions: Sequence[ReaderEdition]
) -> list[EditionLine]:
    """Editions with what became of them for this reader, and what a server said."""
    voice = showing.voice
    theirs = {one.subscription.newsletter_id: one.subscription for one in readers}
    return [
        EditionLine(
            edition_id=one.edition.edition_id,
            subject=one.subject,
            newsletter=name_newsletter(showing.newsletters, one.edition.newsletter_id),
            kind=name_kind(voice, one.edition),
            when=showing.write(one.edition.frozen_at or one.edition.freeze_at),
            badge=_find_badge(voice, one),
            reason=voice.retell(one.reason) if one.reason and showing.names else None,
            why=say_why(voice, one, theirs[one.edition.newsletter_id]),
        )
        for one in editions
    ]


def _find_badge(voice: Voice, one: ReaderEdition) -> Badge:
    if one.state:
        return Badge(name_delivery(voice, one.state), rate_delivery(one.state))
    if one.edition.may_still_change:
        return Badge(voice.say_of("an edition", "open"))
    return Badge(voice.say_of("an edition", "not to them"))


def read_history(
    connection: Connection, showing: Showing, reader: Subscriber, now: datetime
) -> dict[str, object]:
    """What else is known of a reader: pause, block, bounces, former addresses, notices."""
    voice, write, names = showing.voice, showing.write, showing.names
    reader_id, address = reader.subscriber_id, reader.address or ""
    paused_until = find_pause(connection, reader_id)
    barred = find_suppression(connection, address)
    notices = list_notices_to(connection, address, _MOST_NOTICES) if names else []
    former = list_former_addresses(connection, [reader_id]) if names else {}
    return {
        "paused": write(paused_until) if paused_until and paused_until > now else "",
        "barred": name_suppression(voice, barred.reason) if barred else "",
        "barred_since": write(barred.created_at) if barred else "",
        "barred_note": barred.note if barred and names else "",
        "soft_bounces": [voice.write_date(day) for day in list_soft_bounces(connection, reader_id)],
        "former": former.get(reader_id, []),
        "notices": [
            (
                name_notice(voice, one.purpose),
                one.subject,
                Badge(name_delivery(voice, one.state), rate_delivery(one.state)),
                voice.retell(one.reason) if one.reason else None,
                write(one.created_at),
            )
            for one in notices
        ],
    }


def _show_consent(one: PastConsent, write: Write) -> ConsentLine:
    consent: Consent = one.consent
    return ConsentLine(
        source=consent.source,
        text=consent.text,
        given=write(consent.given_at),
        confirmed=write(one.confirmed_at) if one.confirmed_at else "",
        ended=write(one.ended_at) if one.ended_at else "",
    )


def _say_hour(voice: Voice, one: Subscription) -> str:
    if one.send_hour is None:
        return voice.say("as soon as it is out")
    hour = voice.say("{hour}:00", hour=one.send_hour)
    return f"{hour} ({one.timezone})" if one.timezone else hour
