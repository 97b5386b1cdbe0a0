"""Mailchimp's audience exports: one sheet each for subscribed, unsubscribed and cleaned contacts.

Headers as exports since 2013 show them; which times mean what, and the sheet of contacts that
never subscribed, known by its file's name: docs/moving.md.
"""

from __future__ import annotations

from datetime import datetime, tzinfo

from service.audience.cells import parse_choice
from service.audience.exchange import ImportRow
from service.audience.origins.base import (
    EMAIL,
    FIRST_NAME,
    LAST_NAME,
    NAME,
    Cells,
    Origin,
    Standing,
    mark,
    read_list,
    read_person,
    read_time,
)

_STATES = {
    "subscribed": Standing.UNPROVEN,
    "unsubscribed": Standing.LEFT,
    "cleaned": Standing.BOUNCED,
    "pending": Standing.WAITING,
    "nonsubscribed": Standing.STRANGER,
    "non-subscribed": Standing.STRANGER,
    "transactional": Standing.STRANGER,
    "archived": Standing.LEFT,
}
_FILES = {
    "nonsubscribed": Standing.STRANGER,
    "unsubscribed": Standing.LEFT,
    "cleaned": Standing.BOUNCED,
}
"""How the names of its files begin; those who are subscribed need no telling."""


def read_row(line: int, cells: Cells, zone: tzinfo) -> ImportRow | None:  # noqa: ARG001
    """A contact; None for one who never subscribed."""
    opted_at = read_time("opted_at", cells)
    confirmed_at = read_time("confirmed_at", cells)
    left_at = read_time("left_at", cells)
    cleaned_at = read_time("cleaned_at", cells)
    standing = _judge(cells, opted_at, confirmed_at)
    if standing is Standing.STRANGER:
        return None
    return read_person(
        "Mailchimp",
        line,
        cells,
        standing,
        tags=read_list(cells.get("tags", "")),
        given_at=opted_at or confirmed_at,
        confirmed_at=confirmed_at,
        ended_at=left_at or cleaned_at,
    )


def _judge(cells: Cells, opted_at: datetime | None, confirmed_at: datetime | None) -> Standing:
    stated = parse_choice("status", cells.get("state", ""), _STATES)
    if cells.get("cleaned_at"):
        stated = Standing.BOUNCED
    elif cells.get("left_at"):
        stated = Standing.LEFT
    elif stated is None:
        stated = _FILES.get(cells.get("file", "").lower().partition("_")[0])
    # Without double opt-in it writes the same second twice, for a contact added by hand only
    # the later time: neither is a press on a mailed link.
    is_confirmed = opted_at is not None and confirmed_at is not None and confirmed_at > opted_at
    if stated in (None, Standing.UNPROVEN):
        return Standing.PROVEN if is_confirmed else Standing.UNPROVEN
    return stated


MAILCHIMP = Origin(
    name="mailchimp",
    title="Mailchimp",
    marks=(
        mark("memberrating"),
        mark("leid", "euid"),
        mark("optintime", "confirmtime"),
        mark("unsubtime"),
        mark("cleantime"),
    ),
    columns={
        "email": EMAIL,
        "name": NAME,
        "first_name": FIRST_NAME,
        "last_name": LAST_NAME,
        "state": ("memberstatus", "emailmarketingstatus", "status"),
        "opted_at": ("optintime",),
        "confirmed_at": ("confirmtime",),
        "left_at": ("unsubtime",),
        "cleaned_at": ("cleantime",),
        "tags": ("tags",),
    },
    read_row=read_row,
    sorts_files=True,
)
