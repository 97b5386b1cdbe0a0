"""Time zones that a reader may choose: a short list of places that people know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from service.words.voice import Voice

ZONES = (
    "Pacific/Honolulu",
    "America/Los_Angeles",
    "America/Denver",
    "America/Chicago",
    "America/Mexico_City",
    "America/New_York",
    "America/Sao_Paulo",
    "UTC",
    "Europe/London",
    "Europe/Paris",
    "Africa/Lagos",
    "Europe/Athens",
    "Africa/Johannesburg",
    "Europe/Istanbul",
    "Africa/Nairobi",
    "Asia/Dubai",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Dhaka",
    "Asia/Bangkok",
    "Asia/Shanghai",
    "Asia/Taipei",
    "Asia/Singapore",
    "Australia/Perth",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Australia/Sydney",
    "Pacific/Auckland",
)
"""Their names, from west to east."""


def name_place(voice: Voice, zone: str) -> str:
    """What people call the place a zone is named after; more than one where many live in it."""
    return _list_shared(voice).get(zone) or voice.name_city(zone)


def write_offset(zone: str, now: datetime) -> str:
    """How far a zone is from UTC at present, as in +9, −3:30 or ±0."""
    offset = now.astimezone(ZoneInfo(zone)).utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset is not None else 0
    if minutes == 0:
        return "±0"
    hours, rest = divmod(abs(minutes), 60)
    return f"{'+' if minutes > 0 else '−'}{hours}{f':{rest:02}' if rest else ''}"


def _list_shared(voice: Voice) -> Mapping[str, str]:
    """What babel's own city would say too little of, or otherwise than people do."""
    return {
        "UTC": voice.say_of("a time zone", "UTC"),
        "America/Mexico_City": voice.say("Mexico City"),
        "America/Sao_Paulo": voice.say("São Paulo"),
        "Europe/Paris": voice.say("Paris, Berlin, Rome"),
        "Europe/Athens": voice.say("Athens, Helsinki"),
        "Asia/Kolkata": voice.say("Kolkata, Delhi"),
        "Asia/Bangkok": voice.say("Bangkok, Jakarta"),
        "Asia/Shanghai": voice.say("Shanghai, Beijing"),
    }
