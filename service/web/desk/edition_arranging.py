"""What an editor changes in an edition before it is frozen."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from service.delivery.news import is_still_mailable
from service.errors import UsageError
from service.model.arrangement import AddPost, Change, LeaveOut, Reorder, SetWords, TakeBack
from service.sending import arrange_edition
from service.store.arranging import list_edition_post_ids
from service.store.post_list import list_post_page
from service.store.post_query import PostQuery
from service.web.desk.desk import Desk
from service.web.desk.edition_door import ROOT, EditionDoor, read_text
from service.web.desk.post_lines import show_posts
from service.web.desk.visits import visit_of

_MOST_FOUND = 30
_MOST_ORDERED = 2_000

Revision = Annotated[int, Form()]
PostId = Annotated[int, Form(gt=0, lt=2**63)]


class Arranging:
    """The forms about posts and words."""

    def __init__(self, desk: Desk, door: EditionDoor) -> None:
        self._desk = desk
        self._door = door
        one = f"{ROOT}/{{edition_id}}"
        desk.page(f"{one}/add", self.search)
        desk.action(f"{one}/add", self.add)
        desk.action(f"{one}/order", self.order)
        desk.action(f"{one}/leave-out", self.leave_out)
        desk.action(f"{one}/take-back", self.take_back)
        desk.action(f"{one}/words", self.set_words)

    def search(self, request: Request, edition_id: int, q: str = "") -> Response:
        """Posts that could be added, by title or file."""
        edition, voice = self._door.find(edition_id), visit_of(request).voice
        now = self._door.works.clock()
        asked = q.strip().replace("\x00", "")
        with self._door.works.database.reading() as connection:
            page = list_post_page(connection, PostQuery(search=asked), now, limit=_MOST_FOUND)
            known = list_edition_post_ids(connection, edition_id)
        lines = show_posts(voice, self._desk.publication, page, now)
        return self._desk.render(
            request,
            "desk/edition_add.html",
            {
                "edition_id": edition_id,
                "revision": edition.revision,
                "may_change": edition.may_still_change,
                "q": asked,
                "posts": [
                    (line, line.post_id in known, is_still_mailable(post, now))
                    for post, line in zip(page.posts, lines, strict=True)
                ],
            },
        )

    def add(
        self,
        request: Request,
        edition_id: int,
        revision: Revision,
        path: Annotated[str, Form()],
    ) -> Response:
        """Put one more post into the edition."""
        change = AddPost(read_text(path))
        return self._arrange(request, edition_id, revision, change)

    def order(
        self,
        request: Request,
        edition_id: int,
        revision: Revision,
        order: Annotated[str, Form()],
        post_id: Annotated[int | None, Form(gt=0, lt=2**63)] = None,
    ) -> Response:
        """Put the posts into another order: their numbers, with commas between them.

        `post_id` is the one that moved.
        """
        change = Reorder(_read_order(order))
        return self._arrange(request, edition_id, revision, change, post_id)

    def leave_out(
        self,
        request: Request,
        edition_id: int,
        revision: Revision,
        post_id: PostId,
    ) -> Response:
        """Leave a post out."""
        return self._arrange(request, edition_id, revision, LeaveOut(post_id), post_id)

    def take_back(
        self,
        request: Request,
        edition_id: int,
        revision: Revision,
        post_id: PostId,
    ) -> Response:
        """Take a post back that was left out."""
        return self._arrange(request, edition_id, revision, TakeBack(post_id), post_id)

    def set_words(
        self,
        request: Request,
        edition_id: int,
        revision: Revision,
        subject: Annotated[str, Form()] = "",
        preheader: Annotated[str, Form()] = "",
        intro: Annotated[str, Form()] = "",
    ) -> Response:
        """Write subject, preheader and introduction."""
        change = SetWords(read_text(subject), read_text(preheader), read_text(intro))
        return self._arrange(request, edition_id, revision, change)

    def _arrange(
        self,
        request: Request,
        edition_id: int,
        revision: int,
        change: Change,
        post_id: int | None = None,
    ) -> Response:
        works = self._door.works
        return self._door.do(
            request,
            edition_id,
            lambda by, now: arrange_edition(
                works.database, works.press, edition_id, revision, change, now, by=by
            ),
            "edition-changed",
            # Whoever moves posts by keyboard goes on from the one that moved.
            at=f"post-{post_id}" if post_id else "",
        )


def _read_order(written: str) -> tuple[int, ...]:
    parts = written.split(",")
    if len(parts) > _MOST_ORDERED or not all(
        part.isascii() and part.isdecimal() and len(part) <= 18 for part in parts
    ):
        raise UsageError("an order is numbers of posts with commas between them")
    return tuple(int(part) for part in parts)
