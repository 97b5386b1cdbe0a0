"""The pages for people as files, for a host that only hands out files.

They show what the served ones show, but for what needs a service: newsletters are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from service.feeds.opml import OPML_PATH, OPML_TYPE
from service.feeds.paths import page_path
from service.model.feed import FeedFile, FeedKey, FeedKind, FeedSettings
from service.model.publication import Publication
from service.web.catalogue import Catalogue
from service.web.page_content import PageContent
from service.web.rendering import PagePlaces, PageRenderer

_HTML = "text/html; charset=utf-8"
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: https:; "
    "base-uri 'none'; form-action 'none'"
)
_HOME_BESIDE_A_SITE = "/follow/"


def find_places(publication: Publication) -> PagePlaces:
    """Where the files of pages lie; a site in the same folder keeps its own front page."""
    is_beside = publication.url == publication.service_url
    return PagePlaces(
        home=_HOME_BESIDE_A_SITE if is_beside else "/",
        style="/assets/kawaraban.css",
        script="/assets/kawaraban.js",
        policy=_POLICY,
    )


def render_opml_file(
    publication: Publication, settings: FeedSettings, catalogue: Catalogue
) -> FeedFile:
    """The list of all feeds, which is no page, but made of the same."""
    content = PageContent(publication, settings, base="").compose_opml(catalogue)
    return FeedFile(OPML_PATH, f"{OPML_TYPE}; charset=utf-8", content)


def render_pages(
    templates: Path, publication: Publication, settings: FeedSettings, catalogue: Catalogue
) -> Iterator[FeedFile]:
    """Every page with what it loads, by paths below public/; pure but for reading templates."""
    places = find_places(publication)
    renderer = PageRenderer(templates, publication, settings, places)
    content = PageContent(publication, settings, renderer.base)
    for asset in (renderer.style, renderer.script):
        yield FeedFile(asset.place.removeprefix("/"), asset.media_type, asset.content)
    home = renderer.write("reader/home.html", content.compose_home(catalogue))
    yield FeedFile(f"{places.home.removeprefix('/')}index.html", _HTML, home.encode())
    for key in catalogue.groups:
        if key != FeedKey(FeedKind.SITE):
            page = renderer.write("reader/feed.html", content.compose_page(key, catalogue))
            path = unquote(page_path(key)).removeprefix("/")
            yield FeedFile(f"{path}index.html", _HTML, page.encode())
