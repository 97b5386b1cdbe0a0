"""The rules that compare a post with the others: their table, and what they find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from service.content.gate.addresses import read_address
from service.content.gate.frames import find_frame
from service.content.gate.manuscript import Trouble
from service.content.gate.neighbours import Neighbours
from service.content.gate.settings import GateSettings
from service.content.gate.terms import Terms, compose_finding, settle_terms
from service.model.post import Finding, Level, Outline, Places
from service.model.titles import ALIKE_FROM, are_alike
from service.model.wording import word


@dataclass(frozen=True, slots=True)
class Comparison:
    """A check of a post beside the others, and its terms."""

    check: Callable[[Outline, Places, Neighbours, float], Trouble | None]
    terms: Terms


def compare_post(
    post: Outline, places: Places, neighbours: Neighbours, settings: GateSettings
) -> tuple[Finding, ...]:
    """Return what is found in a post beside its neighbours (itself may be among them)."""
    findings = []
    key_lines = {"title": places.title_line, "summary": places.summary_line, "body": None}
    for name, rule in COMPARISONS.items():
        terms = settle_terms(name, rule.terms, settings)
        trouble = rule.check(post, places, neighbours, terms.threshold or 0) if terms else None
        if terms is not None and trouble is not None:
            line = trouble.line or key_lines[trouble.part]
            findings.append(compose_finding(name, terms, trouble, line))
    return tuple(findings)


def find_template(
    post: Outline, _: Places, neighbours: Neighbours, threshold: float
) -> Trouble | None:
    """A summary that many posts have, word for word or around their titles."""
    frame = find_frame(post.title, post.summary)
    times = neighbours.count_frame(frame) if frame else 0
    if times < threshold:
        return None
    message = word("the summary is a template that {times} posts have", times=str(times))
    return Trouble(message, "summary", frame, size=times)


def find_near_duplicate(
    post: Outline, _: Places, neighbours: Neighbours, threshold: float
) -> Trouble | None:
    """A title that says nearly the same as another one of the last three days."""
    shape = neighbours.read_shape(post.title)
    for other in neighbours.list_before(post):
        if are_alike(shape, neighbours.read_shape(other.title), threshold):
            message = word("the title says nearly the same as that of {path}", path=other.path)
            return Trouble(message, "title", post.title)
    return None


def find_dead_link(_: Outline, places: Places, neighbours: Neighbours, __: float) -> Trouble | None:
    """Links to own addresses that look like a post's and belong to none."""
    dead = []
    for link in places.links:
        address = read_address(link.url)
        if not neighbours.is_known(address) and neighbours.could_know(address):
            dead.append((link, address))
    if not dead:
        return None
    link, address = dead[0]
    message = _word_dead_link(len(dead), link.url, neighbours.find_namesake(address))
    return Trouble(message, "body", link.text, line=link.line)


def _word_dead_link(count: int, url: str, namesake: str | None) -> str:
    if not namesake:
        return word("{count} link(s) lead to no post, such as {url}", count=str(count), url=url)
    return word(
        "{count} link(s) lead to no post, such as {url}; {path} may be meant",
        count=str(count),
        url=url,
        path=namesake,
    )


COMPARISONS: Mapping[str, Comparison] = MappingProxyType(
    {
        "template": Comparison(find_template, Terms(Level.HOLD, threshold=5, is_count=True)),
        "near_duplicate": Comparison(find_near_duplicate, Terms(Level.WARN, threshold=ALIKE_FROM)),
        "dead_link": Comparison(find_dead_link, Terms(Level.WARN, of_body=True)),
    }
)
