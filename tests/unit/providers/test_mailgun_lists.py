"""Mailgun's own lists, read from a server that has them in pages."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from service.errors import DeliveryError
from service.model.subscriber import SuppressionReason
from service.outbound.client import OutboundClient
from service.providers.mailgun import MailgunProvider, MailgunSettings
from service.providers.suppressing import ListedAddress, ListKeeper

KEY = "Basic YXBpOnRlc3Qta2V5"


class Pages(ThreadingHTTPServer):
    """What is answered to each path and query; whoever has not the key is not answered."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Any] = {}
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def put(self, path: str, *addresses: str, next_page: str = "") -> None:
        items = [{"address": one, "code": "550", "error": "gone"} for one in addresses]
        paging = {"next": next_page or f"{self.url}/v3/example.jp/{path}?page=last"}
        self.answers[f"/v3/example.jp/{path}?limit=100"] = {"items": items, "paging": paging}


class _Handler(BaseHTTPRequestHandler):
    server: Pages

    def do_GET(self) -> None:
        answer = self.server.answers.get(self.path, {"items": []})
        body = json.dumps(answer).encode()
        self.send_response(200 if self.headers["Authorization"] == KEY else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def pages() -> Iterator[Pages]:
    server = Pages()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def read(pages: Pages, key: str = "test-key") -> list[ListedAddress]:
    provider = MailgunProvider(
        MailgunSettings("example.jp", key, base_url=pages.url), OutboundClient()
    )
    assert isinstance(provider, ListKeeper)
    return list(provider.list_suppressed(total_for=timedelta(seconds=5)))


def test_all_pages_of_all_lists_are_read(pages: Pages) -> None:
    pages.put("bounces", "a@example.jp", "b@example.jp")
    pages.answers["/v3/example.jp/bounces?page=last"] = {
        "items": [{"address": "c@example.jp"}, {"address": 7}],
        "paging": {"next": f"{pages.url}/v3/example.jp/bounces?page=none"},
    }
    pages.put("complaints", "d@example.jp")
    pages.put("unsubscribes", "e@example.jp")

    assert read(pages) == [
        ListedAddress("d@example.jp", SuppressionReason.COMPLAINT),
        *(ListedAddress(f"{name}@example.jp", SuppressionReason.HARD_BOUNCE) for name in "abc"),
        ListedAddress("e@example.jp", None),
    ]


def test_half_a_list_is_no_list(pages: Pages) -> None:
    pages.put("complaints", "d@example.jp")
    pages.answers["/v3/example.jp/complaints?page=last"] = ["what?"]

    with pytest.raises(DeliveryError, match="no page of its list"):
        read(pages)


def test_a_wrong_key_is_told(pages: Pages) -> None:
    with pytest.raises(DeliveryError, match="Mailgun answered 401"):
        read(pages, "wrong")


@pytest.mark.parametrize("elsewhere", ["http://127.0.0.1:1/v3/example.jp/complaints?x", "//x", "7"])
def test_the_key_goes_nowhere_else(pages: Pages, elsewhere: str) -> None:
    pages.put("complaints", "d@example.jp", next_page=elsewhere)

    with pytest.raises(DeliveryError, match="not where its list is"):
        read(pages)
