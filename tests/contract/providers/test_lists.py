"""Whom providers do not write to any more, read from servers that have it in pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from service.errors import DeliveryError
from service.model.subscriber import SuppressionReason
from service.outbound.client import OutboundClient
from service.providers.base import Provider
from service.providers.brevo import BrevoProvider
from service.providers.mailgun import MailgunProvider
from service.providers.outbox import OutboxProvider
from service.providers.postmark import PostmarkProvider
from service.providers.resend import ResendProvider
from service.providers.sendgrid import SendGridProvider
from service.providers.ses import SesProvider
from service.providers.smtp import SmtpProvider
from service.providers.suppressing import ListedAddress, ListKeeper
from tests.contract.providers.listed import LISTS, list_mailgun, list_postmark
from tests.fakes.list_pages import Pages, serve_pages
from tests.fakes.ses import is_signed

BOUNCE, COMPLAINT = SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT
BY_HAND = SuppressionReason.MANUAL
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def server() -> Iterator[Pages]:
    with serve_pages() as server:
        yield server


@pytest.fixture
def pages(server: Pages) -> Pages:
    server.forget()
    return server


@dataclass(frozen=True)
class Keeper:
    """A provider with a list: how it is made, and what signs its questions."""

    make: Callable[[str, OutboundClient], Provider]
    signed: Mapping[str, str]
    pauses: tuple[timedelta, ...] = ()


KEEPERS = {
    "brevo": Keeper(
        lambda url, client: BrevoProvider.build({"base_url": url}, "test-key", client),
        {"api-key": "test-key"},
    ),
    "mailgun": Keeper(
        lambda url, client: MailgunProvider.build(
            {"domain": "a.jp", "base_url": url}, "test-key", client
        ),
        {"authorization": "Basic YXBpOnRlc3Qta2V5"},
    ),
    "postmark": Keeper(
        lambda url, client: PostmarkProvider.build({"base_url": url}, "test-key", client),
        {"x-postmark-server-token": "test-key"},
    ),
    "resend": Keeper(
        lambda url, client: ResendProvider.build({"base_url": url}, "test-key", client),
        {"authorization": "Bearer test-key"},
        (SECOND,),
    ),
    "sendgrid": Keeper(
        lambda url, client: SendGridProvider.build({"base_url": url}, "test-key", client),
        {"authorization": "Bearer test-key"},
    ),
    "ses": Keeper(
        lambda url, client: SesProvider.build(
            {"region": "eu-west-1", "base_url": url}, "AKIAEXAMPLE:test-key", client
        ),
        {},
        (SECOND,),
    ),
}


FOUND: Mapping[str, list[tuple[str, SuppressionReason | None]]] = {
    "brevo": [
        ("angry@a.jp", COMPLAINT),
        ("gone@a.jp", BOUNCE),
        *[("left@a.jp", None)] * 2,
        ("barred@a.jp", BY_HAND),
        ("", BOUNCE),
    ],
    "mailgun": [
        ("angry@a.jp", COMPLAINT),
        *((f"{name}@a.jp", BOUNCE) for name in ("gone", "lost", "late")),
        ("", BOUNCE),
        ("left@a.jp", None),
    ],
    "postmark": [
        ("angry@a.jp", COMPLAINT),
        ("gone@a.jp", BOUNCE),
        ("", BOUNCE),
        ("left@a.jp", None),
        ("barred@a.jp", BY_HAND),
        ("worse@a.jp", BY_HAND),
        ("lost@a.jp", BOUNCE),
    ],
    "resend": [
        ("angry@a.jp", COMPLAINT),
        ("gone@a.jp", BOUNCE),
        ("barred@a.jp", BY_HAND),
        ("", BOUNCE),
    ],
    "sendgrid": [
        ("angry@a.jp", COMPLAINT),
        *((f"{name}@a.jp", BOUNCE) for name in ("gone", "lost", "late")),
        ("", BOUNCE),
        ("typo@a.jp", BOUNCE),
        ("left@a.jp", None),
    ],
    "ses": [("angry@a.jp", COMPLAINT), ("gone@a.jp", BOUNCE), ("", BOUNCE)],
}


def ask(
    kind: str,
    pages: Pages,
    client: OutboundClient,
    pause: Callable[[timedelta], None] = lambda _: None,
) -> Iterator[ListedAddress]:
    provider = KEEPERS[kind].make(pages.url, client)
    assert isinstance(provider, ListKeeper)
    return provider.list_suppressed(total_for=timedelta(seconds=5), pause=pause)


@pytest.mark.parametrize("kind", KEEPERS)
def test_everybody_on_the_list_is_told_with_the_reason(
    kind: str, pages: Pages, client: OutboundClient
) -> None:
    pages.answers = LISTS[kind](pages.url)
    pauses: list[timedelta] = []

    listed = [(one.address, one.reason) for one in ask(kind, pages, client, pauses.append)]

    assert listed == FOUND[kind]
    assert tuple(pauses) == KEEPERS[kind].pauses
    assert [path for path, _ in pages.asked] == list(dict.fromkeys(path for path, _ in pages.asked))
    assert {path for path, _ in pages.asked} == set(pages.answers)
    for path, headers in pages.asked:
        assert KEEPERS[kind].signed.items() <= headers.items()
        assert kind != "ses" or is_signed(headers, b"", "GET", path)


@pytest.mark.parametrize("kind", KEEPERS)
def test_no_more_is_asked_for_than_was_taken(
    kind: str, pages: Pages, client: OutboundClient
) -> None:
    pages.answers = LISTS[kind](pages.url)

    assert next(ask(kind, pages, client)).address == "angry@a.jp"
    assert len(pages.asked) == 1


# An entry that cannot be read is one all the same, and AWS may leave an empty list out.
PAGES_STILL = (("sendgrid", ["what?"]), ("ses", {"what": "?"}))


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (kind, answer)
        for kind in KEEPERS
        for answer in (["what?"], {"what": "?"}, "what?")
        if (kind, answer) not in PAGES_STILL
    ],
)
def test_what_is_no_page_is_never_taken_for_the_end(
    kind: str, answer: object, pages: Pages, client: OutboundClient
) -> None:
    pages.answers = dict.fromkeys(LISTS[kind](pages.url), answer)

    with pytest.raises(DeliveryError, match="its list"):
        list(ask(kind, pages, client))


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ((401, b"{}", {}), "answered 401: the key may not read its list"),
        ((403, b"", {}), "answered 403: the key may not read its list"),
        ((429, b"{}", {}), "answered 429: it was asked too often; try again later, or export"),
        ((429, b"", {"Retry-After": "90"}), "try again in 90 seconds, or export it there"),
        ((500, b"[]", {}), "answered 500 and no page of its list; export it there"),
        ((200, b"<p>", {}), "answered 200 and no page of its list"),
        ((200, b"[" * 300_000, {}), "did not come whole"),
        ((200, b"[]", {"Content-Length": "100"}), "did not come whole"),
    ],
)
def test_a_list_that_does_not_come_says_why_and_what_to_do(
    ends: tuple[int, bytes, Mapping[str, str]], told: str, pages: Pages, client: OutboundClient
) -> None:
    pages.ends = ends

    with pytest.raises(DeliveryError, match=f"^SendGrid.*{told}"):
        list(ask("sendgrid", pages, client))


@pytest.mark.parametrize("elsewhere", ["http://127.0.0.1:1/v3/a.jp/complaints?x", "//x", "7", ""])
def test_mailguns_key_goes_nowhere_else(
    elsewhere: str, pages: Pages, client: OutboundClient
) -> None:
    pages.answers = list_mailgun(pages.url)
    pages.answers["/v3/a.jp/complaints?limit=100"]["paging"]["next"] = elsewhere

    with pytest.raises(DeliveryError, match="not where its list is"):
        list(ask("mailgun", pages, client))


def test_resend_cannot_go_on_after_nobody(pages: Pages, client: OutboundClient) -> None:
    pages.answers = {"/suppressions?limit=100": {"has_more": True, "data": [{"email": "a@a.jp"}]}}

    with pytest.raises(DeliveryError, match="not after whom"):
        list(ask("resend", pages, client))


def test_postmarks_one_long_answer_is_taken_whole(pages: Pages, client: OutboundClient) -> None:
    pages.answers = list_postmark(pages.url)
    path = next(one for one in pages.answers if one.endswith("HardBounce"))
    entry = {"EmailAddress": "gone@a.jp", "SuppressionReason": "HardBounce", "Origin": "Recipient"}
    pages.answers[path]["Suppressions"] = [entry] * 5_000

    listed = [one.reason for one in ask("postmark", pages, client)]

    assert listed.count(BOUNCE) == 5_001


def test_what_the_receiving_server_said_comes_along(pages: Pages, client: OutboundClient) -> None:
    for kind, said in (("mailgun", "550 5.1.1 gone"), ("sendgrid", "5.1.1 550 gone")):
        pages.answers = LISTS[kind](pages.url)
        assert {one.said for one in ask(kind, pages, client) if one.reason is BOUNCE} == {said}


def test_the_others_have_no_list(tmp_path: Any, client: OutboundClient) -> None:  # noqa: ANN401
    relay = SmtpProvider.build({"host": "127.0.0.1", "security": "none"}, "", client)

    assert not isinstance(OutboxProvider(tmp_path), ListKeeper)
    assert not isinstance(relay, ListKeeper)
