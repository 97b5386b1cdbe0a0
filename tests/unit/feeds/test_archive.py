from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.feeds import archive
from service.feeds.archive import list_parts
from service.feeds.build import FeedPlan, plan_archive, render_feed
from service.model.feed import FeedSettings
from service.model.post import Body, Post
from service.model.publication import Publication

TOKYO = ZoneInfo("Asia/Tokyo")
HOME = "https://news.kawara.example"
BODY = Body("<p>本文。</p>", "本文。")


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGEST_PART", 40)


def write(post: Post, number: int, at: datetime) -> Post:
    return replace(post, post_id=number, uid=f"tag:{number}", published_at=at, updated_at=at)


def list_names(posts: list[Post], size: int = 10) -> dict[str, list[int]]:
    parts = list_parts(posts, TOKYO, lambda _: size)
    return {part.name: [post.post_id for post in part.posts] for part in parts}


def test_every_month_is_a_document_in_the_zone_of_the_publication(post: Post) -> None:
    posts = [
        write(post, 1, datetime(2026, 2, 28, 14, 59, tzinfo=UTC)),
        write(post, 2, datetime(2026, 2, 28, 15, 0, tzinfo=UTC)),
        write(post, 3, datetime(2026, 3, 9, tzinfo=UTC)),
        write(post, 4, datetime(2026, 5, 1, tzinfo=UTC)),
    ]
    assert list_names(posts) == {"2026-02": [1], "2026-03": [3, 2], "2026-05": [4]}


def test_a_month_too_full_is_halved_by_its_days_and_ends_under_its_own_name(post: Post) -> None:
    days = [datetime(2026, 3, day, tzinfo=UTC) for day in (1, 2, 3, 9, 20, 21, 22, 23)]
    posts = [write(post, number, day) for number, day in enumerate(days, start=1)]
    assert list_names(posts) == {"2026-03-01": [4, 3, 2, 1], "2026-03": [8, 7, 6, 5]}


def test_what_is_added_to_a_month_leaves_the_parts_before_it_alone(post: Post) -> None:
    days = [datetime(2026, 3, day, tzinfo=UTC) for day in (1, 2, 3, 9, 20, 21, 22, 23)]
    posts = [write(post, number, day) for number, day in enumerate(days, start=1)]
    more = [*posts, write(post, 9, datetime(2026, 3, 30, tzinfo=UTC))]
    assert list_names(more) == {
        "2026-03-01": [4, 3, 2, 1],
        "2026-03-17": [8, 7, 6, 5],
        "2026-03": [9],
    }


def test_a_day_too_full_is_cut_and_nothing_is_lost(post: Post) -> None:
    at = datetime(2026, 3, 9, 3, tzinfo=UTC)
    posts = [write(post, number, at + timedelta(seconds=number)) for number in range(1, 10)]
    parts = list_names(posts)
    assert [len(ids) for ids in parts.values()] == [4, 4, 1]
    assert list(parts) == ["2026-03-09-1", "2026-03-09-2", "2026-03"]
    assert sorted(number for ids in parts.values() for number in ids) == list(range(1, 10))


def test_a_post_larger_than_any_document_has_one_to_itself(post: Post) -> None:
    posts = [write(post, day, datetime(2026, 3, day, tzinfo=UTC)) for day in (1, 2)]
    assert list_names(posts, size=99) == {"2026-03-01": [1], "2026-03": [2]}


@pytest.mark.parametrize(
    "at", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)]
)
def test_the_first_and_the_last_day_there_is_are_archived_too(post: Post, at: datetime) -> None:
    assert list_names([write(post, 1, at)]) == {f"{at.year:04d}-{at.month:02d}": [1]}


def plan(posts: list[Post], publication: Publication) -> tuple[FeedPlan, ...]:
    return plan_archive(posts, FeedSettings(), publication)


def test_the_documents_are_chained_and_say_what_they_are(
    post: Post, publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    posts = [write(post, month, datetime(2026, month, 5, tzinfo=UTC)) for month in (1, 2, 4)]
    plans = plan(posts, publication)
    files = [render_feed(one, {post.post_id: BODY for post in posts}) for one in plans]
    assert [file.path for (file,) in files] == [
        "archive/2026-01.xml",
        "archive/2026-02.xml",
        "archive/2026-04.xml",
    ]
    written = [file.content.decode() for (file,) in files]
    older = [
        f'<link href="{HOME}/archive/2026-0{month}.xml" rel="prev-archive"' for month in (1, 2)
    ]
    assert [[link in text for link in older] for text in written] == [
        [False, False],
        [True, False],
        [False, True],
    ]
    # Validators miss a link to another archive where a document says that it is one.
    assert ["<fh:archive/>" in text for text in written] == [False, True, True]
    for text in written:
        assert f'<link href="{HOME}/atom.xml" rel="current" type="application/atom+xml"/>' in text
        assert f"<id>{HOME}/atom.xml</id>" in text
        assert 'rel="hub"' not in text
        assert 'rel="next-archive"' not in text


def test_a_month_is_made_anew_only_when_a_post_of_it_changes_comes_or_goes(
    post: Post, publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    posts = [write(post, month, datetime(2026, month, 5, tzinfo=UTC)) for month in (1, 2, 3)]

    def digest(posts: list[Post]) -> dict[str, str]:
        return {one.key.name: one.source_digest for one in plan(posts, publication)}

    before = digest(posts)
    edited = digest([posts[0], replace(posts[1], body_digest="f" * 64), posts[2]])
    assert {name for name in before if before[name] != edited[name]} == {"2026-02"}
    added = digest([*posts, write(post, 4, datetime(2026, 3, 30, tzinfo=UTC))])
    assert {name for name in before if before[name] != added[name]} == {"2026-03"}
    opened = digest([*posts, write(post, 4, datetime(2026, 4, 1, tzinfo=UTC))])
    assert {name: opened[name] for name in before} == before
