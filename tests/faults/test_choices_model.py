"""Readers change their minds between editions in any order: no post comes twice, none is lost.

The model knows nothing of the store: it follows the rules of who gets what, reader by reader.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from service.audience.tokens import KeyRing, Purpose, SigningKey, sign_link
from service.delivery.drafted import Drafted, ReadHtml
from service.delivery.envelope import Letterhead
from service.delivery.mailbag import Mailbag
from service.delivery.press import Press
from service.delivery.send import send_batch
from service.editions.render import MailRenderer
from service.membership import Choice, Choices, Register, choose, leave_everything
from service.model.edition import Candidate, Edition
from service.model.newsletter import Approval, Cadence
from service.model.publication import Publication, Sender
from service.sending import open_due_editions
from service.store import claims
from service.store.choices import AWAY_FOR
from service.store.database import Database
from service.store.holds import hold_post
from service.store.installation import open_installation
from service.store.tables import deliveries, editions, variants
from tests.fakes.emptying import empty_database
from tests.fakes.provider import ProgrammedProvider
from tests.fakes.world import (
    NOON,
    WEEKLY,
    HandClock,
    add_news,
    add_readers,
    draft_plainly,
    number_readers,
    wake_nobody,
)

READERS = 2
EXAMPLES = 300 if os.environ.get("KAWARABAN_FAULTS") == "whole" else 30
KEYS = KeyRing(SigningKey("k1", b"one secret"))
SENDER = Sender("編集部", "news@example.jp", "news@example.jp", "東京都", "https://example.jp/c")
PUBLICATION = Publication(
    "新聞", "https://example.jp", "https://mail.example.jp", "", "ja", "Asia/Tokyo", ""
)
# Drafts are made ahead, so that choices change between a draft and its freeze.
NEWSLETTER = replace(
    WEEKLY,
    approval=Approval.NOTICE,
    notice_for=timedelta(hours=30),
    overdue_after=timedelta(days=90),
)
RENDERER = MailRenderer(Path(__file__).parents[2] / "templates" / "email")
who = st.integers(0, READERS - 1)
manner = st.one_of(
    st.fixed_dictionaries({"topics": st.sampled_from([(), ("odd",), ("even",), ("ODD", "even")])}),
    st.fixed_dictionaries(
        {
            "send_hour": st.sampled_from([None, 0, 9, 23]),
            "timezone": st.sampled_from([None, "UTC"]),
        }
    ),
)


class PlainPress(Press):
    """A press whose mails name their posts, all of them."""

    def draft(
        self,
        edition: Edition,
        candidates: Sequence[Candidate],
        language: str,
        read_html: ReadHtml,
    ) -> Drafted | None:
        return draft_plainly(edition, candidates, language) if candidates else None


@dataclass
class Person:
    """What is promised to one reader; `reached` is the highest number they were served through."""

    cadence: Cadence = Cadence.WEEKLY
    topics: tuple[str, ...] = ()
    send_hour: int | None = None
    timezone: str | None = None
    is_on: bool = True
    paused_until: datetime | None = None
    reached: int = 0
    left_at: datetime = NOON


@dataclass(frozen=True)
class Planned:
    """A mail that waits to be sent: whose, and where they were before it."""

    who: int
    mark: int
    reached: int


class Choosing(RuleBasedStateMachine):
    """A newsletter in all cadences, and readers who choose anew at any time."""

    is_open = False
    database: Database

    @initialize()
    def open(self) -> None:
        self.is_open = True
        empty_database(self.database)
        open_installation(self.database)
        self.ids = add_readers(self.database, number_readers(READERS))
        self.clock = HandClock()
        self.provider = ProgrammedProvider()
        self.bag = Mailbag(self.provider, Letterhead(SENDER, PUBLICATION.service_url, KEYS, "inst"))
        newsletters = {"weekly": NEWSLETTER}
        self.press = PlainPress(
            publication=PUBLICATION,
            sender=SENDER,
            newsletters=newsletters,
            renderer=RENDERER,
            capabilities=self.provider.capabilities,
            account="fake",
            installation="inst",
            category_url=str,
            wake=wake_nobody,
        )
        self.register = Register(
            publication=PUBLICATION,
            sender=SENDER,
            newsletters=newsletters,
            key_ring=KEYS,
            renderer=RENDERER,
            account="fake",
            installation="inst",
            wake=wake_nobody,
        )
        self.people = [Person() for _ in range(READERS)]
        self.posts: list[int] = []
        self.held: set[int] = set()
        self.marks: list[tuple[Cadence, datetime, int]] = []
        self.planned: list[Planned] = []

    @rule(which=st.integers(0, 2))
    def hold(self, which: int) -> None:
        """An editor holds one of the latest posts, for good."""
        if number := max(0, len(self.posts) - which):
            self.held.add(number)
            with self.database.writing() as connection:
                hold_post(connection, self.posts[number - 1], "no")

    @rule(count=st.integers(0, 2), hours=st.sampled_from([1, 6, 24, 30]))
    def live_on(self, count: int, hours: int) -> None:
        """Posts appear, and time passes."""
        first = len(self.posts) + 1
        if count:
            self.posts += add_news(self.database, *range(first, first + count))
        self.clock.advance(hours=hours)
        for edition in open_due_editions(self.database, self.press, self.clock()).frozen:
            self._compare(edition)

    @rule(count=st.integers(1, 2), days=st.sampled_from([4, 7, 40]))
    def live_long(self, count: int, days: int) -> None:
        self.live_on(count, 24 * days)

    @rule()
    def send(self) -> None:
        """Everything leaves that may; who left is not written to, and is where they were."""
        with self.database.reading() as connection:
            due = claims.list_due_batches(connection, self.clock(), 100)
        for batch_id in due:
            ids = self._list_members(batch_id)
            send_batch(self.database, self.bag, batch_id, self.clock)
            for one in [one for one in self.planned if (one.who, one.mark) in ids]:
                self.planned.remove(one)
                person = self.people[one.who]
                if not person.is_on and person.reached == one.mark:
                    person.reached = one.reached

    @rule(who=who, cadence=st.sampled_from(list(Cadence)))
    def change_cadence(self, who: int, cadence: Cadence) -> None:
        self.people[who].cadence = cadence
        self._choose(who)

    @rule(who=who, change=manner)
    def change_manner(self, who: int, change: Mapping[str, Any]) -> None:
        for name, value in change.items():
            setattr(self.people[who], name, value)
        self._choose(who)

    @rule(who=who, days=st.sampled_from([0, 1, 10]))
    def pause(self, who: int, days: int) -> None:
        until = self.clock() + timedelta(days=days) if days else None
        self.people[who].paused_until = until
        self._choose(who)

    @rule(who=who, everything=st.booleans())
    def leave_or_come_back(self, who: int, everything: bool) -> None:
        person = self.people[who]
        person.is_on = not person.is_on
        if person.is_on:
            self._catch_up(person)
            self._choose(who)
            return
        person.left_at = self.clock()
        if everything:
            leave_everything(self.database, self.register, self._sign(who), self.clock())
        else:
            self._choose(who)

    @invariant()
    def nobody_gets_a_post_twice(self) -> None:
        if self.is_open:
            counted = Counter(
                (address, title)
                for address, titles in self.provider.mail
                for title in titles.split("、")
            )
            assert set(counted.values()) <= {1}, counted

    def _catch_up(self, person: Person) -> None:
        """Who comes back is where they would be if they had paused; after long, at the present."""
        if self.clock() - person.left_at > AWAY_FOR:
            person.reached = len(self.posts)
        missed = [
            mark
            for cadence, at, mark in self.marks
            if cadence is person.cadence and at >= person.left_at
        ]
        person.reached = max([person.reached, *missed])

    def _choose(self, who: int) -> None:
        # No two things happen at the same time.
        self.clock.advance(minutes=1)
        one = self.people[who]
        choice = Choice(one.is_on, one.cadence, one.topics, "ja", one.send_hour)
        choices = Choices({"weekly": choice}, one.timezone, one.paused_until)
        choose(self.database, self.register, self._sign(who), choices, {}, self.clock())

    def _sign(self, who: int) -> str:
        return sign_link(KEYS.current, Purpose.PREFERENCES, f"s{self.ids[who]}")

    def _compare(self, edition: Edition) -> None:
        """Everybody got what they chose of what was new to them, and is served through it."""
        assert edition.cadence is not None
        got = self._list_got(edition)
        for who, person in enumerate(self.people):
            if not person.is_on or person.cadence is not edition.cadence:
                assert who not in got
                continue
            paused = person.paused_until is not None and person.paused_until > self.clock()
            wanted = {
                number
                for number in range(person.reached + 1, edition.mark + 1)
                if number not in self.held and _matches(number, person.topics)
            }
            assert got.get(who, set()) == (set() if paused else wanted)
            if who in got:
                self.planned.append(Planned(who, edition.mark, person.reached))
            person.reached = max(person.reached, edition.mark)
        self.marks.append((edition.cadence, self.clock(), edition.mark))

    def _list_got(self, edition: Edition) -> dict[int, set[int]]:
        query = (
            select(deliveries.c.subscription_id, variants.c.post_ids)
            .join(variants, variants.c.variant_id == deliveries.c.variant_id)
            .where(deliveries.c.edition_id == edition.edition_id)
        )
        with self.database.reading() as connection:
            return {
                self.ids.index(row.subscription_id): {
                    self.posts.index(post_id) + 1 for post_id in row.post_ids
                }
                for row in connection.execute(query)
            }

    def _list_members(self, batch_id: int) -> set[tuple[int, int]]:
        query = (
            select(deliveries.c.subscription_id, editions.c.mark)
            .join(editions, editions.c.edition_id == deliveries.c.edition_id)
            .where(deliveries.c.batch_id == batch_id)
        )
        with self.database.reading() as connection:
            found = connection.execute(query).all()
        return {(self.ids.index(row.subscription_id), row.mark) for row in found}


def _matches(number: int, topics: tuple[str, ...]) -> bool:
    return not topics or ("odd" if number % 2 else "even") in {one.lower() for one in topics}


def test_whatever_readers_choose_no_post_comes_twice_and_none_is_lost(
    sqlite: Database,
) -> None:
    class Bound(Choosing):
        database = sqlite

    run_state_machine_as_test(
        Bound,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=40,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
