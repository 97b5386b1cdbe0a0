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

PREFERENCES_MARK = "@@kawaraban:preferences@@"
"""Stands in content where the address goes at which each reader chooses what they get."""

MARKS = (UNSUBSCRIBE_MARK, MESSAGE_ID_MARK, PREFERENCES_MARK)


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
    and possibly with marks. `dated_at` is the Date of the mail. `is_notice`: it goes to one who
    asked for it just now, or to an editor, and is no edition.
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
    is_notice: bool = False
