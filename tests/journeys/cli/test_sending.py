from __future__ import annotations

from datetime import datetime
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

from tests.fakes.small_site import MONDAY, Site


def _list_subjects(site: Site) -> list[str]:
    mails = sorted((site.folder / "var" / "outbox").glob("*/*.eml"))
    parsed = [message_from_bytes(mail.read_bytes(), policy=policy.default) for mail in mails]
    return [str(mail["Subject"]) for mail in parsed]


def test_a_tick_sends_the_monday_edition_and_another_tick_nothing(week: Site) -> None:
    first = week.ask("tick", "--at", MONDAY)
    (edition,) = first["editions"]
    assert (edition["key"], edition["state"]) == ("2026-01-12", "finished")
    assert edition["accounting"]["accepted"] == edition["accounting"]["frozen"] == 3
    assert week.ask("tick", "--at", MONDAY)["editions"] == []
    assert len(_list_subjects(week)) == 3


def test_a_moment_without_an_offset_is_the_publications_own(week: Site) -> None:
    report = week.ask("tick", "--at", "2026-01-12T07:59:59")
    assert report["editions"] == []
    assert report["next_due"] == "2026-01-11T23:00:00+00:00"


def test_plan_shows_the_edition_to_come_and_sends_nothing(week: Site) -> None:
    plan = week.ask("plan", "--at", "2026-01-11T12:00:00+09:00")
    (edition,) = plan["editions"]
    assert edition["key"] == "2026-01-12"
    assert [share["readers"] for share in edition["shares"]] == [3]
    assert "yuの話" in week.fine("plan", "--at", "2026-01-11T12:00:00+09:00")
    assert _list_subjects(week) == []


def test_plan_answers_for_one_reader(week: Site) -> None:
    words = ("plan", "--at", "2026-01-11T12:00:00+09:00", "--reader", "Hana@Example.jp")
    (standing,) = week.ask(*words)["subscriptions"]
    assert {post["path"]: post["why"] for post in standing["posts"]} == {
        "yu.md": "in the mail",
        "hashi.md": "in the mail",
    }


def test_send_asks_first_and_without_a_terminal_refuses(week: Site) -> None:
    result = week.run("send", "weekly", "--post", "yu.md")
    assert result.exit_code == 2
    assert "3 readers in all" in result.stderr
    assert "--yes sends without asking" in result.stderr
    assert week.ask("editions", "list") == {"editions": []}


def test_send_delivers_and_accounts_and_its_key_sends_once(week: Site) -> None:
    words = ("send", "weekly", "--post", "yu.md", "--post", "hashi.md", "--key", "k", "--yes")
    assert "3 readers = 3 accepted" in week.fine(*words)
    again = week.run(*words)
    assert again.exit_code == 0
    assert "used already" in again.stderr
    assert len(_list_subjects(week)) == 3


def test_a_reader_who_waits_for_their_own_hour_is_no_trouble(week: Site) -> None:
    hour = (datetime.now(ZoneInfo("Asia/Tokyo")).hour + 12) % 24
    sheet = week.folder / "late.csv"
    sheet.write_text(f"email,send_hour\nlate@example.jp,{hour}\n", encoding="utf-8")
    words = ("subscribers", "import", str(sheet), "--newsletter", "weekly", "--as", "confirmed")
    week.fine(*words)
    said = week.fine("send", "weekly", "--post", "yu.md", "--yes")
    assert "3 accepted" in said
    assert "Waiting for their own hour: 1 reader" in said


def test_a_test_mail_makes_no_edition(week: Site) -> None:
    report = week.ask("send", "weekly", "--post", "yu.md", "--test", "desk@example.jp")
    assert report == {"planned": 1, "handed_over": 1, "already": 0}
    (subject,) = _list_subjects(week)
    assert subject.startswith("【テスト】")
    assert week.ask("editions", "list") == {"editions": []}


def test_a_test_mail_under_one_key_goes_once_a_day(week: Site) -> None:
    words = ("send", "weekly", "--post", "yu.md", "--test", "desk@example.jp", "--key", "k")
    week.fine(*words)
    assert week.ask(*words)["already"] == 1
    assert len(_list_subjects(week)) == 1


def test_an_announcement_for_later_waits(week: Site) -> None:
    intro = week.folder / "intro.md"
    intro.write_text("こんにちは。", encoding="utf-8")
    words = ("send", "weekly", "--intro", str(intro), "--at", "2126-01-01T08:00", "--yes")
    report = week.ask(*words)
    assert (report["state"], report["freeze_at"]) == ("waiting", "2125-12-31T23:00:00+00:00")
    number = str(report["edition"])
    assert "is held" in week.fine("editions", "hold", number)
    assert "is waiting" in week.fine("editions", "approve", number)
    assert "is cancelled" in week.fine("editions", "cancel", number)
    assert week.run("editions", "resume", number).exit_code == 1


def test_nothing_is_sent_while_a_setting_is_missing(week: Site) -> None:
    text = week.config.read_text(encoding="utf-8")
    week.config.write_text(text.replace('email = "news@suzuri.example"', 'email = ""'))
    result = week.run("send", "weekly", "--post", "yu.md", "--yes")
    assert result.exit_code == 1
    assert "sender.email" in result.stderr
    tick = week.run("tick", "--at", MONDAY)
    assert tick.exit_code == 1
    assert "sender.email" in tick.stdout
    assert _list_subjects(week) == []


def test_an_edition_shows_its_posts_variants_and_sum(sent: Site) -> None:
    shown = sent.fine("editions", "show", "1")
    assert "3 readers = 3 accepted + 0 refused" in shown
    document = sent.ask("editions", "show", "1")
    assert [post["path"] for post in document["posts"]] == ["yu.md", "hashi.md"]
    assert document["accounting"]["adds_up"]


def _copy_database(site: Site) -> None:
    database = site.folder / "var" / "kawaraban.db"
    content = database.read_bytes()
    database.rename(database.with_suffix(".old"))
    database.write_bytes(content)


def test_a_copied_database_plans_nothing_by_hand_that_would_leave_with_its_release(
    week: Site,
) -> None:
    _copy_database(week)
    result = week.run("send", "weekly", "--post", "yu.md", "--yes")
    assert result.exit_code == 1
    assert "doctor --release-hold" in result.stderr
    assert week.ask("editions", "list") == {"editions": []}


def test_a_tick_of_a_copied_database_reports_its_pass_and_what_keeps_mail_back(week: Site) -> None:
    _copy_database(week)
    result = week.run("tick", "--at", MONDAY)
    assert result.exit_code == 1
    assert "2026-01-12" in result.stdout
    assert "doctor --release-hold" in result.stdout
    assert _list_subjects(week) == []
