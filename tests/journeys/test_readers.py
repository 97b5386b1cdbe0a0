from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from service.delivery.by_hand import ByHand
from service.engine.works import deliver_due, run_pass
from service.errors import NotAllowedError
from service.membership import erase_reader, remove_reader
from service.model.edition import EditionState
from service.model.editor import COMMAND
from service.model.newsletter import Cadence
from service.model.subscriber import SuppressionReason
from service.sending import (
    approve_edition,
    cancel_edition,
    pause_edition,
    resume_edition,
    send_by_hand,
)
from service.store.holds import hold_post, release_post
from service.store.posts import find_post
from service.store.suppressions import Suppression, add_suppression, remove_suppression
from service.store.tables import subscribers, subscriptions
from tests.fakes.house import MONDAY, WEEKLY, House

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
A, B = "a@example.com", "b@example.com"
EVERY = (
    'cadences = ["each", "daily", "weekly"]\ndefault_cadence = "weekly"\n'
    'weekday = "mon"\nsend_at = "08:00"\ntopics = ["AI", "宇宙"]\n'
)


@pytest.fixture
def busy(open_house: Callable[[str], House]) -> House:
    """A newsletter with three cadences and two topics, past its first tick."""
    house = open_house(EVERY)
    house.tick(MONDAY - timedelta(hours=1))
    return house


def publish(house: House, name: str, days: float, front: str = "") -> None:
    at = MONDAY + days * DAY
    house.clock.now = at
    house.write(name, at, front=front)
    house.tick(at + timedelta(minutes=1))
    house.tick(at + timedelta(minutes=20))


def change(house: House, address: str, **values: object) -> None:
    with house.app.works.database.writing() as connection:
        query = subscribers.c.address == address
        connection.execute(
            update(subscriptions)
            .where(subscriptions.c.subscriber_id == subscribers.c.subscriber_id, query)
            .values(**values)
        )


def open_without_sending(house: House) -> int:
    house.clock.now = MONDAY + WEEK
    [edition] = run_pass(house.app.works, MONDAY + WEEK).opened.frozen
    return edition.edition_id


def test_each_sends_one_mail_for_every_post(busy: House) -> None:
    busy.add_readers(A, cadence=Cadence.EACH)
    for number in range(3):
        publish(busy, f"post{number}", 1 + number)
    assert busy.count_mail() == {A: 3}
    assert sorted(busy.read_posts(A)) == ["post0", "post1", "post2"]


def test_two_posts_at_once_are_two_mails_for_each(busy: House) -> None:
    busy.add_readers(A, cadence=Cadence.EACH)
    busy.clock.now = MONDAY + DAY
    busy.write("one", MONDAY + DAY)
    busy.write("two", MONDAY + DAY)
    busy.tick(MONDAY + DAY + timedelta(minutes=20))
    assert busy.count_mail() == {A: 2}
    assert sorted(busy.read_posts(A)) == ["one", "two"]


def test_changing_the_cadence_neither_repeats_nor_loses(busy: House) -> None:
    busy.add_readers(A, cadence=Cadence.WEEKLY)
    publish(busy, "one", 1)
    change(busy, A, cadence=Cadence.DAILY)
    publish(busy, "two", 2)
    busy.tick(MONDAY + 3 * DAY)
    change(busy, A, cadence=Cadence.EACH)
    publish(busy, "three", 4)
    change(busy, A, cadence=Cadence.WEEKLY)
    publish(busy, "four", 5)
    busy.tick(MONDAY + WEEK)
    assert sorted(busy.read_posts(A)) == ["four", "one", "three", "two"]


def test_topics_choose_and_who_chose_none_gets_all(busy: House) -> None:
    busy.add_readers(A, topics=("AI",))
    busy.add_readers(B)
    publish(busy, "ai", 1, front="tags: [AI]\n")
    publish(busy, "moon", 2, front="tags: [宇宙]\n")
    busy.tick(MONDAY + WEEK)
    assert busy.read_posts(A) == ["ai"]
    assert sorted(busy.read_posts(B)) == ["ai", "moon"]


def test_nobody_gets_an_empty_digest(busy: House) -> None:
    busy.add_readers(A, topics=("AI",))
    publish(busy, "moon", 2, front="tags: [宇宙]\n")
    busy.tick(MONDAY + WEEK)
    assert busy.count_mail() == {}


def test_a_reader_who_pauses_skips_what_came_meanwhile(house: House) -> None:
    with house.app.works.database.writing() as connection:
        until = MONDAY + WEEK + DAY
        chosen = subscribers.c.address == A
        connection.execute(update(subscribers).where(chosen).values(paused_until=until))
    publish(house, "one", 1)
    house.tick(MONDAY + WEEK)
    publish(house, "two", 9)
    house.tick(MONDAY + 2 * WEEK)
    assert house.read_posts(A) == ["two"]
    assert sorted(house.read_posts(B)) == ["one", "two"]


def test_who_leaves_between_plan_and_claim_gets_nothing(house: House) -> None:
    publish(house, "one", 1)
    open_without_sending(house)
    remove_reader(house.app.works.database, A, MONDAY + WEEK, by=COMMAND)
    deliver_due(house.app.works)
    assert house.count_mail() == {B: 1}
    assert house.count(house.list_editions()[-1]).suppressed == 1


def test_who_is_suppressed_meanwhile_gets_the_posts_once_that_is_lifted(house: House) -> None:
    publish(house, "one", 1)
    open_without_sending(house)
    database, reason = house.app.works.database, SuppressionReason.MANUAL
    with database.writing() as connection:
        add_suppression(connection, Suppression(A, None, reason, "", MONDAY))
    deliver_due(house.app.works)
    with database.writing() as connection:
        remove_suppression(connection, A)
    publish(house, "two", 9)
    house.tick(MONDAY + 2 * WEEK)
    assert sorted(house.read_posts(A)) == ["one", "two"]
    assert sorted(house.read_posts(B)) == ["one", "two"]


def test_who_is_erased_meanwhile_gets_nothing(house: House) -> None:
    publish(house, "one", 1)
    open_without_sending(house)
    works = house.app.works
    assert erase_reader(works.database, works.register, A, MONDAY + WEEK, by=COMMAND)
    deliver_due(works)
    assert house.count_mail() == {B: 1}


def test_what_a_cancelled_edition_did_not_bring_comes_with_the_next(house: House) -> None:
    publish(house, "one", 1)
    edition_id = open_without_sending(house)
    _, cancelled = cancel_edition(
        house.app.works.database, edition_id, "a mistake", house.clock.now, by=COMMAND
    )
    deliver_due(house.app.works)
    assert (cancelled, house.count_mail()) == (2, {})
    publish(house, "two", 9)
    house.tick(MONDAY + 2 * WEEK)
    assert sorted(house.read_posts(A)) == ["one", "two"]


def test_a_paused_edition_waits_and_goes_on(house: House) -> None:
    publish(house, "one", 1)
    edition_id = open_without_sending(house)
    pause_edition(house.app.works.database, edition_id, "wait", house.clock.now, by=COMMAND)
    deliver_due(house.app.works)
    assert house.count_mail() == {}
    resume_edition(
        house.app.works.database,
        house.app.works.press.wake,
        edition_id,
        house.clock.now,
        by=COMMAND,
    )
    deliver_due(house.app.works)
    assert house.count_mail() == {A: 1, B: 1}


def test_an_edition_that_needs_approval_waits_for_it(open_house: Callable[[str], House]) -> None:
    house = open_house(WEEKLY + 'approval = "required"\n')
    house.tick(MONDAY - timedelta(hours=1))
    house.add_readers(A)
    publish(house, "one", 1)
    house.tick(MONDAY + WEEK)
    house.tick(MONDAY + WEEK + timedelta(hours=3))
    assert house.count_mail() == {}
    edition = house.list_editions()[-1]
    approve_edition(house.app.works.database, edition.edition_id, house.clock.now, by=COMMAND)
    house.tick(MONDAY + WEEK + timedelta(hours=4))
    assert house.count_mail() == {A: 1}


def test_a_post_held_after_the_draft_is_left_out_and_comes_when_released(
    open_house: Callable[[str], House],
) -> None:
    house = open_house(WEEKLY + 'approval = "required"\n')
    house.tick(MONDAY - timedelta(hours=1))
    house.add_readers(A)
    publish(house, "one", 1)
    publish(house, "two", 2)
    house.tick(MONDAY + WEEK)
    with house.app.works.database.writing() as connection:
        post = find_post(connection, "two.md")
        assert post is not None
        hold_post(connection, post.post_id, "look again")
    edition = house.list_editions()[-1]
    approve_edition(house.app.works.database, edition.edition_id, house.clock.now, by=COMMAND)
    house.tick(MONDAY + WEEK + timedelta(hours=1))
    assert house.read_posts(A) == ["one"]
    with house.app.works.database.writing() as connection:
        release_post(connection, post.post_id, "fine", house.clock.now)
    house.tick(MONDAY + WEEK + 2 * DAY)
    house.tick(MONDAY + 2 * WEEK)
    approve_edition(
        house.app.works.database, house.list_editions()[-1].edition_id, house.clock.now, by=COMMAND
    )
    house.tick(MONDAY + 2 * WEEK + timedelta(hours=1))
    assert house.read_posts(A) == ["one", "two"]


def send(house: House, key: str, *names: str) -> EditionState:
    asked = ByHand("weekly", key, posts=tuple(f"{name}.md" for name in names))
    edition = send_by_hand(
        house.app.works.database, house.app.works.press, asked, house.clock.now, by=COMMAND
    )
    deliver_due(house.app.works)
    return edition.state


def test_an_edition_by_hand_goes_once_and_leaves_out_who_has_it_all(house: House) -> None:
    publish(house, "one", 1)
    assert send(house, "first", "one") is EditionState.FROZEN
    send(house, "first", "one")
    assert house.count_mail() == {A: 1, B: 1}
    assert send(house, "second", "one") is EditionState.EMPTY
    house.add_readers("c@example.com")
    assert send(house, "third", "one") is EditionState.FROZEN
    assert house.count_mail() == {A: 1, B: 1, "c@example.com": 1}


def test_the_schedule_does_not_repeat_what_went_by_hand(house: House) -> None:
    publish(house, "one", 1)
    publish(house, "two", 2)
    send(house, "first", "one")
    house.tick(MONDAY + WEEK)
    assert house.read_posts(A) == ["one", "two"]


def test_an_edition_by_hand_refuses_a_held_post(house: House) -> None:
    publish(house, "one", 1)
    with house.app.works.database.writing() as connection:
        hold_post(connection, house.find_post_id("one"), "no")
    with pytest.raises(NotAllowedError, match="release it first"):
        send(house, "first", "one")


def test_an_edition_by_hand_without_posts_takes_what_is_new_to_each(house: House) -> None:
    publish(house, "one", 1)
    send(house, "first", "one")
    publish(house, "two", 2)
    assert send(house, "rest") is EditionState.FROZEN
    house.tick(MONDAY + WEEK)
    assert house.read_posts(A) == ["one", "two"]
    assert house.count_mail() == {A: 2, B: 2}
