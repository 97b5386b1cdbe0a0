"""Addresses that nothing is sent to: looked at, added and taken off with a reason."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from service.audience.addresses import normalise_address
from service.errors import AddressError, NotAllowedError, UsageError
from service.membership import lift_suppression, suppress
from service.model.editor import Role
from service.store.suppressions import Suppression, find_suppression, list_suppression_page
from service.web.desk.desk import Desk
from service.web.desk.reader_words import name_suppression
from service.web.desk.visits import visit_of

_ROOT = "/desk/readers/suppressions"
_LONGEST_NOTE = 300


class Suppressed:
    """The pages at /desk/readers/suppressions."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._works = desk.works
        desk.page(_ROOT, self.show_list, needs=Role.EDITOR)
        desk.action(f"{_ROOT}/search", self.search)
        desk.action(_ROOT, self.add)
        desk.action(f"{_ROOT}/remove", self.remove)

    def show_list(self, request: Request, before: int | None = None) -> Response:
        """All of them, the newest first; of erased readers nothing but the day is known."""
        with self._works.database.reading() as connection:
            found, older = list_suppression_page(connection, before=before)
        path = f"{_ROOT}?before={older}" if older else ""
        return self._render(request, found, q="", older=path)

    def search(self, request: Request, address: Annotated[str, Form()] = "") -> Response:
        """One of them by its address."""
        normal = read_address(address)
        with self._works.database.reading() as connection:
            found = find_suppression(connection, normal)
        return self._render(request, [found] if found else [], q=normal, older="")

    def add(
        self,
        request: Request,
        address: Annotated[str, Form()],
        note: Annotated[str, Form(max_length=_LONGEST_NOTE)] = "",
    ) -> Response:
        """Send nothing to an address any more, also of editions already planned."""
        works, actor = self._works, visit_of(request).actor
        normal = read_address(address)
        if not suppress(works.database, normal, note.strip(), works.clock(), by=actor):
            raise NotAllowedError("that address is blocked already; the first reason stands")
        return self._desk.done(_ROOT, "suppression-added")

    def remove(
        self,
        request: Request,
        address: Annotated[str, Form()],
        note: Annotated[str, Form(max_length=_LONGEST_NOTE)] = "",
    ) -> Response:
        """Let an address be written to again."""
        works, actor = self._works, visit_of(request).actor
        normal = read_address(address)
        if not lift_suppression(works.database, normal, note.strip(), works.clock(), by=actor):
            raise NotAllowedError("that address is not blocked, or not any more")
        return self._desk.done(_ROOT, "suppression-removed")

    def _render(
        self, request: Request, found: list[Suppression], *, q: str, older: str
    ) -> Response:
        voice = visit_of(request).voice
        return self._desk.render(
            request,
            "desk/suppressions.html",
            {
                "q": q,
                "older": older,
                "found": [
                    (
                        one,
                        name_suppression(voice, one.reason),
                        self._desk.write_moment(request, one.created_at),
                    )
                    for one in found
                ],
            },
        )


def read_address(text: str) -> str:
    """An address as somebody typed it, normalised; raises UsageError."""
    try:
        return normalise_address(text)
    except AddressError as error:
        raise UsageError(
            "that is not an address that mail can reach: {reason}", reason=error
        ) from error
