"""From what needs a person to the mail that tells editors of it."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from service.editions.alert_english import ENGLISH
from service.editions.alert_japanese import JAPANESE
from service.editions.alert_words import COMMANDS, LISTED_BY, AlertWords
from service.editions.footer import compose_footer
from service.editions.plain import clean_line, clip_line
from service.editions.view import Alert, AlertItem, AlertPart
from service.editions.word_forms import Words
from service.editions.words import find_words
from service.model.condition import Condition, Item, Part, Values
from service.model.languages import find_direction
from service.model.newsletter import Cadence
from service.model.post import Finding
from service.model.publication import Publication, Sender

_SPOKEN: Mapping[str, AlertWords] = {"en": ENGLISH, "ja": JAPANESE}
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
    words = find_words(language)
    own = _SPOKEN[words.language]
    count = sum(len(part.items) for part in parts)
    gravest = _write_heading(parts[0], own)
    others = count - len(parts[0].items)
    subject = own.subject_many if others else own.subject_one
    heading = own.heading_one if count == 1 else own.heading_many
    return Alert(
        subject=_fill(
            subject, {"gravest": gravest, "others": others, "publication": publication.title}
        ),
        preheader=own.preheader,
        language=words.language,
        direction=find_direction(words.language),
        publication=clean_line(publication.title),
        heading=_fill(heading, {"count": count}),
        before=own.before,
        parts=tuple(_compose_part(part, words, own, publication.zone) for part in parts),
        footer=compose_footer(
            words,
            why=own.why,
            unsubscribe_url="",
            sender=sender.name,
            postal_address=sender.postal_address,
            contact=sender.contact,
        ),
    )


def write_condition(condition: Condition, items: Sequence[Item]) -> str:
    """One English line that says what holds and what lists it, for a command to print."""
    line = _write_heading(Part(condition, tuple(items)), ENGLISH)
    command = LISTED_BY.get(condition)
    return f"{line}; see: {command}" if command else line


def _write_heading(part: Part, own: AlertWords) -> str:
    words = own.conditions[part.condition]
    count = sum(item.stands_for for item in part.items)
    return _fill(words.one if count == 1 else words.many, {"count": count})


def _compose_part(part: Part, words: Words, own: AlertWords, zone: tzinfo) -> AlertPart:
    said = own.conditions[part.condition]
    shown = () if part.is_summary else part.items[:MOST_LISTED]
    rest = len(part.items) - len(shown)
    more = _fill(own.more, {"count": rest}) if rest and shown else ""
    older = _fill(own.older, {"count": part.older}) if part.older else ""
    return AlertPart(
        heading=_write_heading(part, own),
        says=said.says,
        items=tuple(_compose_item(item, words, own, zone) for item in shown),
        counts=_count_rules(part.items, own) if part.is_summary else (),
        rest=tuple(line for line in (more, older) if line),
        command=LISTED_BY.get(part.condition, "") if rest or part.older else "",
    )


def _count_rules(items: Sequence[Item], own: AlertWords) -> tuple[str, ...]:
    counted = Counter(item.rule for item in items).most_common()
    return tuple(
        _fill(own.counted, {"rule": own.rules.get(rule, rule), "count": count})
        for rule, count in counted
    )


def _compose_item(item: Item, words: Words, own: AlertWords, zone: tzinfo) -> AlertItem:
    form = own.forms[item.form]
    values = {name: _write(name, value, words, own, zone) for name, value in item.values.items()}
    values["fault"] = own.rules.get(item.rule, "")
    return AlertItem(
        what=_fill(form.what, values),
        lines=tuple(said for line in form.lines if (said := _fill(line, values))),
        findings=tuple(_write_finding(finding, own) for finding in item.findings),
        commands=tuple(_write_command(line, item.values) for line in COMMANDS.get(item.form, ())),
    )


def _write_finding(finding: Finding, own: AlertWords) -> str:
    says = own.rules.get(finding.rule) or _quote(finding.message, _REASON_COLUMNS)
    if not finding.quote:
        return says
    form = own.quoted if finding.line is None else own.quoted_at
    quote = _quote(finding.quote, _QUOTE_COLUMNS)
    return f"{says} {_fill(form, {'quote': quote, 'line': finding.line or 0})}"


def _write(
    name: str, value: str | int | datetime, words: Words, own: AlertWords, zone: tzinfo
) -> str:
    if isinstance(value, datetime):
        local = value.astimezone(zone)
        return f"{words.write_date(local.date())} {local:%H:%M}"
    if isinstance(value, int):
        return f"{value:,}"
    if name in _EXACT:
        return clean_line(value)
    if name == "cadence":
        return words.cadences[Cadence(value)] if value else own.by_hand
    return _quote(value, _REASON_COLUMNS if name == "reason" else _QUOTE_COLUMNS)


def _write_command(line: str, values: Values) -> str:
    """A command as it may be pasted: a file's name can hold anything that a shell obeys."""
    return _NAME.sub(lambda found: shlex.quote(clean_line(str(values[found[1]]))), line)


def _quote(text: str, columns: int) -> str:
    """What a post says, in one short line that no mail program makes a link of."""
    return clip_line(_POINT.sub("[.]", _SCHEME.sub("", clean_line(text))), columns)


def _fill(line: str, values: Mapping[str, str | int]) -> str:
    return _NAME.sub(lambda found: _show(values[found[1]]), line).strip()


def _show(value: str | int) -> str:
    return f"{value:,}" if isinstance(value, int) else value
