"""Readers at the desk: looked up, changed, erased, and hidden from those who only look."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from service.membership import sign_up
from service.model.editor import Role
from service.model.newsletter import Cadence
from service.model.signup import Signup
from service.model.subscriber import Consent, SubscriptionState
from service.store.audit import list_actions
from service.store.signups import hold_signups, list_signups_at
from service.store.subscribers import find_subscriber_ids, list_readers_at
from tests.fakes.desk import OpenDesk, Person
from tests.fakes.house import MONDAY

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def anna(desk: OpenDesk) -> Person:
    return desk.meet(Role.EDITOR)


def find_id(desk: OpenDesk, address: str) -> int:
    with desk.house.app.works.database.reading() as connection:
        return find_subscriber_ids(connection, [address])[address]


def list_states(desk: OpenDesk, address: str) -> list[SubscriptionState]:
    with desk.house.app.works.database.reading() as connection:
        return [one.subscription.state for one in list_readers_at(connection, address)]


def read_log(desk: OpenDesk) -> str:
    with desk.house.app.works.database.reading() as connection:
        return repr(list_actions(connection, before=None, limit=100))


def test_a_reader_is_found_by_the_beginning_of_their_address_and_by_no_url(
    desk: OpenDesk, anna: Person
) -> None:
    found = anna.press("/desk/readers/search", q="A@exam")
    assert ("a@example.com" in found.text, "b@example.com" in found.text) == (True, False)
    assert "b@example.com" in anna.press("/desk/readers/search", q="example.com").text
    assert anna.get("/desk/readers/search?q=a").status_code in {404, 405, 422}


def test_who_only_looks_sees_no_address_anywhere(desk: OpenDesk, anna: Person) -> None:
    desk.house.write("n1", MONDAY + timedelta(days=1))
    desk.house.tick(MONDAY + timedelta(days=7))
    reader = f"/desk/readers/{find_id(desk, 'a@example.com')}"
    viewer = desk.meet(Role.VIEWER)
    for path in ("/desk/readers", "/desk/readers?state=active", reader, f"{reader}/outlook"):
        page = viewer.get(path)
        assert page.status_code == 200, path
        assert "@example.com" not in page.text, path
        assert "@example.com" in anna.get(path).text, path
    for path in (
        f"{reader}/choices",
        f"{reader}/erase",
        "/desk/readers/suppressions",
        "/desk/readers/lists",
    ):
        assert viewer.get(path).status_code == 403
    assert viewer.press("/desk/readers/search", q="a").status_code == 403
    assert viewer.press("/desk/readers/export").status_code == 403


def test_a_history_says_why_each_edition_came_or_did_not(desk: OpenDesk, anna: Person) -> None:
    desk.house.write("n1", MONDAY + timedelta(days=1))
    desk.house.tick(MONDAY + timedelta(days=7))
    desk.house.add_readers("late@example.com")
    came = anna.get(f"/desk/readers/{find_id(desk, 'a@example.com')}").text
    missed = anna.get(f"/desk/readers/{find_id(desk, 'late@example.com')}").text
    assert "記事1本" in came
    assert "登録前に作られた号です。" in missed
    outlook = anna.get(f"/desk/readers/{find_id(desk, 'late@example.com')}/outlook").text
    assert "登録前、または以前のメールまでの記事です" in outlook


def test_choices_are_changed_as_on_the_readers_own_page(desk: OpenDesk, anna: Person) -> None:
    reader_id = find_id(desk, "a@example.com")
    path = f"/desk/readers/{reader_id}/choices"
    day = (desk.house.clock.now + timedelta(days=10)).date().isoformat()
    fields = {"hour-weekly": "6", "language-weekly": "en", "zone": "Europe/London", "pause": day}
    assert anna.press(path, **fields).status_code == 303
    with desk.house.app.works.database.reading() as connection:
        [one] = [each.subscription for each in list_readers_at(connection, "a@example.com")]
    chosen = (one.send_hour, one.language, one.timezone, one.state)
    assert chosen == (6, "en", "Europe/London", SubscriptionState.ACTIVE)
    assert "休止中です" in anna.get(f"/desk/readers/{reader_id}").text
    assert anna.press(path, pause="2001-01-01").status_code == 422


def test_a_reader_is_added_by_asking_them_or_by_somebodys_word(
    desk: OpenDesk, anna: Person
) -> None:
    asked = {"address": "new@example.com", "newsletter": "weekly", "name": EVIL, "manner": "ask"}
    assert anna.press("/desk/readers/add", **asked).status_code == 303
    assert list_states(desk, "new@example.com") == [SubscriptionState.PENDING]
    page = anna.get(f"/desk/readers/{find_id(desk, 'new@example.com')}").text
    assert (EVIL in page, "&lt;script&gt;" in page) == (False, True)
    vouched = {**asked, "address": "word@example.com", "manner": "vouched"}
    assert anna.press("/desk/readers/add", **vouched).status_code == 422
    assert anna.press("/desk/readers/add", **vouched, note="朗読会で署名").status_code == 303
    assert list_states(desk, "word@example.com") == [SubscriptionState.ACTIVE]
    page = anna.get(f"/desk/readers/{find_id(desk, 'word@example.com')}").text
    assert "朗読会で署名" in page


def test_nobody_is_asked_twice_a_day_to_confirm(desk: OpenDesk, anna: Person) -> None:
    asked = {"address": "new@example.com", "newsletter": "weekly", "manner": "ask"}
    anna.press("/desk/readers/add", **asked)
    path = f"/desk/readers/{find_id(desk, 'new@example.com')}/confirm"
    assert anna.press(path).status_code == 409
    desk.house.clock.advance(days=1)
    assert anna.press(path).status_code == 303


def test_who_left_comes_back_only_by_themselves(desk: OpenDesk, anna: Person) -> None:
    reader_id = find_id(desk, "a@example.com")
    assert anna.press(f"/desk/readers/{reader_id}/leave", newsletter="weekly").status_code == 303
    assert list_states(desk, "a@example.com") == [SubscriptionState.UNSUBSCRIBED]
    again = {"address": "a@example.com", "newsletter": "weekly", "manner": "ask"}
    assert anna.press("/desk/readers/add", **again).status_code == 409


def test_a_readers_own_link_is_shown_once_and_works(desk: OpenDesk, anna: Person) -> None:
    path = f"/desk/readers/{find_id(desk, 'a@example.com')}"
    shown = anna.press(f"{path}/link").text
    found = re.search(r"http://localhost:8000(/preferences/[^<]+)", shown)
    assert found is not None
    assert desk.meet(None).get(found[1]).status_code == 200
    assert "/preferences/" not in anna.get(path).text
    assert "/preferences/" not in read_log(desk)


def test_a_reader_is_erased_when_their_address_is_typed(desk: OpenDesk, anna: Person) -> None:
    path = f"/desk/readers/{find_id(desk, 'a@example.com')}"
    assert anna.press(f"{path}/erase", address="b@example.com").status_code == 422
    assert anna.get(path).status_code == 200
    assert anna.press(f"{path}/erase", address="A@Example.com").status_code == 303
    assert anna.get(path).status_code == 409
    assert (
        "a@example.com" not in anna.press("/desk/readers/search", q="a@").text.split("<table")[-1]
    )


def test_addresses_are_blocked_and_unblocked_with_a_reason(desk: OpenDesk, anna: Person) -> None:
    root = "/desk/readers/suppressions"
    fields = {"address": "a@example.com", "note": f"{EVIL} wrote from a@example.com"}
    assert anna.press(root, **fields).status_code == 303
    assert anna.press(root, **fields).status_code == 409
    page = anna.get(root).text
    assert ("a@example.com" in page, EVIL in page) == (True, False)
    removed = {"address": "a@example.com", "note": "a@example.com asked"}
    assert anna.press(f"{root}/remove", **removed).status_code == 303
    assert "a@example.com" not in anna.get(root).text
    log = read_log(desk)
    assert ("suppression.remove" in log, "asked" in log, "@example.com" in log) == (
        True,
        True,
        False,
    )


def test_the_export_brings_everybody_in_again(desk: OpenDesk, anna: Person) -> None:
    sheet = anna.press("/desk/readers/export")
    assert sheet.headers["content-type"].startswith("text/csv")
    assert sheet.headers["content-disposition"].startswith("attachment")
    assert [line.split(",")[0] for line in sheet.text.splitlines()] == [
        "email",
        "a@example.com",
        "b@example.com",
    ]


def test_sign_ups_behind_a_cap_are_let_go_or_forgotten(desk: OpenDesk, anna: Person) -> None:
    works = desk.house.app.works
    now = works.clock()
    for number, domain in enumerate(("good.jp", "good.jp", "bad.jp")):
        consent = Consent("form", "", now)
        address = f"s{number}@{domain}"
        wanted = Signup(address, "weekly", Cadence.WEEKLY, (), "ja", None, consent, "")
        sign_up(works.database, [wanted], "")
    with works.database.writing() as connection:
        waiting = [
            one for at in ("good.jp", "bad.jp") for one in list_signups_at(connection, at, "", 9)
        ]
        hold_signups(connection, [one.signup_id for one in waiting], now + timedelta(days=1))
    page = anna.get("/desk/readers").text
    assert ("good.jp" in page, "bad.jp" in page) == (True, True)
    anna.press("/desk/readers/waiting/let-go", domain="good.jp")
    anna.press("/desk/readers/waiting/drop", domain="bad.jp")
    page = anna.get("/desk/readers").text.split('id="list"')[0]
    assert ("good.jp" in page, "bad.jp" in page) == (False, False)
    assert list_states(desk, "s0@good.jp") == [SubscriptionState.PENDING]
    assert list_states(desk, "s2@bad.jp") == []
