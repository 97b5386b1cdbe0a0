"""Readers as a list shows them, and their counts by newsletter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.editions.cadence_words import name_cadence
from service.model.newsletter import Newsletter
from service.model.subscriber import SubscriptionState
from service.store.readership import ListedReader, ReaderCount
from service.web.desk.post_lines import Badge
from service.web.desk.reader_words import name_state
from service.words.voice import Voice

KINDS: Mapping[SubscriptionState, str] = {
    SubscriptionState.ACTIVE: "good",
    SubscriptionState.PENDING: "warn",
    SubscriptionState.UNSUBSCRIBED: "",
}
"""The badge of each state."""


@dataclass(frozen=True, slots=True)
class NewsletterCount:
    """A newsletter with its readers by state, and those who get it by cadence."""

    newsletter_id: str
    title: str
    states: tuple[tuple[SubscriptionState, str, int], ...]
    cadences: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ReaderLine:
    """A reader in a list; `name` is a number for those who may see no address."""

    reader_id: int
    address: str
    name: str
    since: str
    badges: tuple[Badge, ...]
    is_suppressed: bool


def show_counts(
    voice: Voice, newsletters: Mapping[str, Newsletter], counts: Sequence[ReaderCount]
) -> list[NewsletterCount]:
    """Every newsletter with its counts; those that are not configured any more come last."""
    gone = sorted({one.newsletter_id for one in counts} - set(newsletters))
    return [_show_count(voice, newsletters, counts, one) for one in (*newsletters, *gone)]


def show_readers(
    voice: Voice,
    newsletters: Mapping[str, Newsletter],
    readers: Sequence[ListedReader],
    write_day: Callable[[datetime], str],
    *,
    names: bool,
) -> list[ReaderLine]:
    """Readers with what they have; their addresses only where `names` says so."""
    return [
        ReaderLine(
            reader_id=one.subscriber.subscriber_id,
            address=one.subscriber.address or "" if names else "",
            name=one.subscriber.name if names else "",
            since=write_day(one.subscriber.created_at),
            badges=tuple(
                Badge(_say_has(voice, newsletters, each[0], each[1]), KINDS[each[1]])
                for each in one.has
            ),
            is_suppressed=one.is_suppressed,
        )
        for one in readers
    ]


def name_newsletter(newsletters: Mapping[str, Newsletter], newsletter_id: str) -> str:
    """A newsletter's title; one that is not configured any more by its id."""
    known = newsletters.get(newsletter_id)
    return known.title if known else newsletter_id


def _show_count(
    voice: Voice,
    newsletters: Mapping[str, Newsletter],
    counts: Sequence[ReaderCount],
    newsletter_id: str,
) -> NewsletterCount:
    theirs = [one for one in counts if one.newsletter_id == newsletter_id]
    active = [one for one in theirs if one.state is SubscriptionState.ACTIVE]
    states = (
        SubscriptionState.ACTIVE,
        SubscriptionState.PENDING,
        SubscriptionState.UNSUBSCRIBED,
    )
    return NewsletterCount(
        newsletter_id=newsletter_id,
        title=name_newsletter(newsletters, newsletter_id),
        states=tuple(
            (state, name_state(voice, state), sum(o.count for o in theirs if o.state is state))
            for state in states
        ),
        cadences=tuple((name_cadence(voice, one.cadence), one.count) for one in active),
    )


def _say_has(
    voice: Voice,
    newsletters: Mapping[str, Newsletter],
    newsletter_id: str,
    state: SubscriptionState,
) -> str:
    title = name_newsletter(newsletters, newsletter_id)
    if state is SubscriptionState.ACTIVE:
        return title
    return voice.say("{newsletter}: {state}", newsletter=title, state=name_state(voice, state))
