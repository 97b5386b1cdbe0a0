"""The export of Kit, once ConvertKit; the words for states are those of its API."""

from __future__ import annotations

from datetime import tzinfo

from service.audience.cells import parse_choice
from service.audience.exchange import ImportRow
from service.audience.origins.base import (
    EMAIL,
    FIRST_NAME,
    LAST_NAME,
    Cells,
    Origin,
    Standing,
    mark,
    read_list,
    read_person,
    read_time,
)

# "Confirmed" is everybody who gets mail, also where a form asks for no confirmation.
_STATES = {
    "active": Standing.UNPROVEN,
    "confirmed": Standing.UNPROVEN,
    "cold": Standing.UNPROVEN,
    "inactive": Standing.WAITING,
    "unconfirmed": Standing.WAITING,
    "cancelled": Standing.LEFT,
    "unsubscribed": Standing.LEFT,
    "bounced": Standing.BOUNCED,
    "complained": Standing.COMPLAINED,
    "blocked": Standing.BLOCKED,
}


def read_row(line: int, cells: Cells, zone: tzinfo) -> ImportRow | None:  # noqa: ARG001
    """A subscriber in any state."""
    return read_person(
        "Kit",
        line,
        cells,
        parse_choice("state", cells.get("state", ""), _STATES) or Standing.UNPROVEN,
        tags=read_list(cells.get("tags", "")),
        given_at=read_time("created_at", cells),
    )


KIT = Origin(
    name="kit",
    title="Kit",
    marks=(
        mark("firstname", "state", "createdat"),
        mark("firstname", "status", "createdat"),
        mark("firstname", "createdat", "tags"),
    ),
    columns={
        "email": EMAIL,
        "first_name": FIRST_NAME,
        "last_name": LAST_NAME,
        "state": ("state", "status"),
        "created_at": ("createdat", "subscribedat"),
        "tags": ("tags",),
    },
    read_row=read_row,
)
