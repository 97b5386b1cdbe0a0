"""An edition sent at once from the desk: fixed by the clock, held when its readers are others."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.delivery.by_hand import ByHand
from service.engine.clock import Clock
from service.model.edition import EditionState
from service.model.editor import COMMAND, Role
from service.sending import make_by_hand
from service.store.accounts import list_accounts, open_account, pause_account
from service.store.editions import find_edition
from service.store.installation import hold_installation
from service.words.places import find_templates
from tests.fakes.desk import OpenDesk, open_desk
from tests.fakes.waiting import wait_until

NUMBER = 1
PAGE = f"/desk/editions/{NUMBER}"
MANY = [f"r{number}@example.com" for number in range(30)]


@pytest.fixture(autouse=True)
def _draft(desk: OpenDesk) -> None:
    works = desk.house.app.works
    asked = ByHand("weekly", "k", intro="お知らせです", subject="大切なお知らせです", waits=True)
    make_by_hand(works.database, works.press, asked, works.clock(), by=COMMAND)


def stands(desk: OpenDesk) -> EditionState:
    with desk.house.app.works.database.reading() as connection:
        return find_edition(connection, NUMBER).state


def test_a_send_is_answered_before_the_audience_is_fixed_and_looked_on_at(desk: OpenDesk) -> None:
    anna = desk.meet(Role.EDITOR)
    anna.press(f"{PAGE}/send", revision=0, readers="2")
    assert stands(desk) is EditionState.WAITING
    page = anna.get(PAGE).text
    assert f'data-stream="{PAGE}/progress?state=waiting"' in page
    assert "宛先を確定中" in page
    assert f'action="{PAGE}/hold"' in page
    assert f'action="{PAGE}/words"' not in page
    desk.house.go_on()
    stream = anna.get(f"{PAGE}/progress?state=waiting").text
    assert re.findall(r"event: turn\ndata: (\w+)", stream) == ["finished"]


def test_progress_before_the_freeze_counts_without_a_share(desk: OpenDesk) -> None:
    anna = desk.meet(Role.EDITOR)
    anna.press(f"{PAGE}/send", revision=0, readers="2")
    stream = anna.get(f"{PAGE}/progress?state=freezing").text
    told = json.loads(re.findall(r"event: count\ndata: (.+)\n", stream)[0])
    assert told["share"] is None
    assert told["words"]["settled"] == "これまでに読者0人"


def test_a_running_clock_is_woken_by_the_press_alone_until_it_stops(
    desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It would look by itself every two seconds, and nobody could tell who had woken it.
    monkeypatch.setattr("service.engine.clock._FREEZE_EVERY", 3600)
    # By the house's own clock the next thing due would be due at once, again and again.
    works = replace(desk.house.app.works, clock=lambda: datetime.now(UTC))
    clock = Clock(works, lambda _: None)
    clock.start()
    try:
        desk.meet(Role.EDITOR).press(f"{PAGE}/send", revision=0, readers="2")
        # A full pass, which comes every minute, is not waited for.
        wait_until(lambda: stands(desk) is EditionState.FROZEN, "the bell was answered", 40)
    finally:
        clock.stop()
    works.bell.ring()


def test_whoever_hears_the_bell_is_told_at_once(desk: OpenDesk) -> None:
    rung: list[EditionState] = []
    desk.house.app.works.bell.answer_by(lambda: rung.append(stands(desk)))
    anna = desk.meet(Role.EDITOR)
    anna.press(f"{PAGE}/send", revision=0, readers="3")
    assert not rung
    anna.press(f"{PAGE}/send", revision=0, readers="2")
    assert rung == [EditionState.WAITING]


def test_what_was_sent_can_be_held_until_the_clock_comes_by(desk: OpenDesk) -> None:
    anna = desk.meet(Role.EDITOR)
    anna.press(f"{PAGE}/send", revision=0, readers="2")
    assert anna.press(f"{PAGE}/hold").status_code == 303
    desk.house.go_on()
    assert not desk.house.list_mail()


def test_a_few_who_joined_meanwhile_get_it_too(desk: OpenDesk) -> None:
    desk.meet(Role.EDITOR).press(f"{PAGE}/send", revision=0, readers="2")
    desk.house.add_readers("late@example.com")
    desk.house.go_on()
    assert desk.house.count_mail().total() == 3


def test_a_list_that_was_brought_in_meanwhile_holds_it(desk: OpenDesk) -> None:
    anna = desk.meet(Role.EDITOR)
    anna.press(f"{PAGE}/send", revision=0, readers="2")
    desk.house.add_readers(*MANY)
    desk.house.go_on()
    assert stands(desk) is EditionState.HELD
    assert not desk.house.list_mail()
    said = "読者2人への配信として送信されましたが、いま送ると32人になります。"
    assert said in anna.get(PAGE).text
    assert PAGE in anna.get("/desk").text
    anna.press(f"{PAGE}/approve", revision=find_revision(desk))
    desk.house.go_on()
    assert desk.house.count_mail().total() == 32


def find_revision(desk: OpenDesk) -> int:
    with desk.house.app.works.database.reading() as connection:
        return find_edition(connection, NUMBER).revision


def test_a_held_edition_is_given_another_time_and_stays_held(desk: OpenDesk) -> None:
    anna = desk.meet(Role.EDITOR)
    anna.press(f"{PAGE}/hold", reason="確認中")
    page = anna.get(PAGE).text
    assert f'action="{PAGE}/schedule"' in page
    moved = anna.press(f"{PAGE}/schedule", revision=1, at="2025-10-19T07:30")
    assert moved.status_code == 303
    assert stands(desk) is EditionState.HELD
    anna.press(f"{PAGE}/approve", revision=2)
    desk.house.go_on()
    assert not desk.house.list_mail()
    desk.house.clock.now += timedelta(days=6, hours=1)
    desk.house.go_on()
    assert desk.house.count_mail().total() == 2


def test_a_paused_account_is_told_of_on_the_page_and_let_go_on_there(desk: OpenDesk) -> None:
    works, anna = desk.house.app.works, desk.meet(Role.EDITOR)
    anna.press(f"{PAGE}/send", revision=0, readers="2")
    with works.database.writing() as connection:
        open_account(connection, works.press.account)
        pause_account(connection, works.press.account, "401: <b>Forbidden</b>", works.clock())
    page = anna.get(PAGE).text
    assert "401: &lt;b&gt;Forbidden" in page
    assert 'action="/desk/accounts/resume"' in page
    assert 'action="/desk/accounts/resume"' not in desk.meet(Role.VIEWER).get(PAGE).text
    fields = {"account": works.press.account, "edition": NUMBER}
    gone_on = anna.press("/desk/accounts/resume", **fields)
    assert gone_on.headers["location"] == f"{PAGE}?said=account-resumed"
    with works.database.reading() as connection:
        assert [one.paused_at for one in list_accounts(connection)] == [None]
    assert anna.press("/desk/accounts/resume", account="strange").status_code == 409


def test_a_restored_database_and_a_silent_clock_are_told_of_on_the_page(desk: OpenDesk) -> None:
    works, vera = desk.house.app.works, desk.meet(Role.VIEWER)
    assert "kawaraban up" not in vera.get(PAGE).text
    desk.house.clock.now += timedelta(minutes=6)
    assert "2025年10月13日 07:00以降、定期処理（clock）が動いていません" in vera.get(PAGE).text
    assert "定期処理（clock）が動いていません" in vera.get("/desk").text
    with works.database.writing() as connection:
        hold_installation(connection)
    assert "kawaraban doctor --release-hold" in vera.get(PAGE).text


def test_one_that_was_let_go_is_still_arranged_while_nothing_may_leave(desk: OpenDesk) -> None:
    anna = desk.meet(Role.EDITOR)
    anna.press(f"{PAGE}/approve", revision=0)
    with desk.house.app.works.database.writing() as connection:
        hold_installation(connection)
    assert f'action="{PAGE}/words"' in anna.get(PAGE).text


def test_a_template_of_ours_that_fails_is_called_a_mistake_of_ours(
    desk: OpenDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = tmp_path / "templates"
    shutil.copytree(find_templates(), ours)
    (ours / "desk" / "edition.html").write_text("{{ nothing.at_all }}", encoding="utf-8")
    monkeypatch.setattr("service.app.find_templates", lambda: ours)
    with open_desk(desk.house) as broken:
        failed = broken.meet(Role.VIEWER).get(PAGE)
    assert failed.status_code == 500
    assert "こちらの不具合です" in failed.text
    assert "templates/desk/edition.html" in failed.text


def test_a_mail_template_of_the_publications_own_is_named_with_file_and_line(
    desk: OpenDesk,
) -> None:
    own = desk.house.site / "own"
    own.mkdir()
    (own / "digest.html").write_text("<p>\n{{ mail.nothing.at_all }}", encoding="utf-8")
    toml = desk.house.site / "kawaraban.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + 'templates = "own"\n', encoding="utf-8")
    desk.house.restart()
    with open_desk(desk.house) as broken:
        anna = broken.meet(Role.EDITOR)
        for path in (PAGE, f"{PAGE}/preview"):
            shown = anna.get(path)
            assert (shown.status_code, "own/digest.html" in shown.text) == (200, True)
            assert "2行目" in shown.text
        assert anna.get(f"{PAGE}/preview/1").status_code == 409
        assert anna.press(f"{PAGE}/test", addresses="one@desk.example").status_code == 409
