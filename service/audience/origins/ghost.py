"""Ghost's export of members: whether they get mail, and not who confirmed."""

from __future__ import annotations

from datetime import tzinfo

from service.audience.cells import parse_marked
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


def read_row(line: int, cells: Cells, zone: tzinfo) -> ImportRow | None:  # noqa: ARG001
    """A member; somebody deleted there has left."""
    gets_mail = parse_marked("subscribed_to_emails", cells.get("gets_mail", ""))
    deleted_at = read_time("deleted_at", cells)
    has_left = gets_mail is False or deleted_at is not None
    return read_person(
        "Ghost",
        line,
        cells,
        Standing.LEFT if has_left else Standing.UNPROVEN,
        tags=read_list(cells.get("labels", "")),
        given_at=read_time("created_at", cells),
        ended_at=deleted_at,
    )


GHOST = Origin(
    name="ghost",
    title="Ghost",
    marks=(mark("subscribedtoemails"),),
    columns={
        "email": EMAIL,
        "name": NAME,
        "gets_mail": ("subscribedtoemails",),
        "created_at": ("createdat",),
        "deleted_at": ("deletedat",),
        "labels": ("labels",),
    },
    read_row=read_row,
)
