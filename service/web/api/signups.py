"""Sign-ups that wait for the mail that asks them to confirm: most of them for seconds only."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from starlette.requests import Request

from service.membership import admit_domain, drop_signups
from service.model.editor import Scope
from service.store.signups import count_domains, find_held
from service.web.api.api import Api
from service.web.api.fields import Asked, Moment, Shown
from service.web.api.gate import actor_of

_MOST_DOMAINS = 200
_NO_SPACE = r"^[^\x00-\x20@\x7f-\x9f]+$"


class WaitingDomain(Shown):
    """A domain, and how many sign-ups for addresses there wait."""

    domain: str
    waiting: int


class WaitingSignups(Shown):
    """What waits: `held` of it because of a cap, the first `since_at`.

    `per_hour` is how many may be asked within an hour. `domains` are the most frequent ones.
    """

    held: int
    since_at: Moment | None
    per_hour: int
    domains: list[WaitingDomain]


class DomainNamed(Asked):
    """The domain of the addresses that are meant."""

    domain: Annotated[str, Field(min_length=1, max_length=253, pattern=_NO_SPACE)]


class SignupsLetGo(Shown):
    """How many mails leave now; `held` sign-ups still wait: they were asked today already."""

    mails: int
    held: int


class SignupsDropped(Shown):
    """How many sign-ups were forgotten."""

    dropped: int


class Signups:
    """The addresses under /signups."""

    def __init__(self, api: Api) -> None:
        self._api = api
        theirs = Scope.SUBSCRIBERS
        api.show("/signups", self.list_signups, needs=theirs)
        api.act("/signups/let-go", self.let_signups_go, needs=theirs)
        api.act("/signups/drop", self.drop_signups, needs=theirs, fails=())

    def list_signups(self) -> WaitingSignups:
        """Sign-ups that wait to be asked by mail, counted by domain.

        Who was asked and has not confirmed yet is a reader in the state `pending`.
        """
        with self._api.database.reading() as connection:
            held, domains = find_held(connection), count_domains(connection, _MOST_DOMAINS)
        return WaitingSignups(
            held=held.count if held else 0,
            since_at=held.since_at if held else None,
            per_hour=self._api.works.register.signup.per_hour,
            domains=[WaitingDomain(domain=name, waiting=count) for name, count in domains],
        )

    def let_signups_go(self, request: Request, asked: DomainNamed) -> SignupsLetGo:
        """Ask everybody at a domain to confirm now, whatever the caps say."""
        works, actor = self._api.works, actor_of(request)
        admitted = admit_domain(
            works.database, works.register, asked.domain.lower(), works.clock(), by=actor
        )
        return SignupsLetGo.model_validate(admitted)

    def drop_signups(self, request: Request, asked: DomainNamed) -> SignupsDropped:
        """Forget the sign-ups that wait for addresses at a domain."""
        domain, now, actor = asked.domain.lower(), self._api.clock(), actor_of(request)
        dropped = drop_signups(self._api.database, domain, now, by=actor)
        return SignupsDropped(dropped=dropped)
