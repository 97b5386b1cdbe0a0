"""The doors to the pages for people beside the feeds: what there is to read, how to follow it."""

from __future__ import annotations

import hashlib
from urllib.parse import unquote

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.feeds.opml import OPML_PATH, OPML_TYPE
from service.feeds.paths import page_path
from service.model.feed import FeedKind
from service.web.page_content import PageContent
from service.web.parts import WebParts
from service.web.refreshing import Keeper
from service.web.rendering import PageRenderer
from service.web.security import SCRIPTED
from service.web.signup import SignupPages

_GET = ["GET", "HEAD"]
_A_MINUTE = "public, max-age=60"


class Pages:
    """The front page, one page for every feed, and the list of all feeds for readers to import."""

    def __init__(
        self, parts: WebParts, keeper: Keeper, renderer: PageRenderer, signup: SignupPages
    ) -> None:
        self._settings = parts.feeds.settings
        self._content = PageContent(
            parts.feeds.publication,
            self._settings,
            renderer.base,
            tuple(parts.register.newsletters.values()),
        )
        self._keeper = keeper
        self._renderer = renderer
        self._signup = signup
        self._language = parts.feeds.publication.language

    def routes(self) -> APIRouter:
        """Where they live."""
        router = APIRouter()
        router.add_api_route("/", self.show_home, methods=_GET)
        router.add_api_route(f"/{OPML_PATH}", self.show_opml, methods=_GET)
        shows = {
            FeedKind.CATEGORY: self.show_category,
            FeedKind.TAG: self.show_tag,
            FeedKind.AUTHOR: self.show_author,
            FeedKind.LANGUAGE: self.show_language,
        }
        for kind in self._settings.by:
            router.add_api_route(f"/{kind}/{{name}}", shows[kind], methods=_GET)
            router.add_api_route(f"/{kind}/{{name}}/", shows[kind], methods=_GET)
        if self._settings.custom:
            router.add_api_route("/custom/{name:path}/", self.show_custom, methods=_GET)
            router.add_api_route("/custom/{name:path}", self.show_custom, methods=_GET)
        return router

    def show_home(self) -> Response:
        """The publication's page."""
        context = self._content.compose_home(self._keeper.catalogue)
        if self._content.newsletters:
            context["signup"] = self._signup.compose_view(None, self._language)
        return self._renderer.render("reader/home.html", context, headers=SCRIPTED)

    def show_opml(self, request: Request) -> Response:
        """All feeds in one file."""
        content = self._content.compose_opml(self._keeper.catalogue)
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": _A_MINUTE, "Access-Control-Allow-Origin": "*"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type=f"{OPML_TYPE}; charset=utf-8")

    def show_category(self, name: str, request: Request) -> Response:
        """The page of one category."""
        return self._show_feed(FeedKind.CATEGORY, name, request)

    def show_tag(self, name: str, request: Request) -> Response:
        """The page of one tag."""
        return self._show_feed(FeedKind.TAG, name, request)

    def show_author(self, name: str, request: Request) -> Response:
        """The page of one author."""
        return self._show_feed(FeedKind.AUTHOR, name, request)

    def show_language(self, name: str, request: Request) -> Response:
        """The page of one language."""
        return self._show_feed(FeedKind.LANGUAGE, name, request)

    def show_custom(self, name: str, request: Request) -> Response:
        """The page of a feed of the publication's own choice."""
        return self._show_feed(FeedKind.CUSTOM, name, request)

    def _show_feed(self, kind: FeedKind, name: str, request: Request) -> Response:
        """The page of one feed; every other spelling of its address leads to this one."""
        catalogue = self._keeper.catalogue
        key = catalogue.find_feed(kind, name)
        if key is None:
            raise HTTPException(404)
        if request.scope["path"] != unquote(page_path(key)):
            # Kept no longer than a page: which spelling is the one may still change.
            kept = {"Cache-Control": _A_MINUTE}
            return RedirectResponse(self._renderer.base + page_path(key), 301, headers=kept)
        context = self._content.compose_page(key, catalogue)
        return self._renderer.render("reader/feed.html", context, headers=SCRIPTED)
