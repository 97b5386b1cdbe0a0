"""Where a sent edition is on the web, known before it is sent and the same ever after.

A scheduled one bears its date and cadence, 2026-11-16-weekly. One post by itself, or an edition
made by hand, bears a date and a few characters of the hash of its key: 2026-11-16-each-3f9a2c81aa.
Their date is of the publication's zone and only there to be read; they are known by the rest.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from service.model.newsletter import Cadence, Newsletter

_SLUG = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"-(?:(?P<cadence>daily|weekly|monthly)|(?P<each>each-)?(?P<mark>[0-9a-f]{10}))"
)
_NAMESPACE = uuid.UUID("0c4e6f7a-9a57-5f0e-8f0b-6b617761726e")
"""Drawn once; with another one readers of feeds would see every edition anew."""


@dataclass(frozen=True, slots=True)
class EditionName:
    """What an edition is known by inside its newsletter; `cadence` is None for one by hand.

    `slot_at` is the slot it serves, or when it was to leave.
    """

    cadence: Cadence | None
    key: str
    slot_at: datetime


@dataclass(frozen=True, slots=True)
class ReadSlug:
    """What a slug says: the key of a scheduled edition, or the mark of any other, never both."""

    day: date
    cadence: Cadence | None
    key: str
    mark: str


def list_path(newsletter: Newsletter) -> str:
    """The path of the list of a newsletter's editions."""
    return f"/editions/{newsletter.newsletter_id}/"


def write_path(newsletter: Newsletter, name: EditionName, zone: ZoneInfo) -> str:
    """The path of an edition's page."""
    return list_path(newsletter) + write_slug(name, zone)


def write_slug(name: EditionName, zone: ZoneInfo) -> str:
    """The last part of that path, unique inside the newsletter; ASCII."""
    if name.cadence not in (None, Cadence.EACH):
        return f"{name.key}-{name.cadence}"
    middle = f"-{name.cadence}-" if name.cadence else "-"
    return f"{name.slot_at.astimezone(zone).date()}{middle}{mark_key(name.key)}"


def read_slug(slug: str) -> ReadSlug | None:
    """What a slug says; None for what was never one."""
    found = _SLUG.fullmatch(slug)
    if found is None:
        return None
    try:
        day = date.fromisoformat(found["day"])
    except ValueError:
        return None
    if found["cadence"]:
        return ReadSlug(day, Cadence(found["cadence"]), found["day"], "")
    return ReadSlug(day, Cadence.EACH if found["each"] else None, "", found["mark"])


def mark_key(key: str) -> str:
    """A few characters for a key that is too long for an address, or nobody's business."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:10]


def write_uid(installation: str, newsletter: Newsletter, name: EditionName) -> str:
    """The id of an edition in feeds, the same for ever: a URN."""
    parts = (installation, newsletter.newsletter_id, name.cadence or "", name.key)
    return uuid.uuid5(_NAMESPACE, "\n".join(parts)).urn
