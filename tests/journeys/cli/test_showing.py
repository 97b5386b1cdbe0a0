from __future__ import annotations

import pytest

from service.cli.naming import find_near_paths, find_near_words
from tests.fakes.small_site import CONFIG, MONDAY, Site

NOON = "2026-01-09T12:00:00+09:00"
BROKEN = "---\ntitle: [a\n---\nx\n"


def test_a_post_tells_its_identity_newsletters_and_feeds(week: Site) -> None:
    week.fine("tick", "--at", MONDAY)
    told = week.ask("posts", "show", "yu.md")
    assert (told["verdict"], told["is_known"], told["has_own_id"]) == ("published", False, False)
    assert (told["date_source"], told["language"]) == ("front matter", "ja")
    (weekly,) = told["newsletters"]
    assert (weekly["news_no"], weekly["why"]) == (1, "yes")
    (edition,) = weekly["editions"]
    assert (edition["key"], edition["readers"], edition["accepted"]) == ("2026-01-12", 3, 3)
    assert [(one["path"], one["position"], one["length"]) for one in told["feeds"]] == [
        ("feed.xml", 2, 2),
        ("tag/銭湯/feed.xml", 1, 1),
    ]
    said = week.fine("posts", "show", "yu.md")
    assert "news number 1, since 2026-01-" in said
    assert "to 3 readers on 2026-01-12 08:00, 3 accepted" in said
    assert "feed.xml: entry 2 of 2" in said


@pytest.mark.parametrize(
    "name", ["yu.md", "./posts/yu.md", "https://suzuri.example/yu/", "https://suzuri.example/yu"]
)
def test_a_post_is_found_by_whatever_it_is_called(
    week: Site, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(week.folder)
    assert week.ask("posts", "show", name)["path"] == "yu.md"


def test_a_post_is_found_by_its_id_and_by_where_it_lay(week: Site) -> None:
    uid = week.ask("posts", "show", "yu.md")["id"]
    (week.posts / "yu.md").rename(week.posts / "sento.md")
    week.fine("tick", "--at", NOON)
    told = week.ask("posts", "show", "yu.md")
    assert (told["path"], told["id"], told["found_by"]) == ("sento.md", uid, "its former path")
    assert [one["path"] for one in told["former_paths"]] == ["yu.md"]
    assert week.ask("posts", "show", uid)["path"] == "sento.md"
    assert "yu.md until 2026-01-09 12:00" in week.fine("posts", "show", "sento.md")


def test_a_former_address_leads_to_its_post(week: Site) -> None:
    week.write_post("hashi", "2026-01-08", more="redirect_from: /furui/\n")
    week.fine("tick", "--at", NOON)
    told = week.ask("posts", "show", "https://suzuri.example/furui/")
    assert (told["path"], told["found_by"]) == ("hashi.md", "its former address")


def test_a_post_that_broke_shows_its_error_and_what_feeds_keep(week: Site) -> None:
    (week.posts / "yu.md").write_text(BROKEN, encoding="utf-8")
    week.fine("tick", "--at", NOON)
    result = week.run("posts", "show", "yu.md")
    assert result.exit_code == 1
    assert "yu.md:3: quarantined: " in result.stdout
    assert "the last good version stays in the feeds" in result.stdout
    assert week.ask("posts", "show", "yu.md")["feeds"]


def test_a_file_that_never_was_a_post_says_why(week: Site) -> None:
    (week.posts / "kowareta.md").write_text(BROKEN, encoding="utf-8")
    (week.posts / "memo.md").write_text("no front matter\n", encoding="utf-8")
    week.fine("tick", "--at", NOON)
    broken = week.run("posts", "show", "kowareta.md")
    assert broken.exit_code == 1
    assert "No feed has it" in broken.stdout
    assert "not a post: it has no front matter" in week.fine("posts", "show", "memo.md")


def test_a_post_whose_file_is_gone_is_still_told_of(week: Site) -> None:
    (week.posts / "yu.md").unlink()
    week.fine("tick", "--at", NOON)
    told = week.ask("posts", "show", "yu.md")
    assert told["gone_at"] is not None
    assert (told["feeds"], told["no_feed_because"]) == ([], "its file is gone")


def test_an_unknown_name_is_wrong_usage_with_near_ones(week: Site) -> None:
    result = week.run("posts", "show", "posts/hash.md")
    assert result.exit_code == 2
    assert "near it: hashi.md" in result.stderr
    week.write_post("atarashii", "2026-01-09")
    assert "no scan has taken it" in week.run("posts", "show", "atarashii.md").stderr


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("draft: true\n", "it is a draft"),
        ("hidden: true\n", "the file says so, or there is nothing in it to show"),
        ("expiryDate: 2026-01-09\n", "it has expired"),
        ("permalink: /hashi/\n", "hashi.md is newer and has the same address"),
    ],
)
def test_a_post_in_no_feed_says_why(week: Site, more: str, why: str) -> None:
    week.write_post("yu", "2026-01-07", more=more)
    week.fine("tick", "--at", NOON)
    assert week.ask("posts", "show", "yu.md")["no_feed_because"] == why


def test_a_post_beyond_a_feeds_window_says_how_far(week: Site) -> None:
    week.config.write_text(CONFIG + "\n[feeds]\nmin_items = 1\nmin_days = 0\n", encoding="utf-8")
    assert "feed.xml: too old for it: post 2, and the feed has 1" in week.fine(
        "posts", "show", "yu.md"
    )


def test_posts_are_listed_by_rule_and_by_hold(week: Site) -> None:
    week.write_post("warui", "2026-01-09", more='description: "切れた\ufffd"\n')
    week.write_post("shirushi", "2026-01-09", "湯。\n\n---END---\n")
    week.fine("tick", "--at", NOON)
    assert [one["path"] for one in week.ask("posts", "list", "--held")["posts"]] == ["warui.md"]
    (listed,) = week.ask("posts", "list", "--rule", "stray_marker")["posts"]
    assert (listed["path"], listed["findings"][0]["line"]) == ("shirushi.md", 7)
    assert "taken out" in week.fine("posts", "list", "--rule", "stray_marker")
    assert week.ask("posts", "list", "--rule", "stray_marker", "--held")["total"] == 0


def test_near_names_are_the_likest_or_those_that_contain_it() -> None:
    paths = ["a/2025-10-17-openai.md", "b/2025-10-18-ibm.md"]
    assert find_near_paths("2025-10-17-openia.md", paths)[0] == "a/2025-10-17-openai.md"
    assert find_near_paths("ibm", paths) == ["b/2025-10-18-ibm.md"]
    assert find_near_words("", ["a"]) == []


def test_a_post_that_an_edition_only_counted_went_to_nobody(week: Site) -> None:
    text = week.config.read_text(encoding="utf-8")
    week.config.write_text(text.replace('id = "weekly"', 'id = "weekly"\nmax_posts = 1'))
    week.fine("tick", "--at", MONDAY)
    readers = {
        name: week.ask("posts", "show", name)["newsletters"][0]["editions"][0]["readers"]
        for name in ("hashi.md", "yu.md")
    }
    assert readers == {"hashi.md": 3, "yu.md": 0}
    assert "at most counted under N more" in week.fine("posts", "show", "yu.md")
