"""Lists that providers keep, read page by page; where a page does not come, a word on why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from service.errors import DeliveryError
from service.outbound.client import OutboundClient, Reply
from service.providers.answers import parse_json

MOST_PAGES = 100_000
"""No list is so long: a server that shows the same page again and again is left."""

_MAY_NOT = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_ELSE = "export it there and name the file"


@dataclass(frozen=True, slots=True)
class ListReader:
    """Asks one provider, called `name`; `sign` returns the headers that prove who asks for a URL.

    `total_for` is the time for a page.
    """

    client: OutboundClient
    name: str
    sign: Callable[[str], Mapping[str, str]]
    total_for: timedelta

    def read(self, url: str) -> dict[str, Any] | list[Any]:
        """Return the JSON at `url`; raises DeliveryError, with what to do about it."""
        try:
            reply = self.client.get(url, headers=self.sign(url), total_for=self.total_for)
        except DeliveryError as error:
            said = f"{self.name}'s list did not come whole: {error}; {_ELSE}"
            raise DeliveryError(said) from None
        answer = parse_json(reply.body)
        if reply.status == HTTPStatus.OK and isinstance(answer, dict | list):
            return answer
        raise DeliveryError(self._explain(reply))

    def walk(self, url: str, find_page: Callable[[Any], object], *, size: int) -> Iterator[Any]:
        """Yield the items of all pages, each asked for by where it begins, until one is empty.

        `url` ends where `limit` and `offset` are added; `find_page` returns the list in an answer.
        """
        start = 0
        for _ in range(MOST_PAGES):
            items = self.check_page(find_page(self.read(f"{url}limit={size}&offset={start}")))
            if not items:
                return
            yield from items
            start += len(items)
        raise self.name_no_end()

    def check_page(self, items: object) -> list[Any]:
        """Return `items` when they are a list, as on every page; raises DeliveryError."""
        if not isinstance(items, list):
            raise DeliveryError(f"{self.name} answered 200 and no page of its list")
        return items

    def name_no_end(self) -> DeliveryError:
        """Return what is raised after MOST_PAGES."""
        return DeliveryError(f"{self.name}'s list does not end; {_ELSE}")

    def _explain(self, reply: Reply) -> str:
        said = f"{self.name} answered {reply.status}"
        if reply.status in _MAY_NOT:
            return f"{said}: the key may not read its list; give it the right to, or {_ELSE}"
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            wait = reply.retry_after
            when = f"in {wait.total_seconds():.0f} seconds" if wait else "later"
            return f"{said}: it was asked too often; try again {when}, or {_ELSE}"
        return f"{said} and no page of its list; {_ELSE}"
