from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.editions.select import select_posts
from service.model.edition import Candidate, More, Selection
from service.model.post import Post
from service.model.titles import are_alike, read_title

NEWEST = datetime(2025, 10, 19, 3, 0, tzinfo=UTC)
PLAIN = Post(
    post_id=1,
    uid="p",
    path="p.md",
    title="",
    url="https://kawaberi.example/p/",
    summary="",
    language="ja",
    published_at=NEWEST,
    updated_at=NEWEST,
    first_seen_at=NEWEST,
    changed_at=NEWEST,
    seen_after_at=None,
    is_known=False,
)


def describe(selection: Selection) -> list[tuple[str, list[int]]]:
    return [(part.name, [post.post_id for post in part.posts]) for part in selection.sections]


def make_candidates(*rows: tuple[int, float, str]) -> list[Candidate]:
    return [
        Candidate(
            replace(
                PLAIN,
                post_id=number,
                title=f"題{number}",
                published_at=NEWEST - timedelta(days=age),
                categories=(category,) if category else (),
            ),
            number,
        )
        for number, age, category in rows
    ]


def test_the_newest_of_each_category_comes_before_the_rest() -> None:
    candidates = make_candidates(
        (1, 0, "甲"), (2, 1, "甲"), (3, 2, "甲"), (4, 5, "乙"), (5, 6, "丙"), (6, 7, "丙")
    )
    selection = select_posts(candidates, max_posts=4, group_by="category")
    assert describe(selection) == [("甲", [1, 2]), ("乙", [4]), ("丙", [5])]
    assert selection.more == (More("甲", 1), More("丙", 1))


def test_pinned_posts_come_first_even_when_old() -> None:
    candidates = make_candidates((1, 0, "甲"), (2, 1, "甲"), (3, 9, "乙"))
    pinned = [Candidate(replace(c.post, pinned=c.post.post_id == 3), c.news_no) for c in candidates]
    selection = select_posts(pinned, max_posts=2, group_by="category")
    assert describe(selection) == [("乙", [3]), ("甲", [1])]


def test_posts_without_a_category_stand_last() -> None:
    candidates = make_candidates((1, 0, ""), (2, 1, "甲"), (3, 2, ""))
    selection = select_posts(candidates, max_posts=9, group_by="category")
    assert describe(selection) == [("甲", [2]), ("", [1, 3])]


def test_without_grouping_there_is_one_nameless_section() -> None:
    candidates = make_candidates((1, 1, "甲"), (2, 0, "乙"), (3, 2, "甲"))
    selection = select_posts(candidates, max_posts=2, group_by="none")
    assert describe(selection) == [("", [2, 1])]
    assert selection.more == (More("", 1),)


def test_equal_dates_keep_one_order() -> None:
    candidates = make_candidates((1, 0, "甲"), (2, 0, "甲"), (3, 0, "甲"))
    forward = select_posts(candidates, max_posts=2, group_by="category")
    backward = select_posts(candidates[::-1], max_posts=2, group_by="category")
    assert forward == backward
    assert describe(forward) == [("甲", [3, 2])]


def retitle(candidates: list[Candidate], *titles: str) -> list[Candidate]:
    return [
        Candidate(replace(c.post, title=title), c.news_no)
        for c, title in zip(candidates, titles, strict=True)
    ]


def test_a_title_said_again_within_three_days_folds_into_the_newer() -> None:
    candidates = retitle(
        make_candidates((1, 0, "甲"), (2, 3, "乙"), (3, 3.01, "甲")),
        "川の水位をはかる人を訪ねて",
        "川の水位をはかる人を訪ねる",
        "川の水位をはかる人を訪ねた",
    )
    selection = select_posts(candidates, max_posts=9, group_by="category")
    assert describe(selection) == [("甲", [1, 3])]
    assert [(pair.post.post_id, pair.into.post_id) for pair in selection.folded] == [(2, 1)]
    unfolded = select_posts(candidates, max_posts=9, group_by="category", fold=False)
    assert not unfolded.folded
    assert len(unfolded.posts) == 3


def test_a_pinned_post_is_never_folded() -> None:
    first, second = retitle(make_candidates((1, 0, "甲"), (2, 1, "甲")), "同じ題です", "同じ題です")
    pinned = Candidate(replace(second.post, pinned=True), 2)
    selection = select_posts([first, pinned], max_posts=9, group_by="category")
    assert describe(selection) == [("甲", [2])]
    assert selection.folded[0].post.post_id == 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("新しい橋が開通、朝から行列", "新しい橋が開通！朝から行列", True),
        ("ＡＩの話", "AIの話", True),
        ("工場の話の全貌と実践的な活用法", "市場の話の最新動向と企業への影響", False),
        ("川べり日記 第41回", "川べり日記 第42回", False),
        ("Release 1.2 of the program", "Release 1.3 of the program", False),
        ("", "", False),
        ("川", "川", True),
        ("川", "山", False),
    ],
)
def test_which_titles_are_alike(one: str, other: str, expected: bool) -> None:
    assert are_alike(read_title(one), read_title(other)) is expected
    assert are_alike(read_title(other), read_title(one)) is expected


POSTS = st.lists(
    st.builds(
        lambda title, age, category, pinned: replace(
            PLAIN,
            title=title,
            published_at=NEWEST - timedelta(hours=age),
            categories=category,
            pinned=pinned,
        ),
        st.text("川橋舟の話を見る", max_size=6),
        st.integers(0, 120),
        st.sampled_from([(), ("甲",), ("乙",), ("丙", "甲")]),
        st.booleans(),
    ),
    max_size=25,
).map(lambda posts: [replace(post, post_id=number) for number, post in enumerate(posts)])


@given(POSTS, st.integers(0, 12), st.sampled_from(["category", "none"]), st.booleans())
def test_nothing_is_lost(posts: list[Post], max_posts: int, group_by: str, fold: bool) -> None:
    selection = select_posts(
        [Candidate(post, post.post_id) for post in posts],
        max_posts=max_posts,
        group_by=group_by,
        fold=fold,
    )
    chosen = [post.post_id for post in selection.posts]
    folded = [pair.post.post_id for pair in selection.folded]
    assert len(chosen) + selection.more_count + len(folded) == len(posts)
    assert max(Counter(chosen + folded).values(), default=1) == 1
    assert len(chosen) == min(max_posts, len(posts) - len(folded))
    assert all(pair.into.post_id not in folded for pair in selection.folded)
    assert all(section.posts for section in selection.sections)
    assert all(more.count > 0 for more in selection.more)


@given(POSTS, st.integers(1, 12))
def test_a_pinned_post_never_gives_way_to_another(posts: list[Post], max_posts: int) -> None:
    candidates = [Candidate(post, None) for post in posts]
    selection = select_posts(candidates, max_posts=max_posts, group_by="category")
    pinned = sum(post.pinned for post in posts)
    assert sum(post.pinned for post in selection.posts) == min(pinned, max_posts)
    for section in selection.sections:
        order = [(not post.pinned, -post.published_at.timestamp()) for post in section.posts]
        assert order == sorted(order)


def placed(candidates: list[Candidate], *numbers: int) -> list[Candidate]:
    places = {number: place for place, number in enumerate(numbers)}
    return [replace(one, place=places.get(one.post.post_id)) for one in candidates]


def test_an_editors_order_decides_who_gets_a_place_and_where_it_stands() -> None:
    candidates = placed(make_candidates((1, 0, "甲"), (2, 1, "乙"), (3, 2, "甲"), (4, 3, "")), 4, 3)
    selection = select_posts(candidates, max_posts=3, group_by="category")
    assert describe(selection) == [("", [4]), ("甲", [3, 1])]
    assert selection.more == (More("乙", 1),)


def test_an_added_post_gets_a_place_behind_the_pinned_and_stands_by_its_date() -> None:
    old, *news = make_candidates((1, 300, ""), (2, 0, ""), (3, 1, ""))
    added = replace(old, is_added=True)
    selection = select_posts([added, *news], max_posts=2, group_by="none")
    assert describe(selection) == [("", [2, 1])]


@pytest.mark.parametrize("is_placed", [True, False])
def test_what_an_editor_asked_for_is_never_folded(is_placed: bool) -> None:
    candidates = [
        replace(one, post=replace(one.post, title="銭湯の煙突が消える日のこと"))
        for one in make_candidates((1, 0, ""), (2, 1, ""))
    ]
    assert select_posts(candidates, max_posts=9, group_by="none").folded
    wish = replace(candidates[1], place=0 if is_placed else None, is_added=not is_placed)
    wished = [candidates[0], wish]
    folded = select_posts(wished, max_posts=9, group_by="none").folded
    assert [one.post.post_id for one in folded] == ([1] if is_placed else [])


@given(
    st.permutations(range(1, 8)), st.integers(0, 7), st.integers(0, 8), st.sets(st.integers(1, 7))
)
def test_an_arrangement_loses_no_post(
    order: list[int], count: int, max_posts: int, added: set[int]
) -> None:
    rows = [(number, number % 3, "甲乙"[number % 2]) for number in range(1, 8)]
    arranged = [
        replace(one, is_added=one.post.post_id in added)
        for one in placed(make_candidates(*rows), *order[:count])
    ]
    selection = select_posts(arranged, max_posts=max_posts, group_by="category", fold=False)
    shown = [post.post_id for post in selection.posts]
    assert len(shown) == len(set(shown)) == min(7, max_posts)
    assert len(shown) + selection.more_count == 7
    assert set(order[:count][:max_posts]) <= set(shown)
