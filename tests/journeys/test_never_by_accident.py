from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from service.engine.works import deliver_due, run_pass
from service.errors import SendHoldError
from service.model.edition import EditionState
from service.model.post import Hold
from service.store.holds import release_post
from service.store.posts import find_post, list_posts
from tests.fakes.house import MONDAY, WEEKLY, House

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
BOTH = {"a@example.com": 1, "b@example.com": 1}


def publish(house: House, *names: str, days: float = 1) -> None:
    """Posts written and dated so many days after the Monday, seen twice by the clock."""
    at = MONDAY + days * DAY
    house.clock.now = at
    for name in names:
        house.write(name, at)
    house.tick(at + timedelta(minutes=1))
    house.tick(at + timedelta(minutes=20))


def test_the_first_run_mails_nothing_that_was_there(house: House) -> None:
    house.tick(MONDAY)
    house.tick(MONDAY + WEEK)
    assert house.count_mail() == {}
    assert {edition.state for edition in house.list_editions()} == {EditionState.EMPTY}


def test_news_goes_to_everybody_once_and_another_tick_sends_nothing(house: House) -> None:
    publish(house, "new")
    for _ in range(3):
        house.tick(MONDAY + WEEK)
    assert house.count_mail() == BOTH
    assert house.read_posts("a@example.com") == ["new"]


def test_readers_brought_in_before_the_first_tick_get_what_comes_after_it(
    open_house: Callable[[str], House],
) -> None:
    house = open_house(WEEKLY)
    house.clock.now = MONDAY + 400 * DAY
    house.add_readers("a@example.com")
    house.tick(MONDAY - timedelta(hours=1))
    publish(house, "new")
    house.tick(MONDAY + WEEK)
    assert house.count_mail() == {"a@example.com": 1}


def test_a_clock_set_back_sends_nothing_again(house: House) -> None:
    publish(house, "new")
    house.tick(MONDAY + WEEK)
    for back in (timedelta(hours=2), 3 * DAY, WEEK, 30 * DAY):
        house.tick(MONDAY + WEEK - back)
    house.tick(MONDAY + WEEK)
    assert house.count_mail() == BOTH


def test_a_clock_that_ran_ahead_does_not_silence_the_newsletter(house: House) -> None:
    house.tick(MONDAY + 700 * DAY)
    publish(house, "new")
    house.tick(MONDAY + WEEK)
    assert house.count_mail() == BOTH


def test_after_a_few_hours_down_the_edition_still_goes(house: House) -> None:
    publish(house, "new")
    house.restart()
    house.tick(MONDAY + WEEK + timedelta(hours=9))
    assert house.count_mail() == BOTH


def test_after_weeks_down_one_merged_edition_waits_for_a_person(house: House) -> None:
    publish(house, "new")
    house.restart()
    house.tick(MONDAY + 3 * WEEK + 2 * DAY)
    assert house.count_mail() == {}
    states = [(edition.key, edition.state) for edition in house.list_editions()]
    assert states[-3:] == [
        ("2025-10-20", EditionState.MERGED),
        ("2025-10-27", EditionState.MERGED),
        ("2025-11-03", EditionState.HELD),
    ]
    house.tick(MONDAY + 4 * WEEK)
    house.tick(MONDAY + 4 * WEEK)
    assert house.count_mail() == BOTH


def test_two_ticks_at_once_make_one_edition(house: House) -> None:
    publish(house, "new")
    house.clock.now = MONDAY + WEEK
    failures: list[BaseException] = []

    def tick() -> None:
        try:
            run_pass(house.app.works, MONDAY + WEEK)
            deliver_due(house.app.works)
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=tick) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert house.count_mail() == BOTH
    keys = [edition.key for edition in house.list_editions()]
    assert len(keys) == len(set(keys))


def test_a_mailed_post_is_never_news_again(house: House) -> None:
    publish(house, "edited", "renamed", "redated", "returned")
    house.tick(MONDAY + WEEK)
    posts = house.site / "posts"
    house.clock.now = MONDAY + WEEK + DAY
    house.write("edited", MONDAY + DAY, title="まったく新しい題", body="書き直した本文です。" * 40)
    shutil.move(posts / "renamed.md", posts / "another-name.md")
    redated = (posts / "redated.md").read_text(encoding="utf-8")
    (posts / "redated.md").write_text(redated.replace("2025-10-14", "2025-10-21"), encoding="utf-8")
    kept = (posts / "returned.md").read_bytes()
    (posts / "returned.md").unlink()
    house.tick(MONDAY + WEEK + DAY)
    (posts / "returned.md").write_bytes(kept)
    house.tick(MONDAY + WEEK + 3 * DAY)
    house.tick(MONDAY + 2 * WEEK)
    assert house.count_mail() == BOTH
    assert sorted(house.read_posts("a@example.com")) == [
        "edited",
        "redated",
        "renamed",
        "returned",
    ]


def test_another_article_at_a_known_path_is_news(house: House) -> None:
    publish(house, "weekly-column")
    house.tick(MONDAY + WEEK)
    house.clock.now = MONDAY + WEEK + DAY
    house.write(
        "weekly-column",
        MONDAY + WEEK + DAY,
        title="別の記事",
        body="宇宙船が月の裏側に着陸し、乗組員は無事を報告した。" * 20,
    )
    house.tick(MONDAY + WEEK + 2 * DAY)
    house.tick(MONDAY + 2 * WEEK)
    assert house.count_mail() == {"a@example.com": 2, "b@example.com": 2}


def test_a_draft_published_later_is_news(house: House) -> None:
    house.write("draft", MONDAY + DAY, front="draft: true\n")
    house.tick(MONDAY + DAY)
    house.tick(MONDAY + WEEK)
    assert house.count_mail() == {}
    house.clock.now = MONDAY + WEEK + DAY
    house.write("draft", MONDAY + WEEK + DAY)
    house.tick(MONDAY + WEEK + 2 * DAY)
    house.tick(MONDAY + 2 * WEEK)
    assert house.count_mail() == BOTH


def test_a_scheduled_post_is_mailed_once_its_day_has_come(house: House) -> None:
    house.write("future", MONDAY + 9 * DAY)
    house.tick(MONDAY + DAY)
    house.tick(MONDAY + WEEK)
    assert house.count_mail() == {}
    house.tick(MONDAY + 2 * WEEK)
    assert house.read_posts("b@example.com") == ["future"]


def test_a_mass_import_is_held_until_somebody_releases_it(house: House) -> None:
    publish(house, *[f"import{number}" for number in range(26)])
    house.tick(MONDAY + WEEK)
    assert house.count_mail() == {}
    with house.app.works.database.writing() as connection:
        held = [post for post in list_posts(connection) if post.hold is Hold.MASS]
        for post in held:
            release_post(connection, post.post_id, "all of them are new", MONDAY + WEEK)
    assert len(held) == 26
    house.tick(MONDAY + 2 * WEEK)
    assert house.count_mail() == BOTH
    assert len(house.read_posts("a@example.com")) >= 15


def test_a_post_found_weeks_after_its_date_is_listed_and_not_mailed(house: House) -> None:
    house.clock.now = MONDAY + 20 * DAY
    house.write("late", MONDAY + DAY)
    house.tick(MONDAY + 20 * DAY)
    house.tick(MONDAY + 3 * WEEK)
    assert house.count_mail() == {}
    with house.app.works.database.writing() as connection:
        post = find_post(connection, "late.md")
        assert post is not None
        release_post(connection, post.post_id, "please", MONDAY + 3 * WEEK)
    house.tick(MONDAY + 4 * WEEK)
    assert house.count_mail() == BOTH


def test_a_post_deleted_or_held_before_its_edition_is_not_mailed(house: House) -> None:
    publish(house, "kept", "deleted")
    (house.site / "posts" / "deleted.md").unlink()
    house.tick(MONDAY + WEEK)
    assert house.read_posts("a@example.com") == ["kept"]


def test_a_copied_database_sends_nothing(house: House) -> None:
    if not house.app.works.database.is_sqlite:
        pytest.skip("a database on a server is not copied with its folder")
    publish(house, "new")
    house.app.close()
    database = house.site / "var" / "kawaraban.db"
    shutil.copy(database, house.site / "copy.db")
    (house.site / "copy.db").replace(database)
    house.app = house._build()
    with pytest.raises(SendHoldError, match="release-hold"):
        house.tick(MONDAY + WEEK)
    assert house.count_mail() == {}
