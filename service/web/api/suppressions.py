"""Addresses that nothing is sent to."""

from __future__ import annotations

from starlette.requests import Request

from service.audience.addresses import normalise_address
from service.model.editor import Scope
from service.model.subscriber import SuppressionReason
from service.store.suppressions import (
    Suppression,
    add_suppression,
    list_suppression_page,
    remove_suppression,
)
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
    """An address that may be written to again."""

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
        api.act(
            "/suppressions/remove",
            self.remove_suppression,
            needs=theirs,
            status=204,
            fails=(404,),
        )

    def list_suppressions(
        self, cursor: NumberCursor = None, limit: Limit = 50
    ) -> Page[ShownSuppression]:
        """Every suppressed address, the newest first."""
        with self._api.database.reading() as connection:
            found, older = list_suppression_page(connection, before=cursor, limit=limit)
        items = [ShownSuppression.model_validate(one) for one in found]
        return Page(items=items, next=None if older is None else str(older))

    def add_suppression(self, request: Request, asked: SuppressionAsked) -> Added:
        """Send nothing to an address any more, also of editions already planned."""
        suppression = Suppression(
            address=normalise_address(asked.address),
            address_hash=None,
            reason=SuppressionReason.MANUAL,
            note=asked.note,
            created_at=self._api.clock(),
        )
        with self._api.database.writing() as connection:
            is_new = add_suppression(connection, suppression)
        self._api.record(request, "suppression.add", "suppressions", is_new=is_new)
        return Added(is_new=is_new)

    def remove_suppression(self, request: Request, asked: SuppressionEnded) -> None:
        """Let an address be written to again."""
        address = normalise_address(asked.address)
        with self._api.database.writing() as connection:
            was_there = remove_suppression(connection, address)
        if not was_there:
            raise NotFoundError("that address is not suppressed")
        self._api.record(request, "suppression.remove", "suppressions")
