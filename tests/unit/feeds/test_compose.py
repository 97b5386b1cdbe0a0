from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from service.feeds.clean import clean_text
from service.feeds.compose import compose_feed
from service.model.feed import Feed, FeedKey, FeedKind, FeedSettings
from service.model.post import Author, Body, Image, Post
from service.model.publication import Publication

SITE = FeedKey(FeedKind.SITE)
BODY = Body(html="<p>本文</p>", text="本文")


def compose_one(post: Post, publication: Publication, body: Body | None = BODY) -> Feed:
    return compose_feed(SITE, [(post, body)], publication, FeedSettings())


def test_the_feed_is_as_new_as_its_newest_entry(
    posts: tuple[Post, ...], publication: Publication
) -> None:
    feed = compose_feed(SITE, [(post, BODY) for post in posts], publication, FeedSettings())
    assert feed.updated_at == max(entry.post.updated_at for entry in feed.entries)
    assert feed.updated_at.replace(microsecond=0) == posts[2].updated_at


def test_posts_of_one_second_are_updated_at_moments_of_their_own(
    post: Post, publication: Publication
) -> None:
    posts = [replace(post, post_id=no, uid=f"{post.uid}/{no}") for no in range(22)]
    feed = compose_feed(SITE, [(post, BODY) for post in posts], publication, FeedSettings())
    moments = [entry.post.updated_at for entry in feed.entries]
    assert len(set(moments)) == 22
    assert {moment.replace(microsecond=0) for moment in moments} == {post.updated_at}
    alone = compose_one(posts[7], publication)
    assert alone.entries[0].post.updated_at == moments[7]


def test_a_feed_of_a_language_is_called_as_the_language_calls_itself(
    publication: Publication,
) -> None:
    key = FeedKey(FeedKind.LANGUAGE, "ja")
    feed = compose_feed(key, [], publication, FeedSettings())
    assert feed.title == f"{publication.title} | 日本語"


def test_an_empty_feed_has_a_date_that_is_not_now(publication: Publication) -> None:
    assert compose_feed(SITE, [], publication, FeedSettings()).updated_at == datetime(
        2000, 1, 1, tzinfo=UTC
    )


def test_a_post_is_never_updated_before_it_was_published(
    post: Post, publication: Publication
) -> None:
    early = replace(post, updated_at=post.published_at - timedelta(days=3))
    updated_at = compose_one(early, publication).entries[0].post.updated_at
    assert updated_at.replace(microsecond=0) == post.published_at


def test_a_post_keeps_its_own_offset(posts: tuple[Post, ...], publication: Publication) -> None:
    shown = compose_one(posts[2], publication).entries[0].post
    assert shown.published_at.isoformat() == "2025-10-15T06:30:00-05:00"


def test_an_offset_that_no_format_can_tell_becomes_utc(
    post: Post, publication: Publication
) -> None:
    local_mean_time = timezone(timedelta(hours=9, minutes=18, seconds=59))
    old = replace(post, published_at=datetime(1887, 1, 1, 9, 18, 59, tzinfo=local_mean_time))
    shown = compose_one(old, publication).entries[0].post
    assert shown.published_at.isoformat() == "1887-01-01T00:00:00+00:00"


def test_the_image_leads_the_body(post: Post, publication: Publication) -> None:
    pictured = replace(post, image=Image("https://kawara.example/a.png?x=1&y=2", "image/png"))
    html = compose_one(pictured, publication).entries[0].body.html
    assert html.startswith('<p><img src="https://kawara.example/a.png?x=1&amp;y=2" alt=""></p>')
    assert html.endswith(BODY.html)


@pytest.mark.parametrize("escaped", ["a.png?x=1&amp;y=2", "a.png?x=1&y=2"])
def test_an_image_that_the_body_shows_already_is_not_shown_twice(
    escaped: str, post: Post, publication: Publication
) -> None:
    pictured = replace(post, image=Image("https://kawara.example/a.png?x=1&y=2", "image/png"))
    body = Body(html=f'<p>x</p><img src="https://kawara.example/{escaped}">', text="x")
    assert compose_one(pictured, publication, body).entries[0].body == body


def test_a_body_written_from_right_to_left_says_so(post: Post, publication: Publication) -> None:
    hebrew = compose_one(replace(post, language="he"), publication).entries[0].body.html
    assert hebrew == f'<div lang="he" dir="rtl">\n{BODY.html}</div>\n'
    in_arabic = replace(publication, language="ar")
    assert 'dir="ltr"' in compose_one(post, in_arabic).entries[0].body.html
    assert compose_one(post, publication).entries[0].body.html == BODY.html


def test_a_post_without_authors_is_by_the_publication(post: Post, publication: Publication) -> None:
    nameless = replace(post, authors=(Author(" "),))
    assert compose_one(nameless, publication).entries[0].post.authors == (Author("瓦版編集部"),)


def test_no_address_of_an_author_is_published(
    posts: tuple[Post, ...], publication: Publication
) -> None:
    assert compose_one(posts[1], publication).entries[0].post.authors[0].email is None


def test_a_post_without_a_title_is_named_by_its_summary_or_its_address(
    post: Post, publication: Publication
) -> None:
    untitled = replace(post, title=" \x00 ")
    assert compose_one(untitled, publication).entries[0].post.title == "最初の一枚です。"
    bare = replace(untitled, summary="")
    assert compose_one(bare, publication).entries[0].post.title == post.url


def test_an_id_that_is_no_uri_becomes_one_that_stays(post: Post, publication: Publication) -> None:
    named = replace(post, uid="my post 17")
    once = compose_one(named, publication).entries[0].post.uid
    moved = compose_one(replace(named, url="https://new.example/"), publication).entries[0].post.uid
    assert once == moved
    assert once.startswith("urn:uuid:")
    old_guid = replace(post, uid="https://old.example/first")
    assert compose_one(old_guid, publication).entries[0].post.uid == "https://old.example/first"


def test_a_feed_of_a_tag_says_so_in_its_title(post: Post, publication: Publication) -> None:
    feed = compose_feed(
        FeedKey(FeedKind.TAG, "生成AI"), [(post, BODY)], publication, FeedSettings()
    )
    assert feed.title == "瓦版だより | 生成AI"


def test_a_publication_that_says_little_still_has_a_feed(
    post: Post, publication: Publication
) -> None:
    feed = compose_one(post, replace(publication, title="", description="", author=""))
    assert (feed.title, feed.description, feed.author) == (("https://kawara.example",) * 3)


def test_every_text_of_a_feed_is_cleaned(post: Post, publication: Publication) -> None:
    dirty = "a\x00\x0b\ud800\uffff\ufffeb\t\n\ufffd"
    feed = compose_one(
        replace(post, title=dirty, summary=dirty, tags=(dirty,), authors=(Author(dirty),)),
        replace(publication, description=dirty),
        Body(html=dirty, text=dirty),
    )
    shown = feed.entries[0]
    clean = "ab\t\n\ufffd"
    assert feed.description == "ab \ufffd"
    assert (shown.post.summary, shown.post.tags) == (clean, (clean,))
    assert shown.body.html == "ab\t\n&#xFFFD;"
    assert shown.post.authors[0].name == "ab \ufffd"
    assert feed.key is not None
    assert feed.key.kind is FeedKind.SITE


def test_what_xml_allows_is_left_as_it_is() -> None:
    text = "tab\t lf\n cr\r か\u3099 😀 👩‍🚀 𠮷 \ufffd \U0001fffe"
    assert clean_text(text) == text
