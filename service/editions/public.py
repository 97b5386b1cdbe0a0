"""A mail as everybody may see it: as it was sent, without what was one reader's own.

Stored mails bear marks where each reader's links go. What the mail says to its reader alone (why
they get it, how to choose and to leave) gives way to links for everybody. Our templates name those
places by a class; in others the paragraph around such a link is taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

import nh3

from service.editions.mail_html import Element, TakenApart, take_apart
from service.model.message import UNSUBSCRIBE_MARK

_YOURS = "yours"
"""The class of what a mail says to its reader alone."""

_MARK = re.compile(r"@@kawaraban:[a-z-]+@@")
_NEVER = frozenset(
    {"script", "iframe", "frame", "object", "embed", "applet", "form", "link", "base", "svg"}
)
_AROUND_A_STORY = frozenset({"mast", "foot", "glimpse", _YOURS})
_UNREAD = frozenset({"style", "title", "head"})

_SIEVE = nh3.Cleaner(
    tags={
        "a", "b", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "h5",
        "h6", "hr", "i", "img", "li", "ol", "p", "pre", "small", "strong", "sub", "sup",
        "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
    },
    clean_content_tags={"script", "style", "title"},
    attributes={
        "*": {"lang", "dir"},
        "a": {"href"},
        "img": {"src", "alt", "width", "height"},
        "ol": {"start"},
    },
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frame:
    """What the web adds to a mail: HTML for its head, its top, and the place of a reader's links.

    The mail itself becomes the main part of the page. `page_url` is where it says that it is,
    `list_url` where any other mark leads.
    """

    head: str
    top: str
    links: str
    page_url: str
    list_url: str


def show_publicly(html: str, frame: Frame) -> str:
    """The mail as a page for everybody: no mark and no personal link is left in it."""
    apart = take_apart(html)
    dropped = list(_list_own(apart, frame.page_url))
    instead = _place_links(apart, dropped, frame.links)
    for one in apart.elements:
        if one.tag == "head":
            instead[one.first] = apart.pieces[one.first] + frame.head
        elif one.tag == "body":
            instead[one.first] = f"{apart.pieces[one.first]}{frame.top}<main>"
            instead[one.last] = "</main>" + apart.pieces[one.last]
        elif one.values.get("role") == "contentinfo":
            # The end of a mail, but not that of a whole page.
            instead[one.first] = apart.pieces[one.first].replace(' role="contentinfo"', "")
    return _MARK.sub(escape(frame.list_url), apart.join(dropped, instead))


def extract_story(html: str, page_url: str) -> str:
    """What a mail tells, as plain HTML for feeds: without its masthead, its end and its looks."""
    apart = take_apart(html)
    dropped = [
        *_list_own(apart, page_url),
        *(one for one in apart.elements if one.tag in _UNREAD or one.classes & _AROUND_A_STORY),
    ]
    # Not by what is left in: a mark outside of any link is no address either.
    return _SIEVE.clean(_MARK.sub("", apart.join(dropped, {}))).strip()


def _list_own(apart: TakenApart, page_url: str) -> Iterator[Element]:
    for one in apart.elements:
        if one.tag in _NEVER or _YOURS in one.classes or _refreshes(one):
            yield one
        elif one.tag == "a" and _MARK.search(one.href):
            yield _find_paragraph(one)
        elif one.tag == "a" and page_url and one.href == page_url:
            yield one


def _refreshes(element: Element) -> bool:
    return element.tag == "meta" and element.values.get("http-equiv", "").lower() == "refresh"


def _find_paragraph(link: Element) -> Element:
    """The paragraph around a link; the link alone where it stands in none."""
    around = link.parent
    while around is not None and around.tag in {"span", "b", "strong", "em", "i", "small", "font"}:
        around = around.parent
    return around if around is not None and around.tag in {"p", "li"} else link


def _place_links(apart: TakenApart, dropped: list[Element], links: str) -> dict[int, str]:
    """Where the way out was, or else at the end of the mail."""
    for element in apart.elements:
        if element.href == UNSUBSCRIBE_MARK:
            place = next(
                one for one in dropped if one.first <= element.first and element.last <= one.last
            )
            return {place.first: links}
    return {}
