"""Resend's list of addresses that it does not write to any more, read page by page.

Sources: Resend's published OpenAPI (GET /suppressions) and its page "List Suppressions" (100 a
page at most, the next one after an id); "Rate Limit" (2 calls a second in its older wording, for
all of a team's: mail that is leaving meanwhile has one of them).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from urllib.parse import quote

from service.errors import DeliveryError
from service.model.subscriber import SuppressionReason
from service.providers.answers import find_text
from service.providers.listing import MOST_PAGES, ListReader
from service.providers.suppressing import ListedAddress

_REASONS: Mapping[str, SuppressionReason] = {
    "bounce": SuppressionReason.HARD_BOUNCE,
    "complaint": SuppressionReason.COMPLAINT,
}
_PAGE = 100
_BETWEEN_PAGES = timedelta(seconds=1)


def read_list(
    reader: ListReader, base: str, pause: Callable[[timedelta], None]
) -> Iterator[ListedAddress]:
    """Yield everybody on the team's list; raises DeliveryError when a page does not come.

    Whom somebody put there by hand, or for a reason that is not known here, is so here as well.
    """
    url = page = f"{base}/suppressions?limit={_PAGE}"
    for _ in range(MOST_PAGES):
        answer = reader.read(page)
        items = reader.check_page(answer.get("data") if isinstance(answer, dict) else None)
        for item in items:
            reason = _REASONS.get(find_text(item, "origin"), SuppressionReason.MANUAL)
            yield ListedAddress(find_text(item, "email"), reason)
        if not (isinstance(answer, dict) and answer.get("has_more")):
            return
        last_id = find_text(items[-1], "id") if items else ""
        if not last_id:
            raise DeliveryError("Resend says that its list goes on, and not after whom")
        page = f"{url}&after={quote(last_id, safe='')}"
        pause(_BETWEEN_PAGES)
    raise reader.name_no_end()
