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

    Before all that come the posts to which an editor gave a place, in their order, and behind
    the pinned ones those that an editor added; neither is folded.
    """
    order = _Order(candidates)
    posts = sorted((candidate.post for candidate in candidates), key=order.find)
    kept, folded = _fold_alike(posts, order) if fold else (posts, [])
    groups = _group(kept, group_by, order)
    chosen = {post.post_id for post in _rank(kept, groups, order)[: max(0, max_posts)]}
    left = {
        name: sum(post.post_id not in chosen for post in members)
        for name, members in groups.items()
    }
    return Selection(
        sections=tuple(_make_sections(groups, chosen)),
        more=tuple(More(name, count) for name, count in left.items() if count),
        folded=tuple(folded),
    )


class _Order:
    """The order in which posts are read, and which of them stand there by somebody's will."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._places: dict[int, int] = {}
        self._added: set[int] = set()
        for candidate in candidates:
            if candidate.place is not None:
                self._places[candidate.post.post_id] = candidate.place
            if candidate.is_added:
                self._added.add(candidate.post.post_id)
        self._last = len(self._places)

    def find(self, post: Post) -> tuple[bool, int, bool, float, int]:
        """Placed first, pinned, then the newest; the later row first where dates are equal."""
        is_placed, place = self.is_placed(post), self._places.get(post.post_id, self._last)
        moment = post.published_at.timestamp()
        return (not is_placed, place, not post.pinned, -moment, -post.post_id)

    def is_placed(self, post: Post) -> bool:
        """Whether an editor gave the post its place."""
        return post.post_id in self._places

    def is_wanted(self, post: Post) -> bool:
        """Whether somebody wants to see it in mail, whatever others are like it."""
        return post.pinned or self.is_placed(post) or post.post_id in self._added


def _fold_alike(posts: Iterable[Post], order: _Order) -> tuple[list[Post], list[Folded]]:
    kept: list[tuple[Post, TitleShape]] = []
    folded: list[Folded] = []
    for post in posts:
        shape = read_title(post.title)
        into = None if order.is_wanted(post) else _find_same(post, shape, kept)
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


def _group(posts: Sequence[Post], group_by: str, order: _Order) -> dict[str, list[Post]]:
    """Posts by group, groups in the order of their first posts, the nameless one last.

    That one stands where an editor placed its first post, where one did.
    """
    groups: dict[str, list[Post]] = {}
    for post in posts:
        by_category = group_by == "category" and bool(post.categories)
        groups.setdefault(post.categories[0] if by_category else "", []).append(post)
    if "" in groups and not order.is_placed(groups[""][0]):
        groups[""] = groups.pop("")
    return groups


def _rank(posts: Sequence[Post], groups: dict[str, list[Post]], order: _Order) -> list[Post]:
    """Posts in the order in which they get a place."""
    wanted = [post for post in posts if order.is_wanted(post)]
    firsts = [
        next((post for post in members if not order.is_wanted(post)), None)
        for members in groups.values()
    ]
    newest_of_each = sorted((post for post in firsts if post), key=order.find)
    placed = {post.post_id for post in (*wanted, *newest_of_each)}
    rest = [post for post in posts if post.post_id not in placed]
    return [*wanted, *newest_of_each, *rest]


def _make_sections(groups: dict[str, list[Post]], chosen: set[int]) -> Iterable[Section]:
    for name, members in groups.items():
        posts = tuple(post for post in members if post.post_id in chosen)
        if posts:
            yield Section(name, posts)
