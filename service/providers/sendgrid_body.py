"""A batch as SendGrid's JSON: one content, and for each reader headers and substitutions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.errors import UnsupportedError
from service.model.message import OutgoingBatch, Recipient
from service.model.publication import Sender
from service.providers.json_mold import Address, JsonMold, RowId, Shape, Varied
from service.providers.mime import cut_headers
from service.providers.recipients import (
    BODY_MARKS,
    Slot,
    check_address,
    check_header,
    check_recipients,
    cut_at_marks,
)

BATCH_ARG = "kawaraban_batch"
ROW_ARG = "kawaraban_row"
"""Under these names its events carry what we gave with each reader."""

SANDBOX = b',"mail_settings":{"sandbox_mode":{"enable":true}}}'
"""How a request ends of which nothing is delivered."""

# OpenAPI: may not be overridden, beside those that follow from the batch itself.
_BARRED = frozenset({"x-sg-id", "x-sg-eid", "received", "dkim-signature"})
# OpenAPI: all substitutions of a personalization. Its custom arguments have as much for themselves.
_SUBSTITUTIONS_LIMIT = 10_000
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_TRACKING: Shape = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
    "ganalytics": {"enable": False},
}


def compose_body(batch: OutgoingBatch, *, limit: int, test_mode: bool) -> bytes:
    """Return the request's body; raises UnsupportedError where something of it would be lost."""
    _check_batch(batch, limit)
    tags = _Tags.of(batch)
    shared = JsonMold.of(_shape_shared(batch, tags)).cast(batch.recipients[0])
    people = ",".join(_list_personalizations(batch, tags))
    request = f'{{"personalizations":[{people}],{shared[1:-1]}'.encode()
    return request + (SANDBOX if test_mode else b"}")


def _check_batch(batch: OutgoingBatch, limit: int) -> None:
    check_recipients(batch, limit)
    check_header("Subject", batch.subject)
    check_header("From", batch.sender.name)
    check_address(batch.sender.email, "the sender's address")
    if batch.sender.reply_to:
        check_address(batch.sender.reply_to, "the reply address")
    if not (batch.subject and batch.text and batch.html):
        raise UnsupportedError(
            "{provider} takes no mail with an empty subject, text or HTML", provider="SendGrid"
        )
    if not _KEY.fullmatch(batch.key):
        raise UnsupportedError(
            "a batch's key must be 1 to {most} visible ASCII characters", most=255
        )
    names = [name.lower() for name, _ in cut_headers(batch)]
    if len(set(names)) < len(names):
        raise UnsupportedError("{provider} takes each header once", provider="SendGrid")
    if barred := _BARRED.intersection(names):
        raise UnsupportedError("SendGrid sets the {name} header itself", name=min(barred))


@dataclass(frozen=True, slots=True)
class _Tags:
    """What stands in the content in the place of our marks, and can stand there by no chance.

    SendGrid replaces a request's own tags wherever they occur, and they may be anything
    ("Substitution Tags"). Marks of its own work in templates, unsubscribe groups and tracking
    only, none of which is asked for, so a post's text needs no disarming.
    """

    stem: str

    @classmethod
    def of(cls, batch: OutgoingBatch) -> _Tags:
        """Derive them from the batch's key: the same on every replay, and in no content."""
        stem = hashlib.sha256(batch.key.encode()).hexdigest()[:16]
        while any(stem in content for content in (batch.subject, batch.text, batch.html)):
            stem = hashlib.sha256(stem.encode()).hexdigest()[:16]
        return cls(stem)

    def name(self, mark: str, *, escaped: bool) -> str:
        """The tag of one mark, in HTML another than in text."""
        return f"-{self.stem}{'h' if escaped else 't'}{BODY_MARKS.index(mark)}-"

    def put_into(self, content: str, *, escaped: bool) -> str:
        """Return `content` with tags for marks."""
        return "".join(
            self.name(piece.mark, escaped=escaped) if isinstance(piece, Slot) else piece
            for piece in cut_at_marks(content, BODY_MARKS)
        )

    def shape_substitutions(self, batch: OutgoingBatch) -> dict[str, Shape]:
        """Return what fills the tags that the content has."""
        return {
            self.name(mark, escaped=escaped): Varied(mark, (mark,), escaped=escaped)
            for content, escaped in ((batch.text, False), (batch.html, True))
            for mark in BODY_MARKS
            if mark in content
        }


def _shape_shared(batch: OutgoingBatch, tags: _Tags) -> Shape:
    sender = batch.sender
    return {
        "from": _shape_sender(sender),
        **({"reply_to": {"email": sender.reply_to}} if sender.reply_to else {}),
        "subject": batch.subject,
        # OpenAPI's order: plain text first.
        "content": [
            {"type": "text/plain", "value": tags.put_into(batch.text, escaped=False)},
            {"type": "text/html", "value": tags.put_into(batch.html, escaped=True)},
        ],
        "tracking_settings": _TRACKING,
    }


def _shape_sender(sender: Sender) -> Shape:
    return {"email": sender.email, **({"name": sender.name} if sender.name else {})}


def _list_personalizations(batch: OutgoingBatch, tags: _Tags) -> Iterator[str]:
    """Yield the JSON of each reader's; headers all stand here, for those above might not add up."""
    shape = tags.shape_substitutions(batch)
    substitutions = JsonMold.of(shape)
    envelope = JsonMold.of(
        {
            "to": [{"email": Address()}],
            "headers": {name: Varied.header(value) for name, value in batch.headers},
            "custom_args": {BATCH_ARG: batch.key, ROW_ARG: RowId()},
        }
    )
    for recipient in batch.recipients:
        values = substitutions.cast(recipient)
        _check_values(recipient, values, values.count(tags.stem) == len(shape))
        yield f'{envelope.cast(recipient)[:-1]},"substitutions":{values}}}'


def _check_values(recipient: Recipient, values: str, are_tags_alone: bool) -> None:
    if len(values) > _SUBSTITUTIONS_LIMIT:
        raise UnsupportedError(
            "row {row}: SendGrid takes 10,000 bytes of values", row=recipient.row_id
        )
    if not are_tags_alone:
        raise UnsupportedError(
            "row {row}: a value looks like one of our tags", row=recipient.row_id
        )
