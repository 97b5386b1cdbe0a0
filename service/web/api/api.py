"""The API's frame: each route says which scope it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from service.engine.works import Works
from service.model.editor import Scope
from service.web.api.document import ABOUT, complete_document, describe_failure, describe_handler
from service.web.api.gate import NEEDS, Gate, GuardedRoute
from service.web.api.problems import speak_in_problems
from service.web.security import PRIVATE

Handler = Callable[..., Any]

ROOT = "/api/v1"
_ALWAYS = (401, 403, 422, 500, 503)
_OF_BODIES = {400, 413, 415}


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
        self._add("GET", path, handler, needs, 200, fails, {})

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
        answer: Mapping[str, Any] | None = None,
    ) -> None:
        """What changes something, or carries in its body what must not be in an address.

        `body` describes one that the handler reads by itself, `answer` one that it writes so.
        """
        own: dict[int | str, dict[str, Any]] = {status: dict(answer)} if answer else {}
        self._add(method, path, handler, needs, status, fails, own, body)

    def _add(
        self,
        method: str,
        path: str,
        handler: Handler,
        needs: Scope,
        status: int,
        fails: tuple[int, ...],
        answers: Mapping[int | str, dict[str, Any]],
        body: Mapping[str, Any] | None = None,
    ) -> None:
        failures = {*_ALWAYS, *fails}
        if "{" in path:
            failures.add(404)
        if method != "GET":
            failures |= _OF_BODIES
        summary, description = describe_handler(handler, needs)
        self.app.router.add_api_route(
            path,
            handler,
            methods=[method],
            status_code=status,
            responses={**answers, **{one: describe_failure(one) for one in sorted(failures)}},
            summary=summary,
            description=description,
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
            self.app.openapi_schema = complete_document(
                get_openapi(
                    title=self.app.title,
                    version=self.app.version,
                    description=ABOUT,
                    servers=[{"url": ROOT}],
                    routes=self.app.router.routes,
                )
            )
        return self.app.openapi_schema


def _name_operation(route: APIRoute) -> str:
    return route.name


def _keep_private(response: Response) -> None:
    """Nobody on the way keeps an answer."""
    response.headers.update(PRIVATE)
