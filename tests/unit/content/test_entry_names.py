from __future__ import annotations

from collections.abc import Callable

import pytest

from service.model.post import Article, Reading

SITE = "https://news.test"
FRONT = "---\ntitle: 題\ndate: 2026-01-31 10:00:00 +0900\n{}\n---\n本文です。\n"


@pytest.fixture
def article(read: Callable[..., Reading]) -> Callable[..., Article]:
    def read_article(keys: str = "", **place: str) -> Article:
        reading = read(FRONT.format(keys), **place)
        assert reading.article is not None, reading
        return reading.article

    return read_article


@pytest.mark.parametrize(
    ("path", "permalink", "keys", "url", "name"),
    [
        # Folder of the address and slug, whatever ends the address: Jekyll's Document#id.
        ("2026-01-31-A.b-c.md", "date", "", "/2026/01/31/A.b-c.html", "/2026/01/31/A.b-c"),
        ("2026-01-31-A.b-c.md", "pretty", "", "/2026/01/31/A.b-c/", "/2026/01/31/A.b-c"),
        ("2026-01-31-a.md", "/:slug/", "", "/a/", "/a"),
        ("2026-01-31-a.md", "pretty", "permalink: /x/y.html", "/x/y.html", "/x/a"),
        ("2026-01-31-a.md", "pretty", "permalink: /", "/", "/a"),
        ("2026-01-31-a.md", "pretty", "slug: Other Name", "/2026/01/31/Other-Name/",
         "/2026/01/31/Other%20Name"),
        ("2026-01-31-日本.md", "pretty", "", "/2026/01/31/%E6%97%A5%E6%9C%AC/",
         "/2026/01/31/%E6%97%A5%E6%9C%AC"),
        ("2026-01-31-50%-off.md", "none", "", "/50-off.html", "/50%25-off"),
        ("2026-01-31-(a)'b.md", "none", "", "/(a)'b.html", "/(a)'b"),
    ],
)  # fmt: skip
def test_a_post_of_jekyll_is_known_as_jekyll_feed_knows_it(
    article: Callable[..., Article], path: str, permalink: str, keys: str, url: str, name: str
) -> None:
    read = article(keys, path=path, permalink=permalink)
    assert (read.url, read.site_id) == (SITE + url, SITE + name)


@pytest.mark.parametrize(
    ("path", "keys", "name"),
    [
        ("posts/A b.md", "", "/posts/a-b/"),
        ("posts/日本.md", "", "/posts/%E6%97%A5%E6%9C%AC/"),
        ("posts/a.md", "url: /x(1)/", "/x(1)/"),
        ("posts/a.md", "url: /日(1)!/", "/%E6%97%A5%281%29%21/"),
        ("posts/a.md", "url: '/a b*/'", "/a%20b%2A/"),
    ],
)
def test_a_post_of_hugo_is_known_by_its_permalink_as_go_escapes_it(
    article: Callable[..., Article], path: str, keys: str, name: str
) -> None:
    assert article(keys, path=path, generator="hugo").site_id == SITE + name


def test_any_other_post_is_known_by_its_address(article: Callable[..., Article]) -> None:
    read = article("", path="2026-01-31-a.md", generator="generic")
    assert read.site_id == read.url


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ("audio: /a.mp3\nlength: 1,234", [("/a.mp3", "audio/mpeg", 1234)]),
        ("podcast_file: a.mp3\npodcast_bytes: 12", [("/2026/01/31/a.mp3", "audio/mpeg", 12)]),
        ("podcast: {url: /a.m4a, length: 5}", [("/a.m4a", "audio/mp4", 5)]),
        ("video: https://youtu.be/abc", []),
        ("enclosure: |\n  /a.bin\n  77\n  audio/mpeg", [("/a.bin", "audio/mpeg", 77)]),
        ("audio: {mp3: /a.mp3, ogg: /a.ogg}",
         [("/a.mp3", "audio/mpeg", 0), ("/a.ogg", "audio/ogg", 0)]),
        ("enclosures: [{url: /a.mp3}, {src: /b.mp4, type: video/mp4, size: 9}, /a.mp3]",
         [("/a.mp3", "audio/mpeg", 0), ("/b.mp4", "video/mp4", 9)]),
        ("audio: {url: /a.mp3, type: mp3, length: -1}", [("/a.mp3", "audio/mpeg", 0)]),
        ("audio: 'javascript:alert(1).mp3'", []),
        ("audio: {url: /a.xyz}", []),
    ],
)  # fmt: skip
def test_sound_and_video_are_found_as_podcasts_write_them(
    article: Callable[..., Article], keys: str, found: list[tuple[str, str, int]]
) -> None:
    read = article(keys, permalink="date", path="2026-01-31-p.md").enclosures
    assert [(one.url.removeprefix(SITE), one.type, one.length) for one in read] == found
