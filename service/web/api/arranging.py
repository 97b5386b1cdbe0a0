"""What an editor changes in an edition before it is frozen, and in what is said of it later.

Every change names the revision that was seen, in the body or as If-Match.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Header
from pydantic import Field
from starlette.requests import Request

from service.errors import UsageError
from service.model.arrangement import AddPost, Change, LeaveOut, Reorder, SetWords, TakeBack
from service.model.editor import Scope
from service.sending import (
    add_correction,
    arrange_edition,
    hold_edition,
    schedule_edition,
    withdraw_correction,
)
from service.store.corrections import find_correction
from service.web.api.api import Api
from service.web.api.edition_shapes import EditionDetail, EditionSummary, ShownCorrection
from service.web.api.editions import find_or_miss, show_summary, show_whole
from service.web.api.fields import (
    Asked,
    AskedMoment,
    AskedNumber,
    Line,
    Name,
    Number,
    Words,
)
from service.web.api.gate import actor_of
from service.web.api.problems import NotFoundError

_MOST_POSTS = 500
_LARGEST_REVISION = 2**31 - 1

Revision = Annotated[int, Field(strict=True, ge=0, le=_LARGEST_REVISION)]
IfMatch = Annotated[
    str,
    Header(
        alias="If-Match",
        pattern=r'^("?[0-9]{1,9}"?)?$',
        description="The revision that was seen, where the body does not say it.",
    ),
]


class Seen(Asked):
    """A change of an edition as it was at a revision; null: If-Match says it."""

    revision: Revision | None = None


class OrderAsked(Seen):
    """These posts first, in this order; whatever is not named follows as it would by itself."""

    posts: Annotated[list[AskedNumber], Field(max_length=_MOST_POSTS)]


class PostNamed(Seen):
    """A post of the edition."""

    post: AskedNumber


class PostAdded(Seen):
    """A post by its path, the ending of its path, or its id."""

    post: Name


class WordsAsked(Seen):
    """The editor's words, null for those that stay; "" gives one back to the program.

    `intro` is Markdown.
    """

    subject: Annotated[Line | None, Field(max_length=300)] = None
    preheader: Annotated[Line | None, Field(max_length=300)] = None
    intro: Words | None = None


class TimeAsked(Seen):
    """When an edition is to be frozen, and to begin to leave."""

    leaves_at: AskedMoment


class ReasonAsked(Asked):
    """Why, for whoever looks later."""

    reason: Line = ""


class CorrectionAsked(Asked):
    """What was wrong, in Markdown."""

    text: Annotated[Words, Field(min_length=1, max_length=5000)]


class Arranging:
    """The addresses under /editions that change what an edition will be."""

    def __init__(self, api: Api) -> None:
        self._api = api
        needs, one = Scope.EDITIONS, "/editions/{edition}"
        api.act(f"{one}/order", self.order_posts, needs=needs, method="PUT")
        api.act(f"{one}/posts/leave-out", self.leave_out, needs=needs)
        api.act(f"{one}/posts/take-back", self.take_back, needs=needs)
        api.act(f"{one}/posts", self.add_post, needs=needs)
        api.act(f"{one}/words", self.set_words, needs=needs, method="PATCH")
        api.act(f"{one}/schedule", self.schedule_edition, needs=Scope.SEND)
        api.act(f"{one}/hold", self.hold_edition, needs=needs)
        api.act(f"{one}/corrections", self.add_correction, needs=needs, status=201)
        withdrawal = "/corrections/{correction}"
        api.act(withdrawal, self.withdraw_correction, needs=needs, method="DELETE")

    def order_posts(
        self, request: Request, edition: Number, asked: OrderAsked, if_match: IfMatch = ""
    ) -> EditionDetail:
        """Put posts of an edition in another order."""
        change = Reorder(tuple(asked.posts))
        return self._arrange(request, edition, asked, if_match, change)

    def leave_out(
        self, request: Request, edition: Number, asked: PostNamed, if_match: IfMatch = ""
    ) -> EditionDetail:
        """Leave a post out of an edition; it is not counted as one that did not fit."""
        change = LeaveOut(asked.post)
        return self._arrange(request, edition, asked, if_match, change)

    def take_back(
        self, request: Request, edition: Number, asked: PostNamed, if_match: IfMatch = ""
    ) -> EditionDetail:
        """Take back a post that was left out."""
        change = TakeBack(asked.post)
        return self._arrange(request, edition, asked, if_match, change)

    def add_post(
        self, request: Request, edition: Number, asked: PostAdded, if_match: IfMatch = ""
    ) -> EditionDetail:
        """Add a post that is published and may be mailed."""
        change = AddPost(asked.post)
        return self._arrange(request, edition, asked, if_match, change)

    def set_words(
        self, request: Request, edition: Number, asked: WordsAsked, if_match: IfMatch = ""
    ) -> EditionDetail:
        """Set subject, preheader or introduction."""
        change = SetWords(asked.subject, asked.preheader, asked.intro)
        return self._arrange(request, edition, asked, if_match, change)

    def schedule_edition(
        self, request: Request, edition: Number, asked: TimeAsked, if_match: IfMatch = ""
    ) -> EditionSummary:
        """Let an edition leave at another time; it still needs the approval it needed."""
        find_or_miss(self._api, edition)
        now, revision = self._api.clock(), _read_revision(asked, if_match)
        at, by = asked.leaves_at, actor_of(request)
        moved = schedule_edition(self._api.database, edition, revision, at, now, by=by)
        return show_summary(moved)

    def hold_edition(self, request: Request, edition: Number, asked: ReasonAsked) -> EditionSummary:
        """Keep an edition from leaving until it is approved."""
        find_or_miss(self._api, edition)
        reason = asked.reason or "held by a program"
        now, by = self._api.clock(), actor_of(request)
        held = hold_edition(self._api.database, edition, reason, now, by=by)
        return show_summary(held)

    def add_correction(
        self, request: Request, edition: Number, asked: CorrectionAsked
    ) -> ShownCorrection:
        """Have the next edition to the same readers say what was wrong in this one."""
        found, database = find_or_miss(self._api, edition), self._api.database
        now, by = self._api.clock(), actor_of(request)
        added = add_correction(database, found.newsletter_id, edition, asked.text, now, by=by)
        return ShownCorrection.model_validate(added)

    def withdraw_correction(self, request: Request, correction: Number) -> ShownCorrection:
        """Take a correction back that no edition carries yet."""
        with self._api.database.reading() as connection:
            if find_correction(connection, correction) is None:
                raise NotFoundError(f"there is no correction {correction}")
        now, by = self._api.clock(), actor_of(request)
        done = withdraw_correction(self._api.database, correction, now, by=by)
        return ShownCorrection.model_validate(done)

    def _arrange(
        self,
        request: Request,
        edition_id: int,
        asked: Seen,
        if_match: str,
        change: Change,
    ) -> EditionDetail:
        find_or_miss(self._api, edition_id)
        works, revision = self._api.works, _read_revision(asked, if_match)
        now, by = works.clock(), actor_of(request)
        arrange_edition(works.database, works.press, edition_id, revision, change, now, by=by)
        return show_whole(self._api, edition_id)


def _read_revision(asked: Seen, if_match: str) -> int:
    if asked.revision is not None:
        return asked.revision
    if not if_match:
        raise UsageError("say which revision you saw: revision in the body, or If-Match")
    return int(if_match.strip('"'))
