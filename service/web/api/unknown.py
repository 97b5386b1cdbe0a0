"""Batches that nobody can vouch for, and an editor's word on them."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field
from starlette.requests import Request

from service.delivery.settling import describe_unknown, settle_batch
from service.membership import complete_erasures
from service.model.delivery import BatchKind
from service.model.editor import Scope
from service.store.history import list_unvouched
from service.web.api.api import Api
from service.web.api.fields import Asked, Moment, Number, Shown
from service.web.api.gate import actor_of
from service.web.api.problems import NotFoundError


class ShownUnknown(Shown):
    """A batch of which nobody can say whether the provider took it."""

    batch: int = Field(validation_alias="batch_id")
    kind: BatchKind
    edition: int | None = Field(validation_alias="edition_id")
    account: str
    readers: int = Field(validation_alias="rows")
    claimed_at: Moment = Field(validation_alias="first_claimed_at")
    detail: str


class Attempt(Shown):
    """One try at a batch."""

    attempt: int
    claimed_at: Moment
    detail: str


class UnknownDetail(Shown):
    """What to look for in the provider's own log."""

    batch: int
    account: str
    key: str
    subject: str
    attempts: list[Attempt]
    addresses: list[str]


class Outcome(StrEnum):
    """What became of a batch."""

    ACCEPTED = "accepted"
    NOT_SENT = "not-sent"


class OutcomeAsked(Asked):
    """What the provider's own log says: it has the batch, or it never had it."""

    outcome: Outcome


class Settled(Shown):
    """How many readers a settled batch concerns."""

    readers: int


class Unknown:
    """The addresses under /unknown."""

    def __init__(self, api: Api) -> None:
        self._api = api
        api.show("/unknown", self.list_unknown)
        api.show("/unknown/{batch}", self.show_unknown, needs=Scope.SUBSCRIBERS)
        api.act("/unknown/{batch}/settle", self.settle_unknown, needs=Scope.SEND)

    def list_unknown(self) -> list[ShownUnknown]:
        """Every batch nobody can vouch for, the oldest first."""
        with self._api.database.reading() as connection:
            return [ShownUnknown.model_validate(one) for one in list_unvouched(connection)]

    def show_unknown(self, batch: Number) -> UnknownDetail:
        """What to look for in the provider's own log, with the readers' addresses."""
        self._find_unknown(batch)
        with self._api.database.reading() as connection:
            found = describe_unknown(connection, batch)
        return UnknownDetail(
            batch=batch,
            account=found.account,
            key=found.key,
            subject=found.subject,
            attempts=[Attempt.model_validate(one) for one in found.attempts],
            addresses=list(found.addresses),
        )

    def settle_unknown(self, request: Request, batch: Number, asked: OutcomeAsked) -> Settled:
        """Say what became of a batch: accepted, or not sent; then it is planned again."""
        self._find_unknown(batch)
        works = self._api.works
        # Whoever is only waiting for this batch to be forgotten is forgotten with it.
        complete_erasures(works.database, works.mailbag.provider)
        was_accepted = asked.outcome is Outcome.ACCEPTED
        now, by = works.clock(), actor_of(request)
        readers = settle_batch(works.database, batch, now, was_accepted=was_accepted, by=by)
        return Settled(readers=readers)

    def _find_unknown(self, batch_id: int) -> None:
        with self._api.database.reading() as connection:
            if batch_id not in {one.batch_id for one in list_unvouched(connection)}:
                raise NotFoundError(f"batch {batch_id} is not unknown; see /unknown")
