"""listmonk's export of subscribers: its lists, and who confirmed to them, are not in it."""

from __future__ import annotations

import json
from datetime import tzinfo

from service.audience.cells import parse_choice, parse_line
from service.audience.exchange import ImportRow
from service.audience.origins.base import (
    EMAIL,
    NAME,
    Cells,
    Origin,
    Standing,
    mark,
    read_person,
    read_time,
)
from service.errors import CellError

_STATES = {
    "enabled": Standing.UNPROVEN,
    "disabled": Standing.LEFT,
    "blocklisted": Standing.BLOCKED,
    "blacklisted": Standing.BLOCKED,
}
# As a query over its database names them, for whoever exports one list with them.
_LIST_STATES = {
    "confirmed": Standing.PROVEN,
    "unconfirmed": Standing.UNPROVEN,
    "unsubscribed": Standing.LEFT,
}


def read_row(line: int, cells: Cells, zone: tzinfo) -> ImportRow | None:  # noqa: ARG001
    """A subscriber; nobody on its blocklist is ever written to."""
    stated = parse_choice("status", cells.get("state", ""), _STATES)
    listed = parse_choice("subscription_status", cells.get("list_state", ""), _LIST_STATES)
    standing = stated or Standing.UNPROVEN
    if standing is Standing.UNPROVEN and listed is not None:
        standing = listed
    created_at = read_time("created_at", cells)
    return read_person(
        "listmonk",
        line,
        cells,
        standing,
        tags=_read_tags(cells.get("attributes", "")),
        given_at=created_at,
        confirmed_at=created_at,
    )


def _read_tags(text: str) -> tuple[str, ...]:
    """What stands as tags or topics among a subscriber's attributes."""
    if not text.strip():
        return ()
    try:
        attributes = json.loads(text)
    except (ValueError, RecursionError):
        raise CellError("attributes: it must be JSON") from None
    if not isinstance(attributes, dict):
        return ()
    found = [attributes.get(key) for key in ("tags", "topics")]
    tags = [tag for one in found if isinstance(one, list) for tag in one if isinstance(tag, str)]
    return tuple(dict.fromkeys(filter(None, map(parse_line, tags))))


LISTMONK = Origin(
    name="listmonk",
    title="listmonk",
    marks=(mark("uuid", "attributes"), mark("uuid", "attribs"), mark("subscriptionstatus")),
    columns={
        "email": EMAIL,
        "name": NAME,
        "state": ("status",),
        "list_state": ("subscriptionstatus",),
        "attributes": ("attributes", "attribs"),
        "created_at": ("createdat",),
    },
    read_row=read_row,
)
