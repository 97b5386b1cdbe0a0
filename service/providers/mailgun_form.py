"""A batch as the fields of Mailgun's form: its words for ours, and its marks disarmed."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace

from service.errors import UnsupportedError
from service.model.message import (
    MESSAGE_ID_MARK,
    PREFERENCES_MARK,
    UNSUBSCRIBE_MARK,
    OutgoingBatch,
)
from service.model.publication import Sender
from service.outbound.form import Field
from service.providers.mime import cut_headers, format_sender
from service.providers.recipients import (
    BODY_MARKS,
    Slot,
    Template,
    check_address,
    check_header,
    cut_at_marks,
    read_values,
)

BATCH_VARIABLE, ROW_VARIABLE = "batch", "row"
"""The names under which the batch's key and the row's id go along, to come back in events."""

# OpenAPI: o:, h:, v: and t: together 16 KB. "Tags": 128 characters of ASCII.
_OPTIONS_LIMIT = 16_000
_TAG = re.compile(r"[\x21-\x7e]{1,128}")

_KEYS = {UNSUBSCRIBE_MARK: "u", MESSAGE_ID_MARK: "m", PREFERENCES_MARK: "p"}
_ROW_KEY = "r"
# Mailgun garbles a name with letters beyond ASCII and one of these (found by django-anymail).
_WIDE = str.maketrans('(),"', "（），＂")
_HEADER_FIELDS = {"message-id": "h:Message-Id"}

# A mark of Mailgun's: %recipient%, %recipient.key%, %unsubscribe_url% and their kin; also one
# that would run into a mark of ours. Percent-encoded octets in links are left alone.
_MERGE = re.compile(r"%(?=(?![0-9A-Fa-f]{2})[A-Za-z_][A-Za-z0-9_.:-]*(?:%|@@kawaraban:))")
# No escape is documented. In HTML the entity shows the same sign. Plain text and subject have
# none, so an invisible WORD JOINER parts the sign from the word: nothing else stays apart in
# whatever order Mailgun replaces its marks, and readers see what was written.
_PERCENT_IN_HTML = "&#37;"
_PERCENT_IN_TEXT = "%\u2060"


def list_fields(batch: OutgoingBatch, *, test_mode: bool) -> list[Field]:
    """Return the form's fields in order; raises UnsupportedError where one would be lost."""
    check_header("Subject", batch.subject)
    text = cut_at_marks(_MERGE.sub(_PERCENT_IN_TEXT, batch.text), BODY_MARKS)
    markup = cut_at_marks(_MERGE.sub(_PERCENT_IN_HTML, batch.html), BODY_MARKS)
    headers = cut_headers(batch)
    fields = [
        ("from", _name_sender(batch.sender)),
        ("to", ",".join(recipient.address for recipient in batch.recipients)),
        ("subject", _MERGE.sub(_PERCENT_IN_TEXT, batch.subject)),
        ("text", _name_slots(text)),
        ("html", _name_slots(markup, escaped=True)),
        ("recipient-variables", _list_variables(batch, text, markup, headers)),
    ]
    if batch.sender.reply_to:
        check_address(batch.sender.reply_to, "the reply address")
        fields.append(("h:Reply-To", batch.sender.reply_to))
    fields += [_name_header(name, template) for name, template in headers]
    fields += [("o:tag", batch.key), (f"v:{BATCH_VARIABLE}", batch.key)]
    # Merged for each reader and handed back by the events (found by django-anymail).
    fields += [(f"v:{ROW_VARIABLE}", f"%recipient.{_ROW_KEY}%")]
    fields += [(f"o:tracking{what}", "no") for what in ("", "-clicks", "-opens")]
    fields += [("o:testmode", "yes")] if test_mode else []
    _check_options(fields, batch.key)
    return fields


def _name_sender(sender: Sender) -> str:
    name = _MERGE.sub(_PERCENT_IN_TEXT, sender.name)
    return format_sender(replace(sender, name=name if name.isascii() else name.translate(_WIDE)))


def _name_slots(template: Template, *, escaped: bool = False) -> str:
    return "".join(
        f"%recipient.{_key(piece, escaped=escaped)}%" if isinstance(piece, Slot) else piece
        for piece in template
    )


def _name_header(name: str, template: Template) -> Field:
    if any(isinstance(piece, str) and _MERGE.search(piece) for piece in template):
        raise UnsupportedError(
            "{provider} would put its own text into the {name} header",
            provider="Mailgun",
            name=name,
        )
    return _HEADER_FIELDS.get(name.lower(), f"h:{name}"), _name_slots(template)


def _key(slot: Slot, *, escaped: bool) -> str:
    return _KEYS[slot.mark] + ("h" if escaped else "")


def _list_variables(
    batch: OutgoingBatch,
    text: Template,
    markup: Template,
    headers: tuple[tuple[str, Template], ...],
) -> str:
    plain = [*text, *(piece for _, template in headers for piece in template)]
    slots = {_key(piece, escaped=False): piece for piece in plain if isinstance(piece, Slot)}
    in_html = {_key(piece, escaped=True): piece for piece in markup if isinstance(piece, Slot)}
    everybody = batch.recipients
    columns = {_ROW_KEY: [str(recipient.row_id) for recipient in everybody]}
    columns |= {key: read_values(everybody, slot) for key, slot in slots.items()}
    columns |= {
        key: [html.escape(value) for value in read_values(everybody, slot)]
        for key, slot in in_html.items()
    }
    # Without an entry, even an empty one, a reader would see everybody's address.
    variables = {
        recipient.address: dict(zip(columns, row, strict=True))
        for recipient, row in zip(everybody, zip(*columns.values(), strict=True), strict=True)
    }
    # Mailgun leaves JSON's backslash escapes in the mail (found by mailgun-plsql-api).
    return json.dumps(variables, ensure_ascii=False, separators=(",", ":"))


def _check_options(fields: list[Field], key: str) -> None:
    if not _TAG.fullmatch(key):
        raise UnsupportedError(
            "a batch's key must be 1 to {most} visible ASCII characters", most=128
        )
    size = sum(len(name) + len(value.encode()) for name, value in fields if name[1:2] == ":")
    if size > _OPTIONS_LIMIT:
        raise UnsupportedError(
            "headers and options take {size} bytes, Mailgun cuts at 16 KB", size=size
        )
