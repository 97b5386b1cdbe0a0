from __future__ import annotations

import pytest

from service.errors import UsageError
from service.model.webhook import WebhookEvent
from service.webhooks import check_events, check_url


@pytest.mark.parametrize(
    "url",
    ["https://crm.example/kawara?key=1", "https://crm.example:8443/", "https://93.184.216.34/"],
)
def test_a_service_out_there_may_be_told(url: str) -> None:
    assert check_url(f" {url}\n") == url


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example/",
        "https://127.0.0.1/",
        "https://localhost:9000/",
        "https://crm.localhost/",
        "https://10.1.2.3/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/",
    ],
)
def test_what_is_not_public_is_told_only_where_that_is_meant(url: str) -> None:
    with pytest.raises(UsageError, match="own network"):
        check_url(url)
    assert check_url(url, is_private=True) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "crm.example",
        "ftp://crm.example/",
        "https:///kawara",
        "https://user:word@crm.example/",
        "https://crm.example/#part",
        "https://crm.example:99999/",
        "https://[::1/",
        "https://crm.example/a b",
        "https://crm.example/\r\nX: y",
        "https://瓦版.example/",
        "https://crm.example/" + "a" * 2000,
    ],
)
@pytest.mark.parametrize("is_private", [True, False])
def test_what_is_no_address_is_refused(url: str, is_private: bool) -> None:
    with pytest.raises(UsageError):
        check_url(url, is_private=is_private)


def test_events_are_known_by_name_and_wanted_once() -> None:
    assert check_events(["edition.sent", "post.published", "edition.sent"]) == (
        WebhookEvent.POST_PUBLISHED,
        WebhookEvent.EDITION_SENT,
    )
    for wrong in ([], ["edition.eaten"], ["webhook.test"]):
        with pytest.raises(UsageError, match=r"post\.published, edition\.drafted"):
            check_events(wrong)
