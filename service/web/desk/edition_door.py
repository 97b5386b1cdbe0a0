"""What the pages of editions share: finding one, and doing something to it at most once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.errors import ChangedError, NotAllowedError
from service.model.edition import Edition
from service.model.editor import Actor
from service.store.audit import list_actions
from service.store.editions import find_edition
from service.web.desk.desk import Desk
from service.web.desk.edition_words import say_reason, show_state
from service.web.desk.visits import visit_of
from service.web.desk.work_words import name_action

ROOT = "/desk/editions"

Act = Callable[[Actor, datetime], object]
"""What is done to an edition: by whom, and when."""

_MOST_ENTRIES = 5


def name_page(edition_id: int) -> str:
    """Where an edition's page is."""
    return f"{ROOT}/{edition_id}"


def read_text(sent: str) -> str:
    """Text as a form sends it, with our ends of lines, and without what no database keeps."""
    return sent.replace("\x00", "").replace("\r\n", "\n")


def find_or_404(connection: Connection, edition_id: int) -> Edition:
    """One edition; raises HTTPException 404 when there is none of that number."""
    if not 0 < edition_id < 2**63:
        raise HTTPException(404)
    try:
        return find_edition(connection, edition_id)
    except NotAllowedError as error:
        raise HTTPException(404) from error


class EditionDoor:
    """Does what a form asked for, and says plainly when somebody was quicker."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.works = desk.works

    def find(self, edition_id: int) -> Edition:
        """One edition; raises HTTPException 404."""
        with self.works.database.reading() as connection:
            return find_or_404(connection, edition_id)

    def do(
        self,
        request: Request,
        edition_id: int,
        act: Act,
        said: str,
        *,
        advice: str = "",
        at: str = "",
    ) -> Response:
        """Do it to an edition that is there, and lead back to its page, to the part `at`.

        `advice` is said besides the reason when it cannot be done.
        """
        self.find(edition_id)
        try:
            act(visit_of(request).actor, self.works.clock())
        except NotAllowedError as error:
            return self._explain(request, edition_id, error, advice)
        return self.desk.done(name_page(edition_id), said, at)

    def _explain(
        self, request: Request, edition_id: int, error: NotAllowedError, advice: str
    ) -> Response:
        """The page for whoever came too late: what became of it, by whom, and nothing was done."""
        voice = visit_of(request).voice
        with self.works.database.reading() as connection:
            edition = find_edition(connection, edition_id)
            entries = list_actions(connection, subject=f"edition:{edition_id}", limit=_MOST_ENTRIES)
        return self.desk.render(
            request,
            "desk/edition_changed.html",
            {
                "edition_id": edition_id,
                "state": show_state(voice, edition),
                "why": say_reason(voice, edition.reason),
                "is_changed": isinstance(error, ChangedError) or not edition.may_still_change,
                "reason": voice.tell(error),
                "advice": advice,
                "entries": [
                    (
                        self.desk.write_moment(request, one.done_at),
                        one.actor.name,
                        name_action(voice, one.action),
                    )
                    for one in entries
                ],
            },
            status=409,
        )
