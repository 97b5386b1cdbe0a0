"""Who a post is when its title, date, path or text have moved: a row of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import quote

from service.model.post import Article

How = Literal["explicit", "path", "rename", "returned", "new", "replaced", "duplicate"]

RENAME_WITHIN = timedelta(hours=24)
ANOTHER_BELOW = 0.3
SAME_FROM = 0.8
_SHINGLE = 5


@dataclass(frozen=True, slots=True)
class KnownPost:
    """A post we have; `dated` is its published_at in ISO form, `gone_at` when its file went."""

    post_id: int
    path: str
    explicit_id: str | None
    title: str
    dated: str
    text_digest: str
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Identity:
    """Which post an article is (None: none we have) and how we know.

    `replaced`: a path now holds another article, so a new post. `duplicate`: a second file
    with an explicit id that another one holds; the scan quarantines it.
    """

    article: Article
    post_id: int | None
    how: How


def decide_identity(
    articles: Sequence[Article],
    known: Sequence[KnownPost],
    text_of: Callable[[int], str],
    now: datetime,
) -> list[Identity]:
    """Return an identity for each of `articles` (new or changed files), in their order.

    `known` holds all posts, also those whose file vanished of late. `text_of` loads a post's
    text and is asked only where likeness must decide.
    """
    return _Decider(articles, known, text_of, now).decide()


def digest_text(text: str) -> str:
    """Return the sha256 of a body's plain text, blind to white space, hex; "" for no text."""
    squeezed = "".join(text.split())
    return hashlib.sha256(squeezed.encode("utf-8", "replace")).hexdigest() if squeezed else ""


def likeness(one: str, other: str) -> float:
    """Return how alike two texts are, 0 to 1: Jaccard over their 5-character shingles."""
    first, second = _list_shingles(one), _list_shingles(other)
    union = len(first | second)
    return len(first & second) / union if union else 1.0


def mint_uid(host: str, year: int, path: str, nth: int) -> str:
    """Return the tag URI of the `nth` post first seen at `path`; ASCII, and never minted anew."""
    digest = hashlib.sha256(f"{path}\0{nth}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"tag:{_write_host(host)},{year}:post/{digest[:16]}"


def write_explicit_id(explicit_id: str) -> str:
    """Return an id from front matter as ASCII; what is already percent-encoded stays."""
    return quote(explicit_id.strip(), safe="!#$%&'()*+,/:;=?@[]~")


def _write_host(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return quote(host, safe="")


def _list_shingles(text: str) -> set[str]:
    squeezed = "".join(text.split())
    if len(squeezed) <= _SHINGLE:
        return {squeezed} if squeezed else set()
    return {squeezed[at : at + _SHINGLE] for at in range(len(squeezed) - _SHINGLE + 1)}


class _Decider:
    def __init__(
        self,
        articles: Sequence[Article],
        known: Sequence[KnownPost],
        text_of: Callable[[int], str],
        now: datetime,
    ) -> None:
        self._articles = articles
        self._text_of = text_of
        self._by_path = {post.path: post for post in known}
        self._by_explicit = {post.explicit_id: post for post in known if post.explicit_id}
        self._gone = [
            post for post in known if post.gone_at and now - post.gone_at <= RENAME_WITHIN
        ]
        self._ids = {article.path: article.explicit_id for article in articles}
        self._dates = _count_dates(articles, known)
        self._taken: set[int] = set()
        self._claimed: dict[str, str] = {}

    def decide(self) -> list[Identity]:
        """Decide in the order of certainty: explicit ids, known paths, then renames."""
        decided: dict[int, Identity] = {}
        replaced: set[int] = set()
        self._claim_explicit()
        for find in (self._find_explicit, self._find_path):
            for at, article in enumerate(self._articles):
                if at not in decided and (identity := find(article)):
                    if identity.how == "replaced":
                        replaced.add(at)
                        continue
                    decided[at] = identity
                    self._take(identity)
        for at, article in enumerate(self._articles):
            if at not in decided:
                decided[at] = self._find_rename(article, at in replaced)
                self._take(decided[at])
        return [decided[at] for at in range(len(self._articles))]

    def _take(self, identity: Identity) -> None:
        if identity.post_id is not None:
            self._taken.add(identity.post_id)

    def _claim_explicit(self) -> None:
        """Say which file holds each explicit id: the one that had it, else the first by path."""
        for article in sorted(self._articles, key=lambda article: article.path):
            if not article.explicit_id:
                continue
            holder = self._by_explicit.get(article.explicit_id)
            if holder and not holder.gone_at and self._still_holds(holder):
                self._claimed[article.explicit_id] = holder.path
            else:
                self._claimed.setdefault(article.explicit_id, article.path)

    def _still_holds(self, holder: KnownPost) -> bool:
        return self._ids.get(holder.path, holder.explicit_id) == holder.explicit_id

    def _find_explicit(self, article: Article) -> Identity | None:
        if not article.explicit_id:
            return None
        if self._claimed[article.explicit_id] != article.path:
            return Identity(article, None, "duplicate")
        holder = self._by_explicit.get(article.explicit_id)
        return Identity(article, holder.post_id, "explicit") if holder else None

    def _find_path(self, article: Article) -> Identity | None:
        post = self._by_path.get(article.path)
        if post is None or post.post_id in self._taken:
            return None
        if article.explicit_id and post.explicit_id:
            return Identity(article, None, "replaced")
        if self._is_another(article, post):
            return Identity(article, None, "replaced")
        return Identity(article, post.post_id, "returned" if post.gone_at else "path")

    def _is_another(self, article: Article, post: KnownPost) -> bool:
        if article.title == post.title or _is_same_date(article, post):
            return False
        if digest_text(article.text) == post.text_digest:
            return False
        return likeness(article.text, self._text_of(post.post_id)) < ANOTHER_BELOW

    def _find_rename(self, article: Article, is_replacement: bool) -> Identity:
        for is_same in (self._is_same_text, self._is_same_dated):
            for post in self._gone:
                if self._may_be(article, post) and is_same(article, post):
                    return Identity(article, post.post_id, "rename")
        return Identity(article, None, "replaced" if is_replacement else "new")

    def _may_be(self, article: Article, post: KnownPost) -> bool:
        if post.post_id in self._taken or post.path in self._ids:
            return False
        return not (article.explicit_id and post.explicit_id)

    def _is_same_text(self, article: Article, post: KnownPost) -> bool:
        return bool(post.text_digest) and digest_text(article.text) == post.text_digest

    def _is_same_dated(self, article: Article, post: KnownPost) -> bool:
        if not _is_same_date(article, post) or self._dates.get(_instant(post.dated), 0) > 1:
            return False
        return likeness(article.text, self._text_of(post.post_id)) >= SAME_FROM


def _instant(dated: str) -> float:
    return datetime.fromisoformat(dated).timestamp()


def _is_same_date(article: Article, post: KnownPost) -> bool:
    return article.published_at.timestamp() == _instant(post.dated)


def _count_dates(articles: Sequence[Article], known: Sequence[KnownPost]) -> dict[float, int]:
    """Count how many files had each date line before, and how many have it now; the larger."""
    paths = {article.path for article in articles}
    before, after = dict[float, int](), dict[float, int]()
    for post in known:
        moment = _instant(post.dated)
        before[moment] = before.get(moment, 0) + 1
        if not post.gone_at and post.path not in paths:
            after[moment] = after.get(moment, 0) + 1
    for article in articles:
        moment = article.published_at.timestamp()
        after[moment] = after.get(moment, 0) + 1
    return {moment: max(before.get(moment, 0), after.get(moment, 0)) for moment in before | after}
