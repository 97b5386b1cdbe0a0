from __future__ import annotations

from tests.fakes.small_site import Site


def test_check_needs_no_database_and_writes_nothing(site: Site) -> None:
    site.write_post("yu", "2026-01-07")
    before = sorted(site.folder.rglob("*"))
    assert "published" in site.fine("check")
    assert sorted(site.folder.rglob("*")) == before


def test_check_names_the_file_and_line_of_what_is_wrong(site: Site) -> None:
    (site.posts / "kowareta.md").write_text("---\ntitle: [a\ndate: 2026-01-07\n---\nx\n")
    site.write_post("warui", "2026-01-07", more='description: "切れた\ufffd"\n')
    result = site.run("check")
    assert result.exit_code == 1
    assert "kowareta.md:" in result.stdout
    document = site.ask("check")
    assert [one["path"] for one in document["quarantined"]] == ["kowareta.md"]
    assert [(one["path"], one["rule"]) for one in document["held"]] == [("warui.md", "cut_title")]


def test_check_finds_two_posts_at_one_address_and_two_with_one_id(site: Site) -> None:
    for name in ("ichi", "ni"):
        site.write_post(name, "2026-01-07", more="permalink: /same/\n")
    for name in ("san", "shi"):
        site.write_post(name, "2026-01-07", more="id: one\n")
    document = site.ask("check")
    assert list(document["shared_urls"].values()) == [["ichi.md", "ni.md"]]
    assert [one["code"] for one in document["quarantined"]] == ["duplicate-id"]


def test_check_counts_the_feeds_there_will_be(site: Site) -> None:
    site.write_post("yu", "2026-01-07", more="tags: [銭湯, 町]\n")
    site.write_post("ashita", "2126-01-07", more="tags: [未来]\n")
    assert site.ask("check")["feeds"] == {"site": 1, "tag": 2}


def test_check_says_what_keeps_mail_back(site: Site) -> None:
    text = site.config.read_text(encoding="utf-8")
    site.config.write_text(text.replace('postal_address = "東京都"', 'postal_address = ""'))
    assert "sender.postal_address" in site.fine("check")


def test_build_writes_the_feeds_once(site: Site) -> None:
    site.fine("migrate")
    site.write_post("yu", "2026-01-07")
    assert site.ask("build")["written"] > 0
    assert (site.folder / "public" / "feed.xml").is_file()
    assert site.ask("build")["written"] == 0


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
    site.write_post("yu", "2026-01-07", body="湯。\n\n---END---\n\n続き。\n")
    said = site.fine("check")
    assert "stray_marker" in said
    assert "taken out, what follows is kept" in said
    assert "yu.md:" in said
