"""What a freeze asks of the press, and what it is given: a variant before it is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.model.edition import Candidate, Edition, Rendered
from service.store.wake import Wake

ReadHtml = Callable[[int], str]
"""The body of a post, by its id: read only for a mail that shows all of it."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """A variant before it is stored: its mail, its language, and the posts shown in it."""

    rendered: Rendered
    language: str
    post_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Freezing:
    """What a freeze needs from outside: how mail is made, cut into batches, and timed.

    `draft` makes the mail of one list of candidates in one language, None when there is
    nothing to say. `leaves_at` answers when mail may leave for a reader's hour and zone.
    """

    draft: Callable[[Edition, Sequence[Candidate], str, ReadHtml], Drafted | None]
    leaves_at: Callable[[Edition, int | None, str | None], datetime | None]
    batch_size: Callable[[Rendered], int]
    account: str
    key_prefix: str
    wake: Wake


def name_variant(edition: Edition, drafted: Drafted, candidates: Sequence[Candidate]) -> str:
    """A name for what a group gets: groups with the same name share one variant."""
    posts = ",".join(str(candidate.post.post_id) for candidate in candidates)
    text = f"{edition.edition_id}|{drafted.language}|{posts}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
