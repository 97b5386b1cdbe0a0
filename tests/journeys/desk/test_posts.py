"""Posts at the desk: found, explained, held and released."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from service.model.editor import Role
from service.model.post import Hold, Post
from service.store.audit import list_actions
from service.store.posts import find_posts
from tests.fakes.desk import OpenDesk, Person
from tests.fakes.house import MONDAY

APOLOGY = 'summary: "申し訳ありませんが、AI言語モデルとしてその質問にはお答えできません。"\n'


def write_news(desk: OpenDesk, name: str, at: datetime, **said: str) -> int:
    """A post that is seen at the moment of its date; its number."""
    desk.house.tick(at - timedelta(minutes=1))
    desk.house.clock.now = at
    desk.house.write(name, at, **said)
    desk.house.tick(at + timedelta(minutes=11))
    return desk.house.find_post_id(name)


def read_post(desk: OpenDesk, post_id: int) -> Post:
    with desk.house.app.works.database.reading() as connection:
        return find_posts(connection, [post_id])[post_id]


def list_done(desk: OpenDesk) -> list[tuple[str, str]]:
    with desk.house.app.works.database.reading() as connection:
        return [(one.action, one.subject) for one in list_actions(connection, limit=20)]


def test_a_held_post_shows_its_finding_and_leaves_once_released(desk: OpenDesk) -> None:
    post_id = write_news(desk, "apology", MONDAY + timedelta(hours=2), front=APOLOGY)
    anna = desk.meet(Role.EDITOR)
    page = anna.get(f"/desk/posts/{post_id}").text
    assert "<mark>申し訳ありませんが" in page
    assert "要約が文章生成の口調になっています" in page
    assert 'lang="en"' not in page
    assert anna.get("/desk").text.count("<mark>") == 1
    answer = anna.press(f"/desk/posts/{post_id}/release", note="It is a quotation.")
    assert answer.headers["location"] == f"/desk/posts/{post_id}?said=post-released"
    assert "It is a quotation." in anna.get(f"/desk/posts/{post_id}").text
    desk.house.tick(MONDAY + timedelta(days=7))
    assert desk.house.read_posts("a@example.com") == ["apology"]
    assert ("post.release", f"post:{post_id}") in list_done(desk)


def test_a_post_that_an_editor_holds_stays_out_of_the_mail(desk: OpenDesk) -> None:
    held = write_news(desk, "held", MONDAY + timedelta(hours=2))
    write_news(desk, "goes", MONDAY + timedelta(hours=3))
    anna = desk.meet(Role.EDITOR)
    assert anna.press(f"/desk/posts/{held}/hold", note="Wait for the court.").status_code == 303
    assert read_post(desk, held).hold is Hold.EDITOR
    desk.house.tick(MONDAY + timedelta(days=7))
    assert desk.house.read_posts("a@example.com") == ["goes"]
    assert ("post.hold", f"post:{held}") in list_done(desk)


def test_posts_that_came_at_once_are_released_together(desk: OpenDesk) -> None:
    at = MONDAY + timedelta(hours=2)
    desk.house.clock.now = at
    for number in range(30):
        desk.house.write(f"mass{number}", at - timedelta(minutes=number + 1))
    desk.house.tick(at + timedelta(minutes=11))
    anna = desk.meet(Role.EDITOR)
    first = desk.house.find_post_id("mass0")
    seen = read_post(desk, first).first_seen_at.isoformat()
    assert f'value="{seen}"' in anna.get("/desk").text
    anna.press("/desk/posts/release-mass", seen=(at - timedelta(days=9)).isoformat())
    assert read_post(desk, first).hold is Hold.MASS
    answer = anna.press("/desk/posts/release-mass", seen=seen, back="today")
    assert answer.headers["location"] == "/desk?said=posts-released"
    assert read_post(desk, first).hold is None
    assert anna.press("/desk/posts/release-mass", seen="yesterday").status_code == 422


def test_whoever_only_looks_sees_no_button_and_may_press_none(desk: OpenDesk) -> None:
    post_id = write_news(desk, "apology", MONDAY + timedelta(hours=2), front=APOLOGY)
    viewer = desk.meet(Role.VIEWER)
    for page in (f"/desk/posts/{post_id}", "/desk", "/desk/posts"):
        assert f"/desk/posts/{post_id}/" not in viewer.get(page).text.replace("/preview", "")
    for path in (f"{post_id}/hold", f"{post_id}/release", "release-mass"):
        assert viewer.press(f"/desk/posts/{path}").status_code == 403
    assert read_post(desk, post_id).hold is Hold.GATE


ASKED: Mapping[str, set[str]] = {
    "": {"old", "late", "held"},
    "q=ひさしぶり": {"late"},
    "q=HELD": {"held"},
    "q=%25": set(),
    "q=_eld": set(),
    "held=gate": {"held"},
    "held=any": {"held"},
    "found=yes": {"held"},
    "category=科学": {"late"},
    "category=科": set(),
    "mailed=yes": {"late"},
    "mailed=no": {"old", "held"},
    "newsletter=weekly": {"late"},
    "verdict=draft": set(),
    "verdict=published": {"old", "late", "held"},
    "held=gate&mailed=yes": set(),
    "found=voice": {"held"},
    "found=voice&held=gate&language=ja&q=eld": {"held"},
    "found=marker": set(),
    "language=en": set(),
    "mailed=changed": set(),
}


def test_the_list_shows_what_is_asked_for(desk: OpenDesk) -> None:
    at = MONDAY + timedelta(hours=2)
    write_news(desk, "late", at, title="ひさしぶりの記事", front="categories: [科学]\n")
    write_news(desk, "held", at + timedelta(hours=1), front=APOLOGY)
    desk.house.tick(MONDAY + timedelta(days=7))
    viewer = desk.meet(Role.VIEWER)
    for query, expected in ASKED.items():
        page = viewer.get(f"/desk/posts?{query}").text
        shown = {name for name in ("old", "late", "held") if f">{name}.md<" in page}
        assert shown == expected, query


def test_all_posts_are_met_once_from_page_to_page(desk: OpenDesk) -> None:
    at = MONDAY - timedelta(days=40)
    for number in range(60):
        # Several of one moment: the number decides between them.
        desk.house.write(f"page{number:02}", at - timedelta(days=number // 7))
    desk.house.tick(MONDAY + timedelta(hours=1))
    viewer, path = desk.meet(Role.VIEWER), "/desk/posts?q=page"
    met: list[str] = []
    while path:
        page = viewer.get(path).text
        met += re.findall(r">(page\d+)\.md<", page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        path = older[1].replace("&amp;", "&") if older else ""
    assert sorted(met) == [f"page{number:02}" for number in range(60)]


def test_a_file_that_cannot_be_read_says_where_and_how_to_mend_it(desk: OpenDesk) -> None:
    broken = desk.house.site / "posts" / "broken.md"
    broken.write_text("---\ntitle: 閉じない\n本文\n", encoding="utf-8")
    desk.house.tick(MONDAY + timedelta(hours=1))
    page = desk.meet(Role.VIEWER).get("/desk/posts?verdict=quarantined").text
    assert "broken.md:1" in page
    assert "冒頭の設定欄を、始まりと同じ行で閉じてください。" in page


def test_a_post_that_was_mended_since_shows_what_readers_have(desk: OpenDesk) -> None:
    at = MONDAY + timedelta(hours=2)
    post_id = write_news(desk, "news", at, title="はじめの題", body="はじめの本文。")
    desk.house.tick(MONDAY + timedelta(days=7))
    desk.house.clock.now = MONDAY + timedelta(days=8)
    desk.house.write("news", at, title="つぎの題", body="はじめの本文。<b>追記</b>。")
    desk.house.tick(MONDAY + timedelta(days=8, hours=1))
    page = desk.meet(Role.VIEWER).get(f"/desk/posts/{post_id}").text
    assert "<del>" in page
    assert "<ins>" in page
    assert "読者2人へ" in page


def test_nothing_is_known_of_a_post_that_never_was(desk: OpenDesk) -> None:
    anna = desk.meet(Role.EDITOR)
    assert anna.get("/desk/posts/999").status_code == 404
    assert anna.get(f"/desk/posts/{2**70}").status_code == 404
    assert anna.press("/desk/posts/999/hold").status_code == 409


def test_the_preview_is_shut_in(desk: OpenDesk) -> None:
    post_id = write_news(
        desk, "news", MONDAY + timedelta(hours=2), body="<script>alert(1)</script>本文"
    )
    viewer = desk.meet(Role.VIEWER)
    answer = viewer.get(f"/desk/posts/{post_id}/preview")
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "<script" not in answer.text
    assert 'sandbox=""' in viewer.get(f"/desk/posts/{post_id}").text
    assert desk.meet(None).get(f"/desk/posts/{post_id}/preview").status_code == 303


def write_held(desk: OpenDesk, *names: str) -> dict[str, int]:
    """Posts that the gate holds, all seen at once; their numbers by name."""
    at = MONDAY + timedelta(hours=2)
    desk.house.clock.now = at
    for name in names:
        desk.house.write(name, at, title=f"題名{name}の記事", front=APOLOGY)
    desk.house.tick(at + timedelta(minutes=11))
    return {name: desk.house.find_post_id(name) for name in names}


def list_choices(person: Person, query: str = "") -> dict[int, str]:
    """The boxes of the list, by the numbers of their posts."""
    page = person.get(f"/desk/posts?{query}").text
    found = re.findall(r'name="post" value="((\d+)\.[0-9a-f]+)"', page)
    return {int(number): value for value, number in found}


def test_chosen_posts_are_released_together_and_each_is_in_the_log(desk: OpenDesk) -> None:
    ids = write_held(desk, "one", "two", "three")
    anna = desk.meet(Role.EDITOR)
    boxes = list_choices(anna, "held=gate")
    assert set(boxes) == set(ids.values())
    chosen = [boxes[ids["one"]], boxes[ids["two"]]]
    answer = anna.press(
        "/desk/posts/chosen", post=chosen, word="release", note="引用です", back="//evil.example"
    )
    assert answer.status_code == 200
    assert "2本の記事の保留を解きました" in answer.text
    assert "evil" not in answer.text
    assert [read_post(desk, ids[one]).hold for one in ids] == [None, None, Hold.GATE]
    assert read_post(desk, ids["one"]).hold_note == "引用です"
    done = [("post.release", f"post:{ids[name]}") for name in ("two", "one")]
    assert list_done(desk)[:2] == done


def test_what_changed_since_the_list_was_opened_is_left_and_named(desk: OpenDesk) -> None:
    ids = write_held(desk, "one", "two", "three")
    anna, ben = desk.meet(Role.EDITOR), desk.meet(Role.OWNER)
    boxes = list_choices(anna)
    ben.press(f"/desk/posts/{ids['two']}/hold", note="Not before the trial.")
    before = len(list_done(desk))
    page = anna.press("/desk/posts/chosen", post=list(boxes.values()), word="release").text
    left = page.partition("その間に変わっていた")[2].partition("</section>")[0]
    assert "題名two" in left
    assert "題名one" not in left
    idle = page.partition("保留されていませんでした")[2].partition("</section>")[0]
    assert "記事old" in idle
    assert read_post(desk, ids["two"]).hold is Hold.EDITOR
    assert len(list_done(desk)) == before + 2


def test_chosen_posts_are_held_together(desk: OpenDesk) -> None:
    ids = write_held(desk, "one", "two")
    anna = desk.meet(Role.EDITOR)
    boxes = list(list_choices(anna, "held=gate").values())
    assert (
        "2本の記事を保留しました" in anna.press("/desk/posts/chosen", post=boxes, word="hold").text
    )
    assert {read_post(desk, one).hold for one in ids.values()} == {Hold.EDITOR}
    again = anna.press("/desk/posts/chosen", post=boxes, word="hold").text
    assert "変更はありません" in again


def test_a_choice_that_says_nothing_is_refused_and_does_nothing(desk: OpenDesk) -> None:
    ids = write_held(desk, "one")
    anna = desk.meet(Role.EDITOR)
    box = list_choices(anna, "held=gate")[ids["one"]]
    for fields in (
        {"word": "release"},
        {"word": "burn", "post": [box]},
        {"word": "release", "post": [str(ids["one"])]},
        {"word": "release", "post": [f"{2**70}.x"]},
        {"word": "release", "post": [f"{number}.x" for number in range(501)]},
    ):
        assert anna.press("/desk/posts/chosen", **fields).status_code == 422
        assert 'lang="en"' not in anna.press("/desk/posts/chosen", **fields).text
    assert anna.press("/desk/posts/chosen", post=["999.x"], word="hold").status_code == 200
    assert "記事999はありません。" in anna.press("/desk/posts/999/hold").text
    assert read_post(desk, ids["one"]).hold is Hold.GATE


def test_whoever_only_looks_has_nothing_to_choose(desk: OpenDesk) -> None:
    write_held(desk, "one")
    viewer = desk.meet(Role.VIEWER)
    assert list_choices(viewer) == {}
    assert "choosing" not in viewer.get("/desk/posts").text
    assert viewer.press("/desk/posts/chosen", post=["1.x"], word="hold").status_code == 403
