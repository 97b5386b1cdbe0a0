"""Several posts held or released at once, and what became of each."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from starlette.requests import Request

from service.model.editor import Scope
from service.scanning import Word, handle_posts
from service.scanning.handling import MOST_AT_ONCE
from service.web.api.api import Api
from service.web.api.fields import Asked, AskedNumber, Line, Shown
from service.web.api.gate import actor_of
from service.web.api.posts import HELD_NOTE, RELEASED_NOTE


class PostChosen(Asked):
    """A post, and how it stood when it was looked at; "" takes it as it is."""

    post: AskedNumber
    stand: Line = ""


class PostsHandled(Asked):
    """What is to be done to which posts, and why."""

    word: Word
    posts: Annotated[list[PostChosen], Field(min_length=1, max_length=MOST_AT_ONCE)]
    note: Line = ""


class Handled(Shown):
    """The posts it was done to, and those left as they are.

    They changed since they were looked at, or were so already, or are not there any more.
    """

    done: list[int]
    changed: list[int]
    idle: list[int]
    missing: list[int]


class PostHandling:
    """The address /posts/handle."""

    def __init__(self, api: Api) -> None:
        self._api = api
        api.act("/posts/handle", self.handle_posts, needs=Scope.POSTS, fails=())

    def handle_posts(self, request: Request, asked: PostsHandled) -> Handled:
        """Hold or release several posts at once, those excepted that changed meanwhile."""
        seen = {one.post: one.stand for one in asked.posts}
        usual = HELD_NOTE if asked.word is Word.HOLD else RELEASED_NOTE
        handled = handle_posts(
            self._api.database,
            asked.word,
            seen,
            self._api.clock(),
            asked.note or usual,
            by=actor_of(request),
        )
        return Handled(
            done=[one.post_id for one in handled.done],
            changed=[one.post_id for one in handled.changed],
            idle=[one.post_id for one in handled.idle],
            missing=list(handled.missing),
        )
