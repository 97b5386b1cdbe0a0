"""Buttondown's export of subscribers; the words for their types are those of its API."""

from __future__ import annotations

from datetime import tzinfo

from service.audience.cells import parse_choice
from service.audience.exchange import ImportRow
from service.audience.origins.base import (
    EMAIL,
    NAME,
    Cells,
    Origin,
    Standing,
    mark,
    read_list,
    read_person,
    read_time,
)

# Somebody brought in by hand is regular too: that alone is no proof.
_TYPES = {
    "regular": Standing.UNPROVEN,
    "premium": Standing.UNPROVEN,
    "gifted": Standing.UNPROVEN,
    "trialed": Standing.UNPROVEN,
    "past_due": Standing.UNPROVEN,
    "churning": Standing.UNPROVEN,
    "churned": Standing.UNPROVEN,
    "unpaid": Standing.UNPROVEN,
    "upcoming": Standing.UNPROVEN,
    "active": Standing.UNPROVEN,
    "unactivated": Standing.WAITING,
    "paused": Standing.LEFT,
    "removed": Standing.LEFT,
    "unsubscribed": Standing.LEFT,
    "undeliverable": Standing.BOUNCED,
    "complained": Standing.COMPLAINED,
    "blocked": Standing.BLOCKED,
    "spammy": Standing.BLOCKED,
}


def read_row(line: int, cells: Cells, zone: tzinfo) -> ImportRow | None:  # noqa: ARG001
    """A subscriber of any type."""
    left_at = read_time("left_at", cells)
    stated = parse_choice("type", cells.get("type", ""), _TYPES) or Standing.UNPROVEN
    if left_at is not None and stated is Standing.UNPROVEN:
        stated = Standing.LEFT
    return read_person(
        "Buttondown",
        line,
        cells,
        stated,
        tags=read_list(cells.get("tags", "")),
        given_at=read_time("created_at", cells),
        ended_at=left_at,
    )


BUTTONDOWN = Origin(
    name="buttondown",
    title="Buttondown",
    marks=(
        mark("creationdate", "type"),
        mark("creationdate", "subscribertype"),
        mark("creationdate", "state"),
        mark("creationdate", "tags"),
        mark("unsubscriptiondate"),
    ),
    columns={
        "email": EMAIL,
        "name": NAME,
        "type": ("subscribertype", "type", "state"),
        "created_at": ("creationdate",),
        "left_at": ("unsubscriptiondate", "unsubscribedat", "churndate"),
        "tags": ("tags",),
    },
    read_row=read_row,
)
