"""The doors to what was sent: a list and a feed for each newsletter, a page for each edition."""

from __future__ import annotations

import hashlib

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.editions.faces import find_face
from service.editions.permalink import list_path
from service.editions.public import Frame, show_publicly
from service.feeds.xml import POLICY as FEED_POLICY
from service.model.newsletter import Cadence, Newsletter
from service.web.edition_feeds import EditionFeeds
from service.web.edition_view import EditionView
from service.web.negotiating import is_listed
from service.web.parts import WebParts
from service.web.past_editions import PastEditions, Shown, list_kinds
from service.web.rendering import PageRenderer

_GET = ["GET", "HEAD"]
_IN_A_PAGE = 20
_OF_EACH = 5
_MOST_PAGES = 1_000
_KEPT_FOR = "public, max-age=300"

_POLICY = (
    # The mail's own HTML, by whoever wrote its template: it may look like itself, and do nothing.
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "img-src 'self' data: https:; style-src 'unsafe-inline'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


class EditionPages:
    """The archive of every newsletter that has one; of any other there is nothing here."""

    def __init__(self, parts: WebParts, renderer: PageRenderer) -> None:
        feeds = parts.feeds
        self._past = PastEditions(parts.database, parts.register.newsletters)
        self._feeds = EditionFeeds(
            self._past, feeds.publication, feeds.settings, parts.register.installation
        )
        self._view = EditionView(feeds.publication, feeds.settings, renderer.base)
        self._renderer = renderer

    def routes(self) -> APIRouter:
        """Where they live."""
        router = APIRouter()
        if self._past.newsletters:
            router.add_api_route("/editions", self.lead_to_all, methods=_GET)
            router.add_api_route("/editions/", self.show_all, methods=_GET)
        one = "/editions/{newsletter_id}"
        router.add_api_route(one, self.lead_to_list, methods=_GET)
        router.add_api_route(f"{one}/", self.show_list, methods=_GET)
        router.add_api_route(f"{one}/{{name}}", self.show_one, methods=_GET)
        return router

    def lead_to_all(self) -> Response:
        """The address without its last stroke."""
        return RedirectResponse(f"{self._renderer.base}/editions/", 301)

    def lead_to_list(self, newsletter_id: str) -> Response:
        """The address of a list without its last stroke."""
        newsletter = self._find_newsletter(newsletter_id)
        return RedirectResponse(self._renderer.base + list_path(newsletter), 301)

    def show_all(self) -> Response:
        """Every newsletter with its newest editions."""
        past = [
            (one, self._past.list_newest(one, list_kinds(one), limit=_OF_EACH))
            for one in self._past.newsletters.values()
        ]
        return self._renderer.render("reader/all_editions.html", self._view.compose_all(past))

    def show_list(self, newsletter_id: str, cadence: str = "", page: str = "1") -> Response:
        """One page of a newsletter's list; `cadence` shows only those."""
        newsletter = self._find_newsletter(newsletter_id)
        number, only = _read_page(page), _read_cadence(cadence)
        found = self._past.list_newest(
            newsletter,
            (only,) if only else list_kinds(newsletter),
            limit=_IN_A_PAGE + 1,
            offset=(number - 1) * _IN_A_PAGE,
        )
        if number > 1 and not found:
            raise HTTPException(404)
        context = self._view.compose_list(
            newsletter,
            only,
            found[:_IN_A_PAGE],
            page=number,
            has_more=len(found) > _IN_A_PAGE,
        )
        language = self._view.choose_language(newsletter.language)
        return self._renderer.render("reader/editions.html", context, language=language)

    def show_one(
        self, newsletter_id: str, name: str, request: Request, language: str = ""
    ) -> Response:
        """One edition as it was sent, or the feed of all."""
        newsletter = self._find_newsletter(newsletter_id)
        if name.endswith((".xml", ".json")):
            return self._serve_feed(newsletter, name, request)
        shown = self._past.find(newsletter, name)
        if shown is None:
            raise HTTPException(404)
        url = self._view.find_url(newsletter, shown[0])
        if not url.endswith(f"/{name}"):
            return RedirectResponse(url, 301, headers={"Cache-Control": _KEPT_FOR})
        return self._serve_edition(newsletter, shown, language, request)

    def _serve_feed(self, newsletter: Newsletter, name: str, request: Request) -> Response:
        file = self._feeds.find(newsletter, name)
        if file is None:
            raise HTTPException(404)
        headers = {"Access-Control-Allow-Origin": "*", "Content-Security-Policy": FEED_POLICY}
        return _serve(file.content, file.content_type, headers, request)

    def _serve_edition(
        self, newsletter: Newsletter, shown: Shown, language: str, request: Request
    ) -> Response:
        edition, faces = shown
        face = find_face(faces, language)
        context = self._view.compose_frame(
            newsletter, shown, face, self._past.find_beside(newsletter, edition)
        )
        spoken = self._view.choose_language(face.language)
        head, top, links = (
            self._renderer.write(f"reader/edition_{part}.html", context, language=spoken)
            for part in ("head", "top", "links")
        )
        url = self._view.find_url(newsletter, edition)
        frame = Frame(head, top, links, page_url=url, list_url=str(context["list_page"]))
        (mail,) = self._past.load_html([face])
        html = show_publicly(mail, frame)
        headers = {"Content-Security-Policy": _POLICY, "Content-Language": face.language}
        if not edition.is_for_all:
            headers["X-Robots-Tag"] = "noindex"
        return _serve(html.encode("utf-8", "replace"), "text/html; charset=utf-8", headers, request)

    def _find_newsletter(self, newsletter_id: str) -> Newsletter:
        newsletter = self._past.newsletters.get(newsletter_id)
        if newsletter is None:
            raise HTTPException(404)
        return newsletter


def _serve(content: bytes, media_type: str, headers: dict[str, str], request: Request) -> Response:
    """The content, or that it has not changed; weak, because it may be compressed on its way."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    known = {**headers, "ETag": f"W/{tag}", "Cache-Control": _KEPT_FOR}
    asked = request.headers.get("if-none-match", "")
    if asked and is_listed(tag.encode(), asked.encode("latin-1")):
        return Response(status_code=304, headers=known)
    return Response(content, headers={**known, "Content-Type": media_type})


def _read_page(written: str) -> int:
    if not written.isascii() or not written.isdecimal() or not 1 <= int(written[:6]) <= _MOST_PAGES:
        raise HTTPException(404)
    return int(written)


def _read_cadence(written: str) -> Cadence | None:
    return next((one for one in Cadence if one == written), None)
