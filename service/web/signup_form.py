"""A sign-up form as it came in: what was chosen, and everything that is wrong with it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from service.audience.addresses import normalise_address
from service.audience.typos import suggest_address
from service.errors import AddressError
from service.model.newsletter import Cadence, Newsletter
from service.words.catalogues import list_languages

Fields = Mapping[str, Sequence[str]]
"""The values of each field, as they came."""

_LONGEST_SHOWN = 60

# What a Japanese keyboard writes for ASCII: the same signs, twice as wide.
NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3002: ord(".")}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, by the name of its words, which `values` fill."""

    name: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """One newsletter as it was chosen."""

    newsletter: Newsletter
    cadence: Cadence
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """The form, read: `typed` is the address as it came, `address` as it is known here, or "".

    `language` is "" for each newsletter's own. `meant` is the address that was most likely meant,
    when nobody has said yet that the typed one is right.
    """

    typed: str
    address: str
    choices: tuple[Choice, ...]
    language: str
    send_hour: int | None
    faults: tuple[Fault, ...]
    meant: str = ""


def read_form(
    fields: Fields,
    newsletters: Mapping[str, Newsletter],
    list_topics: Callable[[Newsletter], Sequence[str]],
    *,
    is_ours: bool,
) -> Filled:
    """Read what was filled in; what is unknown here is a fault and never passed over.

    A form on another page may leave out everything but the address: it gets the first newsletter.
    On ours somebody who chose none did so.
    """
    faults: list[Fault] = []
    typed = _take(fields, "email").strip().translate(NARROW)
    address = _read_address(typed, faults)
    chosen = _read_newsletters(fields, newsletters, faults, is_ours=is_ours)
    choices = [_read_choice(fields, one, list_topics(one), faults) for one in chosen]
    is_checked = _take(fields, "checked") == "1"
    return Filled(
        typed=typed,
        address=address,
        choices=tuple(choices),
        language=_read_language(fields, chosen, faults),
        send_hour=_read_hour(fields, faults),
        faults=tuple(faults),
        meant="" if is_checked else suggest_address(address),
    )


def list_mail_languages(newsletters: Sequence[Newsletter]) -> list[str]:
    """The languages that mail can be had in: those we speak, and the newsletters' own."""
    return list(dict.fromkeys([*(one.language for one in newsletters), *list_languages()]))


def _take(fields: Fields, name: str) -> str:
    values = [value for value in fields.get(name, ()) if value.strip()]
    return unicodedata.normalize("NFC", values[-1]) if values else ""


def _show(value: str) -> str:
    return value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…"


def _read_address(typed: str, faults: list[Fault]) -> str:
    if not typed:
        faults.append(Fault("missing"))
        return ""
    try:
        return normalise_address(typed)
    except AddressError:
        local = typed.rpartition("@")[0]
        faults.append(Fault("address" if local.isascii() else "local"))
        return ""


def _read_newsletters(
    fields: Fields,
    newsletters: Mapping[str, Newsletter],
    faults: list[Fault],
    *,
    is_ours: bool,
) -> list[Newsletter]:
    wanted = list(dict.fromkeys(one.strip() for one in fields.get("newsletter", ()) if one.strip()))
    if not wanted and (not is_ours or len(newsletters) == 1):
        return list(newsletters.values())[:1]
    if not wanted:
        faults.append(Fault("none"))
    strange = [one for one in wanted if one not in newsletters]
    faults += [Fault("newsletter", {"value": _show(one)}) for one in strange]
    return [newsletters[one] for one in wanted if one in newsletters]


def _read_choice(
    fields: Fields, newsletter: Newsletter, offered: Sequence[str], faults: list[Fault]
) -> Choice:
    """Its own fields, `cadence-ID` and `topic-ID`, go before those for all of them."""
    own = newsletter.newsletter_id
    cadence = _take(fields, f"cadence-{own}") or _take(fields, "cadence")
    known = {one.value: one for one in newsletter.cadences}
    if cadence and cadence not in known:
        values = {"value": _show(cadence), "newsletter": newsletter.title}
        faults.append(Fault("cadence", values))
    given = [*fields.get("topic", ()), *fields.get(f"topic-{own}", ())]
    topics = tuple(dict.fromkeys(unicodedata.normalize("NFC", one) for one in given if one.strip()))
    for strange in [one for one in topics if one not in offered]:
        values = {"value": _show(strange), "newsletter": newsletter.title}
        faults.append(Fault("topic", values))
    return Choice(newsletter, known.get(cadence, newsletter.default_cadence), topics)


def _read_language(fields: Fields, chosen: Sequence[Newsletter], faults: list[Fault]) -> str:
    language = _take(fields, "language")
    if language and language not in list_mail_languages(chosen):
        faults.append(Fault("language", {"value": _show(language)}))
        return ""
    return language


def _read_hour(fields: Fields, faults: list[Fault]) -> int | None:
    hour = _take(fields, "hour")
    if not hour:
        return None
    if hour.isascii() and hour.isdecimal() and len(hour) <= 2 and int(hour) < 24:
        return int(hour)
    faults.append(Fault("hour", {"value": _show(hour)}))
    return None
