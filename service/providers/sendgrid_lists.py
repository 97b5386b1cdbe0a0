"""SendGrid's lists of addresses that it does not write to any more, read page by page.

Source: SendGrid's published OpenAPI (GET /v3/suppression/NAME, 500 a page at most).

Two kinds of list are left out. `blocks`: mail was turned away for what it was, and SendGrid itself
goes on to send there. Unsubscribe groups: they hold back mail sent for a group only, and none is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from service.model.subscriber import SuppressionReason
from service.providers.answers import describe, find_text
from service.providers.listing import ListReader
from service.providers.suppressing import ListedAddress

_LISTS: Mapping[str, SuppressionReason | None] = {
    "spam_reports": SuppressionReason.COMPLAINT,
    "bounces": SuppressionReason.HARD_BOUNCE,
    "invalid_emails": SuppressionReason.HARD_BOUNCE,
    "unsubscribes": None,
}
# A page holds what the other server said of each address; 100 of them stay well under our limit.
_PAGE = 100


def read_lists(reader: ListReader, base: str) -> Iterator[ListedAddress]:
    """Yield everybody on the lists of the account at `base`, https://…/v3.

    Raises DeliveryError when a page does not come.
    """
    for name, reason in _LISTS.items():
        for item in reader.walk(f"{base}/suppression/{name}?", lambda answer: answer, size=_PAGE):
            said = describe(f"{find_text(item, 'status')} {find_text(item, 'reason')}")
            yield ListedAddress(find_text(item, "email"), reason, said)
