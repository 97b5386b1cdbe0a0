"""A few sign-ups answered in one transaction: asked to confirm, reminded, held or dropped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from service.audience.caps import MOST_OF_ONE_NETWORK, MOST_TO_ONE_DOMAIN, Asking, may_remind
from service.audience.tokens import Purpose
from service.membership.asking import (
    ask_to_confirm,
    find_day,
    find_turns,
    name_sender,
    plan_notice,
    write_link,
)
from service.membership.register import Register
from service.model.signup import Signup, WaitingSignup
from service.model.subscriber import SubscriptionState
from service.store import notices, signups, subscribers, suppressions
from service.store.consents import renew_subscription
from service.store.erasures import list_being_erased
from service.store.new_subscriptions import NewSubscription, add_subscriptions
from service.store.news import open_newsletter
from service.store.notices import Notice
from service.store.signups import Counted
from service.store.subscribers import Reader

REMINDER = "subscribed"
"""The notice for somebody who signs up for what they have."""

_SETTLES_IN = timedelta(minutes=5)


@dataclass(slots=True)
class _Hour:
    """The mail of this hour, as far as the caps have room."""

    per_hour: int
    sent: int
    counts: dict[Counted, int]
    is_capped: bool = True
    more: dict[Counted, int] = field(default_factory=dict)

    def has_room(self, one: Signup) -> bool:
        return not self.is_capped or (
            self.sent < self.per_hour
            and self._count("domain", one.domain) < MOST_TO_ONE_DOMAIN
            and (not one.network or self._count("network", one.network) < MOST_OF_ONE_NETWORK)
        )

    def take(self, one: Signup) -> None:
        self.sent += 1
        names = (("all", ""), ("domain", one.domain), ("network", one.network))
        for counted in names if one.network else names[:2]:
            self.more[counted] = self.more.get(counted, 0) + 1

    def _count(self, kind: str, name: str) -> int:
        return self.counts.get((kind, name), 0) + self.more.get((kind, name), 0)


class Portion:
    """A few sign-ups and everything that decides about them, read in one transaction."""

    def __init__(
        self,
        connection: Connection,
        register: Register,
        waiting: Sequence[WaitingSignup],
        now: datetime,
        *,
        is_capped: bool = True,
    ) -> None:
        self._connection = connection
        self._register = register
        self._now = now
        self._waiting = waiting
        self.batch_ids: list[int] = []
        self.held: list[int] = []
        self._hour_at = now.replace(minute=0, second=0, microsecond=0)
        wanted = [one.signup for one in waiting]
        addresses = sorted({one.address for one in wanted})
        # First of all: from here on no other process counts in this hour.
        sent = signups.open_hour(connection, self._hour_at)
        names = [name for one in wanted for name in (one.domain, one.network)]
        counts = signups.find_counts(connection, self._hour_at, names)
        self._hour = _Hour(register.signup.per_hour, sent, counts, is_capped)
        self._suppressed, _ = suppressions.find_suppressed(connection, addresses, ())
        self._being_erased = list_being_erased(connection, addresses)
        self._turns = find_turns(connection, register, addresses, now)
        self._reminded = notices.list_notice_days(connection, REMINDER, addresses)

    def answer(self) -> None:
        """Answer or hold each address."""
        offered = self._register.newsletters
        self._drop([one for one in self._waiting if one.signup.newsletter_id not in offered])
        still = (one for one in self._waiting if one.signup.newsletter_id in offered)
        for ones in _group(still).values():
            self._answer_address(ones)
        signups.add_counts(self._connection, self._hour_at, self._hour.more)
        self._register.wake(self._connection, self.batch_ids)

    def _answer_address(self, ones: Sequence[WaitingSignup]) -> None:
        first = ones[0].signup
        known = self._find_known(first.address)
        asks = any(not _is_active(known.get(one.signup.newsletter_id)) for one in ones)
        if first.address in self._suppressed:
            self._drop(ones)
        elif first.address in self._being_erased:
            self._hold(ones, self._now + _SETTLES_IN)
        elif not asks:
            self._remind(ones, known)
        elif (turn := self._turns[first.address]) is Asking.NEVER:
            self._drop(ones)
        elif turn is Asking.TOMORROW:
            self._hold(ones, self._find_tomorrow())
        elif not self._hour.has_room(first):
            self._hold(ones, self._hour_at + timedelta(hours=1))
        else:
            self._ask(ones, known)

    def _find_known(self, address: str) -> Mapping[str, Reader]:
        found = subscribers.list_readers_at(self._connection, address)
        return {one.subscription.newsletter_id: one for one in found}

    def _ask(self, ones: Sequence[WaitingSignup], known: Mapping[str, Reader]) -> None:
        """Make them pending, as they choose now, and ask for all of them in one mail."""
        subscription_ids: list[int] = []
        for one in ones:
            reader = known.get(one.signup.newsletter_id)
            if not _is_active(reader):
                subscription_ids += self._make_pending(one.signup, reader)
        self._count(
            ones, ask_to_confirm(self._connection, self._register, subscription_ids, self._now)
        )

    def _make_pending(self, one: Signup, reader: Reader | None) -> Sequence[int]:
        wanted = _compose(one)
        if reader is not None:
            subscription_id = reader.subscription.subscription_id
            renew_subscription(self._connection, subscription_id, wanted)
            return [subscription_id]
        open_newsletter(self._connection, one.newsletter_id, self._now)
        added, _ = add_subscriptions(self._connection, [wanted], self._now)
        return added

    def _remind(self, ones: Sequence[WaitingSignup], known: Mapping[str, Reader]) -> None:
        """Tell a reader that nothing changed; one who was asked to wait has confirmed since."""
        first = ones[0]
        reader = known[first.signup.newsletter_id]
        days = self._reminded.get(first.signup.address, ())
        may = may_remind(days, find_day(self._register, self._now))
        if first.is_held or not may or not self._hour.has_room(first.signup):
            self._drop(ones)
            return
        notice = self._compose_reminder(reader)
        batch_id = plan_notice(self._connection, self._register, notice, self._now)
        self._count(ones, [] if batch_id is None else [batch_id])

    def _compose_reminder(self, reader: Reader) -> Notice:
        one, register = reader.subscription, self._register
        rendered = register.renderer.render_notice(
            REMINDER,
            one.language,
            {
                **name_sender(register),
                "newsletter": register.find_newsletter(one.newsletter_id).title,
                "url": write_link(
                    register, "preferences", Purpose.PREFERENCES, one.subscription_id
                ),
            },
        )
        return Notice(
            purpose=REMINDER,
            topic=one.newsletter_id,
            address=reader.subscriber.address or "",
            day=find_day(register, self._now),
            rendered=rendered,
        )

    def _count(self, ones: Sequence[WaitingSignup], batch_ids: Sequence[int]) -> None:
        for _ in batch_ids:
            self._hour.take(ones[0].signup)
        self.batch_ids += batch_ids
        self._drop(ones)

    def _find_tomorrow(self) -> datetime:
        zone = self._register.publication.zone
        day = find_day(self._register, self._now) + timedelta(days=1)
        return datetime.combine(day, time(), zone)

    def _hold(self, ones: Sequence[WaitingSignup], until: datetime) -> None:
        ids = [one.signup_id for one in ones]
        signups.hold_signups(self._connection, ids, until)
        self.held += ids

    def _drop(self, ones: Sequence[WaitingSignup]) -> None:
        signups.drop_signups(self._connection, [one.signup_id for one in ones])


def _group(waiting: Iterable[WaitingSignup]) -> dict[str, list[WaitingSignup]]:
    groups: dict[str, list[WaitingSignup]] = {}
    for one in waiting:
        groups.setdefault(one.signup.address, []).append(one)
    return groups


def _is_active(reader: Reader | None) -> bool:
    return reader is not None and reader.subscription.state is SubscriptionState.ACTIVE


def _compose(one: Signup) -> NewSubscription:
    return NewSubscription(
        address=one.address,
        name="",
        newsletter_id=one.newsletter_id,
        state=SubscriptionState.PENDING,
        cadence=one.cadence,
        language=one.language,
        consent=one.consent,
        topics=one.topics,
        send_hour=one.send_hour,
    )
