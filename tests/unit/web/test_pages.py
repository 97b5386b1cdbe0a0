from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import quote, unquote

import pytest

from service.feeds.paths import page_path
from service.model.feed import CustomFeed, FeedFormat, FeedKey, FeedKind, FeedSettings

from .conftest import NASTY, PUBLICATION, WEEKLY, Browser, Furnish, House

AI = "/tag/AI/"


class Links(HTMLParser):
    """Every tag with its attributes, as a browser would see them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def find(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [
            attributes
            for name, attributes in self.tags
            if name == tag and all(attributes.get(key) == one for key, one in wanted.items())
        ]


def test_the_front_page_shows_the_publication_its_newsletters_and_its_posts(
    shared: Browser,
) -> None:
    page = shared.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for text in (PUBLICATION.description, WEEKLY.title, "毎週月曜日 8時、または毎日 8時"):
        assert text in page.text
    hrefs = [link["href"] for link in Links(page.text).find("a")]
    assert hrefs.index("https://kawara.example/2025/10/14/second/") < hrefs.index(
        "https://kawara.example/2025/10/13/first/"
    )


def test_a_post_whose_time_has_not_come_is_not_on_the_front_page(shared: Browser) -> None:
    assert "まだ先の話" not in shared.get("/").text


def test_every_feed_on_the_front_page_is_really_there(shared: Browser) -> None:
    links = Links(shared.get("/").text)
    feeds = [
        str(link["href"])
        for link in links.find("a")
        if re.search(r"/(feed\.xml|atom\.xml|feed\.json)$", str(link["href"]))
    ]
    assert len(feeds) == 3 * 6  # the site, two categories, two tags, one author
    for address in feeds:
        assert shared.get(address).status_code == 200
        assert address.isascii()


def test_every_page_linked_from_the_front_page_is_really_there(shared: Browser) -> None:
    links = Links(shared.get("/").text)
    pages = {str(link["href"]) for link in links.find("a") if str(link["href"]).startswith("/")}
    assert page_path(FeedKey(FeedKind.CATEGORY, "町のうわさ")) in pages
    assert {shared.get(page).status_code for page in pages} == {200}


def test_a_browser_discovers_the_feeds_of_the_page_it_is_on(shared: Browser) -> None:
    home = Links(shared.get("/").text).find("link", rel="alternate")
    assert [(link["type"], link["href"]) for link in home] == [
        ("application/rss+xml", "http://localhost:8000/feed.xml"),
        ("application/atom+xml", "http://localhost:8000/atom.xml"),
        ("application/feed+json", "http://localhost:8000/feed.json"),
    ]
    tag = Links(shared.get(AI).text).find("link", rel="alternate")
    assert [link["href"] for link in tag][:4] == [
        "http://localhost:8000/tag/AI/feed.xml",
        "http://localhost:8000/tag/AI/atom.xml",
        "http://localhost:8000/tag/AI/feed.json",
        "http://localhost:8000/feed.xml",
    ]


@pytest.mark.parametrize("path", ["/nowhere", "/confirm/x"])
def test_a_browser_discovers_the_sites_feeds_on_every_other_page(
    shared: Browser, path: str
) -> None:
    links = Links(shared.get(path).text).find("link", rel="alternate")
    assert [(link["title"], link["href"]) for link in links] == [
        ("瓦版 <b>&だより (RSS)", "http://localhost:8000/feed.xml"),
        ("瓦版 <b>&だより (Atom)", "http://localhost:8000/atom.xml"),
        ("瓦版 <b>&だより (JSON)", "http://localhost:8000/feed.json"),
    ]


def test_a_feed_page_tells_a_newcomer_what_to_do_and_when_it_last_changed(shared: Browser) -> None:
    page = shared.get(AI).text
    assert "フィードがはじめての方へ" in page
    assert "最終更新" in page
    assert "2本" in page
    assert Links(page).find("ul", **{"data-copy": "コピー", "data-copied": "コピーしました"})


def test_all_feeds_are_in_one_file_for_readers_to_import(shared: Browser) -> None:
    link = Links(shared.get("/").text).find("link", rel="outline")[0]
    assert link["href"] == "http://localhost:8000/feeds.opml"
    opml = shared.get("/feeds.opml")
    assert opml.headers["content-type"] == "text/x-opml; charset=utf-8"
    assert opml.content.count(b"xmlUrl=") == 6
    again = shared.get("/feeds.opml", headers={"If-None-Match": opml.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_feed_of_the_publications_own_choice_has_a_page(furnish: Furnish) -> None:
    house = furnish()
    custom = CustomFeed("feeds/町.xml", FeedFormat.RSS, "町の話", tags=("ガジェット",))
    settings = FeedSettings(custom=(custom,))
    parts = replace(house.parts, feeds=replace(house.parts.feeds, settings=settings))
    with House(parts).open() as client:
        links = Links(client.get("/").text)
        assert links.find("a", href="/custom/feeds/%E7%94%BA.xml/")
        page = client.get("/custom/feeds/町.xml/")
        assert "選んだ記事（ガジェット）が届くフィードです。" in page.text
        assert "http://localhost:8000/feeds/%E7%94%BA.xml" in page.text
        assert client.get("/custom/feeds/町.xml").status_code == 301
        assert client.get("/custom/feeds/none.xml/").status_code == 404


def test_a_feed_page_says_what_it_is_and_shows_its_own_posts_only(shared: Browser) -> None:
    page = shared.get(page_path(FeedKey(FeedKind.TAG, "ガジェット"))).text
    assert "タグ「ガジェット」のついた記事だけが届くフィードです。" in page
    assert "火消しの纏" in page
    assert "はじめての瓦版" not in page


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ("/tag/AI", AI),
        ("/tag/ai/", AI),
        ("/tag/%E3%82%AB%E3%82%99%E3%82%B7%E3%82%99%E3%82%A7%E3%83%83%E3%83%88/", None),
    ],
)
def test_every_spelling_of_a_name_leads_to_its_one_page(
    shared: Browser, asked: str, page: str | None
) -> None:
    answer = shared.get(asked)
    assert answer.status_code == 301
    assert answer.headers["location"] == (page or page_path(FeedKey(FeedKind.TAG, "ガジェット")))
    assert shared.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        "/tag/none/",
        "/category/AI/",
        "/tag/",
        "/category/..%2f..%2fetc/",
        "/tag//evil.example/",
        "//evil.example/tag/AI",
        "/nowhere",
    ],
)
def test_what_is_not_there_says_where_to_go(shared: Browser, asked: str) -> None:
    answer = shared.get(f"http://localhost:8000{asked}")
    assert answer.status_code == 404
    assert "ページが見つかりません" in answer.text
    assert Links(answer.text).find("a", href="/#feeds")
    assert answer.headers["x-robots-tag"] == "noindex"


def test_no_word_of_a_publication_or_a_post_becomes_markup(shared: Browser) -> None:
    category = page_path(FeedKey(FeedKind.CATEGORY, NASTY))
    for path in ("/", category, AI, "/nowhere", f"/tag/{quote(NASTY)}/"):
        page = shared.get(path)
        tags = Links(page.text)
        assert {str(script["src"])[:8] for script in tags.find("script")} <= {"/assets/"}
        assert not tags.find("b")
        assert "瓦版 &lt;b&gt;&amp;だより" in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shared.get(category).text


def test_an_address_that_is_none_becomes_no_link(furnish: Furnish) -> None:
    house = furnish()
    with house.parts.database.writing() as connection:
        connection.exec_driver_sql("UPDATE posts SET url = 'javascript:alert(1)' WHERE post_id = 1")
    with house.open() as client:
        page = client.get("/").text
    assert "はじめての瓦版" in page
    assert "javascript:" not in page


def test_a_publication_in_another_language_is_spoken_to_in_english(furnish: Furnish) -> None:
    house = furnish()
    publication = replace(PUBLICATION, language="de", description="")
    parts = replace(house.parts, feeds=replace(house.parts.feeds, publication=publication))
    with House(parts).open() as client:
        page = client.get("/").text
    assert '<html lang="en" dir="ltr">' in page
    assert "Every Monday at 08:00, or every day at 08:00" in page
    assert "October 15, 2025" in page  # 20:00 in London is the next day in Tokyo


def test_only_kinds_that_have_feeds_have_pages(furnish: Furnish) -> None:
    house = furnish()
    settings = FeedSettings(by=(FeedKind.TAG,))
    parts = replace(house.parts, feeds=replace(house.parts.feeds, settings=settings))
    with House(parts).open() as client:
        assert client.get(AI).status_code == 200
        assert client.get(page_path(FeedKey(FeedKind.CATEGORY, "町のうわさ"))).status_code == 404
        assert "カテゴリー" not in client.get("/").text


def test_links_stay_below_the_path_that_the_service_is_reached_at(furnish: Furnish) -> None:
    house = furnish()
    publication = replace(PUBLICATION, service_url="https://kawara.example/news")
    parts = replace(house.parts, feeds=replace(house.parts.feeds, publication=publication))
    with House(parts).open() as client:
        links = Links(client.get("/").text)
        assert links.find("a", href="/news/tag/AI/")
        assert str(links.find("link", rel="stylesheet")[0]["href"]).startswith("/news/assets/")
        assert client.get("/tag/ai/").headers["location"] == "/news/tag/AI/"


def test_the_style_is_kept_for_a_year_at_an_address_of_its_own(shared: Browser) -> None:
    href = str(Links(shared.get("/").text).find("link", rel="stylesheet")[0]["href"])
    style = shared.get(href)
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert style.headers["cache-control"] == "public, max-age=31536000, immutable"
    again = shared.get(href, headers={"If-None-Match": style.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert shared.get("/assets/style.css").headers["cache-control"] == "public, max-age=60"


def test_no_page_asks_anybody_else_for_anything(shared: Browser) -> None:
    for path in ("/", AI, "/nowhere"):
        links = Links(shared.get(path).text)
        assert not links.find("img")
        loaded = [link["href"] for link in links.find("link", rel="stylesheet")]
        loaded += [script["src"] for script in links.find("script")]
        for address in loaded:
            assert str(address).startswith("/assets/")
            assert shared.get(str(address)).status_code == 200


def test_a_page_in_a_browsers_address_bar_can_be_typed_in_any_script(shared: Browser) -> None:
    assert shared.get("/tag/ガジェット/").status_code == 200
    assert unquote(page_path(FeedKey(FeedKind.TAG, "ガジェット"))) == "/tag/ガジェット/"
