"""What should be looked at before an edition leaves."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from html.parser import HTMLParser
from urllib.parse import urlsplit

from service.delivery.arranging import SHOWN, Explained, Reason
from service.editions.fit import HTML_BUDGET
from service.editions.plain import count_columns
from service.model.edition import Edition, Rendered
from service.model.publication import Publication

_SHORTEST_SUBJECT, _LONGEST_SUBJECT = 10, 78
_OWN = ("localhost", ".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test")
# "TK" is what editors write for "to come"; the Japanese ones say the same.
_MARKER = re.compile(r"\b(TODO|FIXME|TK|TKTK|XXX)\b|lorem ipsum|【仮】|（仮）|要確認|〇〇|○○")


class Weight(StrEnum):
    """What a flaw does: it keeps mail from leaving, or is only worth a look."""

    STOP = "stop"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something odd in an edition; editions.preflight_words says it in a language.

    `variant` is the number of the mail that has it, None for the edition as a whole.
    """

    code: str
    weight: Weight
    values: Mapping[str, str | int] = field(default_factory=dict)
    variant: int | None = None


def check_edition(
    edition: Edition,
    posts: Sequence[Explained],
    publication: Publication,
    readers: int,
    obstacles: Sequence[str],
) -> Iterator[Flaw]:
    """What is odd about an edition as a whole, what keeps it from leaving first."""
    for obstacle in obstacles:
        yield Flaw("obstacle", Weight.STOP, {"what": obstacle})
    if not readers:
        yield Flaw("no_readers", Weight.STOP)
    elif _is_own_host(publication.service_url):
        # The way to unsubscribe leads there, from every mail.
        yield Flaw("private_service", Weight.WARN, {"url": publication.service_url})
    for name in ("subject", "preheader", "intro"):
        for marker in dict.fromkeys(_list_markers(getattr(edition, name))):
            yield Flaw("marker", Weight.WARN, {"where": name, "marker": marker})
    for correction in edition.corrections:
        for marker in dict.fromkeys(_list_markers(correction.text)):
            yield Flaw("marker", Weight.WARN, {"where": "correction", "marker": marker})
    for one in posts:
        yield from _check_post(one)


def check_variant(rendered: Rendered, number: int, publication: Publication) -> Iterator[Flaw]:
    """What is odd about one mail."""
    size, columns = len(rendered.html.encode()), count_columns(rendered.subject)
    if size > HTML_BUDGET:
        values = {"bytes": size, "most": HTML_BUDGET}
        yield Flaw("too_large", Weight.WARN, values, number)
    if columns < _SHORTEST_SUBJECT:
        yield Flaw("short_subject", Weight.WARN, {"columns": columns}, number)
    if columns > _LONGEST_SUBJECT:
        values = {"columns": columns, "most": _LONGEST_SUBJECT}
        yield Flaw("long_subject", Weight.WARN, values, number)
    if not rendered.preheader.strip():
        yield Flaw("no_preheader", Weight.WARN, {}, number)
    page = _Page()
    page.feed(rendered.html)
    page.close()
    for source in dict.fromkeys(page.unnamed):
        yield Flaw("no_alt", Weight.WARN, {"url": source}, number)
    own = urlsplit(publication.service_url).netloc
    for url in dict.fromkeys(page.links):
        if urlsplit(url).netloc != own and _is_own_host(url):
            yield Flaw("private_link", Weight.WARN, {"url": url}, number)


def _check_post(one: Explained) -> Iterator[Flaw]:
    values: dict[str, str | int] = {
        "title": one.post.title,
        "path": one.post.path,
        "post": one.post.post_id,
    }
    if one.reason is Reason.HELD:
        yield Flaw("held_since", Weight.WARN, values)
    if one.reason in SHOWN:
        for finding in one.post.findings:
            told = {"rule": finding.rule, "message": finding.message}
            yield Flaw("gate", Weight.WARN, {**values, **told})


def _list_markers(text: str) -> Iterator[str]:
    return (match[0] for match in _MARKER.finditer(text))


def _is_own_host(url: str) -> bool:
    """Whether an address can be reached from inside one house, or one machine, only."""
    try:
        host = (urlsplit(url).hostname or "").lower().rstrip(".")
    except ValueError:
        return False
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == _OWN[0] or host.endswith(_OWN[1:])


class _Page(HTMLParser):
    """Reads where the links of a mail lead, and which pictures say nothing in words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.unnamed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a":
            self.links.append(values.get("href") or "")
        if tag == "img":
            self.links.append(values.get("src") or "")
            if not (values.get("alt") or "").strip():
                self.unnamed.append(values.get("src") or "")
