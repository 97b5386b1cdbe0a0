from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.small_site import CONFIG, Site

BROKEN = "---\ntitle: [a\ndate: 2026-01-07\n---\nx\n"
CUT = 'description: "切れた\ufffd"\n'


def _find_file(document: Any, path: str) -> Any:  # noqa: ANN401
    (found,) = [one for one in document["files"] if one["path"] == path]
    return found


def _list_rules(document: Any) -> list[str]:  # noqa: ANN401
    return [one["rule"] for one in document["rules"]]


def test_check_needs_no_database_and_writes_nothing(site: Site) -> None:
    site.write_post("yu", "2026-01-07", more="tags: [銭湯]\n")
    before = sorted(site.folder.rglob("*"))
    assert "published" in site.fine("check")
    assert sorted(site.folder.rglob("*")) == before


def test_check_names_the_file_and_line_of_what_is_wrong(site: Site) -> None:
    (site.posts / "kowareta.md").write_text(BROKEN)
    site.write_post("warui", "2026-01-07", more=CUT)
    result = site.run("check")
    assert result.exit_code == 1
    document = site.ask("check")
    broken, held = (_find_file(document, path) for path in ("kowareta.md", "warui.md"))
    assert f"kowareta.md:{broken['line']}: {broken['message']}" in result.stdout
    assert (broken["verdict"], broken["code"]) == ("quarantined", "yaml")
    assert (held["verdict"], held["is_held"]) == ("published", True)
    assert [(one["rule"], one["level"]) for one in held["findings"]] == [("cut_title", "hold")]


def test_check_finds_two_posts_at_one_address_and_two_with_one_id(site: Site) -> None:
    for name, date in (("ichi", "2026-01-07"), ("ni", "2026-01-08")):
        site.write_post(name, date, more="permalink: /same/\n")
    for name in ("san", "shi"):
        site.write_post(name, "2026-01-07", more="id: one\ntags: [銭湯]\n")
    document = site.ask("check")
    assert _list_rules(document) == ["quarantined", "shared_address"]
    (finding,) = _find_file(document, "ichi.md")["findings"]
    assert finding["message"] == "ni.md is newer and has its address"
    assert finding["quote"] == "https://suzuri.example/same/"
    assert _find_file(document, "shi.md")["code"] == "duplicate-id"


def test_check_counts_the_feeds_there_will_be(site: Site) -> None:
    site.write_post("yu", "2026-01-07", more="tags: [銭湯, 町]\n")
    site.write_post("machi", "2026-01-08", more="tags: [町]\n")
    site.write_post("ashita", "2126-01-07", more="tags: [未来]\n")
    assert site.ask("check")["feeds"] == {
        "site": 1,
        "category": 0,
        "tag": 2,
        "author": 0,
    }


def test_check_says_what_keeps_mail_back(site: Site) -> None:
    site.write_post("yu", "2026-01-07", more="tags: [銭湯]\n")
    text = site.config.read_text(encoding="utf-8")
    site.config.write_text(text.replace('postal_address = "東京都"', 'postal_address = ""'))
    assert "sender.postal_address" in site.fine("check")


def test_migrate_says_from_where_to_where(site: Site) -> None:
    assert site.ask("migrate")["before"] is None
    again = site.ask("migrate")
    assert again["before"] == again["after"]


def test_the_doctor_finds_a_copied_database_and_releases_it(week: Site) -> None:
    assert week.ask("doctor")["is_well"]
    database = week.folder / "var" / "kawaraban.db"
    content = database.read_bytes()
    database.rename(database.with_suffix(".old"))
    database.write_bytes(content)
    sick = week.run("doctor")
    assert sick.exit_code == 1
    assert "restored or copied" in sick.stdout
    week.fine("doctor", "--release-hold")
    assert week.ask("doctor")["is_well"]


def test_the_doctor_needs_no_schema_to_say_that_there_is_none(site: Site) -> None:
    result = site.run("doctor")
    assert result.exit_code == 1
    assert "run: kawaraban migrate" in result.stdout


def test_check_gives_an_example_of_each_warning(site: Site) -> None:
    site.write_post("yu", "2026-01-07", "湯。\n\n---END---\n\n続き。\n", "tags: [銭湯]\n")
    said = site.fine("check")
    assert "stray_marker" in said
    assert "taken out, what follows is kept" in said
    assert "yu.md:" in said


def test_a_custom_feed_that_nothing_matches_is_an_error_that_says_what_may_be_meant(
    site: Site,
) -> None:
    site.write_post("yu", "2026-01-07", more="tags: [銭湯めぐり]\n")
    with (site.folder / "kawaraban.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[feeds.custom]]\npath = "feeds/yu.xml"\ntag = "銭湯巡り"\n')
    result = site.run("check", "--rule", "empty_feed")
    assert result.exit_code == 1
    assert 'feeds.custom[0].tag: "銭湯巡り" matches no post' in result.stdout.replace("\n", "")
    assert 'did you mean "銭湯めぐり"?' in result.stdout


def test_the_worst_comes_first_and_the_sum_last(site: Site) -> None:
    (site.posts / "kowareta.md").write_text(BROKEN)
    site.write_post("warui", "2026-01-07", more=CUT)
    for name in ("ichi", "ni"):
        site.write_post(name, "2026-01-07", "湯。\n\n---END---\n", "permalink: /same/\n")
    heads = [line for line in site.run("check").stdout.splitlines() if "[" in line[:9]]
    assert [head.partition("]")[0] for head in heads[:5]] == [
        "error[unmatched_filter",
        "error[quarantined",
        "held[cut_title",
        "error[shared_address",
        "warning[stray_marker",
    ]
    last = site.run("check").stdout.splitlines()[-1]
    assert last.startswith("4 files: 3 published, 1 quarantined; 3 errors, 1 held, 2 warnings")


def test_of_many_warnings_a_few_are_shown_and_all_on_demand(site: Site) -> None:
    for day in range(1, 8):
        body = f"{day}日の湯。\n\n---END---\n"
        site.write_post(f"p{day}", f"2026-01-0{day}", body, f"tags: [銭湯]\nsummary: {day}番目。\n")
    said = site.fine("check")
    assert [f"p{day}.md:" in said for day in range(1, 8)] == [False] * 5 + [True] * 2
    assert "… 5 more: kawaraban check --rule stray_marker" in said
    for words in (["--rule", "stray_marker"], ["--all"]):
        assert all(f"p{day}.md:" in site.fine("check", *words) for day in range(1, 8))
    assert "p1.md:" in site.fine("check", "--file", "p1.md")
    assert "p2.md:" not in site.fine("check", "--file", "p1.md")


def test_the_ending_speaks_of_what_was_asked_for(site: Site) -> None:
    site.write_post("warui", "2026-01-07", more=CUT)
    site.write_post("yoi", "2026-01-07", more="tags: [銭湯]\n")
    assert site.run("check").exit_code == 1
    assert "yoi.md: published; nothing found\n" in site.fine("check", "--file", "yoi.md")
    assert site.run("check", "--file", "warui.md").exit_code == 1
    assert site.run("check", "--rule", "stray_marker").exit_code == 0


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("--rule", "stray_maker"), "near it: stray_marker"),
        (("--file", "you.md"), "near it: yu.md"),
    ],
)
def test_a_rule_or_file_that_is_not_there_is_wrong_usage(
    site: Site, words: tuple[str, str], hint: str
) -> None:
    site.write_post("yu", "2026-01-07")
    result = site.run("check", *words)
    assert result.exit_code == 2
    assert hint in result.stderr


def test_a_filter_that_matches_no_post_is_an_error_by_its_key(site: Site) -> None:
    site.config.write_text(CONFIG.replace('topics = ["銭湯"]', 'categories = ["古い"]'))
    site.write_post("yu", "2026-01-07", more="categories: [街]\n")
    result = site.run("check")
    assert result.exit_code == 1
    assert 'newsletters[0].categories: "古い" matches no post; there is: 街 (1)' in result.stdout


def test_a_site_without_a_post_says_so_once(site: Site) -> None:
    assert _list_rules(site.ask("check")) == ["nothing_to_show"]


def test_a_former_address_at_which_another_post_lives_is_told(site: Site) -> None:
    site.write_post("ima", "2026-01-07", more="permalink: /yu/\ntags: [銭湯]\n")
    site.write_post("mukashi", "2026-01-06", more="redirect_from: /yu/\n")
    (finding,) = _find_file(site.ask("check"), "mukashi.md")["findings"]
    assert finding["rule"] == "former_address"
    assert finding["message"].endswith("is that of ima.md")


def test_what_the_site_says_otherwise_is_noted(site: Site) -> None:
    (site.folder / "_config.yml").write_text("title: ほかの名\ntimezone: Asia/Tokyo\n")
    site.write_post("yu", "2026-01-07", more="tags: [銭湯]\n")
    notes = [one["message"] for one in site.ask("check")["settings"]]
    assert 'publication.title: "すずり坂新聞" here, "ほかの名" there' in notes
    assert not any(note.startswith("publication.timezone") for note in notes)
    site.fine("check")


def test_places_are_seen_from_where_one_stands(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    (site.posts / "kowareta.md").write_text(BROKEN)
    monkeypatch.chdir(site.posts)
    assert "\n  kowareta.md:" in site.run("check").stdout
    monkeypatch.chdir(site.folder)
    assert f"\n  {Path('posts', 'kowareta.md')}:" in site.run("check").stdout


def test_a_draft_that_would_be_held_holds_nothing_yet(site: Site) -> None:
    site.write_post("yu", "2026-01-07", more="tags: [銭湯]\n")
    site.write_post("shitagaki", "2026-01-07", more=f"draft: true\n{CUT}")
    site.fine("check")
    (finding,) = _find_file(site.ask("check"), "shitagaki.md")["findings"]
    assert (finding["rule"], finding["level"]) == ("cut_title", "warn")


def test_the_doctor_holds_mail_back_at_a_word_until_another(week: Site) -> None:
    assert not week.ask("doctor", "--hold")["is_well"]
    assert week.run("doctor", "--hold", "--release-hold").exit_code == 2
    assert week.ask("doctor", "--release-hold")["is_well"]


def test_the_doctor_hints_that_a_provider_cannot_call_back(week: Site) -> None:
    with week.config.open("a", encoding="utf-8") as config:
        config.write('\n[provider]\nkind = "postmark"\n')
    found = {one["about"]: one for one in week.ask("doctor")["found"]}
    assert "KAWARABAN_WEBHOOK_SECRET is not set" in found["hooks"]["says"]
    assert found["hooks"]["is_well"]
