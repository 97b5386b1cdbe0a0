"""A post's HTML as feed readers take it: what they strip or cannot follow is said otherwise.

Readers show what their own sieve lets through, and validators warn of what many of them do not:
players, ruby, links inside the page. Each of these has a plainer form that reads the same.
"""

from __future__ import annotations

import re
from html import escape
from urllib.parse import unquote, urlsplit

from service.model.languages import find_direction
from service.model.post import Image, Post

_RARE = re.compile(
    r"</?(audio|video|picture|source|ruby|rt|rp|rtc|rb|mark|bdi|bdo|data|details|summary|"
    r"figcaption|hgroup|wbr|area|map)\b[^<>]*>"
)
_PLAYER = re.compile(r"<(audio|video)\b([^<>]*)>(.*?)</\1>", re.DOTALL)
_SOURCE = re.compile(r'<source\b[^<>]*\bsrc="([^"<>]+)"')
_ATTRIBUTE = re.compile(r'\b(src|poster)="([^"<>]*)"')
_FRAGMENT = re.compile(r'(<a\b[^<>]*?\bhref=")#')
_DIRECTION = re.compile(r' dir="(?:ltr|rtl|auto)"')
# What may hold paragraphs becomes a <div>: a paragraph would end where the first of them begins.
_PLAINER = {
    "<rt>": "（", "</rt>": "）", "<mark>": "<strong>", "</mark>": "</strong>",
    "<details>": "<div>", "</details>": "</div>",
    "<summary>": "<div><strong>", "</summary>": "</strong></div>",
    "<figcaption>": "<div>", "</figcaption>": "</div>", "<hgroup>": "<div>", "</hgroup>": "</div>",
    "</bdi>": "</span>", "</bdo>": "</span>",
}  # fmt: skip
_BRACKETS = re.compile(r"<rp>[^<>]*</rp>")


def dress_html(html: str, post: Post, feed_language: str) -> str:
    """The HTML of a post with its picture first, its direction said, and in plain elements."""
    if not html.strip():
        return ""
    if _RARE.search(html):
        html = _speak_plainly(html)
    if 'href="#' in html:
        html = _FRAGMENT.sub(lambda found: f"{found[1]}{escape(post.url)}#", html)
    # A character that stands for a lost one is shown as it is, and named instead of written.
    html = html.replace("\ufffd", "&#xFFFD;")
    return _mark_direction(_lead_with_image(html, post.image), post.language, feed_language)


def _speak_plainly(html: str) -> str:
    html = _PLAYER.sub(_link_player, html)
    html = _BRACKETS.sub("", html)
    return _RARE.sub(_find_plainer, html)


def _link_player(found: re.Match[str]) -> str:
    """A link to what a player plays, with the picture it waits behind."""
    values = dict(_ATTRIBUTE.findall(found[2]))
    source = _SOURCE.search(found[3])
    address = values.get("src") or (source[1] if source else "")
    if not address:
        return found[3]
    poster = values.get("poster", "")
    picture = f'<img src="{poster}" alt=""><br>' if poster else ""
    name = unquote(urlsplit(address).path.rpartition("/")[2]) or address
    return f'{picture}<a href="{address}">▶ {escape(name)}</a>'


def _find_plainer(found: re.Match[str]) -> str:
    tag, name = found[0], found[1]
    if name in ("bdi", "bdo") and not tag.startswith("</"):
        direction = _DIRECTION.search(tag)
        return f"<span{direction[0] if direction else ''}>"
    opener = tag if tag.startswith("</") else f"<{name}>"
    return _PLAINER.get(opener, "")


def _lead_with_image(html: str, image: Image | None) -> str:
    # Some readers show only pictures of the body, others only media:content: they get both.
    if image is None or image.url in html or escape(image.url) in html:
        return html
    size = f' width="{image.width}" height="{image.height}"' if image.width else ""
    return f'<p><img src="{escape(image.url)}" alt=""{size}></p>\n{html}'


def _mark_direction(html: str, language: str, feed_language: str) -> str:
    # A reader lays out what it shows in its own direction, whatever the feed's language says.
    direction = find_direction(language)
    if direction == "ltr" and find_direction(feed_language) == "ltr":
        return html
    return f'<div lang="{escape(language)}" dir="{direction}">\n{html}</div>\n'
