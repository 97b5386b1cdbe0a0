"""Brevo's list of addresses that it does not write to any more, read page by page.

Sources: Brevo's published OpenAPI (GET /smtp/blockedContacts, 100 a page at most, codes of
reasons); its page "Rate limits" (100 such calls an hour: 10,000 addresses).

It holds an address once for each sender that it is blocked for. All of them are taken, for nobody
says whether an address that ceased to exist was found out by another sender's mail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from service.model.subscriber import SuppressionReason
from service.providers.answers import find_text
from service.providers.listing import ListReader
from service.providers.suppressing import ListedAddress

_REASONS: Mapping[str, SuppressionReason | None] = {
    "hardbounce": SuppressionReason.HARD_BOUNCE,
    "contactflaggedasspam": SuppressionReason.COMPLAINT,
    "unsubscribedviama": None,
    "unsubscribedviaemail": None,
    "unsubscribedviaapi": None,
}
_PAGE = 100


def read_list(reader: ListReader, base: str) -> Iterator[ListedAddress]:
    """Yield everybody on the list of the account at `base`; raises DeliveryError for half of it.

    Whom somebody blocked by hand, or for a reason that is not known here, is so here as well.
    """
    # The oldest first: what is added meanwhile comes last, and moves nobody from page to page.
    url = f"{base}/smtp/blockedContacts?sort=asc&"
    for item in reader.walk(url, _find_page, size=_PAGE):
        code = find_text(item.get("reason") if isinstance(item, dict) else None, "code").lower()
        reason = _REASONS.get(code, SuppressionReason.MANUAL)
        yield ListedAddress(find_text(item, "email"), reason)


def _find_page(answer: Any) -> object:  # noqa: ANN401
    """Return the contacts; where there are none, nothing but their count need be answered."""
    if not isinstance(answer, dict):
        return None
    return answer.get("contacts", [] if isinstance(answer.get("count"), int) else None)
