"""Two of everything at once: freezes, sends by hand, clocks; nobody gets a post twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from service.audience.fresh_links import sign_fresh_link
from service.audience.tokens import Purpose
from service.delivery.by_hand import ByHand
from service.delivery.inspecting import list_faults
from service.engine.works import deliver_due
from service.membership import Moved, confirm_new_address, erase_reader
from service.model.edition import Edition
from service.model.editor import COMMAND
from service.sending import freeze_due_editions, open_due_editions, send_by_hand
from service.store.address_changes import ask_for_change
from service.store.subscribers import find_subscriber_ids
from service.store.tables import subscribers, subscriptions
from tests.fakes.house import MONDAY, WEEKLY, House

DAY, WEEK = timedelta(days=1), timedelta(days=7)
READERS = [f"reader{number}@example.com" for number in range(24)]


@pytest.fixture
def houses(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[House]]:
    """One site with news for the next Monday, as two processes have it open."""
    # Many stretches, so that two freezes take turns.
    monkeypatch.setattr("service.delivery.lineup._SPAN", 2)
    houses = [House(tmp_path, WEEKLY, environment) for _ in range(2)]
    first = houses[0]
    first.write("old", MONDAY - 3 * DAY)
    first.tick(MONDAY - timedelta(hours=1))
    first.add_readers(*READERS)
    for number, name in enumerate(("one", "two"), 1):
        first.clock.now = MONDAY + number * DAY
        first.write(name, first.clock.now)
    first.tick(MONDAY + 3 * DAY)
    yield houses
    for house in houses:
        house.app.close()


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do all of it at the same moment; what each came to."""
    start = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(at: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            results[at] = act()
        except Exception as error:  # noqa: BLE001  (what it raised is what it came to)
            results[at] = error

    threads = [threading.Thread(target=run, args=one) for one in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def send(house: House, key: str, *names: str) -> Callable[[], Edition]:
    asked = ByHand("weekly", key, posts=tuple(f"{name}.md" for name in names))
    works = house.app.works
    return lambda: send_by_hand(works.database, works.press, asked, MONDAY + WEEK, by=COMMAND)


def erase(house: House, address: str) -> Callable[[], bool]:
    works = house.app.works
    return lambda: erase_reader(works.database, works.register, address, MONDAY + WEEK, by=COMMAND)


def deliver_all(houses: Sequence[House]) -> None:
    """Both processes send what may leave, at once."""
    for house in houses:
        house.clock.now = MONDAY + WEEK
    results = at_once(*(lambda house=house: deliver_due(house.app.works) for house in houses))
    assert not [one for one in results if isinstance(one, Exception)]
    house = houses[0]
    for edition in house.list_editions():
        count = house.count(edition)
        assert count.adds_up
        assert count.is_settled
    with house.app.works.database.reading() as connection:
        assert list_faults(connection, house.clock.now) == []


def count_posts(house: House) -> Counter[tuple[str, str]]:
    """How often each reader got each post."""
    counted: Counter[tuple[str, str]] = Counter()
    for mail in house.list_mail():
        body = mail.get_body(("plain",))
        assert body is not None
        names = {
            name for name in ("one", "two") if f"https://example.jp/{name}" in body.get_content()
        }
        counted.update((str(mail["To"]).strip("<>"), name) for name in names)
    return counted


def test_two_sends_under_one_key_are_one_edition(houses: list[House]) -> None:
    first, second = at_once(send(houses[0], "same", "one"), send(houses[1], "same", "one"))
    assert isinstance(first, Edition)
    assert isinstance(second, Edition)
    assert first.edition_id == second.edition_id
    deliver_all(houses)
    assert count_posts(houses[0]) == dict.fromkeys(((one, "one") for one in READERS), 1)


def test_two_sends_of_one_post_without_a_key_bring_it_once(houses: list[House]) -> None:
    editions = at_once(send(houses[0], "random-1", "one"), send(houses[1], "random-2", "one"))
    assert not [one for one in editions if isinstance(one, Exception)]
    deliver_all(houses)
    assert count_posts(houses[0]) == dict.fromkeys(((one, "one") for one in READERS), 1)


@pytest.mark.parametrize("names", [("one",), ()], ids=["a post", "all news"])
def test_a_send_by_hand_at_the_moment_of_a_scheduled_freeze_brings_nothing_twice(
    houses: list[House], names: tuple[str, ...]
) -> None:
    by_schedule, by_hand = (house.app.works for house in houses)
    at = MONDAY + WEEK
    open_due_editions(by_schedule.database, by_schedule.press, at, may_leave=False)
    frozen, edition = at_once(
        lambda: freeze_due_editions(by_schedule.database, by_schedule.press, at),
        send(houses[1], "hand", *names),
    )
    assert not isinstance(frozen, Exception), frozen
    assert not isinstance(edition, Exception), edition
    deliver_all(houses)
    wanted = [(one, post) for one in READERS for post in ("one", "two")]
    assert count_posts(houses[0]) == dict.fromkeys(wanted, 1)
    with by_hand.database.reading() as connection:
        marks = connection.execute(select(subscriptions.c.served_through).distinct()).scalars()
        assert set(marks) == {2}


def test_who_is_erased_while_an_edition_is_planned_is_nowhere_and_gets_nothing(
    houses: list[House],
) -> None:
    gone = READERS[::3]
    edition, *erased = at_once(send(houses[0], "hand", "one"), *(erase(houses[1], a) for a in gone))
    assert isinstance(edition, Edition), edition
    assert erased == [True] * len(gone)
    deliver_all(houses)
    assert count_posts(houses[0]).keys() == {(one, "one") for one in READERS if one not in gone}
    with houses[0].app.works.database.reading() as connection:
        kept = connection.execute(select(subscribers.c.address)).scalars().all()
    assert Counter(kept) == Counter(
        [None] * len(gone) + [one for one in READERS if one not in gone]
    )


def test_two_imports_of_the_same_readers_bring_each_in_once(houses: list[House]) -> None:
    new = [f"new{number}@example.com" for number in range(40)]
    results = at_once(
        lambda: houses[0].add_readers(*new), lambda: houses[1].add_readers(*reversed(new))
    )
    assert results == [None, None]
    with houses[0].app.works.database.reading() as connection:
        query = select(subscribers.c.address).join(
            subscriptions, subscriptions.c.subscriber_id == subscribers.c.subscriber_id
        )
        counted = Counter(connection.execute(query).scalars())
    assert counted == Counter([*READERS, *new])


def ask_to_move(house: House, address: str, new: str) -> str:
    """A reader's wish to move; the link that the new address is mailed."""
    works, now = house.app.works, house.clock.now
    with works.database.writing() as connection:
        reader = find_subscriber_ids(connection, [address])[address]
        asked = ask_for_change(connection, reader, address, new, now)
    key = works.register.key_ring.current
    return sign_fresh_link(key, Purpose.NEW_ADDRESS, f"a{asked}", now)


def move(house: House, link: str) -> Callable[[], Moved]:
    works, now = house.app.works, house.clock.now
    return lambda: confirm_new_address(works.database, works.register, link, now)


def test_two_readers_who_take_one_address_at_once_are_one_who_has_it_and_one_who_is_told(
    houses: list[House],
) -> None:
    houses[1].clock.now = houses[0].clock.now
    for number in range(0, len(READERS), 2):
        new = f"moved{number}@example.com"
        links = [ask_to_move(houses[0], one, new) for one in READERS[number : number + 2]]
        moved = at_once(*(move(*one) for one in zip(houses, links, strict=True)))
        assert sorted(map(str, moved)) == [Moved.DONE, Moved.TAKEN]


def test_a_change_that_is_confirmed_twice_at_once_is_confirmed_once(houses: list[House]) -> None:
    houses[1].clock.now = houses[0].clock.now
    for number, address in enumerate(READERS[:12]):
        link = ask_to_move(houses[0], address, f"moved{number}@example.com")
        assert at_once(*(move(house, link) for house in houses)) == [Moved.DONE, Moved.DONE]
