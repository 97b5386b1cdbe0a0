"""Addresses that nothing is sent to."""

from __future__ import annotations

from starlette.requests import Request

from service.audience.addresses import normalise_address
from service.membership import lift_suppression, suppress
from service.model.editor import Scope
from service.model.subscriber import SuppressionReason
from service.store.suppressions import find_suppression, list_suppression_page
from service.web.api.api import Api
from service.web.api.fields import (
    Address,
    Asked,
    Limit,
    Line,
    Moment,
    NumberCursor,
    Page,
    Shown,
)
from service.web.api.gate import actor_of
from service.web.api.problems import NotFoundError


class ShownSuppression(Shown):
    """Why an address is not written to; of an erased one nothing but the day is known."""

    address: str | None
    reason: SuppressionReason
    note: str
    created_at: Moment


class SuppressionAsked(Asked):
    """An address that is not to be written to, and why."""

    address: Address
    note: Line = ""


class SuppressionEnded(Asked):
    """An address that may be written to again, and why."""

    address: Address
    note: Line = ""


class SuppressionSearched(Asked):
    """Which address to look for."""

    address: Address


class Added(Shown):
    """Whether it is new; what was there already stands as it was."""

    is_new: bool


class Suppressions:
    """The addresses under /suppressions."""

    def __init__(self, api: Api) -> None:
        self._api = api
        theirs = Scope.SUBSCRIBERS
        api.show("/suppressions", self.list_suppressions, needs=theirs)
        api.act("/suppressions", self.add_suppression, needs=theirs, status=201)
        lookup = (404,)
        api.act("/suppressions/search", self.find_suppression, needs=theirs, fails=lookup)
        api.act(
            "/suppressions/remove",
            self.remove_suppression,
            needs=theirs,
            status=204,
            fails=lookup,
        )

    def list_suppressions(
        self, cursor: NumberCursor = None, limit: Limit = 50
    ) -> Page[ShownSuppression]:
        """Every suppressed address, the newest first."""
        with self._api.database.reading() as connection:
            found, older = list_suppression_page(connection, before=cursor, limit=limit)
        items = [ShownSuppression.model_validate(one) for one in found]
        return Page(items=items, next=None if older is None else str(older))

    def find_suppression(self, asked: SuppressionSearched) -> ShownSuppression:
        """Why nothing is sent to an address, found by its one normal spelling."""
        with self._api.database.reading() as connection:
            found = find_suppression(connection, normalise_address(asked.address))
        if found is None:
            raise NotFoundError("that address is not suppressed")
        return ShownSuppression.model_validate(found)

    def add_suppression(self, request: Request, asked: SuppressionAsked) -> Added:
        """Send nothing to an address any more, also of editions already planned."""
        address, actor = normalise_address(asked.address), actor_of(request)
        now = self._api.clock()
        return Added(is_new=suppress(self._api.database, address, asked.note, now, by=actor))

    def remove_suppression(self, request: Request, asked: SuppressionEnded) -> None:
        """Let an address be written to again."""
        address, actor = normalise_address(asked.address), actor_of(request)
        now = self._api.clock()
        if not lift_suppression(self._api.database, address, asked.note, now, by=actor):
            raise NotFoundError("that address is not suppressed")
