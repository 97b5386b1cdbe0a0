"""Postmark's list of addresses that a stream does not write to any more, reason by reason.

Source: Postmark's page "Suppressions API" (GET /message-streams/{stream}/suppressions/dump). There
are no pages: each reason's whole list is one answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from service.model.subscriber import SuppressionReason
from service.providers.answers import find_text
from service.providers.listing import ListReader
from service.providers.suppressing import ListedAddress

ANSWER_LIMIT = 16_000_000
"""Bytes of one answer: some 100,000 addresses."""

_REASONS: Mapping[str, SuppressionReason] = {
    "SpamComplaint": SuppressionReason.COMPLAINT,
    "HardBounce": SuppressionReason.HARD_BOUNCE,
    "ManualSuppression": SuppressionReason.MANUAL,
}
# Who added an address by hand: its own reader, by leaving.
_BY_READER = "Recipient"


def read_lists(reader: ListReader, base: str, streams: Iterable[str]) -> Iterator[ListedAddress]:
    """Yield everybody on the lists of `streams`; raises DeliveryError when one does not come."""
    for stream in streams:
        for name, reason in _REASONS.items():
            url = f"{base}/message-streams/{quote(stream, safe='')}/suppressions/dump"
            answer = reader.read(f"{url}?SuppressionReason={name}")
            found = answer.get("Suppressions") if isinstance(answer, dict) else None
            for item in reader.check_page(found):
                yield ListedAddress(find_text(item, "EmailAddress"), _judge(item, reason))


def _judge(item: object, reason: SuppressionReason) -> SuppressionReason | None:
    has_left = reason is SuppressionReason.MANUAL and find_text(item, "Origin") == _BY_READER
    return None if has_left else reason
