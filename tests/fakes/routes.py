"""The routes behind the doors, however many wrappers are around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute
from starlette.types import ASGIApp


def unwrap(app: ASGIApp) -> FastAPI:
    """The app within."""
    while not isinstance(app, FastAPI):
        app = getattr(app, "_otherwise", None) or app._app  # type: ignore[attr-defined]
    return app


def list_routes(app: ASGIApp) -> list[APIRoute]:
    """Every route of the app within, but for those of apps mounted in it."""
    return list(_walk(unwrap(app).routes))


def _walk(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif router := getattr(route, "original_router", None):
            yield from _walk(router.routes)
