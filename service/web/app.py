"""All doors in one house: published files first, then the pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from service.web.feeds import PublishedFiles
from service.web.hooks import ProviderHooks
from service.web.operations import Operations
from service.web.outbox import OutboxPages
from service.web.pages import Pages
from service.web.parts import WebParts
from service.web.push_hook import PushHook
from service.web.readers import ReaderPages
from service.web.reading import Reading
from service.web.refreshing import Keeper
from service.web.rendering import PageRenderer
from service.web.security import PRIVATE, Hardened
from service.web.words import find_words

log = structlog.get_logger(__name__)


def build_web(parts: WebParts) -> ASGIApp:
    """The whole web side; it keeps itself fresh between its lifespan's start and end."""
    keeper = Keeper(parts)
    renderer = PageRenderer(parts.templates, parts.feeds.publication)
    hooks = ProviderHooks(parts)

    @asynccontextmanager
    async def live(_: FastAPI) -> AsyncIterator[None]:
        async with keeper.keeping():
            yield

    app = FastAPI(
        lifespan=live, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    for router in (
        Pages(parts, keeper, renderer).routes(),
        ReaderPages(parts, renderer).routes(),
        OutboxPages(parts, renderer).routes(),
        Operations(parts, hooks.tally).routes(),
        PushHook(parts).routes(),
        hooks.routes(),
        renderer.style.routes(),
        Reading(parts, keeper, renderer).routes(),
    ):
        app.include_router(router)
    _speak_plainly(app, Problems(renderer, parts.feeds.publication.language))
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    return PublishedFiles(parts.shelf, Hardened(app))


class Problems:
    """Answers for everything that went wrong: plain pages that say nothing of the inside."""

    def __init__(self, renderer: PageRenderer, language: str) -> None:
        self._renderer = renderer
        self._words = find_words(language)

    def refuse(self, _: Request, error: Exception) -> Response:
        """The page for a status that a door asked for."""
        if not isinstance(error, HTTPException):
            raise error
        return self._render(error.status_code, dict(error.headers or {}))

    def wait(self, _: Request, error: Exception) -> Response:
        """The database is busy or away: come back in a minute."""
        log.error("the database does not answer", reason=type(error).__name__)
        return self._render(503, {"Retry-After": "60"})

    def fail(self, _: Request, error: Exception) -> Response:
        """A mistake of ours."""
        log.error("a page failed", reason=type(error).__name__)
        return self._render(500, {})

    def _render(self, status: int, headers: dict[str, str]) -> Response:
        saying = self._words.find_problem(status)
        return self._renderer.render(
            "reader/problem.html",
            {"heading": saying.heading, "lines": saying.lines, "status": status},
            status=status,
            headers={**PRIVATE, **headers},
        )


def _speak_plainly(app: FastAPI, problems: Problems) -> None:
    app.add_exception_handler(HTTPException, problems.refuse)
    app.add_exception_handler(OperationalError, problems.wait)
    app.add_exception_handler(Exception, problems.fail)
