"""Mailgun's log of events: which readers of a batch it accepted.

Source: its published OpenAPI (GET /v3/{domain_name}/events); its page "Event types" for what
"accepted" means; its page "Event Polling" for events that show late. A batch is known by its tag.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from service.errors import UnsureError
from service.outbound.client import OutboundClient
from service.providers.answers import find_text, parse_json
from service.providers.looking_up import Sought

_EARLIER = timedelta(minutes=5)
"""Asked for from so long before the first try, for clocks that differ."""

_PER_PAGE = 100
"""OpenAPI: 300 at most; so many fit into an answer that we read whole."""

_PAGES = 12
"""As many as 1,000 readers fill, and the empty one after the last."""


def find_accepted(
    client: OutboundClient,
    url: str,
    headers: Mapping[str, str],
    sought: Sought,
    *,
    total_for: timedelta,
) -> dict[int, str]:
    """Return the rows of a batch that the log shows as accepted, with Mailgun's id for them.

    `url` is where the domain's events are. Raises UnsureError when a page does not come whole,
    or the log leads elsewhere.
    """
    found: dict[int, str] = {}
    page = f"{url}?{_ask_for(sought)}"
    for _ in range(_PAGES):
        answer = _read_page(client, page, headers, total_for / _PAGES)
        if not answer["items"]:
            break
        found |= dict(_read_items(answer["items"], sought))
        page = find_text(answer.get("paging"), "next")
        if not page:
            break
        # The key travels with every question, so it goes nowhere else.
        if not page.startswith(f"{url}/"):
            raise UnsureError("Mailgun's log leads to another address")
    return found


def _ask_for(sought: Sought) -> str:
    begin = int((sought.tried_at - _EARLIER).timestamp())
    return urlencode(
        {
            "event": "accepted",
            "tags": sought.key,
            "begin": begin,
            "ascending": "yes",
            "limit": _PER_PAGE,
        }
    )


def _read_page(
    client: OutboundClient, page: str, headers: Mapping[str, str], total_for: timedelta
) -> dict[str, Any]:
    reply = client.get(page, headers=headers, total_for=total_for)
    answer = parse_json(reply.body)
    if (
        reply.status == HTTPStatus.OK
        and isinstance(answer, dict)
        and isinstance(answer.get("items"), list)
    ):
        return answer
    raise UnsureError(
        "Mailgun's log answered {status} with something that is no page", status=reply.status
    )


def _read_items(items: list[object], sought: Sought) -> Iterator[tuple[int, str]]:
    rows = {address.lower(): row_id for address, row_id in sought.recipients.items()}
    for item in items:
        if not isinstance(item, dict) or item.get("event") != "accepted":
            continue
        tags = item.get("tags")
        row_id = rows.get(find_text(item, "recipient").lower())
        if row_id is not None and isinstance(tags, list) and sought.key in tags:
            message = item.get("message")
            headers = message.get("headers") if isinstance(message, dict) else None
            yield row_id, find_text(headers, "message-id")
