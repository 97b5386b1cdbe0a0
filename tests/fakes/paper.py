"""Sheets that are not files: their text, or their bytes, and what an import takes from them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, tzinfo

from service.audience.exchange import ImportRow, RowProblem
from service.audience.intake import Intake
from service.audience.origins import ORIGINS
from service.audience.sheets import Sheet


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import takes from a sheet."""

    origins: tuple[str, ...]
    rows: tuple[ImportRow, ...]
    problems: tuple[RowProblem, ...]
    folded: int
    strangers: int
    ignored: tuple[str, ...]


def open_sheet(content: str | bytes, name: str = "readers.csv") -> Sheet:
    """A sheet with this content; text becomes UTF-8, with what cannot be written as damage."""
    if isinstance(content, str):
        content = content.encode("utf-8", errors="surrogateescape")
    return Sheet(name, io.BytesIO(content))


def read_import(*contents: str | bytes, zone: tzinfo = UTC, origin: str | None = None) -> Taken:
    """Everything in one or several sheets, the folded rows last."""
    return take(
        Intake(
            [open_sheet(one) for one in contents], zone, origin=ORIGINS[origin] if origin else None
        )
    )


def take(intake: Intake) -> Taken:
    """Everything there is, as it would be streamed."""
    rows = tuple(intake.stream_rows())
    outline = intake.outline
    assert len(rows) == outline.rows
    return Taken(
        outline.origins, rows, outline.problems, outline.folded, outline.strangers, outline.ignored
    )
