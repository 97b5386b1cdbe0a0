"""Every provider's adapter: how fast it makes its requests, and hands them over on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from service.audience.tokens import KeyRing, SigningKey
from service.delivery.envelope import Letterhead, compose_envelope, open_envelope
from service.delivery.limits import find_batch_size
from service.model.delivery import BatchKind
from service.model.edition import Rendered
from service.model.message import UNSUBSCRIBE_MARK, OutgoingBatch
from service.model.publication import Sender
from service.outbound.client import OutboundClient
from service.providers import brevo, mailgun, postmark, resend, sendgrid, ses, smtp
from service.providers.base import BuildProvider, Provider
from service.store.rows import Row
from tests.bench.figures import best_of
from tests.bench.sending.house import BEGINNING
from tests.bench.sending.null_provider import MAILGUN, run_null_provider

READERS = 1_000
_HTML = "<table>" + "<tr><td>港の朝市に新しい屋根がかかりました。</td></tr>" * 300 + "</table>"
_TEXT = "港の朝市に新しい屋根がかかりました。\n" * 150


@dataclass(frozen=True, slots=True)
class Rate:
    """Recipients and bytes a second that an adapter prepares, and recipients that it sends."""

    kind: str
    batch_size: int
    prepared: float
    bytes: float
    sent: float


@dataclass(frozen=True, slots=True)
class _Kind:
    build: BuildProvider
    options: Mapping[str, Any]
    answer: Callable[[int], Mapping[str, Any]]


def _answer_postmark(count: int) -> Mapping[str, Any]:
    one = {"To": "x", "SubmittedAt": "x", "MessageID": "x", "ErrorCode": 0, "Message": "OK"}
    return {"status": 200, "body": json.dumps([one] * count)}


def _answer_ses(count: int) -> Mapping[str, Any]:
    results = [{"Status": "SUCCESS", "MessageId": "x"}] * count
    return {"status": 200, "body": json.dumps({"BulkEmailEntryResults": results})}


def _answer_resend(count: int) -> Mapping[str, Any]:
    return {"status": 200, "body": json.dumps({"data": [{"id": f"x{n}"} for n in range(count)]})}


_KINDS: Mapping[str, _Kind] = {
    "Mailgun": _Kind(mailgun.MailgunProvider.build, {"domain": "bench.example"}, lambda _: MAILGUN),
    "SendGrid": _Kind(
        sendgrid.SendGridProvider.build,
        {},
        lambda _: {"status": 202, "body": "", "headers": {"X-Message-Id": "x"}},
    ),
    "Amazon SES": _Kind(ses.SesProvider.build, {"region": "ap-northeast-1"}, _answer_ses),
    "Postmark": _Kind(postmark.PostmarkProvider.build, {}, _answer_postmark),
    "Resend": _Kind(resend.ResendProvider.build, {}, _answer_resend),
    "Brevo": _Kind(
        brevo.BrevoProvider.build,
        {},
        lambda _: {"status": 201, "body": '{"messageId":"<x@bench.example>"}'},
    ),
    "SMTP": _Kind(
        smtp.SmtpProvider.build,
        {"host": "127.0.0.1", "security": "none"},
        lambda _: {"smtp": True},
    ),
}


def measure_adapters(readers: int = READERS) -> list[Rate]:
    """The rates of all of them, for one edition to so many readers."""
    client = OutboundClient()
    return [_measure(name, kind, client, readers) for name, kind in _KINDS.items()]


def _measure(name: str, kind: _Kind, client: OutboundClient, readers: int) -> Rate:
    size = _find_size(kind, client, readers)
    with run_null_provider(kind.answer(size)) as port:
        is_smtp = name == "SMTP"
        place = {"port": port} if is_smtp else {"base_url": f"http://127.0.0.1:{port}"}
        provider = kind.build({**kind.options, **place}, "" if is_smtp else "id:secret", client)
        batches = [make_batch(start, size) for start in range(0, readers, size)]
        seconds = best_of(3, lambda: [provider.prepare(one) for one in batches])
        total = sum(len(body) for one in batches for body in provider.prepare(one).bodies)
        sent = best_of(3, lambda: _send(provider, batches))
    count = size * len(batches)
    return Rate(name, size, count / seconds, total / seconds, count / sent)


def _find_size(kind: _Kind, client: OutboundClient, readers: int) -> int:
    options = dict(kind.options)
    capabilities = kind.build(
        options, "" if "host" in options else "id:secret", client
    ).capabilities
    return min(readers, find_batch_size(capabilities, Rendered("件名", "", _HTML, _TEXT)))


def _send(provider: Provider, batches: Iterable[OutgoingBatch]) -> None:
    for batch in batches:
        prepared = provider.prepare(batch)
        provider.send(prepared, total_for=timedelta(seconds=60), ready=lambda: None)


def make_batch(start: int, size: int) -> OutgoingBatch:
    """A batch of an edition to so many readers, with links of their own."""
    sender = Sender("計測新聞", "news@bench.example", "desk@bench.example", "東京都", "電話")
    ring = KeyRing(SigningKey("k1", b"bench" * 8))
    head = Letterhead(sender, "https://news.bench.example", ring, "bench")
    rows = [Row(n, n, n, f"reader{n}@bench.example") for n in range(start + 1, start + size + 1)]
    envelope = compose_envelope(
        rows,
        kind=BatchKind.EDITION,
        key=f"kb-bench-e1-{start}-a1",
        name="weekly",
        head=head,
        now=BEGINNING,
    )
    link = f'<a href="{UNSUBSCRIBE_MARK}">配信停止</a>'
    rendered = Rendered("週のまとめ", "", _HTML + link, f"{_TEXT}配信停止: {UNSUBSCRIBE_MARK}\n")
    return open_envelope(envelope, 1, rendered, ring)
