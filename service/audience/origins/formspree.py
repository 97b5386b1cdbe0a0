"""Formspree's submissions of a form: anybody may have typed any address, so everybody is asked."""

from __future__ import annotations

from datetime import tzinfo

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
    read_person,
    read_time,
)


def read_row(line: int, cells: Cells, zone: tzinfo) -> ImportRow | None:  # noqa: ARG001
    """Whoever sent the form."""
    given_at = read_time("sent_at", cells)
    return read_person("Formspree", line, cells, Standing.UNPROVEN, given_at=given_at)


FORMSPREE = Origin(
    name="formspree",
    title="Formspree",
    # With the underscore, which no other sheet has before them.
    marks=(
        mark("_date"),
        mark("_replyto"),
        mark("_status"),
        mark("_submitted_at"),
        mark("_gotcha"),
    ),
    columns={
        "email": (*EMAIL, "replyto"),
        "name": NAME,
        "first_name": FIRST_NAME,
        "last_name": LAST_NAME,
        "sent_at": ("date", "submittedat", "createdat", "timestamp"),
    },
    read_row=read_row,
)
