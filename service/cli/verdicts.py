"""Verdicts in words, and how many files ended in each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from service.model.post import Post, Verdict
from service.store.files import list_files
from service.store.posts import list_posts

_MANY = {Verdict.DRAFT: "drafts", Verdict.NOT_A_POST: "not posts"}


def count_verdicts(connection: Connection, now: datetime) -> Counter[Verdict]:
    """How many files end in each verdict at `now`; time alone publishes a scheduled one."""
    found = {post.post_id: post for post in list_posts(connection)}
    counts: Counter[Verdict] = Counter()
    for file in list_files(connection).values():
        post = found.get(file.post_id or 0)
        is_dated = file.verdict in {Verdict.PUBLISHED, Verdict.SCHEDULED}
        counts[post.verdict(now) if post and is_dated else file.verdict] += 1
    return counts


def write_verdicts(verdicts: Mapping[Verdict, int]) -> str:
    """Counts of verdicts in a line: 2,480 published, 12 drafts."""
    counted = (
        f"{count:,} {_MANY.get(one, one) if count > 1 else one}"
        for one in Verdict
        if (count := verdicts.get(one, 0))
    )
    return ", ".join(counted) or "none"


def write_state(post: Post, now: datetime) -> str:
    """What a post is at `now`, and whether something keeps it out of mail."""
    if post.hold is None:
        return str(post.verdict(now))
    note = f" ({post.hold_note})" if post.hold_note else ""
    return f"{post.verdict(now)}, held: {post.hold}{note}"
