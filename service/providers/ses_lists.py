"""Amazon SES's list of addresses that an account does not write to any more, read page by page.

Sources: the published service model of SES v2 (ListSuppressedDestinations, SuppressionListReason);
the API references' pages of its questions ("no more than once per second").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from urllib.parse import quote

from service.model.subscriber import SuppressionReason
from service.providers.answers import find_text
from service.providers.listing import MOST_PAGES, ListReader
from service.providers.suppressing import ListedAddress

_REASONS: Mapping[str, SuppressionReason] = {
    "BOUNCE": SuppressionReason.HARD_BOUNCE,
    "COMPLAINT": SuppressionReason.COMPLAINT,
}
# No limit is published for this list; others of its lists take 100.
_PAGE = 100
_BETWEEN_PAGES = timedelta(seconds=1)


def read_list(
    reader: ListReader, url: str, pause: Callable[[timedelta], None]
) -> Iterator[ListedAddress]:
    """Yield everybody on the account's list in this region; raises DeliveryError for half of it."""
    first = page = f"{url}?PageSize={_PAGE}"
    for _ in range(MOST_PAGES):
        answer = reader.read(page)
        name = "SuppressedDestinationSummaries"
        found = answer.get(name, []) if isinstance(answer, dict) else None
        for item in reader.check_page(found):
            reason = _REASONS.get(find_text(item, "Reason"), SuppressionReason.MANUAL)
            yield ListedAddress(find_text(item, "EmailAddress"), reason)
        token = find_text(answer, "NextToken")
        if not token:
            return
        page = f"{first}&NextToken={quote(token, safe='')}"
        pause(_BETWEEN_PAGES)
    raise reader.name_no_end()
