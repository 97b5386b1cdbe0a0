"""An edition at the desk: arranged, approved, sent once, watched, and accounted for."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from service.delivery.by_hand import ByHand
from service.engine.works import freeze_between_passes
from service.model.edition import Edition, EditionState
from service.model.editor import COMMAND, Role
from service.sending import send_by_hand
from service.store.editions import find_edition
from service.store.tables import deliveries, editions
from tests.fakes.desk import OpenDesk
from tests.fakes.house import MONDAY

CATEGORIES = ("研究", "文化", "研究")


@pytest.fixture
def draft(desk: OpenDesk) -> Edition:
    """Three posts by hand, which wait for an approval."""
    for number, category in enumerate(CATEGORIES):
        day = MONDAY + timedelta(days=number + 1)
        desk.house.write(f"n{number}", day, front=f"categories: [{category}]\n")
    desk.house.tick(MONDAY + timedelta(days=5))
    ids = [desk.house.find_post_id(f"n{number}") for number in range(3)]
    anna = desk.meet(Role.EDITOR)
    made = anna.press(
        "/desk/editions/new", newsletter="weekly", key="k1", do="make", posts=ids, subject="号外"
    )
    assert made.headers["location"] == "/desk/editions/2?said=edition-make"
    return find(desk, 2)


def find(desk: OpenDesk, edition_id: int) -> Edition:
    with desk.house.app.works.database.reading() as connection:
        return find_edition(connection, edition_id)


def stop_half_way(desk: OpenDesk, edition_id: int) -> None:
    """As if it had been cancelled when some had it already."""
    with desk.house.app.works.database.writing() as connection:
        chosen = editions.c.edition_id == edition_id
        connection.execute(editions.update().where(chosen).values(state="cancelled"))


def read_order(page: str) -> list[str]:
    """The posts on an edition's page that are in the mail, by their names, in order."""
    numbered = re.findall(
        r'class="no" aria-hidden="true">\d+</span>\s*<div><p><a [^>]+>([^<]+)', page
    )
    return [title.removeprefix("記事") for title in numbered]


def test_a_double_press_makes_one_draft_and_nothing_leaves(desk: OpenDesk, draft: Edition) -> None:
    anna = desk.meet(Role.EDITOR)
    fields = {"newsletter": "weekly", "key": "k1", "do": "make", "intro": "もう一度"}
    again = anna.press("/desk/editions/new", **fields)
    assert again.headers["location"].startswith(f"/desk/editions/{draft.edition_id}?")
    assert (draft.state, draft.approved_at) == (EditionState.WAITING, None)
    desk.house.tick(MONDAY + timedelta(days=6))
    assert not desk.house.list_mail()


def test_only_what_may_be_mailed_is_offered_to_be_added(desk: OpenDesk, draft: Edition) -> None:
    desk.house.write("warui", MONDAY, title="これは\ufffd")
    desk.house.write("yoi", MONDAY)
    desk.house.tick(MONDAY + timedelta(days=6))
    page = desk.meet(Role.EDITOR).get(f"/desk/editions/{draft.edition_id}/add").text
    assert ("warui.md" in page, 'value="warui.md"' in page) == (True, False)
    assert 'value="yoi.md"' in page


def test_the_list_names_an_edition_in_the_publications_language(desk: OpenDesk) -> None:
    desk.house.add_readers("anne@example.com", language="en")
    desk.house.add_readers("hana@example.com", language="ja")
    desk.house.write("ichi", MONDAY + timedelta(days=1))
    desk.house.tick(MONDAY + timedelta(days=1, hours=1))
    desk.house.tick(MONDAY + timedelta(days=7))
    mailed = {str(mail["Subject"]) for mail in desk.house.list_mail()}
    assert len(mailed) == 2
    (japanese,) = (subject for subject in mailed if "号" in subject)
    (other,) = mailed - {japanese}
    anna = desk.meet(Role.VIEWER)
    for path in ("/desk", "/desk/editions"):
        page = anna.get(path).text
        assert (japanese in page, other in page) == (True, False), path


def test_readers_are_counted_before_a_draft_is_made(desk: OpenDesk) -> None:
    anna = desk.meet(Role.EDITOR)
    fields = {"newsletter": "weekly", "key": "k2", "intro": "お知らせです"}
    counted = anna.press("/desk/editions/new", do="count", **fields)
    assert "読者2人" in counted.text
    nothing = anna.press("/desk/editions/new", newsletter="weekly", key="k3", do="make")
    assert nothing.status_code == 409
    assert not desk.house.list_editions()


def test_posts_move_group_by_group_and_a_post_is_left_out_and_taken_back(
    desk: OpenDesk, draft: Edition
) -> None:
    anna = desk.meet(Role.EDITOR)
    page = f"/desk/editions/{draft.edition_id}"
    shown = anna.get(page).text
    assert read_order(shown) == ["n2", "n0", "n1"]
    orders = re.findall(r'name="order" value="([0-9,]+)"', shown)
    last_to_the_top = orders[-1]
    n1 = desk.house.find_post_id("n1")
    moved = anna.press(f"{page}/order", revision=0, order=last_to_the_top, post_id=n1)
    assert moved.headers["location"] == f"{page}?said=edition-changed#post-{n1}"
    assert f'<li id="post-{n1}">' in anna.get(page).text
    assert read_order(anna.get(page).text) == ["n1", "n2", "n0"]
    n2 = desk.house.find_post_id("n2")
    anna.press(f"{page}/leave-out", revision=1, post_id=n2)
    assert read_order(anna.get(page).text) == ["n1", "n0"]
    anna.press(f"{page}/take-back", revision=2, post_id=n2)
    assert read_order(anna.get(page).text) == ["n1", "n2", "n0"]


def test_who_saw_an_older_revision_is_told_so_and_changes_nothing(
    desk: OpenDesk, draft: Edition
) -> None:
    anna, bert = desk.meet(Role.EDITOR), desk.meet(Role.OWNER)
    page = f"/desk/editions/{draft.edition_id}"
    assert anna.press(f"{page}/words", revision=0, subject="先に").status_code == 303
    late = bert.press(f"{page}/words", revision=0, subject="後から")
    assert late.status_code == 409
    assert "editor" in late.text  # who was quicker
    assert find(desk, draft.edition_id).subject == "先に"


def test_of_two_who_send_one_does_and_the_other_is_told(desk: OpenDesk, draft: Edition) -> None:
    anna, bert = desk.meet(Role.EDITOR), desk.meet(Role.OWNER)
    send = f"/desk/editions/{draft.edition_id}/send"
    assert anna.press(send, revision=0, readers="3").status_code == 409
    assert anna.press(send, revision=0, readers="2").status_code == 303
    assert bert.press(send, revision=0, readers="2").status_code == 409
    desk.house.go_on()
    assert desk.house.count_mail() == {"a@example.com": 1, "b@example.com": 1}
    assert all(mail["Subject"] == "号外" for mail in desk.house.list_mail())
    shown = anna.get(f"/desk/editions/{draft.edition_id}").text
    public = re.search(r'href="(/editions/weekly/[^"]+)"', shown)
    assert public is not None
    assert "号外" in desk.meet(None).get(public[1]).text
    stop_half_way(desk, draft.edition_id)
    assert public[0] in anna.get(f"/desk/editions/{draft.edition_id}").text


def test_a_held_edition_stays_until_somebody_who_saw_the_hold_approves_it(
    desk: OpenDesk, draft: Edition
) -> None:
    anna, bert = desk.meet(Role.EDITOR), desk.meet(Role.OWNER)
    page = f"/desk/editions/{draft.edition_id}"
    anna.press(f"{page}/approve", revision=0)
    anna.press(f"{page}/hold", reason="確認中")
    for stale in (
        bert.press(f"{page}/approve", revision=0),
        bert.press(f"{page}/send", revision=0, readers="2"),
    ):
        assert stale.status_code == 409
        assert "確認中" in stale.text
    desk.house.tick(MONDAY + timedelta(days=6))
    assert not desk.house.list_mail()
    bert.press(f"{page}/approve", revision=1)
    desk.house.tick(MONDAY + timedelta(days=6, hours=1))
    assert desk.house.count_mail().total() == 2


def test_an_edition_leaves_at_the_time_it_was_given(desk: OpenDesk, draft: Edition) -> None:
    anna = desk.meet(Role.EDITOR)
    page = f"/desk/editions/{draft.edition_id}"
    assert anna.press(f"{page}/schedule", revision=0, at="2025-10-19T07:30").status_code == 303
    assert anna.press(f"{page}/schedule", revision=1, at="gestern").status_code == 422
    anna.press(f"{page}/approve", revision=1)
    assert find(desk, draft.edition_id).freeze_at == MONDAY + timedelta(days=5, hours=23.5)


def test_a_viewer_looks_and_sees_no_reader(desk: OpenDesk, draft: Edition) -> None:
    vera = desk.meet(Role.VIEWER)
    page = f"/desk/editions/{draft.edition_id}"
    for path in ("/desk/editions", page, f"{page}/preview", f"{page}/preview/1", f"{page}/add"):
        shown = vera.get(path)
        assert shown.status_code == 200
        assert shown.text.count('method="post"') <= 1  # to sign out
        assert "a@example.com" not in shown.text
    assert vera.press(f"{page}/send", revision=0, readers="2").status_code == 403


def test_the_preview_runs_nothing_and_leads_nowhere_of_a_readers(
    desk: OpenDesk, draft: Edition
) -> None:
    anna = desk.meet(Role.EDITOR)
    page = f"/desk/editions/{draft.edition_id}"
    frame = anna.get(f"{page}/preview/1?scheme=dark")
    policy = frame.headers["content-security-policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "@@kawaraban" not in frame.text
    headers = anna.get(f"{page}/preview?view=headers").text
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in headers
    assert anna.get(f"{page}/preview/9").status_code == 404
    assert anna.get("/desk/editions/999").status_code == 404


def test_a_test_goes_to_the_addresses_named_and_to_no_reader(
    desk: OpenDesk, draft: Edition
) -> None:
    anna = desk.meet(Role.EDITOR)
    test = f"/desk/editions/{draft.edition_id}/test"
    assert anna.press(test, addresses="one@desk.example, two@desk.example").status_code == 303
    assert anna.press(test, addresses="nobody").status_code == 422
    desk.house.go_on()
    mails = list((desk.house.site / "var" / "outbox").glob("*/*.eml"))
    assert len(mails) == 2
    assert not desk.house.list_mail()


def test_progress_is_told_until_the_edition_turns(desk: OpenDesk, draft: Edition) -> None:
    anna = desk.meet(Role.EDITOR)
    page = f"/desk/editions/{draft.edition_id}"
    anna.press(f"{page}/send", revision=0, readers="2")
    shown = anna.get(page).text
    assert "progress.js" in shown
    assert 'http-equiv="refresh"' in shown
    desk.house.go_on()
    stream = anna.get(f"{page}/progress?state=frozen")
    assert stream.headers["content-type"].startswith("text/event-stream")
    events = re.findall(r"event: (\w+)\ndata: (.+)\n", stream.text)
    assert [name for name, _ in events] == ["count", "turn"]
    told = json.loads(events[0][1])
    assert (told["share"], told["words"]["accepted"]) == (1.0, "2")


def test_a_paused_edition_goes_on_and_a_cancelled_one_does_not(
    desk: OpenDesk, draft: Edition
) -> None:
    anna = desk.meet(Role.EDITOR)
    page = f"/desk/editions/{draft.edition_id}"
    anna.press(f"{page}/send", revision=0, readers="2")
    freeze_between_passes(desk.house.app.works, desk.house.clock.now)
    anna.press(f"{page}/pause")
    desk.house.go_on()
    assert not desk.house.list_mail()
    assert anna.press(f"{page}/resume").status_code == 303
    assert anna.press(f"{page}/cancel", reason="やめた").status_code == 303
    assert anna.press(f"{page}/resume").status_code == 409
    desk.house.go_on()
    assert not desk.house.list_mail()
    assert "やめた" in anna.get(page).text


def test_refusals_are_listed_with_their_reason_and_tried_again(
    desk: OpenDesk, draft: Edition
) -> None:
    anna = desk.meet(Role.EDITOR)
    page = f"/desk/editions/{draft.edition_id}"
    anna.press(f"{page}/send", revision=0, readers="2")
    desk.house.go_on()
    with desk.house.app.works.database.writing() as connection:
        connection.execute(
            deliveries.update()
            .where(deliveries.c.delivery_id == 1)
            .values(state="refused", reason="<b>full</b>")
        )
    shown = anna.get(page).text
    assert "&lt;b&gt;full&lt;/b&gt;" in shown
    assert "<b>full" not in shown
    assert anna.press(f"{page}/retry").status_code == 303
    desk.house.go_on()
    assert desk.house.count_mail().total() == 3  # the first one was taken too, we only said not


def test_a_correction_is_said_by_the_next_edition_unless_withdrawn(
    desk: OpenDesk, draft: Edition
) -> None:
    anna = desk.meet(Role.EDITOR)
    page = f"/desk/editions/{draft.edition_id}"
    anna.press(f"{page}/send", revision=0, readers="2")
    desk.house.go_on()
    anna.press(f"{page}/corrections", text="人名の誤りです")
    anna.press(f"{page}/corrections", text="取り消すものです")
    assert anna.press(f"{page}/corrections/2/withdraw").status_code == 303
    assert anna.press("/desk/editions/1/corrections/1/withdraw").status_code == 409
    anna.press("/desk/editions/new", newsletter="weekly", key="k9", do="make", intro="次の号です")
    shown = anna.get("/desk/editions/3/preview?view=text").text
    assert "人名の誤りです" in shown
    assert "取り消すものです" not in shown


def test_hostile_words_are_shown_as_words(desk: OpenDesk, draft: Edition) -> None:
    anna = desk.meet(Role.EDITOR)
    page = f"/desk/editions/{draft.edition_id}"
    evil = '"><script>alert(1)</script>'
    anna.press(f"{page}/words", revision=0, subject=evil, preheader=evil, intro=evil)
    anna.press(f"{page}/hold", reason=evil)
    for path in (page, "/desk/editions", f"{page}/preview"):
        assert "<script>alert" not in anna.get(path).text
    assert "<script>alert" not in anna.get(f"/desk/editions?newsletter={evil}&state={evil}").text


def test_the_list_leads_on_page_by_page(desk: OpenDesk, draft: Edition) -> None:
    works = desk.house.app.works
    for number in range(52):
        asked = ByHand("weekly", f"many{number}", intro="お知らせ", waits=True)
        send_by_hand(works.database, works.press, asked, works.clock(), by=COMMAND)
    vera = desk.meet(Role.VIEWER)
    first = vera.get("/desk/editions?state=waiting").text
    older = re.search(r'href="(/desk/editions[^"]+before=[^"]+)"', first)
    assert older is not None
    second = vera.get(older[1].replace("&amp;", "&")).text
    listed = re.findall(r'<th scope="row"><a href="/desk/editions/(\d+)"', first + second)
    assert listed == [str(number) for number in range(54, 1, -1)]
