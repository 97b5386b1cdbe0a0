"""A provider account that refused too much, or of which too little is known, let go on."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from service.sending import resume_account
from service.web.desk.desk import Desk
from service.web.desk.visits import visit_of


class Accounts:
    """The button that stands wherever a paused account is told of."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        desk.action("/desk/accounts/resume", self.resume)

    def resume(
        self,
        request: Request,
        account: Annotated[str, Form()],
        edition: Annotated[int, Form()] = 0,
    ) -> Response:
        """Let mail leave through it again, and lead back to where it was told of."""
        works = self._desk.works
        now, by = works.clock(), visit_of(request).actor
        resume_account(works.database, works.press.wake, account, now, by=by)
        page = f"/desk/editions/{edition}" if 0 < edition < 2**63 else "/desk"
        return self._desk.done(page, "account-resumed")
