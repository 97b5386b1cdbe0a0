from __future__ import annotations

from dataclasses import replace

import pytest

from service.feeds.build import plan_feed, render_feed
from service.feeds.naming import name_entries
from service.model.feed import FeedKey, FeedKind, FeedSettings, Naming
from service.model.post import Body, Post
from service.model.publication import Publication

URL = "https://kawara.example/2025/10/13/first/"


@pytest.mark.parametrize(
    ("naming", "uid"),
    [
        (Naming.TAG, "tag:kawara.example,2025:post/0001"),
        (Naming.PERMALINK, "https://kawara.example/2025/10/13/first"),
        (Naming.URL, URL),
    ],
)
def test_an_entry_is_known_by_what_was_chosen(post: Post, naming: Naming, uid: str) -> None:
    named = replace(post, site_id="https://kawara.example/2025/10/13/first", url_id=URL)
    assert [one.uid for one in name_entries([named], naming)] == [uid]


def test_what_is_not_known_yet_is_the_next_best_and_never_empty(post: Post) -> None:
    assert name_entries([replace(post, url_id=URL)], Naming.PERMALINK)[0].uid == URL
    assert name_entries([post], Naming.URL)[0].uid == post.uid


@pytest.mark.parametrize(("uid", "is_link"), [(URL, "true"), (f"{URL}#2", "false")])
def test_a_guid_is_called_a_permalink_only_where_it_leads_to_the_post(
    post: Post, publication: Publication, uid: str, is_link: str
) -> None:
    key = FeedKey(FeedKind.SITE)
    plan = plan_feed(key, [replace(post, uid=uid)], FeedSettings(), publication)
    rss = render_feed(plan, {post.post_id: Body("<p>a</p>", "a")})[0].content.decode()
    assert f'<guid isPermaLink="{is_link}">{uid}</guid>' in rss
