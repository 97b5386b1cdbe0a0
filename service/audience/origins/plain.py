"""Sheets that no service wrote: our own export, and whatever has a column of addresses."""

from __future__ import annotations

from datetime import tzinfo

from service.audience.addresses import normalise_address
from service.audience.cells import (
    parse_choice,
    parse_hour,
    parse_instant,
    parse_language,
    parse_line,
    parse_name,
    parse_passage,
    parse_timezone,
    parse_topics,
)
from service.audience.exchange import OUR_COLUMNS, ImportRow
from service.audience.origins.base import (
    FIRST_NAME,
    LAST_NAME,
    STATES,
    SUPPRESSIONS,
    Cells,
    Origin,
    Standing,
    mark,
)
from service.model.newsletter import Cadence
from service.model.subscriber import SuppressionReason

_CADENCES = {cadence.value: cadence for cadence in Cadence}
_REASONS = {reason.value: reason for reason in SuppressionReason}

_OUR_STATES = {
    "active": Standing.PROVEN,
    "pending": Standing.WAITING,
    "unsubscribed": Standing.LEFT,
}
# Whoever wrote the sheet, active says that mail went out, and not that somebody confirmed.
_STATES = {
    "active": Standing.UNPROVEN,
    "confirmed": Standing.PROVEN,
    "subscribed": Standing.UNPROVEN,
    "pending": Standing.WAITING,
    "unconfirmed": Standing.WAITING,
    "unsubscribed": Standing.LEFT,
    "cancelled": Standing.LEFT,
    "bounced": Standing.BOUNCED,
    "cleaned": Standing.BOUNCED,
    "complained": Standing.COMPLAINED,
    "blocklisted": Standing.BLOCKED,
}


def read_own_row(line: int, cells: Cells, zone: tzinfo) -> ImportRow | None:
    """A row of our own export, exactly as it was."""
    standing = parse_choice("state", cells.get("state", ""), _OUR_STATES)
    return _read_row(line, cells, zone, standing)


def read_row(line: int, cells: Cells, zone: tzinfo) -> ImportRow | None:
    """A row of a sheet that has a column of addresses; the others are taken where they are."""
    standing = parse_choice("state", cells.get("state", ""), _STATES)
    if standing in (None, Standing.UNPROVEN) and cells.get("confirmed_at", "").strip():
        standing = Standing.PROVEN
    return _read_row(line, cells, zone, standing)


def _read_row(line: int, cells: Cells, zone: tzinfo, standing: Standing | None) -> ImportRow:
    cell = cells.get
    stated = parse_choice("suppressed", cell("suppressed", ""), _REASONS)
    name = cell("name", "") or f"{cell('first_name', '')} {cell('last_name', '')}".strip()
    return ImportRow(
        line=line,
        sheet=cell("sheet", ""),
        address=normalise_address(cell("email", "")),
        name=parse_name(name),
        newsletter_id=parse_line(cell("newsletter", "")),
        cadence=parse_choice("cadence", cell("cadence", ""), _CADENCES),
        # An empty cell means everything, an absent column says nothing.
        topics=parse_topics(cells["topics"]) if "topics" in cells else None,
        language=parse_language(cell("language", "")),
        send_hour=parse_hour(cell("send_hour", "")),
        timezone=parse_timezone(cell("timezone", "")),
        state=None if standing is None else STATES.get(standing),
        created_at=parse_instant("created_at", cell("created_at", ""), zone),
        confirmed_at=parse_instant("confirmed_at", cell("confirmed_at", ""), zone),
        ended_at=parse_instant("ended_at", cell("ended_at", ""), zone),
        consent_source=parse_line(cell("consent_source", "")),
        consent_text=parse_passage(cell("consent_text", "")),
        consent_given_at=parse_instant("consent_given_at", cell("consent_given_at", ""), zone),
        paused_until=parse_instant("paused_until", cell("paused_until", ""), zone),
        reader_since=parse_instant("reader_since", cell("reader_since", ""), zone),
        suppressed=stated or (SUPPRESSIONS.get(standing) if standing else None),
        suppressed_at=parse_instant("suppressed_at", cell("suppressed_at", ""), zone),
        suppressed_note=parse_line(cell("suppressed_note", "")),
    )


OWN = Origin(
    name="kawaraban",
    title="Kawaraban",
    marks=(mark("newsletter", "consentsource", "consentgivenat"),),
    columns=OUR_COLUMNS,
    read_row=read_own_row,
)
PLAIN = Origin(
    name="plain",
    title="a plain sheet",
    marks=(),
    columns={**OUR_COLUMNS, "first_name": FIRST_NAME, "last_name": LAST_NAME},
    read_row=read_row,
)
