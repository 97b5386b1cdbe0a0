from __future__ import annotations

from datetime import UTC, datetime, timedelta

from service.content.posting import Sighting, compose_post
from service.model.post import Article, Post
from service.scanning.naming import EntryNames
from service.store.post_paths import PostTrace

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
URL = "https://kawara.example/ferry/"
SIGHTING = Sighting(NOW, NOW, NOW, None)


def write(path: str, *, at: datetime = NOW, url: str = URL, site_id: str = "") -> Article:
    return Article(path, path, url, at, "s", "<p>s</p>", "s", "en", site_id=site_id)


def see(article: Article) -> Post:
    return compose_post(article, f"tag:{article.path}", None, SIGHTING, ())


def trace(post: Post) -> PostTrace:
    return PostTrace(
        post_id=1, uid=post.uid, path=post.path, title=post.title,
        published_at=post.published_at, text_digest="", explicit_id=None, first_seen_at=NOW,
        gone_at=NOW, site_id=post.site_id, url_id=post.url_id, is_news=False,
    )  # fmt: skip


def test_the_first_one_at_an_address_is_known_by_it() -> None:
    article = write("a.md", site_id="https://kawara.example/ferry")
    named = EntryNames([], [article], NOW).name_post(see(article))
    assert (named.site_id, named.url_id) == ("https://kawara.example/ferry", URL)


def test_another_article_at_an_address_once_taken_gets_a_name_of_its_own() -> None:
    first, second, third = write("a.md"), write("b.md"), write("c.md")
    names = EntryNames([trace(see(first))], [second], NOW)
    assert names.name_post(see(second)).url_id == f"{URL}#2026-03-10"
    assert names.name_post(see(third)).url_id == f"{URL}#2026-03-10-2"


def test_of_two_that_come_together_the_one_that_feeds_show_has_the_address() -> None:
    older, newer = write("a.md", at=NOW - timedelta(days=1)), write("b.md")
    names = EntryNames([], [older, newer], NOW)
    assert names.name_post(see(older)).url_id == f"{URL}#2026-03-10"
    assert names.name_post(see(newer)).url_id == URL


def test_a_post_that_has_its_names_keeps_them() -> None:
    post = see(write("a.md"))
    assert EntryNames([trace(post)], [], NOW).name_post(post) == post
