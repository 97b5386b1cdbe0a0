"""What is sent to whom: written once at the first attempt, read back at every later one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from service.audience.tokens import KeyRing, LinkSigner, Purpose, SigningKey
from service.errors import DeliveryError
from service.model.delivery import BatchKind
from service.model.edition import Rendered
from service.model.message import (
    MESSAGE_ID_MARK,
    PREFERENCES_MARK,
    UNSUBSCRIBE_MARK,
    OutgoingBatch,
    Recipient,
)
from service.model.publication import Sender
from service.store.rows import Row


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who sends, from where links lead back, and which key signs them.

    `link_base` is the service's address without a trailing slash; `installation` keeps the
    Message-IDs of two installations apart.
    """

    sender: Sender
    link_base: str
    key_ring: KeyRing
    installation: str


def compose_envelope(
    rows: Sequence[Row], *, kind: BatchKind, key: str, name: str, head: Letterhead, now: datetime
) -> dict[str, Any]:
    """Return everything a request derives from besides the content, fit for JSON.

    `name` is the newsletter's id, or the purpose of a notice.
    """
    return {
        "kind": kind.value,
        "key": key,
        "name": name,
        "sender": asdict(head.sender),
        "link_base": head.link_base,
        "key_id": head.key_ring.current.key_id,
        "installation": head.installation,
        "feedback": _name_for_feedback(head.sender.domain),
        "dated_at": now.isoformat(timespec="seconds"),
        "rows": [list(row) for row in rows],
    }


def open_envelope(
    envelope: Mapping[str, Any], edition_id: int | None, rendered: Rendered, key_ring: KeyRing
) -> OutgoingBatch:
    """Return the batch exactly as the envelope describes it; no clock, no configuration."""
    sender = Sender(**envelope["sender"])
    key = _find_key(key_ring, envelope["key_id"])
    links = {UNSUBSCRIBE_MARK: ("unsubscribe", LinkSigner(key, Purpose.UNSUBSCRIBE))}
    if PREFERENCES_MARK in rendered.html or PREFERENCES_MARK in rendered.text:
        links[PREFERENCES_MARK] = ("preferences", LinkSigner(key, Purpose.PREFERENCES))
    is_edition = envelope["kind"] == BatchKind.EDITION
    return OutgoingBatch(
        key=envelope["key"],
        sender=sender,
        subject=rendered.subject,
        html=rendered.html,
        text=rendered.text,
        headers=(
            *_list_headers(envelope["name"], sender, is_edition=is_edition),
            *_list_feedback_headers(envelope, edition_id),
        ),
        recipients=tuple(_list_recipients(envelope, edition_id, sender.domain, links)),
        dated_at=datetime.fromisoformat(envelope["dated_at"]),
        is_notice=not is_edition,
    )


def _find_key(key_ring: KeyRing, key_id: str) -> SigningKey:
    key = key_ring.find_key(key_id)
    if key is None:
        raise DeliveryError(
            f"the key {key_id} that signed this batch's links is gone; "
            "put it back among the former keys, or settle the batch by hand"
        )
    return key


def _list_headers(name: str, sender: Sender, *, is_edition: bool) -> tuple[tuple[str, str], ...]:
    message_id = ("Message-ID", f"<{MESSAGE_ID_MARK}>")
    if not is_edition:
        return (message_id, ("Auto-Submitted", "auto-generated"))
    return (
        message_id,
        ("List-Id", f"<{name}.{sender.domain}>"),
        ("List-Unsubscribe", f"<{UNSUBSCRIBE_MARK}>"),
        # RFC 8058: both headers, one https address, no login behind it.
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    )


def _name_for_feedback(domain: str) -> str:
    """The sender's name in Gmail's reports: 5 to 15 characters, always the same for a domain."""
    return "kb" + hashlib.sha256(domain.lower().encode()).hexdigest()[:10]


def _list_feedback_headers(
    envelope: Mapping[str, Any], edition_id: int | None
) -> Iterator[tuple[str, str]]:
    """What Gmail counts complaints by: edition, newsletter, kind and sender, and no reader.

    An envelope from before there was such a header goes again as it went.
    """
    if sender := envelope.get("feedback"):
        edition = "notice" if edition_id is None else f"e{edition_id}"
        yield "Feedback-ID", f"{edition}:{envelope['name']}:{envelope['kind']}:{sender}"


def _list_recipients(
    envelope: Mapping[str, Any],
    edition_id: int | None,
    domain: str,
    links: Mapping[str, tuple[str, LinkSigner]],
) -> Iterator[Recipient]:
    base, end = envelope["link_base"], f".{envelope['installation']}@{domain}"
    for row_id, subscriber_id, subscription_id, address in envelope["rows"]:
        if edition_id is None:
            message_id = f"n{row_id}{end}"
            values = dict.fromkeys(links, f"{base}/")
        else:
            message_id, subject = f"e{edition_id}.s{subscriber_id}{end}", f"s{subscription_id}"
            values = {
                mark: f"{base}/{page}/{signer.sign(subject)}"
                for mark, (page, signer) in links.items()
            }
        yield Recipient(row_id, address, {MESSAGE_ID_MARK: message_id, **values})
