from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import unquote

from service.model.feed import CustomFeed, FeedFormat, FeedKind, FeedSettings
from service.model.post import Post
from service.model.publication import Publication
from service.web.catalogue import compose_catalogue
from service.web.static_site import render_opml_file, render_pages

from .conftest import NASTY, POSTS, PUBLICATION, TEMPLATES

SETTINGS = FeedSettings(
    by=(FeedKind.CATEGORY, FeedKind.TAG, FeedKind.LANGUAGE),
    custom=(
        CustomFeed("feeds/ai.xml", FeedFormat.RSS, tags=("AI",)),
        CustomFeed("index.xml", FeedFormat.ATOM),
    ),
)
PATHS = ("feed.xml", "archive/2025-10.xml", "archive/2025-10-01.xml")


def render(
    settings: FeedSettings = SETTINGS,
    publication: Publication = PUBLICATION,
    posts: Sequence[Post] = POSTS[:2],
) -> Mapping[str, str]:
    catalogue = compose_catalogue(posts, settings, PATHS)
    pages = render_pages(TEMPLATES, publication, settings, catalogue)
    return {file.path: file.content.decode() for file in pages}


def test_every_feed_has_its_page() -> None:
    pages = render()
    assert {path for path in pages if path.endswith(".html")} > {
        "index.html",
        "category/町のうわさ/index.html",
        "tag/AI/index.html",
        "tag/ガジェット/index.html",
        "language/ja/index.html",
        "custom/feeds/ai.xml/index.html",
        "custom/index.xml/index.html",
    }
    assert "日本語" in pages["language/ja/index.html"]
    assert "選んだ記事（AI）が届くフィードです。" in pages["custom/feeds/ai.xml/index.html"]
    assert "すべての記事が届くフィードです。" in pages["custom/index.xml/index.html"]


def test_every_link_of_a_page_to_another_leads_to_a_file() -> None:
    pages = render()
    for page in pages.values():
        for link in re.findall(r'(?:href|src)="/([^"#?]*)', page):
            path = unquote(link)
            assert path in pages or f"{path}index.html" in pages, path


def test_pages_permit_themselves_no_more_than_they_need() -> None:
    page = render()["tag/AI/index.html"]
    assert "script-src &#39;self&#39;" in page
    assert not re.search(r"<script(?! src=\"/assets/)", page)
    assert NASTY not in "".join(render().values())


def test_nothing_that_needs_a_service_is_on_them() -> None:
    page = render()["index.html"]
    assert "<form" not in page
    assert 'id="mail"' not in page


def test_the_archive_and_the_list_of_feeds_can_be_reached() -> None:
    page = render()["index.html"]
    assert page.index("archive/2025-10.xml") < page.index("archive/2025-10-01.xml")
    assert 'href="http://localhost:8000/feeds.opml"' in page


def test_a_site_in_the_same_folder_keeps_its_front_page() -> None:
    beside = replace(PUBLICATION, service_url=PUBLICATION.url)
    pages = render(publication=beside)
    assert "index.html" not in pages
    assert 'href="/follow/"' in pages["tag/AI/index.html"]
    assert (
        '<link rel="canonical" href="https://kawara.example/follow/">'
        in (pages["follow/index.html"])
    )


def test_a_feed_without_posts_has_a_page_that_says_so() -> None:
    settings = replace(SETTINGS, custom=(CustomFeed("none.xml", FeedFormat.RSS, tags=("x",)),))
    assert "まだ記事がありません。" in render(settings)["custom/none.xml/index.html"]


def test_the_last_day_of_the_calendar_has_a_page_too() -> None:
    last = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    post = replace(POSTS[0], published_at=last, updated_at=last)
    assert "9999年12月31日" in render(posts=[post])["index.html"]


def test_the_list_of_feeds_holds_every_one_of_them() -> None:
    catalogue = compose_catalogue(POSTS[:2], SETTINGS, PATHS)
    file = render_opml_file(PUBLICATION, SETTINGS, catalogue)
    assert (file.path, file.content_type) == ("feeds.opml", "text/x-opml; charset=utf-8")
    assert file.content.count(b"xmlUrl=") == len(catalogue.groups)
