"""Mailgun's lists of addresses that it does not write to any more, read page by page.

Source: Mailgun's published OpenAPI (GET /v3/{domain_name}/bounces, /complaints, /unsubscribes).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from service.errors import DeliveryError
from service.model.subscriber import SuppressionReason
from service.outbound.client import OutboundClient
from service.providers.answers import find_text, parse_json
from service.providers.suppressing import ListedAddress

_LISTS: Mapping[str, SuppressionReason | None] = {
    "complaints": SuppressionReason.COMPLAINT,
    "bounces": SuppressionReason.HARD_BOUNCE,
    "unsubscribes": None,
}
_MOST_PAGES = 100_000
# A page holds what the other server said of each address; 100 of them stay well under our limit.
_PAGE = 100


def read_lists(
    client: OutboundClient, base: str, headers: Mapping[str, str], *, total_for: timedelta
) -> Iterator[ListedAddress]:
    """Yield everybody on the three lists of the domain at `base`, https://…/v3/DOMAIN.

    Raises DeliveryError when a page does not come, or leads elsewhere.
    """
    for name, reason in _LISTS.items():
        for address in _read_list(client, f"{base}/{name}", headers, total_for):
            yield ListedAddress(address, reason)


def _read_list(
    client: OutboundClient, url: str, headers: Mapping[str, str], total_for: timedelta
) -> Iterator[str]:
    page = f"{url}?limit={_PAGE}"
    for _ in range(_MOST_PAGES):
        answer = _read_page(client, page, headers, total_for)
        addresses = [find_text(item, "address") for item in answer["items"]]
        if not addresses:
            return
        yield from filter(None, addresses)
        page = find_text(answer.get("paging"), "next")
        # The key goes along: it must not go anywhere else.
        if not page.startswith(f"{url}?"):
            raise DeliveryError("Mailgun's next page is not where its list is")
    raise DeliveryError("Mailgun's list does not end")


def _read_page(
    client: OutboundClient, url: str, headers: Mapping[str, str], total_for: timedelta
) -> dict[str, Any]:
    reply = client.get(url, headers=headers, total_for=total_for)
    answer = parse_json(reply.body)
    is_page = isinstance(answer, dict) and isinstance(answer.get("items"), list)
    if reply.status != HTTPStatus.OK or not isinstance(answer, dict) or not is_page:
        raise DeliveryError(f"Mailgun answered {reply.status} and no page of its list")
    return answer
