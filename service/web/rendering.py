"""From what a page shows to an answer: the templates under reader/ and desk/, and their style."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import jinja2
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.errors import TemplateError
from service.model.languages import find_direction
from service.model.publication import Publication
from service.web.words import find_words

_A_YEAR = "public, max-age=31536000, immutable"
_A_MINUTE = "public, max-age=60"


class PageRenderer:
    """Renders pages of one publication; every value in them is escaped."""

    def __init__(self, templates: Path, publication: Publication) -> None:
        self._language = publication.language
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(templates),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.base = urlsplit(publication.service_url).path.rstrip("/")
        self.style = Stylesheet((templates / "reader" / "style.css").read_bytes())
        self._environment.filters["direction"] = find_direction
        self._environment.globals |= {
            "publication": publication,
            "base": self.base,
            "style_url": f"{self.base}/assets/style.css?v={self.style.digest}",
        }

    def render(
        self,
        name: str,
        context: Mapping[str, object],
        *,
        status: int = 200,
        language: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The page of the template `name`, in a language, or the publication's.

        Raises TemplateError. Without `headers` it may be kept for a minute by anybody.
        """
        language = language or self._language
        words = find_words(language)
        try:
            html = self._environment.get_template(name).render(
                context, words=words, direction=find_direction(words.language)
            )
        except jinja2.TemplateError as error:
            raise TemplateError(f"templates/{name}: {error}") from error
        return HTMLResponse(html, status, headers or {"Cache-Control": _A_MINUTE})


class Stylesheet:
    """The one stylesheet; its address changes with its content, so it is kept for a year."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.digest = hashlib.sha256(content).hexdigest()[:16]

    def routes(self) -> APIRouter:
        """Where it lives."""
        router = APIRouter()
        router.add_api_route("/assets/style.css", self.show, methods=["GET", "HEAD"])
        return router

    def show(self, request: Request) -> Response:
        """Answer with the stylesheet, or that it has not changed."""
        tag = f'"{self.digest}"'
        # An address without this very version must not hold an old style for a year.
        is_ours = request.query_params.get("v") == self.digest
        headers = {"ETag": tag, "Cache-Control": _A_YEAR if is_ours else _A_MINUTE}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(self._content, headers=headers, media_type="text/css; charset=utf-8")
