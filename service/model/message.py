"""What is handed to a provider: one content, many recipients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from service.model.publication import Sender

UNSUBSCRIBE_MARK = "@@kawaraban:unsubscribe@@"
"""Stands in content and headers where each reader's own unsubscribe address goes."""

MESSAGE_ID_MARK = "@@kawaraban:message-id@@"
"""Stands in the Message-ID header (without angle brackets)."""

MARKS = (UNSUBSCRIBE_MARK, MESSAGE_ID_MARK)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One reader in a batch; `values` maps each mark used to this reader's own text."""

    row_id: int
    address: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OutgoingBatch:
    """Everything a provider call derives from; the same again on every replay.

    `key` is unique to the batch for ever and ASCII: idempotency key, tag, boundary.
    `headers` are further headers in order (List-Unsubscribe and so on), their values ASCII
    and possibly with marks. `dated_at` is the Date of the mail.
    """

    key: str
    sender: Sender
    subject: str
    html: str
    text: str
    headers: tuple[tuple[str, str], ...]
    recipients: tuple[Recipient, ...]
    dated_at: datetime
    test_mode: bool = False
