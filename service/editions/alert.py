"""From what needs a person to the mail that tells editors of it."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from service.editions.alert_commands import COMMANDS, LISTED_BY
from service.editions.cadence_words import name_cadence
from service.editions.condition_words import say_advice, say_condition
from service.editions.footer import compose_footer
from service.editions.plain import clean_line, clip_line
from service.editions.rule_words import name_fault_beside, name_kind, tell_fault
from service.editions.thing_words import describe
from service.editions.view import Alert, AlertItem, AlertPart
from service.model.condition import Condition, Item, Part, Values
from service.model.languages import find_direction
from service.model.newsletter import Cadence
from service.model.post import Finding
from service.model.publication import Publication, Sender
from service.words.catalogues import SOURCE, find_voice
from service.words.voice import Voice

_NAME = re.compile(r"\{([a-z_]+)\}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")

# What a mail program would make a link of by itself: letters, a point, and a name of letters
# that may be a domain's last.
_NO_DOMAIN = r"(?:js|toml|html?|xml|json|ya?ml|txt|css|jpe?g|png|gif|webp)\b"
_POINT = re.compile(rf"(?<=\w)\.(?=[^\W\d_]{{2,}})(?!{_NO_DOMAIN})", re.IGNORECASE)

# These name a thing exactly: spelled otherwise, nobody would find it.
_EXACT = frozenset({"place", "path", "source", "account"})

_QUOTE_COLUMNS = 120
_REASON_COLUMNS = 400

MOST_LISTED = 20
"""Things of one condition that one mail lists; the others are counted."""


def compose_alert(
    parts: Sequence[Part], publication: Publication, sender: Sender, language: str
) -> Alert:
    """Say what needs a person, the gravest first, with the commands that settle it.

    What posts say in it is plain text in which nothing can be followed. The language falls
    back to English as a whole.
    """
    voice = find_voice(language)
    count = sum(len(part.items) for part in parts)
    return Alert(
        subject=_compose_subject(parts[0], count, publication, voice),
        preheader=voice.say("What it is, where, and what to do."),
        language=voice.language,
        direction=find_direction(voice.language),
        publication=clean_line(publication.title),
        heading=voice.say_count("{count} thing needs you", "{count} things need you", count),
        before=voice.say("Everything else goes on as it should. Each of these waits for a person."),
        parts=tuple(_compose_part(part, voice, publication.zone) for part in parts),
        footer=compose_footer(
            voice,
            why=voice.say(
                "You get this mail because this address stands under editors in kawaraban.toml."
            ),
            unsubscribe_url="",
            sender=sender.name,
            postal_address=sender.postal_address,
            contact=sender.contact,
        ),
    )


def write_condition(condition: Condition, items: Sequence[Item]) -> str:
    """One English line that says what holds and what lists it, for a command to print."""
    line = _write_heading(Part(condition, tuple(items)), find_voice(SOURCE))
    command = LISTED_BY.get(condition)
    return f"{line}; see: {command}" if command else line


def _compose_subject(gravest: Part, count: int, publication: Publication, voice: Voice) -> str:
    heading, title = _write_heading(gravest, voice), clean_line(publication.title)
    if others := count - len(gravest.items):
        return voice.say_count(
            "[needs you] {gravest}, and {count} more | {publication}",
            "[needs you] {gravest}, and {count} more | {publication}",
            others,
            gravest=heading,
            publication=title,
        )
    return voice.say("[needs you] {gravest} | {publication}", gravest=heading, publication=title)


def _write_heading(part: Part, voice: Voice) -> str:
    return say_condition(voice, part.condition, sum(item.stands_for for item in part.items))


def _compose_part(part: Part, voice: Voice, zone: tzinfo) -> AlertPart:
    shown = () if part.is_summary else part.items[:MOST_LISTED]
    rest = len(part.items) - len(shown)
    return AlertPart(
        heading=_write_heading(part, voice),
        says=say_advice(voice, part.condition),
        items=tuple(_compose_item(item, voice, zone) for item in shown),
        counts=_count_rules(part.items, voice) if part.is_summary else (),
        rest=tuple(_count_rest(rest if shown else 0, part.older, voice)),
        command=LISTED_BY.get(part.condition, "") if rest or part.older else "",
    )


def _count_rules(items: Sequence[Item], voice: Voice) -> tuple[str, ...]:
    counted = Counter(item.rule for item in items).most_common()
    return tuple(
        voice.say("{rule}: {count}", rule=name_kind(voice, rule), count=f"{count:,}")
        for rule, count in counted
    )


def _count_rest(rest: int, older: int, voice: Voice) -> Iterator[str]:
    if rest:
        yield voice.say_count("And {count} more:", "And {count} more:", rest)
    if older:
        yield voice.say_count(
            "{count} told before are still there:", "{count} told before are still there:", older
        )


def _compose_item(item: Item, voice: Voice, zone: tzinfo) -> AlertItem:
    values = {name: _write(name, value, voice, zone) for name, value in item.values.items()}
    fault = name_fault_beside(voice, item.rule, str(item.values.get("reason", "")))
    said = describe(voice, item.form, {**values, "fault": fault})
    return AlertItem(
        what=said.what.strip(),
        lines=tuple(line.strip() for line in said.lines if line.strip()),
        findings=tuple(_write_finding(finding, voice) for finding in item.findings),
        commands=tuple(_write_command(line, item.values) for line in COMMANDS.get(item.form, ())),
    )


def _write_finding(finding: Finding, voice: Voice) -> str:
    says = _quote(tell_fault(voice, finding.rule, finding.message)[0], _REASON_COLUMNS)
    if not finding.quote:
        return says
    quote = _quote(finding.quote, _QUOTE_COLUMNS)
    if finding.line is None:
        quoted = voice.say("“{quote}”", quote=quote)
    else:
        quoted = voice.say("“{quote}” (line {line})", quote=quote, line=f"{finding.line:,}")
    return f"{says} {quoted}"


def _write(name: str, value: str | int | datetime, voice: Voice, zone: tzinfo) -> str:
    if isinstance(value, datetime):
        return voice.write_moment(value.astimezone(zone))
    if isinstance(value, int):
        return f"{value:,}"
    if name in _EXACT:
        return clean_line(value)
    if name == "cadence":
        return name_cadence(voice, Cadence(value)) if value else voice.say("by hand")
    if name == "reason":
        return _quote(voice.retell(value).says, _REASON_COLUMNS)
    return _quote(value, _QUOTE_COLUMNS)


def _write_command(line: str, values: Values) -> str:
    """A command as it may be pasted: a file's name can hold anything that a shell obeys."""
    return _NAME.sub(lambda found: shlex.quote(clean_line(str(values[found[1]]))), line)


def _quote(text: str, columns: int) -> str:
    """What a post says, in one short line that no mail program makes a link of."""
    return clip_line(_POINT.sub("[.]", _SCHEME.sub("", clean_line(text))), columns)
