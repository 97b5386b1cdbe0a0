from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from service.feeds.custom import find_empty, select_custom
from service.feeds.listing import group_posts, list_feed_keys
from service.feeds.paths import feed_path, list_formats
from service.model.feed import CustomFeed, FeedFormat, FeedKey, FeedKind, FeedSettings
from service.model.post import Author, Post

SITE = FeedKey(FeedKind.SITE)


def make(**conditions: object) -> CustomFeed:
    return CustomFeed("feeds/tech.xml", FeedFormat.RSS, **conditions)  # type: ignore[arg-type]


def select(posts: Sequence[Post], **conditions: object) -> list[int]:
    return [post.post_id for post in select_custom(posts, make(**conditions))]


@pytest.mark.parametrize(
    ("conditions", "ids"),
    [
        ({}, [3, 2, 1]),
        ({"categories": ("町のうわさ",)}, [2, 1]),
        ({"categories": ("町のうわさ", "abroad")}, [3, 2, 1]),
        ({"categories": ("町のうわさ",), "tags": ("火事",)}, [2]),
        ({"authors": ("ann crier",)}, [3]),
        ({"language": "ja"}, [2, 1]),
        ({"language": "en", "tags": ("火事",)}, []),
    ],
)
def test_a_post_belongs_to_a_feed_whose_every_condition_it_meets(
    posts: tuple[Post, ...], conditions: dict[str, object], ids: list[int]
) -> None:
    assert select(posts, **conditions) == ids


def test_a_language_covers_its_variants_and_no_other(post: Post) -> None:
    spoken = ["en", "en-GB", "eng", "zh-Hant-TW"]
    posts = [
        replace(post, post_id=number, uid=f"tag:{number}", url=f"https://a/{number}", language=name)
        for number, name in enumerate(spoken)
    ]
    assert sorted(select(posts, language="EN")) == [0, 1]
    assert select(posts, language="zh-hant") == [3]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("町のうわざ", "町のうわさ"),
        ("ABROARD", "Abroad"),
        ("a-b-r-o-a-d", "Abroad"),
        ("海の幸", ""),
    ],
)
def test_an_empty_feed_is_told_with_what_may_be_meant(
    posts: tuple[Post, ...], written: str, meant: str
) -> None:
    (empty,) = find_empty(posts, [make(categories=(written,)), make(tags=("AI",))])
    (strange,) = empty.strange
    assert (strange.kind, strange.name, strange.near) == (FeedKind.CATEGORY, written, meant)
    assert strange.known["町のうわさ"] == 2


def test_names_that_are_right_but_never_meet_are_not_called_strange(
    posts: tuple[Post, ...],
) -> None:
    (empty,) = find_empty(posts, [make(categories=("Abroad",), tags=("火事",))])
    assert empty.strange == ()


def test_a_feed_of_a_language_is_opted_into(post: Post) -> None:
    posts = [
        replace(post, authors=(Author("A"),)),
        replace(post, uid="tag:2", url="https://a/2", language="en-GB"),
    ]
    assert FeedKey(FeedKind.LANGUAGE, "ja") not in list_feed_keys(posts)
    keys = list_feed_keys(posts, (FeedKind.LANGUAGE,))
    assert keys == [SITE, FeedKey(FeedKind.LANGUAGE, "en-GB"), FeedKey(FeedKind.LANGUAGE, "ja")]
    assert [len(group) for group in group_posts(posts, keys).values()] == [2, 1, 1]
    assert feed_path(keys[1], FeedFormat.ATOM) == "language/en-GB/atom.xml"


def test_ours_gives_way_where_a_custom_feed_takes_its_path() -> None:
    settings = FeedSettings(custom=(CustomFeed("feed.xml", FeedFormat.ATOM),))
    assert list_formats(SITE, settings) == (FeedFormat.ATOM, FeedFormat.JSON)
    assert list_formats(settings.custom[0].key, settings) == (FeedFormat.ATOM,)
    assert feed_path(settings.custom[0].key, FeedFormat.ATOM) == "feed.xml"
