"""A batch of one as Brevo's JSON, and its template marks disarmed."""

from __future__ import annotations

import json
import re
import uuid

from service.errors import UnsupportedError
from service.model.message import OutgoingBatch
from service.model.publication import Sender
from service.providers.json_mold import Address, JsonMold, Shape, Varied
from service.providers.mime import cut_headers
from service.providers.recipients import check_address, check_header, check_recipients

CUSTOM_HEADER = "X-Mailin-custom"
"""What it holds comes back with events. It stands in the mail too, so it says no more than this."""

_KEYS = uuid.uuid5(uuid.NAMESPACE_URL, "kawaraban:brevo")
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_NAME_LIMIT = 70
# A name with letters beyond ASCII and one of these is dropped in silence (found by django-anymail).
_WIDE = str.maketrans('(),"<>@[]\\:;.', "（），＂＜＞＠［］＼：；．")
# Not passed on, but read as orders.
_ORDERS = re.compile(r"(?i)x-(mailin|sib)-.*|idempotency-?key")

# Where Brevo's template language begins; its own guide uses it in a call's content. No escape is
# documented. HTML has an entity for the brace and CSS does not mind a space after it; plain text
# and subject get an invisible WORD JOINER, so that readers see what was written.
_MERGE = re.compile(r"\{(?=[{%#])")
_STYLE = re.compile(r"(?is)(<style\b.*?</style>)")
_BRACE_IN_HTML = "&#123;"
_BRACE_IN_STYLE = "{ "
_BRACE_IN_TEXT = "{\u2060"


def compose_body(batch: OutgoingBatch, *, limit: int, test_mode: bool) -> bytes:
    """Return the request's body; raises UnsupportedError where something of it would be lost."""
    _check_batch(batch, limit)
    sender = batch.sender
    shape: Shape = {
        "sender": _shape_sender(sender),
        "to": [{"email": Address()}],
        **({"replyTo": {"email": sender.reply_to}} if sender.reply_to else {}),
        "subject": _disarm_text(batch.subject),
        "htmlContent": Varied.html(_disarm_html(batch.html)),
        "textContent": Varied.text(_disarm_text(batch.text)),
        "headers": {
            **{name: Varied.header(value) for name, value in batch.headers},
            CUSTOM_HEADER: _tell_row(batch),
            # "Idempotency for batch emails": it must be a UUID.
            "idempotencyKey": str(uuid.uuid5(_KEYS, batch.key)),
            **({"X-Sib-Sandbox": "drop"} if test_mode else {}),
        },
    }
    return JsonMold.of(shape).cast(batch.recipients[0]).encode()


def _check_batch(batch: OutgoingBatch, limit: int) -> None:
    check_recipients(batch, limit)
    check_header("Subject", batch.subject)
    check_header("From", batch.sender.name)
    check_address(batch.sender.email, "the sender's address")
    if batch.sender.reply_to:
        check_address(batch.sender.reply_to, "the reply address")
    if not (batch.subject and batch.text and batch.html):
        raise UnsupportedError(
            "{provider} takes no mail with an empty subject, text or HTML", provider="Brevo"
        )
    if not _KEY.fullmatch(batch.key):
        raise UnsupportedError(
            "a batch's key must be 1 to {most} visible ASCII characters", most=200
        )
    _check_headers(batch)


def _check_headers(batch: OutgoingBatch) -> None:
    cut_headers(batch)
    if len({name.lower() for name, _ in batch.headers}) < len(batch.headers):
        raise UnsupportedError("{provider} takes each header once", provider="Brevo")
    for name, value in batch.headers:
        if _ORDERS.fullmatch(name):
            raise UnsupportedError("Brevo would not pass the {name} header on", name=name)
        # It decodes \u escapes and sends what comes out as raw octets (found by django-anymail).
        if _MERGE.search(value) or "\\u" in value:
            raise UnsupportedError(
                "{provider} would put its own text into the {name} header",
                provider="Brevo",
                name=name,
            )


def _shape_sender(sender: Sender) -> Shape:
    name = sender.name if sender.name.isascii() else sender.name.translate(_WIDE)
    if len(name) > _NAME_LIMIT:
        raise UnsupportedError("the sender's name is longer than the 70 characters Brevo takes")
    return {"email": sender.email, **({"name": _disarm_text(name)} if name else {})}


def _disarm_text(text: str) -> str:
    return _MERGE.sub(_BRACE_IN_TEXT, text)


def _disarm_html(markup: str) -> str:
    return "".join(
        _MERGE.sub(_BRACE_IN_STYLE if number % 2 else _BRACE_IN_HTML, piece)
        for number, piece in enumerate(_STYLE.split(markup))
    )


def _tell_row(batch: OutgoingBatch) -> str:
    row_id = batch.recipients[0].row_id
    return json.dumps({"batch": batch.key, "row": row_id}, separators=(",", ":"))
