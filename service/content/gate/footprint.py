"""What is kept of an article's file for the rules that compare posts."""

from __future__ import annotations

import html as html_entities
import re

from service.content.gate.manuscript import Manuscript
from service.content.gate.places import find_key_line
from service.model.post import Article, OwnLink, Places

_DATED = re.compile(r"/(?:19|20)\d\d/")
_HREF = '<a href="'
_TAG = re.compile(r"<[^<>]*>")
_MOST_LINKS = 200


def find_places(article: Article, site_url: str, source: str, body_line: int) -> Places:
    """Return the lines of title and summary, and the links to dated addresses of the own site."""
    manuscript = Manuscript(article, source, body_line)
    return Places(
        title_line=find_key_line(manuscript, "title"),
        summary_line=find_key_line(manuscript, "summary"),
        links=_list_links(manuscript, f"{_HREF}{site_url}/"),
    )


def _list_links(manuscript: Manuscript, opener: str) -> tuple[OwnLink, ...]:
    html = manuscript.article.html
    links: dict[str, OwnLink] = {}
    at = html.find(opener)
    while at >= 0 and len(links) < _MOST_LINKS:
        end = html.find('"', at + len(opener))
        url = html_entities.unescape(html[at + len(_HREF) : end]).partition("#")[0]
        if url not in links and _DATED.search(url):
            links[url] = _read_link(manuscript, url, html[end : html.find("</a>", end)])
        at = html.find(opener, end)
    return tuple(links.values())


def _read_link(manuscript: Manuscript, url: str, inner: str) -> OwnLink:
    text = html_entities.unescape(_TAG.sub("", inner.partition(">")[2])).strip()
    at = _find_written(manuscript.source, "/" + url.split("/", 3)[-1].rstrip("/"))
    # Counted from behind too: most of them are near the end.
    line = manuscript.last_line - manuscript.source.count("\n", at) if at >= 0 else None
    return OwnLink(url, text, line)


def _find_written(source: str, path: str) -> int:
    """Return where a link is written, -1 for nowhere: with its whole path, or beside the post."""
    # From behind, because that is where related posts are named.
    at = source.rfind(path)
    name = path.rpartition("/")[2]
    return at if at >= 0 else max(source.rfind(f"({name}"), source.rfind(f"/{name}"))
