"""A batch's recipients: what must hold of them, and where their own values go."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from service.errors import UnsupportedError
from service.model.message import MARKS, MESSAGE_ID_MARK, OutgoingBatch, Recipient

HEADER_MARKS = MARKS
"""What may stand in a header's value."""

BODY_MARKS = tuple(mark for mark in MARKS if mark != MESSAGE_ID_MARK)
"""What may stand in the text and the HTML; anything else there is the author's own words."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a content that each reader's own value fills."""

    mark: str


Template = tuple[str | Slot, ...]
"""A content cut at its marks."""


def check_recipients(batch: OutgoingBatch, limit: int) -> None:
    """Raise UnsupportedError where a provider would lose one of the batch's recipients."""
    count = len(batch.recipients)
    if not 1 <= count <= limit:
        raise UnsupportedError(
            "a batch holds 1 to {most} recipients, this one {count}", most=limit, count=count
        )
    if len({recipient.address.lower() for recipient in batch.recipients}) < count:
        raise UnsupportedError("the batch holds one address twice: send them in two batches")
    for recipient in batch.recipients:
        if not _ADDRESS.fullmatch(recipient.address):
            check_address(recipient.address, f"the address of row {recipient.row_id}")


def check_address(address: str, whose: str) -> None:
    """Raise UnsupportedError unless `address` is plain ASCII that every provider takes."""
    if not _ADDRESS.fullmatch(address):
        raise UnsupportedError("{whose} is not one that mail headers can hold", whose=whose)


def check_header(name: str, value: str) -> None:
    """Raise UnsupportedError where `value` would end its header and begin something else."""
    if _CONTROL.search(value):
        raise UnsupportedError(
            "the {name} header holds a control character or a line break", name=name
        )


def cut_at_marks(content: str, marks: Collection[str]) -> Template:
    """Return `content` with a Slot in the place of each of `marks`."""
    pattern = "(" + "|".join(re.escape(mark) for mark in marks) + ")"
    pieces = re.split(pattern, content)
    return tuple(
        Slot(piece) if number % 2 else piece for number, piece in enumerate(pieces) if piece
    )


def read_values(recipients: Sequence[Recipient], slot: Slot) -> list[str]:
    """Return what fills `slot` for each of them; raises UnsupportedError where it cannot."""
    values = [recipient.values.get(slot.mark, "") for recipient in recipients]
    together = "".join(values)
    if all(values) and together.isascii() and together.isprintable():
        return values
    return [read_value(recipient, slot) for recipient in recipients]


def read_value(recipient: Recipient, slot: Slot) -> str:
    """Return what fills `slot` for `recipient`; raises UnsupportedError where it cannot."""
    value = recipient.values.get(slot.mark, "")
    if not (value and value.isascii() and value.isprintable()):
        raise UnsupportedError(
            "row {row} has no printable ASCII value for {mark}",
            row=recipient.row_id,
            mark=slot.mark,
        )
    return value
