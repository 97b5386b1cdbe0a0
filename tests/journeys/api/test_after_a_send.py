"""The API after an edition was sent: mails, posts, readers, sign-ups, accounts and feeds.

One house for all of them: no test takes away what another looks at.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from service.model.newsletter import Cadence
from service.model.signup import Signup
from service.model.subscriber import Consent
from service.store.accounts import open_account, pause_account
from service.store.signups import keep_signups
from service.store.tables import posts
from tests.fakes.house import MONDAY, House
from tests.fakes.programs import Program, open_api
from tests.journeys.api.conftest import build_house

THREE = ["c@example.com", "b@example.com", "a@example.com"]


@pytest.fixture(scope="module")
def house(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Monday's edition went to three readers, and one of its posts was changed since."""
    for house in build_house(migrated_file, tmp_path_factory.mktemp("sent")):
        with open_api(house) as api:
            api.meet().do("POST", "/editions/1/approve", {})
        house.tick(MONDAY)
        house.write("n1", MONDAY - timedelta(days=2, hours=23), title="訂正版", body="短くなった。")
        house.tick(MONDAY + timedelta(hours=1))
        yield house


@pytest.fixture(scope="module")
def program(house: House) -> Iterator[Program]:
    with open_api(house) as api:
        yield api.meet()


def list_last_actions(program: Program, count: int) -> list[str]:
    """The last things that were done, the newest first, and no address among them."""
    log = program.get("/audit", limit=count)["items"]
    assert "@" not in str(log)
    return [one["action"] for one in log]


def test_a_mail_is_shown_as_it_would_arrive_and_opens_nobodys_door(program: Program) -> None:
    mail = program.get("/editions/1/variants/1")
    assert "\nList-Unsubscribe: <http" in mail["headers"]
    assert "\r" not in mail["headers"]
    assert "/unsubscribe/" in mail["text"]
    assert "/preferences/" in mail["html"]


def test_a_post_tells_where_it_stands_and_what_was_changed_since_it_was_mailed(
    program: Program, house: House
) -> None:
    same = program.get(f"/posts/{house.find_post_id('n2')}/changes")
    assert (same["edition"], same["is_changed"], same["diff"]) == (1, False, "")
    number = house.find_post_id("n1")
    changes = program.get(f"/posts/{number}/changes")
    assert (changes["edition"], changes["is_changed"]) == (1, True)
    assert "{+短くなった。+}" in changes["diff"]
    assert program.get(f"/posts/{number}/text")["text"] == "短くなった。"
    story = program.get(f"/posts/{number}/story")
    (weekly,) = story["newsletters"]
    assert (weekly["verdict"], weekly["editions"][0]["accepted"]) == ("news", 3)
    assert any(one["is_shown"] for one in story["feeds"])
    assert program.ask("GET", "/posts/4711/changes").status_code == 404


def test_posts_that_came_at_once_are_released_together(program: Program, house: House) -> None:
    with house.app.works.database.writing() as connection:
        connection.execute(update(posts).values(hold="mass"))
    held = program.get("/posts", hold="mass")["items"]
    seen_at = held[0]["first_seen_at"]
    together = [one["post"] for one in held if one["first_seen_at"] == seen_at]
    released = program.do("POST", "/posts/release-mass", {"seen_at": seen_at, "note": "seen"})
    assert sorted(released["posts"]) == sorted(together)
    assert 0 < len(together) < len(held)
    assert list_last_actions(program, 1) == ["post.release_mass"]


def test_all_readers_are_listed_found_and_taken_out(program: Program) -> None:
    first = program.get("/subscribers", limit=2, newsletter="weekly", state="active")
    rest = program.get("/subscribers", limit=2, state="active", cursor=first["next"])
    found = [one["address"] for one in (*first["items"], *rest["items"])]
    assert (found, rest["next"]) == (THREE, None)
    by_domain = program.do("POST", "/subscribers/search-many", {"beginning": "@EXAM", "limit": 2})
    assert [one["subscriber"] for one in by_domain["items"]] == [1, 2]
    assert by_domain["has_more"]
    (one,) = program.do("POST", "/subscribers/search-many", {"beginning": "b@"})["items"]
    weekly = {"newsletter": "weekly", "state": "active", "cadence": "weekly"}
    assert one["subscriptions"] == [weekly]
    sheet = program.ask("POST", "/subscribers/export")
    assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
    assert sheet.headers["cache-control"] == "private, no-store"
    assert sheet.text.startswith("email,name,newsletter,")
    document = program.do("POST", "/subscribers/export?format=json&newsletter=weekly")
    addresses = {one["address"] for one in document["subscriptions"]}
    assert addresses.issuperset(THREE)
    assert all(one in sheet.text for one in addresses)
    assert program.ask("POST", "/subscribers/export?newsletter=nothing").status_code == 422
    assert list_last_actions(program, 2) == ["readers.export", "readers.export"]


def test_an_editors_work_for_one_reader_is_done_and_written_down(program: Program) -> None:
    (edition,) = program.get("/subscribers/1/editions")["items"]
    assert (edition["delivery"], edition["posts"]) == ("accepted", 6)
    assert edition["why"] == "6 stories, chosen from everything"
    assert "/preferences/" in program.do("POST", "/subscribers/1/link")["url"]
    asked = {"address": "new@example.net", "newsletter": "weekly"}
    new = program.do("POST", "/subscribers", asked)["subscriber"]
    again = program.ask("POST", f"/subscribers/{new}/ask-again")
    assert again.status_code == 409, "they were asked today"
    weekly = f"/subscribers/{new}/newsletters/weekly"
    assert program.do("DELETE", weekly)["subscriptions"][0]["state"] == "unsubscribed"
    assert program.ask("DELETE", weekly).status_code == 404
    assert list_last_actions(program, 3) == ["reader.remove", "reader.add", "reader.link"]


def test_sign_ups_that_wait_are_counted_let_go_and_dropped(program: Program, house: House) -> None:
    consent = Consent("form", "yes", house.clock())
    for domain in ("one.example", "two.example"):
        one = Signup(f"new@{domain}", "weekly", Cadence.WEEKLY, (), "ja", None, consent, "")
        with house.app.works.database.writing() as connection:
            keep_signups(connection, [one], "")
    waiting = program.get("/signups")
    assert [one["domain"] for one in waiting["domains"]] == ["one.example", "two.example"]
    let_go = program.do("POST", "/signups/let-go", {"domain": "One.example"})
    assert let_go == {"mails": 1, "held": 0}
    pending = program.get("/subscribers", state="pending", limit=1)["items"]
    assert [one["address"] for one in pending] == ["new@one.example"]
    assert program.do("POST", "/signups/drop", {"domain": "two.example"}) == {"dropped": 1}
    assert program.get("/signups")["domains"] == []
    assert list_last_actions(program, 2) == ["signups.drop", "signups.let_go"]


def test_a_paused_account_is_told_of_and_let_go_on(program: Program, house: House) -> None:
    with house.app.works.database.writing() as connection:
        open_account(connection, "outbox")
        pause_account(connection, "outbox", "it refuses everything", house.clock())
    (account,) = program.get("/accounts")
    assert (account["is_used"], account["paused_reason"]) == (True, "it refuses everything")
    assert program.do("POST", "/accounts/resume", {"account": "outbox"})["paused_at"] is None
    assert program.ask("POST", "/accounts/resume", json={"account": "x"}).status_code == 404


def test_a_newsletter_says_how_it_grew(program: Program) -> None:
    found = program.get("/newsletters/weekly/readership", days=7)
    assert {"state": "active", "cadence": "weekly", "readers": 3} in found["counts"]
    assert [one["confirmed"] for one in found["growth"]] == [0, 0, 0, 3, 0, 0, 0]
    assert program.ask("GET", "/newsletters/nothing/readership").status_code == 404


def test_feeds_say_what_keeps_them_from_being_read(program: Program) -> None:
    assert program.get("/feeds/remarks") == {
        "is_https": False,
        "is_published": True,
        "empty": [],
        "unmatched": [],
        "left_out": [],
    }
    assert program.get("/hubs") == []
