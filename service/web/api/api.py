"""The API's frame: each route says which scope it needs, and each change is written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.requests import Request

from service.engine.works import Works
from service.model.editor import Scope
from service.staff import record_action
from service.web.api.gate import NEEDS, Gate, GuardedRoute, actor_of
from service.web.api.problems import MEDIA_TYPE, Problem, speak_in_problems
from service.web.security import PRIVATE

Handler = Callable[..., Any]

ROOT = "/api/v1"
_ABOUT = (
    "What the editors' desk does, for programs. Every request shows a token with the scope that "
    "its address needs; a token may have several. Moments are ISO 8601 in UTC. Lists come a page "
    "at a time: hand `next` back as `cursor`. Errors are problem details (RFC 9457)."
)
_SCOPES = {
    Scope.READ: "posts, editions, newsletters, feeds, status: never a reader's address",
    Scope.POSTS: "hold and release posts",
    Scope.EDITIONS: "arrange, hold, pause and cancel editions",
    Scope.SEND: "whatever lets mail leave",
    Scope.SUBSCRIBERS: "readers and suppressions, with their addresses",
    Scope.ADMIN: "editors, tokens, the log, webhooks",
}
_ALWAYS = (401, 403, 422, 500, 503)
_OF_BODIES = {400, 413, 415}
_HEADERS = {401: "WWW-Authenticate", 403: "WWW-Authenticate", 503: "Retry-After"}


class Api:
    """Takes routes with the scopes they need, and tells of them in an OpenAPI document."""

    def __init__(self, works: Works, uploads: Path) -> None:
        self.works = works
        self.uploads = uploads
        self.database = works.database
        self.clock = works.clock
        self.app = FastAPI(
            title="Kawaraban",
            version="1",
            docs_url=None,
            redoc_url=None,
            openapi_url="/openapi.json",
            redirect_slashes=False,
            generate_unique_id_function=_name_operation,
        )
        self.app.router.route_class = GuardedRoute
        self.app.state.gate = Gate(works.database, works.clock)
        self.app.openapi = self._describe  # type: ignore[method-assign]
        speak_in_problems(self.app)

    def show(
        self,
        path: str,
        handler: Handler,
        *,
        needs: Scope = Scope.READ,
        fails: tuple[int, ...] = (),
    ) -> None:
        """What is looked at: it changes nothing."""
        self._add("GET", path, handler, needs, 200, fails)

    def act(
        self,
        path: str,
        handler: Handler,
        *,
        needs: Scope,
        method: str = "POST",
        status: int = 200,
        fails: tuple[int, ...] = (409,),
        body: Mapping[str, Any] | None = None,
    ) -> None:
        """What changes something, or carries in its body what must not be in an address.

        `body` describes one that the handler reads by itself.
        """
        self._add(method, path, handler, needs, status, fails, body)

    def record(self, request: Request, action: str, subject: str, **detail: object) -> None:
        """Write down what was done, such as edition.approve to edition:12."""
        record_action(self.database, actor_of(request), action, subject, self.clock(), **detail)

    def _add(
        self,
        method: str,
        path: str,
        handler: Handler,
        needs: Scope,
        status: int,
        fails: tuple[int, ...],
        body: Mapping[str, Any] | None = None,
    ) -> None:
        failures = {*_ALWAYS, *fails}
        if "{" in path:
            failures.add(404)
        if method != "GET":
            failures |= _OF_BODIES
        self.app.router.add_api_route(
            path,
            handler,
            methods=[method],
            status_code=status,
            responses={one: _describe_failure(one) for one in sorted(failures)},
            dependencies=[Depends(_keep_private)],
            tags=[path.split("/")[1]],
            openapi_extra={
                NEEDS: str(needs),
                "security": [{"token": [str(needs)]}],
                **({"requestBody": dict(body)} if body else {}),
            },
        )

    def _describe(self) -> dict[str, Any]:
        if self.app.openapi_schema is None:
            document = get_openapi(
                title=self.app.title,
                version=self.app.version,
                description=_ABOUT,
                servers=[{"url": ROOT}],
                routes=self.app.router.routes,
            )
            components = document["components"]
            components["schemas"]["Problem"] = Problem.model_json_schema(
                ref_template="#/components/schemas/{model}"
            )
            components["schemas"] |= components["schemas"]["Problem"].pop("$defs")
            components["securitySchemes"] = {"token": _describe_tokens()}
            self.app.openapi_schema = document
        return self.app.openapi_schema


def _name_operation(route: APIRoute) -> str:
    return route.name


def _keep_private(response: Response) -> None:
    """Nobody on the way keeps an answer."""
    response.headers.update(PRIVATE)


def _describe_failure(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    described: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": schema}},
    }
    if status in _HEADERS:
        described["headers"] = {_HEADERS[status]: {"schema": {"type": "string"}}}
    return described


def _describe_tokens() -> dict[str, str]:
    scopes = "; ".join(f"{scope}: {what}" for scope, what in _SCOPES.items())
    return {"type": "http", "scheme": "bearer", "description": f"Scopes: {scopes}."}
