"""What an editor may change in an edition before it is frozen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reorder:
    """These posts first, in this order; whatever is not named follows as it would by itself."""

    post_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LeaveOut:
    """This post is not in the edition, and is not counted as one that did not fit."""

    post_id: int


@dataclass(frozen=True, slots=True)
class TakeBack:
    """This post, which was left out, is in the edition again."""

    post_id: int


@dataclass(frozen=True, slots=True)
class AddPost:
    """One more post, by its path, the ending of its path, or its uid."""

    name: str


@dataclass(frozen=True, slots=True)
class SetWords:
    """The editor's words; None leaves one as it is, "" gives it back to the program.

    `intro` is Markdown.
    """

    subject: str | None = None
    preheader: str | None = None
    intro: str | None = None


Change = Reorder | LeaveOut | TakeBack | AddPost | SetWords
