"""What every origin of a sheet says of its rows, and what they have in common."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum

from service.audience.addresses import normalise_address
from service.audience.cells import parse_instant, parse_line, parse_name
from service.audience.exchange import ImportRow
from service.model.subscriber import SubscriptionState, SuppressionReason

Cells = Mapping[str, str]
"""The cells of a row by the names that its origin gave the columns; only of columns it has."""


class Standing(StrEnum):
    """How somebody stands with another service.

    Only `PROVEN` says that the reader themselves confirmed: to be on a list is no proof.
    """

    PROVEN = "proven"
    UNPROVEN = "unproven"
    WAITING = "waiting"
    LEFT = "left"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    BLOCKED = "blocked"
    STRANGER = "stranger"


STATES = {
    Standing.PROVEN: SubscriptionState.ACTIVE,
    Standing.WAITING: SubscriptionState.PENDING,
    Standing.LEFT: SubscriptionState.UNSUBSCRIBED,
}
SUPPRESSIONS = {
    Standing.BOUNCED: SuppressionReason.HARD_BOUNCE,
    Standing.COMPLAINED: SuppressionReason.COMPLAINT,
    Standing.BLOCKED: SuppressionReason.MANUAL,
}

RowReader = Callable[[int, Cells, tzinfo], ImportRow | None]
"""Line, cells, and the zone of the publication → a row; None for somebody who never subscribed.

Raises CellError and AddressError, which do not show what a cell holds.
"""


@dataclass(frozen=True, slots=True)
class Origin:
    """A service, or whoever wrote a sheet: how it is known, and how its rows are read.

    `marks`: the sheet is its own when all headers of one of them are there. `columns` are the
    headers to be read, each with its spellings, the surest first. Besides them rows are told
    `newsletter` and `sheet` where those are given, and with `sorts_files` the name of the `file`.
    """

    name: str
    title: str
    marks: tuple[frozenset[str], ...]
    columns: Mapping[str, tuple[str, ...]]
    read_row: RowReader
    sorts_files: bool = False

    def find_columns(self, header: Sequence[str]) -> dict[str, int]:
        """Where the columns stand that mean something."""
        spelled = [fold_header(cell) for cell in header]
        found = {
            column: next((spelled.index(alias) for alias in aliases if alias in spelled), None)
            for column, aliases in self.columns.items()
        }
        return {column: at for column, at in found.items() if at is not None}


EMAIL = ("email", "emailaddress", "mail", "subscriberemail", "メールアドレス")
NAME = ("name", "fullname", "氏名", "名前", "お名前")
FIRST_NAME = ("firstname", "fname", "名")
LAST_NAME = ("lastname", "lname", "surname", "姓")


def fold_header(cell: str) -> str:
    """A header as it is compared: letters and digits only."""
    folded = unicodedata.normalize("NFKC", cell).casefold()
    return "".join(char for char in folded if char.isalnum())


def mark(*headers: str) -> frozenset[str]:
    """Headers that together give a service away."""
    return frozenset(headers)


def read_person(
    origin: str,
    line: int,
    cells: Cells,
    standing: Standing,
    *,
    tags: tuple[str, ...] = (),
    given_at: datetime | None = None,
    confirmed_at: datetime | None = None,
    ended_at: datetime | None = None,
) -> ImportRow:
    """A row of another service; `given_at` is when they signed up there, where that is known.

    Its times are UTC where they do not say otherwise.
    """
    return ImportRow(
        line=line,
        sheet=cells.get("sheet", ""),
        newsletter_id=cells.get("newsletter", ""),
        address=normalise_address(cells.get("email", "")),
        name=_read_name(cells),
        state=STATES.get(standing),
        suppressed=SUPPRESSIONS.get(standing),
        suppressed_at=ended_at if standing in SUPPRESSIONS else None,
        suppressed_note=f"{origin}: {standing}" if standing in SUPPRESSIONS else "",
        tags=tags,
        created_at=given_at,
        confirmed_at=confirmed_at if standing is Standing.PROVEN else None,
        ended_at=ended_at if standing is Standing.LEFT else None,
        consent_source=origin,
        consent_given_at=given_at,
    )


def read_time(column: str, cells: Cells) -> datetime | None:
    """The instant in a column of another service, UTC where it does not say otherwise."""
    return parse_instant(column, cells.get(column, ""), UTC)


def read_list(text: str) -> tuple[str, ...]:
    """Tags between commas, each perhaps in quotes or brackets of a list."""
    line = parse_line(text).removeprefix("[").removesuffix("]").strip()
    if not line:
        return ()
    quote = "'" if line.startswith("'") else '"'
    parts = next(csv.reader([line], quotechar=quote, skipinitialspace=True))
    return tuple(dict.fromkeys(filter(None, map(str.strip, parts))))


def _read_name(cells: Cells) -> str:
    name = parse_name(cells.get("name", ""))
    if name:
        return name
    first, last = cells.get("first_name", ""), cells.get("last_name", "")
    return parse_name(f"{first} {last}") if first or last else ""
