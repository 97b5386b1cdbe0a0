"""Substack's list of subscribers: it says who turned mail off, and not who confirmed."""

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
    read_person,
    read_time,
)


def read_row(line: int, cells: Cells, zone: tzinfo) -> ImportRow | None:  # noqa: ARG001
    """A subscriber, paying or not."""
    is_off = parse_marked("email_disabled", cells.get("is_off", ""))
    return read_person(
        "Substack",
        line,
        cells,
        Standing.LEFT if is_off else Standing.UNPROVEN,
        given_at=read_time("created_at", cells),
    )


SUBSTACK = Origin(
    name="substack",
    title="Substack",
    marks=(mark("activesubscription"), mark("emaildisabled")),
    columns={
        "email": EMAIL,
        "name": NAME,
        "is_off": ("emaildisabled",),
        "created_at": ("createdat", "startdate", "subscriptiondate"),
    },
    read_row=read_row,
)
