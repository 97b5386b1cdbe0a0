"""What requests and answers are made of: moments, numbers, and texts that every store can keep."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from fastapi import Path, Query
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
)

Item = TypeVar("Item")

LARGEST = 2**63 - 1
_NO_CONTROLS = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
_NO_CONTROLS_BUT_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"


class Shown(BaseModel):
    """Something of ours, as an answer shows it: read off the noun that it is of."""

    model_config = ConfigDict(
        frozen=True,
        from_attributes=True,
        validate_by_name=True,
        validate_by_alias=True,
        json_schema_serialization_defaults_required=True,
    )


class Asked(BaseModel):
    """The body of a request; a member that nobody knows is a mistake, not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Page(Shown, Generic[Item]):
    """Some of many. `next` is the cursor of the page after it, null on the last one."""

    items: list[Item]
    next: str | None


def _show_in_utc(moment: datetime) -> datetime:
    """The first or last day there is, seen from elsewhere, is no day: it stays as it is."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return moment.replace(tzinfo=UTC)


def _read_in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("there is no such moment in UTC") from None


Moment = Annotated[datetime, AfterValidator(_show_in_utc)]
"""A moment in an answer: ISO 8601, in UTC."""


def _refuse_numbers(moment: object) -> object:
    """A number of seconds would be taken for a moment, and is more often a mistake."""
    if isinstance(moment, str):
        return moment
    raise ValueError("a moment is a text such as 2026-11-21T23:00:00Z")


AskedMoment = Annotated[
    AwareDatetime, BeforeValidator(_refuse_numbers), AfterValidator(_read_in_utc)
]
"""A moment in a request: ISO 8601 with an offset."""

Number = Annotated[int, Path(ge=1, le=LARGEST, description="Its number, as lists give it.")]
"""What a thing is known by."""

AskedNumber = Annotated[int, Field(strict=True, ge=1, le=LARGEST)]
AskedCount = Annotated[int, Field(strict=True, ge=0, le=10**9)]
AskedYes = StrictBool

Line = Annotated[str, Field(max_length=500, pattern=_NO_CONTROLS)]
"""One line of text."""

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=_NO_CONTROLS)]
"""One line that says something."""

Words = Annotated[str, Field(max_length=20_000, pattern=_NO_CONTROLS_BUT_LINES)]
"""Text of many lines."""

Address = Annotated[str, Field(min_length=3, max_length=400, pattern=_NO_CONTROLS)]
"""A mail address as somebody wrote it."""

Limit = Annotated[int, Query(ge=1, le=200, description="How many, at the most.")]
Filter = Annotated[str, Query(max_length=200, pattern=_NO_CONTROLS)]
Cursor = Annotated[
    str,
    Query(max_length=1000, pattern=_NO_CONTROLS, description="The `next` of the page before."),
]
NumberCursor = Annotated[
    int | None, Query(ge=1, le=LARGEST, description="The `next` of the page before.")
]
