"""What went wrong, told to programs: problem details for every status there is.

Source: RFC 9457.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from service.errors import AddressError, CellError, KawarabanError, UsageError
from service.web.security import PRIVATE

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
_WRONG = "The request does not say what it should."
_SAFE_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
_MOST_MISTAKES = 50
_SAYINGS = {
    401: "Send a token that counts: Authorization: Bearer kawaraban_...",
    400: "The body cannot be read.",
    404: "There is nothing at this address, or no longer.",
    405: "This address does not take that method; Allow names those it takes.",
    413: "The request is larger than anything this address takes.",
    415: "This address takes JSON: send Content-Type: application/json.",
    500: "A mistake of ours; the log says more.",
    503: "The database does not answer. Try again in a minute.",
}


class Mistake(BaseModel):
    """One thing that is wrong in a request: where (such as body.subject), and what."""

    where: str
    what: str


class Problem(BaseModel):
    """What went wrong. `needs` is the scope that a token lacks; `mistakes` are the request's."""

    model_config = ConfigDict(json_schema_extra={"required": ["type", "title", "status", "detail"]})

    type: str = "about:blank"
    title: str
    status: int = Field(ge=400, le=599)
    detail: str = ""
    needs: str | None = None
    mistakes: list[Mistake] | None = None


_EXAMPLES: Mapping[int, Mapping[str, Any]] = MappingProxyType(
    {
        403: {"detail": "this token lacks the scope 'send'", "needs": "send"},
        404: {"detail": "there is no edition 4711"},
        409: {"detail": "edition 12 was changed: it is at revision 3, and you saw 2"},
        422: {
            "detail": _WRONG,
            "mistakes": [{"where": "body.revision", "what": "Input should be a valid integer"}],
        },
    }
)


def write_example(status: int) -> dict[str, Any]:
    """A problem of this status, for whoever reads the document."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": _SAYINGS.get(status, ""),
        **_EXAMPLES.get(status, {}),
    }


class NotFoundError(KawarabanError):
    """A request names something that is not there; the message says what."""


class ScopeMissingError(KawarabanError):
    """A token counts, but not for this; `needs` is the scope it lacks."""

    def __init__(self, needs: str) -> None:
        self.needs = needs
        super().__init__(f"this token lacks the scope {needs!r}")


def answer_problem(
    status: int,
    detail: str = "",
    headers: Mapping[str, str] | None = None,
    **members: object,
) -> Response:
    """The answer that says what went wrong."""
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": _write_safely(detail or _SAYINGS.get(status, "")),
        **members,
    }
    return JSONResponse(content, status, {**PRIVATE, **(headers or {})}, MEDIA_TYPE)


def speak_in_problems(app: FastAPI) -> None:
    """Have every error of the API answered as a problem."""
    app.add_exception_handler(HTTPException, _refuse)
    app.add_exception_handler(RequestValidationError, _list_mistakes)
    app.add_exception_handler(KawarabanError, _explain)
    app.add_exception_handler(OperationalError, _wait)
    app.add_exception_handler(Exception, _fail)


def _refuse(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status, headers = error.status_code, dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_list_methods(request))
    is_bare = error.detail == HTTPStatus(status).phrase
    return answer_problem(status, "" if is_bare else str(error.detail), headers)


def _list_methods(request: Request) -> list[str]:
    """Every method that some route takes here: the one that refused knows only its own."""
    routes = [
        route
        for route in request.app.router.routes
        if route.matches(request.scope)[0] is not Match.NONE
    ]
    return sorted({method for route in routes for method in route.methods or ()})


def _list_mistakes(_: Request, error: Exception) -> Response:
    found: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else ()
    mistakes = [
        {"where": _write_place(one["loc"]), "what": _write_safely(one["msg"])}
        for one in found[:_MOST_MISTAKES]
    ]
    return answer_problem(422, _WRONG, mistakes=mistakes)


def _explain(_: Request, error: Exception) -> Response:
    if isinstance(error, ScopeMissingError):
        challenge = f'Bearer realm="kawaraban", error="insufficient_scope", scope="{error.needs}"'
        headers = {"WWW-Authenticate": challenge}
        return answer_problem(403, str(error), headers, needs=error.needs)
    if isinstance(error, NotFoundError):
        return answer_problem(404, str(error))
    is_asked_wrongly = isinstance(error, UsageError | AddressError | CellError)
    return answer_problem(422 if is_asked_wrongly else 409, str(error))


def _wait(_: Request, error: Exception) -> Response:
    log.error("the database does not answer", reason=type(error).__name__)
    return answer_problem(503, headers={"Retry-After": "60"})


def _fail(_: Request, error: Exception) -> Response:
    log.error("the API failed", reason=type(error).__name__)
    return answer_problem(500)


def _write_place(parts: Iterable[object]) -> str:
    """Where a mistake is; a name that only the request knows is not repeated."""
    return ".".join(str(one) if _SAFE_NAME.fullmatch(str(one)) else "?" for one in parts)


def _write_safely(text: str) -> str:
    """Text as JSON can carry it: a lone half of a character has no bytes."""
    return text.encode("utf-8", "replace").decode("utf-8")
