"""What changed in a post since it was mailed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.editions.changes import TextChanges, compare_texts
from service.model.post import Post
from service.store.mailed_texts import find_last_mailed_text
from service.store.posts import load_bodies


@dataclass(frozen=True, slots=True)
class SinceMailed:
    """A post against what was mailed of it last, in edition `edition_id`."""

    edition_id: int
    mailed_at: datetime
    title: TextChanges
    summary: TextChanges
    text: TextChanges

    @property
    def is_changed(self) -> bool:
        """Whether anything is not as readers have it."""
        return self.title.is_changed or self.summary.is_changed or self.text.is_changed


def diff_since_mailed(connection: Connection, post: Post) -> SinceMailed | None:
    """What changed in a post since it was mailed last; None when it never was."""
    mailed = find_last_mailed_text(connection, post.post_id)
    if mailed is None:
        return None
    body = load_bodies(connection, [post.post_id]).get(post.post_id)
    return SinceMailed(
        mailed.edition_id,
        mailed.mailed_at,
        title=compare_texts(mailed.title, post.title),
        summary=compare_texts(mailed.summary, post.summary),
        text=compare_texts(mailed.text, body.text if body else ""),
    )
