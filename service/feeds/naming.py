"""What an entry is known by in feeds: the one thing about it that readers must never see change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from service.model.feed import Naming
from service.model.post import Post


def name_entries(posts: Iterable[Post], naming: Naming) -> list[Post]:
    """The posts with the id that feeds know them by as their `uid`."""
    if naming is Naming.TAG:
        return list(posts)
    return [replace(post, uid=_find_name(post, naming)) for post in posts]


def _find_name(post: Post, naming: Naming) -> str:
    # What was written down before there was a choice may lack one of them until it is read anew.
    of_site = post.site_id if naming is Naming.PERMALINK else ""
    return of_site or post.url_id or post.uid
