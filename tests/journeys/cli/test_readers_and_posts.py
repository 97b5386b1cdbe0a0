from __future__ import annotations

import csv
import io
import os
from datetime import UTC, datetime

import pytest

from tests.fakes.list_pages import serve_pages
from tests.fakes.small_site import MONDAY, Site


def test_an_import_tells_bad_rows_by_line_and_takes_the_others(week: Site) -> None:
    sheet = week.folder / "more.csv"
    sheet.write_text("email\nnew@example.jp\nno address\nhana@example.jp\n", encoding="utf-8")
    words = ("subscribers", "import", str(sheet), "--newsletter", "weekly", "--as", "confirmed")
    result = week.run(*words)
    assert result.exit_code == 1
    assert "there is no @ in it" in result.stdout
    assert "no address" not in result.stdout
    report = week.ask(*words)
    assert (report["added"], report["already"]) == (0, 2)
    assert [one["line"] for one in report["problems"]] == [3]


def test_an_import_for_nobody_knows_which_newsletter_brings_in_nobody(week: Site) -> None:
    sheet = week.folder / "more.csv"
    sheet.write_text("email,newsletter\na@example.jp,weekly\nb@example.jp,nosuch\n")
    result = week.run("subscribers", "import", str(sheet), "--as", "confirmed")
    assert result.exit_code == 2
    assert "there is no newsletter 'nosuch'" in result.stderr
    assert week.run("subscribers", "show", "a@example.jp").exit_code == 1


def test_an_export_comes_in_again_as_it_went_out(week: Site) -> None:
    exported = week.fine("subscribers", "export")
    rows = list(csv.DictReader(io.StringIO(exported)))
    assert [row["email"] for row in rows] == ["hana@example.jp", "ken@example.jp", "mio@example.jp"]
    sheet = week.folder / "again.csv"
    sheet.write_text(exported, encoding="utf-8")
    report = week.ask("subscribers", "import", str(sheet), "--as", "confirmed")
    assert (report["added"], report["already"]) == (0, 3)


def test_a_reader_added_by_hand_is_asked_to_confirm(week: Site) -> None:
    assert "asked by mail" in week.fine(
        "subscribers", "add", "b@example.jp", "--newsletter", "weekly"
    )
    (subscription,) = week.ask("subscribers", "show", "b@example.jp")["subscriptions"]
    assert subscription["state"] == "pending"


def test_sign_ups_that_wait_are_shown_by_domain_and_dropped(week: Site) -> None:
    assert "Nothing waits" in week.fine("subscribers", "waiting")
    report = week.ask("subscribers", "waiting", "--drop", "flood.example")
    assert report == {"held": 0, "since": None, "domains": {}, "dropped": 0}


def test_a_choice_that_does_not_exist_is_wrong_usage(week: Site) -> None:
    add = ("subscribers", "add", "b@example.jp", "--newsletter", "weekly")
    assert "it has: weekly" in week.run(*add, "--cadence", "daily").stderr
    assert "known: 銭湯" in week.run(*add, "--topic", "花火").stderr
    assert week.run(*add, "--topic", "銭湯").exit_code == 0


def test_show_tells_what_a_reader_was_sent(sent: Site) -> None:
    (delivery,) = sent.ask("subscribers", "show", "hana@example.jp")["deliveries"]
    assert (delivery["key"], delivery["state"], delivery["posts"]) == ("2026-01-12", "accepted", 2)


def test_removed_erased_and_suppressed_readers_get_nothing(week: Site) -> None:
    week.fine("subscribers", "remove", "hana@example.jp")
    assert week.run("subscribers", "erase", "ken@example.jp").exit_code == 2
    week.fine("subscribers", "erase", "ken@example.jp", "--yes")
    week.fine("suppressions", "add", "mio@example.jp", "--note", "asked by phone")
    (edition,) = week.ask("tick", "--at", MONDAY)["editions"]
    assert edition["state"] == "empty"
    assert "mio@example.jp" in week.fine("suppressions", "list")
    assert "ken@example.jp" not in week.fine("suppressions", "list")
    week.fine("suppressions", "remove", "mio@example.jp")
    assert week.run("suppressions", "remove", "mio@example.jp").exit_code == 1


def test_posts_are_listed_shown_held_and_released(week: Site) -> None:
    assert [one["path"] for one in week.ask("posts", "list")["posts"]] == ["hashi.md", "yu.md"]
    week.fine("tick", "--at", "2026-01-08T12:30:00+09:00")
    assert "news number 1" in week.fine("posts", "show", "yu.md")
    week.fine("posts", "hold", "yu.md", "--note", "names a person")
    assert [one["path"] for one in week.ask("posts", "list", "--state", "held")["posts"]] == [
        "yu.md"
    ]
    assert "names a person" in week.fine("posts", "list")
    week.fine("posts", "release", "yu.md")
    assert week.ask("posts", "list", "--state", "held")["total"] == 0
    assert week.run("posts", "show", "nosuch.md").exit_code == 2


def test_a_post_is_found_by_its_file_as_it_lies_there(week: Site) -> None:
    file = week.posts / "yu.md"
    assert week.ask("posts", "show", str(file))["path"] == "yu.md"
    report = week.ask("send", "weekly", "--post", str(file), "--yes")
    assert [post["path"] for post in report["posts"]] == ["yu.md"]


def test_posts_that_came_at_once_are_released_together(week: Site) -> None:
    for number in range(26):
        name = f"p{number}"
        week.write_post(name, "2026-01-08", body=f"{number}つ目の本文。" * 20)
        stamp = datetime(2026, 1, 9, tzinfo=UTC).timestamp()
        os.utime(week.posts / f"{name}.md", (stamp, stamp))
    tick = week.ask("tick", "--at", "2026-01-09T12:00:00+09:00")
    assert (tick["scan"]["held_as_mass"], tick["news"]) == (26, 2)
    assert len(week.ask("posts", "release", "--mass")["posts"]) == 26


def test_files_that_are_no_posts_are_listed_with_their_reason(week: Site) -> None:
    (week.posts / "kowareta.md").write_text("---\ntitle: [a\n---\nx\n", encoding="utf-8")
    week.fine("tick", "--at", "2026-01-09T12:00:00+09:00")
    result = week.run("posts", "list", "--state", "quarantined")
    assert result.exit_code == 1
    assert "kowareta.md:" in result.stdout


def test_a_reader_who_left_is_not_brought_back_by_hand(week: Site) -> None:
    week.fine("subscribers", "remove", "hana@example.jp")
    result = week.run("subscribers", "add", "hana@example.jp", "--newsletter", "weekly")
    assert result.exit_code == 1
    assert "only they themselves come back" in result.stdout
    assert "already" in week.fine("subscribers", "add", "ken@example.jp", "--newsletter", "weekly")


def test_a_list_of_another_service_is_imported_and_told_of_a_reader(week: Site) -> None:
    sheet = week.folder / "bounces.csv"
    sheet.write_text("address\nhana@example.jp\nnobody\n", encoding="utf-8")
    words = ("suppressions", "import", str(sheet), "--reason", "bounce")
    result = week.run(*words)
    assert result.exit_code == 1
    assert "there is no @ in it" in result.stdout
    assert week.ask(*words)["already"] == 1
    shown = week.fine("subscribers", "show", "hana@example.jp")
    assert "(hard_bounce, bounces.csv: on its list)" in shown


def test_a_provider_without_a_list_says_what_to_do(week: Site) -> None:
    result = week.run("suppressions", "import")
    assert result.exit_code == 2
    assert "export it there and name the file" in result.stderr


def test_a_providers_own_list_is_taken_over_and_what_was_about_us_is_passed_over(
    week: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAWARABAN_PROVIDER_API_KEY", "test-key")
    with serve_pages() as pages:
        with week.config.open("a", encoding="utf-8") as config:
            config.write(f'[provider]\nkind = "sendgrid"\nbase_url = "{pages.url}"\n')
        pages.answers = {
            f"/v3/suppression/{name}?limit=100&offset={start}": []
            for name in ("spam_reports", "bounces", "invalid_emails", "unsubscribes")
            for start in range(3)
        }
        pages.answers["/v3/suppression/bounces?limit=100&offset=0"] = [
            {"email": "hana@example.jp", "status": "5.1.1", "reason": "550 no such user"},
            {"email": "ken@example.jp", "status": "5.7.1", "reason": "550 our policy"},
        ]
        pages.answers["/v3/suppression/unsubscribes?limit=100&offset=0"] = [
            {"email": "mio@example.jp"}
        ]
        done = week.ask("suppressions", "import")
        pages.ends = (429, b"{}", {"Retry-After": "60"})
        asked_again = week.run("suppressions", "import")
    assert (done["added"], done["left"], done["blameless"], done["unreadable"]) == (1, 1, 1, 0)
    assert asked_again.exit_code == 1
    assert "try again in 60 seconds" in asked_again.stderr
