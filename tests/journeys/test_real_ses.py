"""A batch through a local SES (the npm package aws-ses-v2-local), which merges with Handlebars."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.model.message import UNSUBSCRIBE_MARK, OutgoingBatch, Recipient
from service.model.publication import Sender
from service.outbound.client import OutboundClient
from service.providers.ses import SesProvider, SesSettings

PEERS = Path(__file__).parents[1] / "peers" / "node_modules" / ".bin"
LINK = "https://news.example.net/unsubscribe/{}?k=1&t=x"


@dataclass(frozen=True)
class LocalSes:
    """A local SES, and a look at what it took."""

    url: str

    def list_emails(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.url}/store", timeout=20) as answer:  # noqa: S310
            emails: list[dict[str, Any]] = json.load(answer)["emails"]
            return emails


@pytest.fixture(scope="module")
def ses() -> Iterator[LocalSes]:
    name = "aws-ses-v2-local"
    program = shutil.which(name) or shutil.which(name, path=str(PEERS))
    if program is None:
        pytest.skip(f"{name} is not installed: cd tests/peers && npm install --ignore-scripts")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with subprocess.Popen(
        [program, "--host", "127.0.0.1", "--port", str(port)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            if not any("running at" in line for line in process.stdout):
                pytest.fail("the local SES ended before it listened")
            yield LocalSes(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


def make_batch(written: str, readers: int) -> OutgoingBatch:
    body = f"{written}{UNSUBSCRIBE_MARK}{written}"
    return OutgoingBatch(
        key="edition-7.batch-3",
        sender=Sender("瓦版編集部", "news@example.net", "desk@example.net", "東京都", "電話"),
        subject=f"今週の瓦版 {written}",
        html=f"<p>{body}</p>",
        text=body,
        headers=(("List-Unsubscribe", f"<{UNSUBSCRIBE_MARK}>"),),
        recipients=tuple(
            Recipient(row, f"reader{row}@example.com", {UNSUBSCRIBE_MARK: LINK.format(row)})
            for row in range(1, readers + 1)
        ),
        dated_at=datetime(2026, 1, 12, 8, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "written", ["号外", "{{u}} {{{uh}}} \\{{x}} {{#if u}} {{!-- c --}} {{{{raw}}}}", "{", "}", "\\"]
)
def test_a_full_batch_arrives_as_written(ses: LocalSes, written: str) -> None:
    before = len(ses.list_emails())
    settings = SesSettings("ap-northeast-1", "AKIAEXAMPLE:secret", base_url=ses.url)
    provider = SesProvider(settings, OutboundClient())
    prepared = provider.prepare(make_batch(written, provider.capabilities.batch_limit))

    outcome = provider.send(prepared, total_for=timedelta(seconds=20), ready=lambda: None)

    emails = ses.list_emails()[before:]
    assert list(outcome.message_ids.values()) == [mail["messageId"] for mail in emails]
    assert len(emails) == provider.capabilities.batch_limit
    for row, mail in enumerate(emails, start=1):
        link = LINK.format(row)
        assert mail["destination"]["to"] == [f"reader{row}@example.com"]
        assert mail["replyTo"] == ["desk@example.net"]
        assert mail["subject"] == f"今週の瓦版 {written}"
        assert mail["body"]["text"] == f"{written}{link}{written}"
        markup = link.replace("&", "&amp;")
        assert mail["body"]["html"] == f"<p>{written}{markup}{written}</p>"
        assert mail["headers"] == [{"name": "List-Unsubscribe", "value": f"<{link}>"}]
