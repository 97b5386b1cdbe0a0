"""Who may use the API: a program that shows a token with the scope a route needs."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope as HttpScope

from service.model.editor import Actor, ActorKind, ApiToken, Scope
from service.staff import verify_token
from service.store.database import Database
from service.web.api.problems import ScopeMissingError

NEEDS = "x-needs"
"""Under this name a route says, for whoever walks the routes, which scope it needs."""

_WORDS = frozenset({"newsletter"})
"""What is known by a word in an address; everything else is by its number."""

_NO_TOKEN = {"WWW-Authenticate": 'Bearer realm="kawaraban"'}
_WRONG_TOKEN = {"WWW-Authenticate": 'Bearer realm="kawaraban", error="invalid_token"'}


@dataclass(frozen=True, slots=True)
class Gate:
    """Knows the tokens that count."""

    database: Database
    clock: Callable[[], datetime]

    def admit(self, authorization: str, needs: Scope) -> ApiToken:
        """The token of a request; raises HTTPException 401, or ScopeMissingError."""
        scheme, _, shown = authorization.partition(" ")
        if scheme.lower() != "bearer" or not shown.strip():
            raise HTTPException(401, headers=_NO_TOKEN)
        token = verify_token(self.database, shown.strip(), self.clock)
        if token is None:
            raise HTTPException(401, headers=_WRONG_TOKEN)
        if needs not in token.scopes:
            raise ScopeMissingError(needs)
        return token


class GuardedRoute(APIRoute):
    """A route that looks at the token before it reads anything else of a request."""

    def matches(self, scope: HttpScope) -> tuple[Match, HttpScope]:
        """Whether an address is this one; a word in the place of a number is another."""
        match, child = super().matches(scope)
        places = child.get("path_params", {})
        if any(name not in _WORDS and not text.isdecimal() for name, text in places.items()):
            return Match.NONE, {}
        return match, child

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers, behind the gate."""
        answer = super().get_route_handler()
        needs = Scope((self.openapi_extra or {})[NEEDS])

        async def guard(request: Request) -> Response:
            gate: Gate = request.app.state.gate
            authorization = request.headers.get("authorization", "")
            request.state.token = await run_in_threadpool(gate.admit, authorization, needs)
            if self.body_field is not None and not _may_be_json(request):
                raise HTTPException(415)
            return await answer(request)

        return guard


def _may_be_json(request: Request) -> bool:
    """Whether a body says that it is JSON; one that is missing says nothing."""
    declared = request.headers.get("content-type", "application/json")
    media_type = declared.partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def actor_of(request: Request) -> Actor:
    """Who does what is done now."""
    token: ApiToken = request.state.token
    return Actor(ActorKind.TOKEN, token.api_token_id, token.name)
