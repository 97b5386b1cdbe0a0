"""From what a page shows to an answer: the templates under reader/ and desk/, and their assets."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import jinja2
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.errors import OurTemplateError
from service.model.feed import FeedKey, FeedKind, FeedSettings
from service.model.languages import find_direction
from service.model.publication import Publication
from service.web.compiled import keep_compiled
from service.web.page_content import list_addresses
from service.words.catalogues import find_voice

_A_YEAR = "public, max-age=31536000, immutable"
_A_MINUTE = "public, max-age=60"
_CSS = "text/css; charset=utf-8"
_SCRIPT = "text/javascript; charset=utf-8"


@dataclass(frozen=True, slots=True)
class PagePlaces:
    """Where pages find each other, below the path that the service is reached at.

    `policy` is what a page permits itself, where no server's header says it.
    """

    home: str = "/"
    style: str = "/assets/style.css"
    script: str = "/assets/copy.js"
    policy: str = ""


SERVED = PagePlaces()


class PageRenderer:
    """Renders pages of one publication; every value in them is escaped."""

    def __init__(
        self,
        templates: Path,
        publication: Publication,
        settings: FeedSettings,
        places: PagePlaces = SERVED,
    ) -> None:
        self._language = publication.language
        self._environment = _open_environment(templates)
        self.base = urlsplit(publication.service_url).path.rstrip("/")
        self.home = self.base + places.home
        folder = templates / "reader"
        self.style = Asset(places.style, folder / "style.css", _CSS)
        self.script = Asset(places.script, folder / "copy.js", _SCRIPT)
        desk = templates / "desk"
        self.desk_style = Asset("/assets/desk.css", desk / "style.css", _CSS)
        self.desk_progress = Asset("/assets/progress.js", desk / "progress.js", _SCRIPT)
        self.desk_choosing = Asset("/assets/choosing.js", desk / "choosing.js", _SCRIPT)
        self.desk_list = Asset("/assets/list.js", desk / "list.js", _SCRIPT)
        self._environment.globals |= {
            "publication": publication,
            "base": self.base,
            "home": self.home,
            "policy": places.policy,
            "site_addresses": list_addresses(FeedKey(FeedKind.SITE), publication, settings),
            "style_url": self.base + self.style.address,
            "script_url": self.base + self.script.address,
            "desk_progress_url": self.base + self.desk_progress.address,
            "desk_style_url": self.base + self.desk_style.address,
            "desk_choosing_url": self.base + self.desk_choosing.address,
            "desk_list_url": self.base + self.desk_list.address,
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

        Raises OurTemplateError. Without `headers` it may be kept for a minute by anybody.
        """
        html = self.write(name, context, language=language)
        return HTMLResponse(html, status, {"Cache-Control": _A_MINUTE, **(headers or {})})

    def write(self, name: str, context: Mapping[str, object], *, language: str = "") -> str:
        """The HTML of `render`; raises OurTemplateError."""
        voice = find_voice(language or self._language)
        try:
            return self._environment.get_template(name).render(
                context,
                direction=find_direction(voice.language),
                voice=voice,
                say=voice.say,
                say_of=voice.say_of,
                say_count=voice.say_count,
            )
        except jinja2.TemplateError as error:
            raise OurTemplateError(
                "templates/{name}: {problem}", name=name, problem=error
            ) from error


def _open_environment(templates: Path) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        bytecode_cache=keep_compiled(),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["direction"] = find_direction
    return environment


class Asset:
    """A file that pages load; its address changes with its content, so it is kept for a year."""

    def __init__(self, place: str, file: Path, media_type: str) -> None:
        self.place = place
        self.content = file.read_bytes()
        self.media_type = media_type
        self.digest = hashlib.sha256(self.content).hexdigest()[:16]
        self.address = f"{place}?v={self.digest}"

    def routes(self) -> APIRouter:
        """Where it lives."""
        router = APIRouter()
        router.add_api_route(self.place, self.show, methods=["GET", "HEAD"])
        return router

    def show(self, request: Request) -> Response:
        """Answer with the file, or that it has not changed."""
        tag = f'"{self.digest}"'
        # An address without this very version must not hold an old file for a year.
        is_ours = request.query_params.get("v") == self.digest
        headers = {"ETag": tag, "Cache-Control": _A_YEAR if is_ours else _A_MINUTE}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(self.content, headers=headers, media_type=self.media_type)
