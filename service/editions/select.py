"""Which of the candidates an edition carries, in which order, and what is only counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from service.model.edition import Candidate, Folded, More, Section, Selection
from service.model.post import Post
from service.model.titles import TitleShape, are_alike, read_title

_FOLD_WITHIN = timedelta(days=3)


def select_posts(
    candidates: Sequence[Candidate], *, max_posts: int, group_by: str, fold: bool = True
) -> Selection:
    """Choose at most `max_posts`: pinned, then the newest of each group, then the newest.

    `group_by` is "category" (a post belongs to its first one; "" without any) or anything
    else for a single group. Every candidate ends chosen, counted under more, or folded; a
    pinned post is never folded. Sections follow their first posts, the nameless one last.
    """
    posts = sorted((candidate.post for candidate in candidates), key=_reading_order)
    kept, folded = _fold_alike(posts) if fold else (posts, [])
    groups = _group(kept, group_by)
    chosen = {post.post_id for post in _rank(kept, groups)[: max(0, max_posts)]}
    left = {
        name: sum(post.post_id not in chosen for post in members)
        for name, members in groups.items()
    }
    return Selection(
        sections=tuple(_make_sections(groups, chosen)),
        more=tuple(More(name, count) for name, count in left.items() if count),
        folded=tuple(folded),
    )


def _reading_order(post: Post) -> tuple[bool, float, int]:
    """Pinned first, then the newest; the later row first where dates are equal."""
    return (not post.pinned, -post.published_at.timestamp(), -post.post_id)


def _fold_alike(posts: Iterable[Post]) -> tuple[list[Post], list[Folded]]:
    kept: list[tuple[Post, TitleShape]] = []
    folded: list[Folded] = []
    for post in posts:
        shape = read_title(post.title)
        into = None if post.pinned else _find_same(post, shape, kept)
        if into is None:
            kept.append((post, shape))
        else:
            folded.append(Folded(post, into))
    return [post for post, _ in kept], folded


def _find_same(
    post: Post, shape: TitleShape, kept: Iterable[tuple[Post, TitleShape]]
) -> Post | None:
    for other, other_shape in kept:
        near = abs(post.published_at - other.published_at) <= _FOLD_WITHIN
        if near and are_alike(shape, other_shape):
            return other
    return None


def _group(posts: Sequence[Post], group_by: str) -> dict[str, list[Post]]:
    """Posts by group, groups in the order of their first posts, the nameless one last."""
    groups: dict[str, list[Post]] = {}
    for post in posts:
        by_category = group_by == "category" and bool(post.categories)
        groups.setdefault(post.categories[0] if by_category else "", []).append(post)
    if "" in groups:
        groups[""] = groups.pop("")
    return groups


def _rank(posts: Sequence[Post], groups: dict[str, list[Post]]) -> list[Post]:
    """Posts in the order in which they get a place."""
    pinned = [post for post in posts if post.pinned]
    firsts = [next((p for p in members if not p.pinned), None) for members in groups.values()]
    newest_of_each = sorted((post for post in firsts if post), key=_reading_order)
    placed = {post.post_id for post in newest_of_each}
    rest = [post for post in posts if not post.pinned and post.post_id not in placed]
    return [*pinned, *newest_of_each, *rest]


def _make_sections(groups: dict[str, list[Post]], chosen: set[int]) -> Iterable[Section]:
    for name, members in groups.items():
        posts = tuple(post for post in members if post.post_id in chosen)
        if posts:
            yield Section(name, posts)
