from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fakes.small_site import CONFIG, Site

PUBLISHED_AT = '[service]\nurl = "https://suzuri.example"\n'


@pytest.fixture
def static(site: Site) -> Site:
    """A site whose feeds lie beside its pages, with one post."""
    site.config.write_text(CONFIG + PUBLISHED_AT, encoding="utf-8")
    site.write_post("yu", "2026-01-07", more="tags: [銭湯]\n")
    return site


def _read_ids(site: Site) -> list[str]:
    feed = json.loads((site.folder / "public" / "feed.json").read_text(encoding="utf-8"))
    return [item["id"] for item in feed["items"]]


def test_build_writes_the_feeds_once(site: Site) -> None:
    site.fine("migrate")
    site.write_post("yu", "2026-01-07")
    assert site.ask("build")["written"] > 0
    assert (site.folder / "public" / "feed.xml").is_file()
    assert site.ask("build")["written"] == 0


def test_a_build_without_a_database_makes_none(static: Site) -> None:
    report = static.ask("build", "--without-database")
    assert (report["feeds"], report["written"]) == (2, 6 + 1)
    assert not (static.folder / "var").exists()
    assert _read_ids(static) == ["https://suzuri.example/yu/"]


def test_a_quarantined_file_is_told_and_fails_only_where_that_is_asked_for(static: Site) -> None:
    (static.posts / "kowareta.md").write_text("---\ntitle: [a\n---\nx\n", encoding="utf-8")
    said = static.fine("build", "--without-database")
    assert "kowareta.md:" in said
    assert ": quarantined: " in said
    strict = static.run("build", "--without-database", "--strict")
    assert strict.exit_code == 1
    assert len(_read_ids(static)) == 1


def test_a_post_left_out_is_told(static: Site) -> None:
    for name, date in (("ichi", "2026-01-07"), ("ni", "2026-01-08")):
        static.write_post(name, date, more="permalink: /same/\n")
    report = static.ask("build", "--without-database")
    assert [(one["path"], one["served"]) for one in report["left_out"]] == [("ichi.md", "ni.md")]
    assert static.run("build", "--without-database", "--strict").exit_code == 1


def test_feeds_without_a_place_of_their_own_are_not_built(site: Site) -> None:
    result = site.run("build", "--without-database")
    assert result.exit_code == 2
    assert "service.url: is missing" in result.stderr
    assert not (site.folder / "public").exists()


@pytest.mark.parametrize(
    ("first", "second"), [(["--without-database"], []), ([], ["--without-database"])]
)
def test_the_two_ways_of_building_are_not_mixed_unasked(
    static: Site, first: list[str], second: list[str]
) -> None:
    static.fine("migrate")
    static.fine("build", *first)
    before = _read_ids(static)
    result = static.run("build", *second)
    assert result.exit_code == 2
    assert "--replace" in result.stderr
    assert _read_ids(static) == before
    static.fine("build", *second, "--replace")
    assert _read_ids(static) != before
    static.fine("build", *second)


def test_what_a_build_took_away_is_named(static: Site) -> None:
    static.fine("build", "--without-database")
    static.write_post("yu", "2026-01-07", more="tags: [町]\n")
    said = static.fine("build", "--without-database")
    assert f"{Path('public', 'tag', '銭湯', 'feed.xml')}: taken away" in said


def test_a_build_lays_pages_and_the_list_of_feeds_beside_the_feeds(static: Site) -> None:
    public = static.folder / "public"
    report = static.ask("build", "--without-database")
    assert (report["beside"], report["beside_written"], report["foreign"]) == (5, 5, [])
    for path in ("follow/index.html", "tag/銭湯/index.html", "feeds.opml"):
        assert (public / path).is_file()
    feed = json.loads((public / "tag" / "銭湯" / "feed.json").read_text(encoding="utf-8"))
    assert feed["home_page_url"].endswith("/tag/%E9%8A%AD%E6%B9%AF/")
    bare = static.ask("build", "--without-database", "--no-pages")
    assert bare["beside"] == 1
    assert not (public / "tag" / "銭湯" / "index.html").exists()
    assert not (public / "follow").exists()


def test_a_page_of_the_site_itself_stays_and_is_named(static: Site) -> None:
    page = static.folder / "public" / "tag" / "銭湯" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("theirs", encoding="utf-8")
    said = static.fine("build", "--without-database")
    assert f"{Path('public', 'tag', '銭湯', 'index.html')}: left as it is" in said
    assert page.read_text(encoding="utf-8") == "theirs"


def test_each_host_gets_its_own_files_and_none_lies_where_it_would_be_handed_out(
    static: Site,
) -> None:
    static.fine("build", "--without-database", "--host", "nginx", "--host", "netlify")
    public = static.folder / "public"
    assert (public / "_headers").is_file()
    assert (public / "_redirects").is_file()
    snippet = static.folder / "public.nginx.conf"
    assert snippet.is_file()
    assert not list(public.rglob("*.conf"))
    static.fine("build", "--without-database")
    assert not (public / "_headers").exists()
    snippet.write_text("theirs", encoding="utf-8")
    result = static.run("build", "--without-database", "--host", "nginx")
    assert result.exit_code == 2
    assert "no build wrote it" in result.stderr
