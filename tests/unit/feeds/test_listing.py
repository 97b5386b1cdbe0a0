from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta

from service.feeds.listing import group_around, group_posts, list_feed_keys, select_served
from service.model.feed import FeedKey, FeedKind
from service.model.post import Author, Post

SITE = FeedKey(FeedKind.SITE)


def later(post: Post, days: int) -> Post:
    return replace(
        post,
        post_id=post.post_id + 100 * days,
        uid=f"{post.uid}-{days}",
        url=f"{post.url}{days}",
        published_at=post.published_at + timedelta(days=days),
    )


def test_there_is_a_feed_for_the_site_and_each_category_tag_and_author(
    posts: tuple[Post, ...],
) -> None:
    assert list_feed_keys(posts) == [
        SITE,
        FeedKey(FeedKind.CATEGORY, "Abroad"),
        FeedKey(FeedKind.CATEGORY, "町のうわさ"),
        FeedKey(FeedKind.TAG, "AI"),
        FeedKey(FeedKind.TAG, "火事"),
        FeedKey(FeedKind.TAG, "生成AI"),
        FeedKey(FeedKind.AUTHOR, "Ann Crier"),
        FeedKey(FeedKind.AUTHOR, "Bob Caller"),
        FeedKey(FeedKind.AUTHOR, "葛飾 北斎"),
    ]


def test_only_the_kinds_asked_for_have_feeds(posts: tuple[Post, ...]) -> None:
    keys = list_feed_keys(posts, (FeedKind.CATEGORY,))
    assert {key.kind for key in keys} == {FeedKind.SITE, FeedKind.CATEGORY}


def test_a_publication_without_posts_has_its_own_feed() -> None:
    assert list_feed_keys([]) == [SITE]
    assert group_posts([], [SITE]) == {SITE: ()}


def test_each_feed_holds_its_own_posts_newest_first(posts: tuple[Post, ...]) -> None:
    groups = group_posts(posts, list_feed_keys(posts))
    assert [post.post_id for post in groups[SITE]] == [3, 2, 1]
    assert [post.post_id for post in groups[FeedKey(FeedKind.TAG, "生成AI")]] == [2, 1]
    assert [post.post_id for post in groups[FeedKey(FeedKind.AUTHOR, "Bob Caller")]] == [3]


def test_the_feeds_around_a_post_are_those_of_all_feeds_that_have_it(
    posts: tuple[Post, ...],
) -> None:
    older = replace(later(posts[0], -9), tags=("ai", "火事", " "), categories=())
    copy = replace(later(posts[0], -8), url=posts[0].url)
    every = [*posts, older, copy]
    by = (FeedKind.TAG, FeedKind.CATEGORY, FeedKind.LANGUAGE)
    groups = group_posts(every, list_feed_keys(every, by))
    for post in every:
        having = [(key, group) for key, group in groups.items() if post in group]
        assert list(group_around(post.post_id, every, by).items()) == having
    assert group_around(copy.post_id, every, by) == {}
    assert FeedKey(FeedKind.TAG, "ai") in groups


def test_names_that_differ_only_in_case_are_one_feed_in_the_oldest_spelling(post: Post) -> None:
    posts = [
        replace(later(post, 2), tags=("ai", "AI")),
        replace(later(post, 1), tags=("AI",)),
        replace(later(post, 3), tags=("Ai",)),
    ]
    keys = list_feed_keys(posts, (FeedKind.TAG,))
    assert keys == [SITE, FeedKey(FeedKind.TAG, "AI")]
    assert len(group_posts(posts, keys)[keys[1]]) == 3


def test_a_name_in_two_normal_forms_is_one_feed_in_nfc(post: Post) -> None:
    decomposed = unicodedata.normalize("NFD", "ガジェット")
    posts = [replace(post, tags=(decomposed,)), replace(later(post, 1), tags=("ガジェット",))]
    assert list_feed_keys(posts, (FeedKind.TAG,))[1:] == [FeedKey(FeedKind.TAG, "ガジェット")]


def test_a_name_of_spaces_makes_no_feed(post: Post) -> None:
    blank = replace(post, tags=(" ", ""), authors=(Author("　"),), categories=())
    assert list_feed_keys([blank]) == [SITE]


def test_of_two_posts_with_one_address_the_newer_is_served_everywhere(post: Post) -> None:
    newer = replace(later(post, 1), url=post.url, tags=("another",))
    posts = [post, newer]
    assert select_served(posts) == (newer,)
    assert [key.name for key in list_feed_keys(posts, (FeedKind.TAG,))] == ["", "another"]


def test_of_two_posts_with_one_id_the_newer_is_served(post: Post) -> None:
    newer = replace(later(post, 1), uid=post.uid)
    assert select_served([newer, post]) == (newer,)


def test_a_feed_that_no_post_belongs_to_is_empty(post: Post) -> None:
    stranger = FeedKey(FeedKind.TAG, "nobody")
    assert group_posts([post], [stranger]) == {stranger: ()}
