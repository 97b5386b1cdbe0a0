"""Mailgun's lists of addresses that it does not write to any more, read page by page.

Source: Mailgun's published OpenAPI (GET /v3/{domain_name}/bounces, /complaints, /unsubscribes).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from service.errors import DeliveryError
from service.model.subscriber import SuppressionReason
from service.providers.answers import describe, find_text
from service.providers.listing import MOST_PAGES, ListReader
from service.providers.suppressing import ListedAddress

_LISTS: Mapping[str, SuppressionReason | None] = {
    "complaints": SuppressionReason.COMPLAINT,
    "bounces": SuppressionReason.HARD_BOUNCE,
    "unsubscribes": None,
}
# A page holds what the other server said of each address; 100 of them stay well under our limit.
_PAGE = 100


def read_lists(reader: ListReader, base: str) -> Iterator[ListedAddress]:
    """Yield everybody on the three lists of the domain at `base`, https://…/v3/DOMAIN.

    Raises DeliveryError when a page does not come, or leads elsewhere.
    """
    for name, reason in _LISTS.items():
        for item in _read_list(reader, f"{base}/{name}"):
            said = describe(f"{find_text(item, 'code')} {find_text(item, 'error')}")
            yield ListedAddress(find_text(item, "address"), reason, said)


def _read_list(reader: ListReader, url: str) -> Iterator[Any]:
    page = f"{url}?limit={_PAGE}"
    for _ in range(MOST_PAGES):
        answer = reader.read(page)
        items = reader.check_page(answer.get("items") if isinstance(answer, dict) else None)
        if not items:
            return
        yield from items
        page = find_text(answer.get("paging") if isinstance(answer, dict) else None, "next")
        # The key goes along: it must not go anywhere else.
        if not page.startswith(f"{url}?"):
            raise DeliveryError("Mailgun's next page is not where its list is")
    raise reader.name_no_end()
