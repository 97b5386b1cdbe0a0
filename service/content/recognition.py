"""Files that are new or changed, and the posts we have: which is which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime, timedelta

from service.content.identity import Arrival, Decisions, How, Identity, KnownPost, Texts
from service.content.likeness import digest_text, is_long, likeness

RENAME_WITHIN = timedelta(hours=24)
ANOTHER_BELOW = 0.3
SAME_FROM = 0.8


def decide_identity(
    arrivals: Sequence[Arrival], known: Sequence[KnownPost], texts: Texts, now: datetime
) -> Decisions:
    """Return who each of `arrivals` (new or changed files) is.

    `known` holds every post there ever was; the file of one that is not gone and no arrival
    lies where it lay, as it was.
    """
    return _Decider(arrivals, known, texts, now).decide()


class _Decider:
    def __init__(
        self, arrivals: Sequence[Arrival], known: Sequence[KnownPost], texts: Texts, now: datetime
    ) -> None:
        self._arrivals = {arrival.path: arrival for arrival in arrivals}
        self._known = sorted(known, key=_by_absence)
        self._texts = texts
        self._now = now
        self._live = {post.path: post for post in known if post.gone_at is None}
        # The last one wins: a live post before one that went, and of those the latest.
        self._by_id = {post.explicit_id: post for post in self._known if post.explicit_id}
        self._decided: dict[str, Identity] = {}
        self._taken: set[int] = set()
        self._digests: dict[str, str] = {}

    def decide(self) -> Decisions:
        """Decide in the order of certainty: ids, known paths, renames, returns, the rest."""
        self._follow_ids()
        self._follow_moves()
        self._follow_paths()
        self._follow_texts()
        self._follow_dates()
        self._recall_paths()
        for arrival in self._list_open():
            self._decide(arrival, None, "replaced" if arrival.path in self._live else "new")
        merged = self._find_second_steps()
        return Decisions(tuple(self._decided[path] for path in self._arrivals), merged)

    def _decide(self, arrival: Arrival, post: KnownPost | None, how: How) -> None:
        post_id = post.post_id if post else None
        self._decided[arrival.path] = Identity(arrival.path, post_id, how)
        if post_id is not None:
            self._taken.add(post_id)

    def _decide_moved(self, arrival: Arrival, post: KnownPost) -> None:
        self._decide(arrival, post, "returned" if post.path == arrival.path else "rename")

    def _list_open(self) -> list[Arrival]:
        return [one for path, one in self._arrivals.items() if path not in self._decided]

    def _follow_ids(self) -> None:
        named: dict[str, list[Arrival]] = {}
        for _, arrival in sorted(self._arrivals.items()):
            if arrival.explicit_id:
                named.setdefault(arrival.explicit_id, []).append(arrival)
        for explicit_id, claimants in named.items():
            holder = self._by_id.get(explicit_id)
            keeper = self._find_keeper(holder, claimants)
            for arrival in claimants:
                if arrival is not keeper:
                    self._decide(arrival, None, "duplicate")
            if keeper and holder and not self._stays_without_id(holder):
                self._decide(keeper, holder, "explicit")

    def _find_keeper(
        self, holder: KnownPost | None, claimants: Sequence[Arrival]
    ) -> Arrival | None:
        """Say which file an id belongs to: the one that has it already, else the first."""
        if holder is None:
            return claimants[0]
        if holder.gone_at is None and holder.path not in self._arrivals:
            return None
        return next((one for one in claimants if one.path == holder.path), claimants[0])

    def _stays_without_id(self, holder: KnownPost) -> bool:
        """Whether the file of `holder` still has its text, and only gave its id away.

        Its readers have had that text; who takes up the id is somebody else.
        """
        arrival = self._arrivals.get(holder.path)
        if holder.gone_at is not None or arrival is None:
            return False
        if arrival.explicit_id == holder.explicit_id or arrival.explicit_id in self._by_id:
            return False
        return self._has_text_of(arrival, holder)

    def _follow_moves(self) -> None:
        """Find posts that moved while their path, or the one they moved to, has another text.

        The path would speak for the wrong post here: `latest.md` filed away under its date,
        and the next one written in its place under the same title.
        """
        homeless = {p.text_digest: p for p in reversed(self._list_homeless()) if p.text_digest}
        for arrival in self._list_open() if homeless else ():
            own = self._live.get(arrival.path)
            if own and _is_same_head(arrival, own):
                continue
            post = homeless.get(self._digest(arrival))
            if post and _is_like_head(arrival, post) and self._has_moved(arrival, post, own):
                self._decide_moved(arrival, post)

    def _has_moved(self, arrival: Arrival, post: KnownPost, own: KnownPost | None) -> bool:
        """Whether a long text is where it was not, and something else is where it was."""
        if post.post_id in self._taken or post is own:
            return False
        if not is_long(self._texts.of_file(arrival.path)):
            return False
        if own and self._compare(arrival, own) >= ANOTHER_BELOW:
            return False
        left = self._arrivals.get(post.path) if post.gone_at is None else None
        if left is None:
            return True
        return not _is_same_head(left, post) and self._compare(left, post) < ANOTHER_BELOW

    def _follow_paths(self) -> None:
        for arrival in self._list_open():
            post = self._live.get(arrival.path)
            if post and post.post_id not in self._taken and not self._is_another(arrival, post):
                self._decide(arrival, post, "path")

    def _is_another(self, arrival: Arrival, post: KnownPost) -> bool:
        """Whether title, date and body all changed; another id stands for title and date."""
        has_other_id = arrival.explicit_id and post.explicit_id not in (None, arrival.explicit_id)
        if not has_other_id and _is_like_head(arrival, post):
            return False
        return not self._has_text_of(arrival, post) and self._compare(arrival, post) < ANOTHER_BELOW

    def _list_homeless(self) -> list[KnownPost]:
        """List posts without a file, gone of late or replaced where they were; the latest first."""
        return [post for post in reversed(self._known) if self._is_homeless(post)]

    def _is_homeless(self, post: KnownPost) -> bool:
        if post.post_id in self._taken:
            return False
        if post.gone_at is not None:
            return self._was_there(post)
        identity = self._decided.get(post.path)
        return post.path in self._arrivals and (identity is None or identity.how != "duplicate")

    def _was_there(self, post: KnownPost) -> bool:
        return post.gone_at is None or self._now - post.gone_at <= RENAME_WITHIN

    def _follow_texts(self) -> None:
        """Find renames by the same body; of several, the one with most else in common."""
        homeless = [post for post in self._list_homeless() if post.text_digest]
        for key in _LIKELIEST_FIRST if homeless else ():
            waiting: dict[Hashable, list[KnownPost]] = {}
            for post in reversed(homeless):
                if post.post_id not in self._taken:
                    waiting.setdefault((post.text_digest, key(post)), []).append(post)
            for arrival in self._list_open():
                if posts := waiting.get((self._digest(arrival), key(arrival))):
                    self._decide_moved(arrival, posts.pop())

    def _follow_dates(self) -> None:
        """Find renames by a date line that no other post has, where the bodies are alike."""
        by_date = {post.dated.timestamp(): post for post in self._list_homeless()}
        if not by_date:
            return
        before, after = self._count_dates()
        for arrival in self._list_open():
            moment = arrival.dated.timestamp()
            post = by_date.get(moment)
            if post is None or before[moment] > 1 or after[moment] > 1:
                continue
            if self._compare(arrival, post) >= SAME_FROM:
                self._decide_moved(arrival, post)

    def _count_dates(self) -> tuple[Counter[float], Counter[float]]:
        """Count how many posts had each date line before, and how many have it now."""
        recent = [post for post in self._known if self._was_there(post)]
        stayed = [p for p in recent if p.gone_at is None and p.path not in self._arrivals]
        return _count(recent), _count([*stayed, *self._arrivals.values()])

    def _recall_paths(self) -> None:
        """Find posts that come back to the path they were deleted from, or replaced at."""
        gone: dict[str, list[KnownPost]] = {}
        for post in reversed(self._known):
            if post.gone_at is not None:
                gone.setdefault(post.path, []).append(post)
        for arrival in self._list_open():
            for at, post in enumerate(gone.get(arrival.path, ())):
                is_last = at == 0 and arrival.path not in self._live
                is_same = self._is_deleted if is_last else self._is_replaced
                if post.post_id not in self._taken and is_same(arrival, post):
                    self._decide(arrival, post, "returned")
                    break

    def _is_deleted(self, arrival: Arrival, post: KnownPost) -> bool:
        """Whether the post, the last one at its path until it was deleted, is back."""
        return not self._is_another(arrival, post)

    def _is_replaced(self, arrival: Arrival, post: KnownPost) -> bool:
        """Whether the post that another one took the path from is back: it must look it."""
        if _is_same_head(arrival, post):
            return True
        return bool(post.text_digest) and self._compare(arrival, post) >= SAME_FROM

    def _find_second_steps(self) -> dict[int, int]:
        """Find posts whose copy came first and whose own file went only now."""
        leaving = [p for p in self._list_homeless() if p.gone_at in (None, self._now)]
        fresh = [post for post in self._known if self._is_fresh(post)] if leaving else []
        merged: dict[int, int] = {}
        for post in leaving:
            copy = next((one for one in fresh if self._is_copy(one, post)), None)
            if copy is None:
                continue
            fresh.remove(copy)
            merged[post.post_id] = copy.post_id
            if copy.path in self._decided:
                self._decided[copy.path] = Identity(copy.path, post.post_id, "rename")
        return merged

    def _is_fresh(self, post: KnownPost) -> bool:
        """Whether the post came within a day, has its file and was never numbered as news."""
        if post.gone_at is not None or post.is_news:
            return False
        identity = self._decided.get(post.path)
        is_there = identity is None or identity.post_id == post.post_id
        return is_there and self._now - post.first_seen_at <= RENAME_WITHIN

    def _is_copy(self, newcomer: KnownPost, post: KnownPost) -> bool:
        if newcomer.first_seen_at <= post.first_seen_at:
            return False
        if newcomer.explicit_id and post.explicit_id:
            return False
        arrival = self._arrivals.get(newcomer.path)
        if not post.text_digest or not _is_like_head(arrival or newcomer, post):
            return False
        return post.text_digest == (self._digest(arrival) if arrival else newcomer.text_digest)

    def _digest(self, arrival: Arrival) -> str:
        if arrival.path not in self._digests:
            self._digests[arrival.path] = digest_text(self._texts.of_file(arrival.path))
        return self._digests[arrival.path]

    def _has_text_of(self, arrival: Arrival, post: KnownPost) -> bool:
        return self._digest(arrival) == post.text_digest

    def _compare(self, arrival: Arrival, post: KnownPost) -> float:
        return likeness(self._texts.of_file(arrival.path), self._texts.of_post(post.post_id))


def _by_absence(post: KnownPost) -> tuple[bool, float, int]:
    """Sort those that went longest ago first, those that are there last."""
    gone_at = post.gone_at
    return (gone_at is None, gone_at.timestamp() if gone_at else 0.0, post.post_id)


def _is_like_head(one: Arrival | KnownPost, post: KnownPost) -> bool:
    return one.title == post.title or one.dated == post.dated


def _is_same_head(one: Arrival | KnownPost, post: KnownPost) -> bool:
    return one.title == post.title and one.dated == post.dated


def _count(dated: Iterable[Arrival | KnownPost]) -> Counter[float]:
    return Counter(one.dated.timestamp() for one in dated)


_LIKELIEST_FIRST: tuple[Callable[[Arrival | KnownPost], Hashable], ...] = (
    lambda one: one.path,
    lambda one: (one.title, one.dated),
    lambda one: one.dated,
    lambda one: one.title,
    lambda _: None,
)
