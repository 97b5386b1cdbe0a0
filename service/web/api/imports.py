"""Lists of readers brought in: sent up, looked through, then brought in or put away."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from service.errors import NotAllowedError
from service.membership.list_files import ListFile
from service.membership.lists import (
    bring_in_list,
    drop_list,
    find_list,
    require_terms,
    take_list,
)
from service.model.editor import Scope
from service.model.reader_list import ListState, ListTerms, ReaderList
from service.model.subscriber import SubscriptionState
from service.store.imports import list_lists
from service.web.api.api import Api
from service.web.api.fields import Filter, Moment, Number, Shown
from service.web.api.gate import actor_of
from service.web.api.problems import NotFoundError

_MOST_LISTS = 200
_FILE = {
    "required": True,
    "description": "The file itself, up to 200 MB: CSV, or a ZIP of such files.",
    "content": {
        # Its bytes are read as they come, so there is no schema for them.
        "text/csv": {},
        "application/zip": {},
    },
}


class ShownMistake(Shown):
    """A row that was not taken, and why."""

    sheet: str
    line: int
    reason: str


class ShownImport(Shown):
    """A list: first it is looked through and nobody is written to, then it may be brought in.

    `report` counts rows by what becomes of them, or would.
    """

    number: int
    name: str
    newsletter: str
    state: ListState
    is_rehearsal: bool
    bytes: int
    bytes_read: int
    rows: int
    report: dict[str, int]
    mistakes: list[ShownMistake]
    failure: str
    created_at: Moment
    created_by: str
    ended_at: Moment | None


class Imports:
    """The addresses under /imports."""

    def __init__(self, api: Api) -> None:
        self._api = api
        theirs, one = Scope.SUBSCRIBERS, "/imports/{number}"
        api.show("/imports", self.list_imports, needs=theirs)
        api.act("/imports", self.upload_list, needs=theirs, status=202, body=_FILE)
        api.show(one, self.show_import, needs=theirs)
        api.act(f"{one}/bring-in", self.bring_in_list, needs=theirs, status=202)
        api.act(f"{one}/drop", self.drop_list, needs=theirs)

    def list_imports(self) -> list[ShownImport]:
        """The last lists, the newest first."""
        with self._api.database.reading() as connection:
            return [_show(one) for one in list_lists(connection, _MOST_LISTS)]

    async def upload_list(
        self,
        request: Request,
        name: Annotated[Filter, Query(description="What people call it.")] = "list.csv",
        newsletter: Annotated[Filter, Query(description="For which, unless a column says.")] = "",
        vouched_by: Annotated[
            Filter,
            Query(description="Where they said yes; without it they are asked by mail."),
        ] = "",
        origin: Annotated[
            Filter, Query(description="Which service wrote it; else found out.")
        ] = "",
    ) -> ShownImport:
        """Take a list of readers, to be looked through soon."""
        state = SubscriptionState.ACTIVE if vouched_by else SubscriptionState.PENDING
        terms = ListTerms(newsletter, state, vouched_by, origin)
        require_terms(self._api.works.register, terms)
        with ListFile(self._api.uploads) as file:
            try:
                async for piece in request.stream():
                    await run_in_threadpool(file.write, piece)
            except ClientDisconnect:
                raise HTTPException(400) from None
            return await run_in_threadpool(self._take, request, file, name, terms)

    def show_import(self, number: Number) -> ShownImport:
        """How far a list is, and what it came to."""
        return _show(self._find(number))

    def bring_in_list(self, request: Request, number: Number) -> ShownImport:
        """Bring in what was looked through."""
        self._find(number)
        bring_in_list(self._api.database, number, self._api.clock(), by=actor_of(request))
        return _show(self._find(number))

    def drop_list(self, request: Request, number: Number) -> ShownImport:
        """Put a list away, also while it is brought in: who is in stays."""
        self._find(number)
        now, actor = self._api.clock(), actor_of(request)
        drop_list(self._api.database, self._api.uploads, number, now, by=actor)
        return _show(self._find(number))

    def _take(self, request: Request, file: ListFile, name: str, terms: ListTerms) -> ShownImport:
        number = take_list(
            self._api.database,
            self._api.works.register,
            file,
            name,
            terms,
            self._api.clock(),
            by=actor_of(request),
        )
        return _show(self._find(number))

    def _find(self, number: int) -> ReaderList:
        try:
            return find_list(self._api.database, number)
        except NotAllowedError as error:
            raise NotFoundError(str(error)) from error


def _show(one: ReaderList) -> ShownImport:
    return ShownImport(
        number=one.import_id,
        name=one.name,
        newsletter=one.terms.newsletter_id,
        state=one.state,
        is_rehearsal=one.is_rehearsal,
        bytes=one.bytes,
        bytes_read=one.bytes_read,
        rows=one.counts.rows,
        report=dict(one.counts.report),
        mistakes=[ShownMistake.model_validate(mistake) for mistake in one.mistakes],
        failure=one.failure,
        created_at=one.created_at,
        created_by=one.created_by,
        ended_at=one.ended_at,
    )
