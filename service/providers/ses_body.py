"""A batch as the body of SES's SendBulkEmail: an inline template, and its data for each reader.

Sources: the published service model of SES v2 (limits of headers, tags and data; an inline template
knows simple substitution only); the developer guide's pages "Advanced email personalization"
(Handlebars; nothing is escaped) and "Header fields" (SES puts its own Message-ID and Date in the
place of any other); Handlebars' own guide (backslashes before marks).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from service.errors import UnsupportedError
from service.model.message import (
    MESSAGE_ID_MARK,
    PREFERENCES_MARK,
    UNSUBSCRIBE_MARK,
    OutgoingBatch,
    Recipient,
)
from service.providers.mime import cut_headers, format_sender
from service.providers.recipients import (
    BODY_MARKS,
    Slot,
    Template,
    check_address,
    check_header,
    cut_at_marks,
    read_value,
)

BATCH_TAG = "batch"
ROW_TAG = "row"

_KEYS = {UNSUBSCRIBE_MARK: "u", MESSAGE_ID_MARK: "m", PREFERENCES_MARK: "p"}
_HEADER_LIMIT = 15
_THEIRS = frozenset({"message-id", "feedback-id"})
_VALUE_LIMIT = 995
_LINE_LIMIT = 996
_DATA_LIMIT = 262_144
_TAG_LIMIT = 256
# What Handlebars would read as a mark, with what stands around it: a backslash before a mark takes
# its meaning from it, a third brace gives it another.
_MERGE = re.compile(r"[\\{]*\{\{[\\{}]*")
_BEFORE_SLOT = re.compile(r"[\\{]+$")
_AFTER_SLOT = re.compile(r"^\}+")
_NO_TRACKING = {"OpenTrackingEnabled": "DISABLED", "ClickTrackingEnabled": "DISABLED"}


def encode_body(batch: OutgoingBatch, configuration_set: str) -> bytes:
    """Return the request's bytes; raises UnsupportedError where SES would lose something."""
    check_header("Subject", batch.subject)
    words = _Words()
    text = cut_at_marks(batch.text, BODY_MARKS)
    markup = cut_at_marks(batch.html, BODY_MARKS)
    content = {
        "Subject": words.write((batch.subject,)),
        "Text": words.write(text),
        "Html": words.write(markup, escaped=True),
    }
    entries = _Entries(
        encode_tag(batch.key),
        _cut_headers(batch),
        words.data,
        _list_slots(text),
        _list_slots(markup),
    )
    body: dict[str, Any] = {
        "FromEmailAddress": format_sender(batch.sender),
        "DefaultContent": {"Template": {"TemplateContent": content, "TemplateData": "{}"}},
        "BulkEmailEntries": [entries.write(recipient) for recipient in batch.recipients],
        "ConfigurationOverrides": {"Tracking": _NO_TRACKING},
    }
    if batch.sender.reply_to:
        check_address(batch.sender.reply_to, "the reply address")
        body["ReplyToAddresses"] = [batch.sender.reply_to]
    if configuration_set:
        body["ConfigurationSetName"] = configuration_set
    return _encode(body)


def encode_tag(key: str) -> str:
    """Return a batch's key in the letters of a tag; raises UnsupportedError for one too long."""
    tag = re.sub(r"[^A-Za-z0-9-]", lambda found: f"_{ord(found[0]):02x}", key)
    if not key.isascii() or not 1 <= len(tag) <= _TAG_LIMIT:
        raise UnsupportedError("a batch's key must be short and ASCII to be a tag of SES")
    return tag


def decode_tag(tag: str) -> str:
    """Return the batch's key that became `tag`."""
    return re.sub(r"_([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), tag)


@dataclass(slots=True)
class _Words:
    """The author's words as template, and as data what Handlebars would take for a mark."""

    data: dict[str, str] = field(default_factory=dict)

    def write(self, template: Template, *, escaped: bool = False) -> str:
        return "".join(self._write_pieces(template, escaped=escaped))

    def _write_pieces(self, template: Template, *, escaped: bool) -> Iterator[str]:
        for number, piece in enumerate(template):
            if isinstance(piece, Slot):
                yield f"{{{{{_name(piece, escaped=escaped)}}}}}"
                continue
            words = _MERGE.sub(self._keep, piece)
            if number:
                words = _AFTER_SLOT.sub(self._keep, words)
            if number + 1 < len(template):
                words = _BEFORE_SLOT.sub(self._keep, words)
            yield words

    def _keep(self, found: re.Match[str]) -> str:
        key = next((key for key, kept in self.data.items() if kept == found[0]), None)
        key = key or f"w{len(self.data)}"
        self.data[key] = found[0]
        return f"{{{{{key}}}}}"


@dataclass(frozen=True, slots=True)
class _Entries:
    """What SES is told of each reader."""

    tag: str
    headers: tuple[tuple[str, Template], ...]
    words: dict[str, str]
    text_slots: tuple[Slot, ...]
    html_slots: tuple[Slot, ...]

    def write(self, recipient: Recipient) -> dict[str, Any]:
        tags = {BATCH_TAG: self.tag, ROW_TAG: str(recipient.row_id)}
        template = {"ReplacementTemplateData": self._write_data(recipient)}
        return {
            "Destination": {"ToAddresses": [recipient.address]},
            "ReplacementTags": [{"Name": name, "Value": value} for name, value in tags.items()],
            "ReplacementEmailContent": {"ReplacementTemplate": template},
            "ReplacementHeaders": [_fill(*header, recipient) for header in self.headers],
        }

    def _write_data(self, recipient: Recipient) -> str:
        data = dict(self.words)
        for slot in self.text_slots:
            data[_name(slot, escaped=False)] = read_value(recipient, slot)
        for slot in self.html_slots:
            data[_name(slot, escaped=True)] = html.escape(read_value(recipient, slot))
        encoded = json.dumps(data)
        if len(encoded) > _DATA_LIMIT:
            raise UnsupportedError("what differs between readers is more than SES takes")
        return encoded


def _list_slots(template: Template) -> tuple[Slot, ...]:
    return tuple(dict.fromkeys(piece for piece in template if isinstance(piece, Slot)))


def _name(slot: Slot, *, escaped: bool) -> str:
    return _KEYS[slot.mark] + ("h" if escaped else "")


def _cut_headers(batch: OutgoingBatch) -> tuple[tuple[str, Template], ...]:
    # SES sets its own Message-ID and hands it back: nothing is lost that is not known here. It
    # sets its own Feedback-ID too, and of two Gmail would count by one.
    headers = tuple(
        (name, template) for name, template in cut_headers(batch) if name.lower() not in _THEIRS
    )
    if len(headers) > _HEADER_LIMIT:
        raise UnsupportedError(
            "SES takes {most} headers, these are {count}",
            most=_HEADER_LIMIT,
            count=len(headers),
        )
    return headers


def _fill(name: str, template: Template, recipient: Recipient) -> dict[str, str]:
    value = "".join(
        read_value(recipient, piece) if isinstance(piece, Slot) else piece for piece in template
    )
    if len(value) > _VALUE_LIMIT or len(name) + len(value) > _LINE_LIMIT or not value:
        raise UnsupportedError(
            "the {name} header must have 1 to {most} characters",
            name=name,
            most=_VALUE_LIMIT,
        )
    return {"Name": name, "Value": value}


def _encode(body: dict[str, Any]) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    except UnicodeEncodeError as error:
        raise UnsupportedError("the message holds half of a character") from error
