"""All doors in one house: published files first, then the pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from service.errors import LinkExpiredError, TokenError
from service.web.admission import Admission
from service.web.api.problems import answer_problem
from service.web.api.rooms import open_api
from service.web.desk.list_keeping import keeping_lists
from service.web.desk.rooms import open_desk
from service.web.editions import EditionPages
from service.web.feeds import PublishedFiles
from service.web.hooks import ProviderHooks
from service.web.operations import Operations
from service.web.outbox import OutboxPages
from service.web.pages import Pages
from service.web.parts import WebParts
from service.web.preferences import PreferencePages
from service.web.problem_sayings import say_expired, say_problem
from service.web.push_hook import PushHook
from service.web.readers import ReaderPages
from service.web.reading import Reading
from service.web.refreshing import Keeper
from service.web.rendering import PageRenderer
from service.web.saying import Saying
from service.web.security import PRIVATE, PROGRAMS, Hardened
from service.web.self_service import SelfServicePages
from service.web.signup import SignupPages
from service.web.stating import Statements
from service.words.catalogues import find_voice

log = structlog.get_logger(__name__)


def build_web(parts: WebParts) -> ASGIApp:
    """The whole web side; it keeps itself fresh between its lifespan's start and end."""
    keeper = Keeper(parts)
    renderer = PageRenderer(parts.templates, parts.feeds.publication, parts.feeds.settings)
    hooks = ProviderHooks(parts)
    statements = Statements(parts.database, parts.clock)
    admission = Admission(parts)
    signup = SignupPages(parts, keeper, renderer, admission)

    @asynccontextmanager
    async def live(_: FastAPI) -> AsyncIterator[None]:
        lists = keeping_lists(parts.desk) if parts.desk is not None else nullcontext()
        async with keeper.keeping(), statements.keeping(), admission.keeping(), lists:
            yield

    app = FastAPI(
        lifespan=live, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    if parts.desk is not None:
        # Before the site itself, where that is ours: it answers for every other address.
        open_desk(app, parts.desk, renderer)
        open_api(app, parts.desk)
    for router in (
        Pages(parts, keeper, renderer, signup).routes(),
        signup.routes(),
        ReaderPages(parts, renderer, admission).routes(),
        PreferencePages(parts, renderer).routes(),
        SelfServicePages(parts, renderer).routes(),
        EditionPages(parts, renderer).routes(),
        OutboxPages(parts, renderer).routes(),
        Operations(parts, hooks.tally).routes(),
        PushHook(parts).routes(),
        hooks.routes(),
        renderer.style.routes(),
        renderer.script.routes(),
        Reading(parts, keeper, renderer).routes(),
    ):
        # Included, it would be read again with the first request, and asked before its routes are.
        app.router.routes.extend(router.routes)
    _speak_plainly(app, Problems(renderer, parts.feeds.publication.language))
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    farewell = say_problem(find_voice(parts.feeds.publication.language), 410)
    return PublishedFiles(parts.shelf, Hardened(app), statements, farewell.write())


class Problems:
    """Answers for everything that went wrong: plain pages that say nothing of the inside."""

    def __init__(self, renderer: PageRenderer, language: str) -> None:
        self._renderer = renderer
        self._voice = find_voice(language)

    def refuse(self, request: Request, error: Exception) -> Response:
        """The page for a status that a door asked for; programs read no pages."""
        if not isinstance(error, HTTPException):
            raise error
        if request.url.path.startswith(PROGRAMS):
            return answer_problem(error.status_code, headers=error.headers)
        return self._render(error.status_code, dict(error.headers or {}))

    def wait(self, _: Request, error: Exception) -> Response:
        """The database is busy or away: come back in a minute."""
        log.error("the database does not answer", reason=type(error).__name__)
        return self._render(503, {"Retry-After": "60"})

    def fail(self, _: Request, error: Exception) -> Response:
        """A mistake of ours."""
        log.error("a page failed", reason=type(error).__name__)
        return self._render(500, {})

    def misread(self, _: Request, error: Exception) -> Response:
        """A field or a part of an address that cannot be what it should."""
        errors = error.errors() if isinstance(error, RequestValidationError) else ()
        is_address = any(one["loc"][:1] == ("path",) for one in errors)
        return self._render(404 if is_address else 422, {})

    def find_nobody(self, _: Request, error: Exception) -> Response:  # noqa: ARG002
        """A link that was not signed here, or belongs to nobody any more."""
        return self._render(404, {})

    def expire(self, _: Request, error: Exception) -> Response:  # noqa: ARG002
        """A link that lived for an hour."""
        return self._say(410, {}, say_expired(self._voice))

    def _render(self, status: int, headers: dict[str, str]) -> Response:
        return self._say(status, headers, say_problem(self._voice, status))

    def _say(self, status: int, headers: dict[str, str], saying: Saying) -> Response:
        return self._renderer.render(
            "reader/problem.html",
            {"saying": saying, "status": status},
            status=status,
            headers={**PRIVATE, **headers},
        )


def _speak_plainly(app: FastAPI, problems: Problems) -> None:
    app.add_exception_handler(HTTPException, problems.refuse)
    app.add_exception_handler(RequestValidationError, problems.misread)
    app.add_exception_handler(LinkExpiredError, problems.expire)
    app.add_exception_handler(TokenError, problems.find_nobody)
    app.add_exception_handler(OperationalError, problems.wait)
    app.add_exception_handler(Exception, problems.fail)
