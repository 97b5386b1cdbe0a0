"""The desk's first page, and its page of feeds."""

from __future__ import annotations

from datetime import timedelta

from service.model.editor import Role
from service.store.accounts import open_account, pause_account
from service.store.stated_readers import record_stated_readers
from tests.fakes.desk import OpenDesk
from tests.fakes.house import MONDAY

EVIL = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>&lt;{{7*7}}"


def test_a_quiet_day_says_that_nobody_is_needed(desk: OpenDesk) -> None:
    page = desk.meet(Role.VIEWER).get("/desk").text
    assert "ありません。すべて順調です。" in page
    assert "新着なし" in page
    assert "2025年10月13日 08:00" in page


def test_what_leaves_next_says_when_to_how_many_and_what(desk: OpenDesk) -> None:
    desk.house.tick(MONDAY + timedelta(hours=1))
    desk.house.clock.now = MONDAY + timedelta(hours=2)
    desk.house.write("news", desk.house.clock.now, title="あたらしい話")
    desk.house.tick(MONDAY + timedelta(hours=3))
    page = desk.meet(Role.VIEWER).get("/desk").text
    for said in ("2025年10月20日 08:00", "読者2人に配信", "あたらしい話", "自動で配信します。"):
        assert said in page


def test_what_left_is_accounted_for(desk: OpenDesk) -> None:
    desk.house.tick(MONDAY + timedelta(hours=1))
    desk.house.clock.now = MONDAY + timedelta(hours=2)
    desk.house.write("news", desk.house.clock.now)
    desk.house.tick(MONDAY + timedelta(days=7))
    number = desk.house.list_editions()[-1].edition_id
    page = desk.meet(Role.VIEWER).get("/desk").text
    assert f'href="/desk/editions/{number}">記事news｜ウィークリー' in page
    assert "読者2人" in page


def test_a_paused_account_is_named_with_the_command_that_resumes_it(desk: OpenDesk) -> None:
    works = desk.house.app.works
    with works.database.writing() as connection:
        open_account(connection, "mailgun:news")
        pause_account(connection, "mailgun:news", f"refused {EVIL}", works.clock())
    page = desk.meet(Role.VIEWER).get("/desk").text
    assert "kawaraban doctor --resume-account mailgun:news" in page
    assert "<img src=x" not in page


def test_feeds_say_what_they_hold_and_who_reads_them(desk: OpenDesk) -> None:
    works = desk.house.app.works
    with works.database.writing() as connection:
        stated = {("feed.xml", "Feedly"): 1234, ("feed.json", "Inoreader"): 6}
        record_stated_readers(connection, stated, works.clock())
    viewer = desk.meet(Role.VIEWER)
    page = viewer.get("/desk/feeds").text
    assert "1,240" in page
    assert "Feedly 1,234" in page
    assert " KB → " in page
    assert "2025-10" in viewer.get("/desk/feeds?tab=archive&page=1").text
    assert viewer.get("/desk/feeds?tab=<x>&page=-3").status_code == 200
    assert viewer.get("/desk/feeds?tab=tags&page=999999999999").status_code == 200


def test_nothing_that_a_post_or_a_path_says_breaks_out_of_a_page(desk: OpenDesk) -> None:
    house, at = desk.house, MONDAY + timedelta(hours=2)
    house.clock.now = at
    title = EVIL.replace('"', '\\"')
    front = f'summary: "申し訳ありませんが、お答えできません。{title}"\n'
    front += f'categories: ["{title}"]\ntags: ["{title}"]\nauthor: "{title}"\n'
    head = f'title: "{title}<img src=x>\ufffd"\ndate: {at.isoformat()}\n{front}'
    (house.site / "posts" / "evil.md").write_text(f"---\n{head}---\n{EVIL}\n", encoding="utf-8")
    name = "\"'><img src=x onerror=alert(3)>.md"
    (house.site / "posts" / name).write_text("---\ntitle: x\n", encoding="utf-8")
    house.tick(at + timedelta(minutes=11))
    anna = desk.meet(Role.EDITOR)
    post_id = house.find_post_id("evil")
    anna.press(f"/desk/posts/{post_id}/hold", note=EVIL)
    paths = ["/desk", "/desk/posts", f"/desk/posts/{post_id}", f"/desk/posts/{post_id}/preview"]
    paths += [f"/desk/posts?{field}={EVIL}" for field in ("q", "verdict", "category", "before")]
    paths += ["/desk/posts?verdict=quarantined", "/desk/feeds?tab=tags", "/desk/feeds"]
    for path in paths:
        page = anna.get(path).text
        assert "<img src=x" not in page, path
        assert "<script>alert" not in page, path
