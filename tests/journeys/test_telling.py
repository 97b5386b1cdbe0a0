from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from service.editions.render import MailRenderer
from service.model.condition import Condition
from service.model.edition import EditionState
from service.store.accounts import pause_account, resume_account
from service.store.told import list_told
from tests.fakes.house import MONDAY, WEEKLY, House
from tests.journeys.conftest import OpenHouse

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
TEMPLATES = Path(__file__).parents[2] / "templates" / "email"
EDITORS = ("chief@example.net", "desk@example.net")
CUT = "内製化の可\ufffd https://evil.example/login"


def name_editors(house: House, *addresses: str) -> None:
    """Write who is to be told, under the eyes of a new process."""
    config = house.site / "kawaraban.toml"
    text = config.read_text(encoding="utf-8")
    named = f"[publication]\neditors = {list(addresses)}\n"
    config.write_text(text.replace("[publication]\n", named), encoding="utf-8")
    house.restart()


@pytest.fixture
def open_desk(open_house: OpenHouse) -> OpenHouse:
    """Builds a house with a newsletter and two editors, who have nothing to do so far."""

    def open_one(newsletter: str) -> House:
        house = open_house(newsletter)
        name_editors(house, EDITORS[0], "Desk@Example.net")
        house.tick(MONDAY - 2 * DAY)
        house.write("old", MONDAY - 3 * DAY, front="categories: [町]\n")
        house.tick(MONDAY - DAY)
        house.add_readers("a@example.com")
        return house

    return open_one


@pytest.fixture
def desk(open_desk: OpenHouse) -> House:
    """A weekly newsletter that takes every post."""
    return open_desk(WEEKLY)


def list_alerts(house: House, address: str = EDITORS[0]) -> list[EmailMessage]:
    """The mails that went to an editor, oldest first."""
    found = []
    for path in sorted((house.site / "var" / "outbox").glob("*/*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        if address in str(mail["To"]):
            found.append(mail)
    return found


def read_alert(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def write_broken(house: House, name: str) -> None:
    house.write(name, MONDAY, front="tags: [\n")


def test_a_broken_post_is_told_to_every_editor_once(desk: House) -> None:
    write_broken(desk, "new")
    for minutes in (5, 6, 60):
        desk.tick(MONDAY - DAY + minutes * MINUTE)
    for address in EDITORS:
        (mail,) = list_alerts(desk, address)
        assert mail["Subject"] == "【要対応】読み取れない記事が1本あります｜試験新聞"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["List-Unsubscribe"] is None
    said = read_alert(mail)
    assert re.search(r"- new\.md:\d", said)
    assert "直るまで、フィードにもメールにも載りません。" in said


def test_a_post_that_was_good_says_that_feeds_keep_its_last_good_version(desk: House) -> None:
    write_broken(desk, "old")
    desk.tick(MONDAY - DAY + 5 * MINUTE)
    (mail,) = list_alerts(desk)
    said = read_alert(mail)
    assert "最後に正しく読めた版を、フィードに載せ続けています。" in said
    assert "last good version" not in " ".join(said.split())


def test_a_file_that_is_just_being_written_brings_no_mail(desk: House) -> None:
    desk.clock.now = MONDAY - DAY + 5 * MINUTE
    write_broken(desk, "new")
    desk.tick(desk.clock.now + MINUTE)
    assert list_alerts(desk) == []
    desk.tick(desk.clock.now + MINUTE)
    assert len(list_alerts(desk)) == 1


def test_what_is_held_is_told_again_only_with_something_new(desk: House) -> None:
    desk.write("one", MONDAY - DAY, title=CUT)
    for hours in (1, 2, 23, 24, 47):
        desk.tick(MONDAY - DAY + timedelta(hours=hours))
    assert len(list_alerts(desk)) == 1
    desk.write("two", MONDAY + DAY - MINUTE, title="題\ufffd")
    desk.tick(MONDAY + DAY + 5 * MINUTE)
    first, second = (read_alert(mail) for mail in list_alerts(desk))
    assert "内製化の可\ufffd evil[.]example/login" in first
    assert "kawaraban posts release one.md" in first
    assert "two.md" in second
    assert "one.md" not in second
    assert "すでにお知らせした1件も残っています：" in second


def test_what_is_settled_and_comes_back_is_told_again(desk: House) -> None:
    write_broken(desk, "new")
    desk.tick(MONDAY - DAY + 5 * MINUTE)
    desk.write("new", MONDAY - DAY)
    desk.tick(MONDAY)
    desk.clock.now = MONDAY + DAY
    write_broken(desk, "new")
    desk.tick(MONDAY + DAY + 5 * MINUTE)
    assert len(list_alerts(desk)) == 2


def test_posts_that_came_at_once_are_one_line(desk: House) -> None:
    for number in range(26):
        desk.write(f"post-{number}", MONDAY - 1.5 * DAY)
    desk.tick(MONDAY - DAY + 5 * MINUTE)
    (mail,) = list_alerts(desk)
    assert mail["Subject"] == "【要対応】メールに載せず保留した新着が26件あります｜試験新聞"
    assert "26本が一度に届きました" in read_alert(mail)
    assert read_alert(mail).count("\n- ") == 1


def test_an_archive_full_of_faults_is_summed_up(desk: House) -> None:
    for number in range(30):
        write_broken(desk, f"broken-{number}")
    desk.tick(MONDAY - DAY + 5 * MINUTE)
    (mail,) = list_alerts(desk)
    said = read_alert(mail)
    assert "YAMLとして読めません：30件" in said
    assert "broken-1" not in said
    assert "kawaraban posts list --state quarantined" in said


def publish(house: House) -> None:
    house.write("news", MONDAY - DAY)
    house.tick(MONDAY - DAY + 20 * MINUTE)


def test_an_overdue_edition_is_told_every_day_until_it_is_settled(desk: House) -> None:
    publish(desk)
    for days in (2, 2.1, 3, 4):
        desk.tick(MONDAY + days * DAY)
    (edition,) = desk.list_editions()
    assert edition.state is EditionState.HELD
    mails = list_alerts(desk)
    assert len(mails) == 3
    assert f"kawaraban editions approve {edition.edition_id}\n" in read_alert(mails[0])
    assert desk.count_mail() == {}


def test_a_draft_is_shown_before_it_goes_by_itself(open_desk: OpenHouse) -> None:
    house = open_desk(WEEKLY + 'approval = "notice"\n')
    publish(house)
    house.tick(MONDAY - timedelta(hours=1))
    (mail,) = list_alerts(house)
    assert mail["Subject"] == "【要対応】配信前に見ていただく号が1件あります｜試験新聞"
    assert "保留しなければ、この時刻に配信します。" in read_alert(mail)
    (edition,) = house.list_editions()
    assert f"kawaraban editions hold {edition.edition_id}\n" in read_alert(mail)
    house.tick(MONDAY)
    assert house.count_mail() == {"a@example.com": 1}
    assert len(list_alerts(house)) == 1


def test_a_name_no_post_bears_is_told(open_desk: OpenHouse) -> None:
    house = open_desk(WEEKLY + 'categories = ["町", "最新動向"]\n')
    (mail,) = list_alerts(house)
    assert "ウィークリー：カテゴリー「最新動向」" in read_alert(mail)
    assert "「町」" not in read_alert(mail)


def test_while_the_account_is_paused_nothing_piles_up(desk: House) -> None:
    database, account = desk.app.works.database, desk.app.works.press.account
    with database.writing() as connection:
        pause_account(connection, account, "the key was refused", MONDAY)
    write_broken(desk, "new")
    for days in range(3):
        desk.tick(MONDAY + days * DAY + 5 * MINUTE)
    with database.writing() as connection:
        told = list_told(connection)
        resume_account(connection, account)
    assert set(told) == {""}
    assert {condition for condition, _ in told[""]} == {Condition.ACCOUNT, Condition.QUARANTINED}
    desk.tick(MONDAY + 4 * DAY)
    (mail,) = list_alerts(desk)
    assert "new.md" in read_alert(mail)


def test_without_editors_it_stands_in_the_log_once_and_nobody_is_mailed(house: House) -> None:
    write_broken(house, "new")
    with capture_logs() as lines:
        for minutes in (5, 6, 7):
            house.tick(MONDAY + minutes * MINUTE)
    (line,) = [line for line in lines if line["event"] == "something needs a person"]
    assert (line["condition"], line["count"], line["such_as"]) == (
        "quarantined",
        1,
        ["new.md:yaml"],
    )
    assert list_alerts(house) == []


def test_who_becomes_an_editor_later_hears_of_everything(house: House) -> None:
    write_broken(house, "new")
    house.tick(MONDAY + 5 * MINUTE)
    name_editors(house, *EDITORS)
    house.tick(MONDAY + 6 * MINUTE)
    assert len(list_alerts(house)) == 1


def test_a_notice_that_cannot_be_written_keeps_nothing_else_from_going_on(
    desk: House, tmp_path: Path
) -> None:
    templates = tmp_path / "email"
    shutil.copytree(TEMPLATES, templates)
    (templates / "alert.txt").write_text("{{ mail.nothing }}", encoding="utf-8")
    press = replace(desk.app.works.press, renderer=MailRenderer(templates))
    desk.app = replace(desk.app, works=replace(desk.app.works, press=press))
    write_broken(desk, "broken")
    with capture_logs() as lines:
        publish(desk)
        desk.tick(MONDAY)
    errors = [str(line["error"]) for line in lines if "error" in line]
    assert any("email/alert" in error and "'nothing'" in error for error in errors)
    assert list_alerts(desk) == []
    assert desk.count_mail() == {"a@example.com": 1}
