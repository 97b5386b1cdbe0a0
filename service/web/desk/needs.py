"""What needs a person, as the desk says it: the same conditions as the alert mails go by."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.delivery.facts import Facts
from service.editions.alert_commands import COMMANDS
from service.editions.cadence_words import name_cadence
from service.editions.condition_words import say_advice, say_condition
from service.editions.plain import clean_line, clip_line
from service.editions.rule_words import name_fault_beside
from service.editions.thing_words import describe
from service.model.condition import Condition, Item
from service.model.newsletter import Cadence
from service.model.post import Body, Post
from service.model.publication import Publication
from service.web.desk.findings import FindingView, show_findings
from service.words.voice import Voice

MOST_SHOWN = 5
"""Things of one condition that the page shows; the others are behind a link."""

_COLUMNS = 400

_LISTS = {
    Condition.QUARANTINED: "/desk/posts?verdict=quarantined",
    Condition.HELD: "/desk/posts?held=any",
    Condition.FILTER: "/desk/feeds",
    Condition.SIGNUPS: "/desk/readers",
    Condition.PAUSED: "/desk/editions",
    Condition.OVERDUE: "/desk/editions",
    Condition.UNMADE: "/desk/editions",
    Condition.APPROVAL: "/desk/editions",
    Condition.UNKNOWN: "/desk/editions",
    Condition.WEBHOOK: "/desk/settings/webhooks",
}
"""Where all the things of a condition are listed."""


@dataclass(frozen=True, slots=True)
class ThingView:
    """One thing: what it is, what is said of it, and where it is settled.

    `path` leads there, else one of the `commands` does it. `post_id` is of a post that may be
    released, `seen` of posts that may be released together, `account` one that may send again.
    """

    what: str
    lines: tuple[str, ...]
    findings: tuple[FindingView, ...]
    path: str
    commands: tuple[str, ...]
    post_id: int = 0
    seen: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class NeedView:
    """A condition with its things; `path` leads to all of them where `rest` are not shown."""

    heading: str
    advice: str
    things: tuple[ThingView, ...]
    rest: int
    path: str
    blocks: bool


def show_needs(
    voice: Voice,
    publication: Publication,
    found: Mapping[Condition, Sequence[Item]],
    facts: Facts,
    bodies: Mapping[int, Body],
) -> list[NeedView]:
    """What needs a person, the gravest first."""
    guide = _Guide(voice, publication, facts, bodies)
    return [guide.show(condition, items) for condition, items in found.items()]


def find_held_ids(found: Mapping[Condition, Sequence[Item]], facts: Facts) -> list[int]:
    """The posts whose findings the page quotes."""
    shown = found.get(Condition.HELD, ())[:MOST_SHOWN]
    paths = {item.values["path"] for item in shown if item.findings}
    return [post.post_id for post in facts.posts if post.path in paths]


@dataclass(frozen=True, slots=True)
class _Guide:
    """Knows where each thing is settled."""

    voice: Voice
    publication: Publication
    facts: Facts
    bodies: Mapping[int, Body]

    def show(self, condition: Condition, items: Sequence[Item]) -> NeedView:
        return NeedView(
            heading=say_condition(self.voice, condition, sum(item.stands_for for item in items)),
            advice=say_advice(self.voice, condition),
            things=tuple(map(self._show_thing, items[:MOST_SHOWN])),
            rest=max(0, len(items) - MOST_SHOWN),
            path=_LISTS.get(condition, ""),
            blocks=any(item.blocks for item in items),
        )

    def _show_thing(self, item: Item) -> ThingView:
        values = {name: self._write(name, value) for name, value in item.values.items()}
        fault = name_fault_beside(self.voice, item.rule, str(item.values.get("reason", "")))
        said = describe(self.voice, item.form, {**values, "fault": fault})
        post = self._find_post(item)
        path = self._find_path(item, post)
        body = self.bodies.get(post.post_id) if post else None
        return ThingView(
            what=said.what,
            lines=tuple(line for line in said.lines if line.strip()),
            findings=tuple(show_findings(self.voice, item.findings, post, body)),
            path=path,
            commands=() if path else _list_commands(item),
            post_id=post.post_id if post else 0,
            seen=item.key.removeprefix("mass:") if item.form == "mass" else "",
            account=item.key if item.form == "account" else "",
        )

    def _find_post(self, item: Item) -> Post | None:
        if item.form not in {"held", "late"}:
            return None
        return next((one for one in self.facts.posts if one.path == item.values["path"]), None)

    def _find_path(self, item: Item, post: Post | None) -> str:
        """Where a thing is settled, or at least seen; "" where only a command does it."""
        if post is not None:
            return f"/desk/posts/{post.post_id}"
        match item.form:
            case "unmade" | "overdue" | "paused" | "goes" | "asks":
                return f"/desk/editions/{item.values['edition']}"
            case "unknown":
                return self._find_edition_of(str(item.values["batch"]))
            case "mass":
                return "/desk/posts?held=mass"
            case "kept" | "lost":
                return "/desk/posts?verdict=quarantined"
            case "signups":
                return "/desk/readers"
            case "webhook":
                return "/desk/settings/webhooks"
        return ""

    def _find_edition_of(self, batch: str) -> str:
        found = next((one for one in self.facts.unknown if str(one.batch_id) == batch), None)
        return f"/desk/editions/{found.edition_id}" if found and found.edition_id else ""

    def _write(self, name: str, value: str | int | datetime) -> str:
        if isinstance(value, datetime):
            return self.voice.write_moment(self.publication.localise(value))
        if isinstance(value, int):
            return f"{value:,}"
        if name == "cadence":
            return name_cadence(self.voice, Cadence(value)) if value else self.voice.say("by hand")
        written = self.voice.retell(value).says if name == "reason" else value
        return clip_line(clean_line(written), _COLUMNS)


def _list_commands(item: Item) -> tuple[str, ...]:
    values = {name: shlex.quote(clean_line(str(one))) for name, one in item.values.items()}
    if item.form == "unknown":
        return ("kawaraban unknown list",)
    return tuple(line.format(**values) for line in COMMANDS.get(item.form, ()))
