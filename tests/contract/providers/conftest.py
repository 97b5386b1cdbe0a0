"""The fakes of all providers in one process, and a batch to send."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from service.model.message import MESSAGE_ID_MARK, UNSUBSCRIBE_MARK, OutgoingBatch, Recipient
from service.model.publication import Sender
from service.outbound.client import OutboundClient
from tests.fakes.smtp_server import FakeServer, run_mail_server

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def client() -> OutboundClient:
    return OutboundClient()


@pytest.fixture(scope="session")
def fakes() -> Iterator[dict[str, HTTPConnection]]:
    """A connection to each of them, for the tests' own words with it."""
    command = [sys.executable, "-m", "tests.fakes.serve"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        ports = json.loads(process.stdout.readline())
        fakes = {
            kind: HTTPConnection("127.0.0.1", port, timeout=20) for kind, port in ports.items()
        }
        yield fakes
        for control in fakes.values():
            control.close()
        process.stdin.close()


@pytest.fixture(scope="session")
def mail_server() -> Iterator[FakeServer]:
    with run_mail_server() as server:
        yield server


@pytest.fixture
def make_batch() -> Callable[..., OutgoingBatch]:
    batch = OutgoingBatch(
        key="edition-7.batch-3",
        sender=Sender("瓦版編集部", "news@example.com", "desk@example.com", "東京都", "電話"),
        subject="今週の瓦版：AIの話題15本",
        html=f'<p>やあ</p><a href="{UNSUBSCRIBE_MARK}">配信停止</a>',
        text=f"やあ\n配信停止: {UNSUBSCRIBE_MARK}\n",
        headers=(
            ("Message-ID", f"<{MESSAGE_ID_MARK}>"),
            ("List-Id", "<weekly.example.com>"),
            ("List-Unsubscribe", f"<{UNSUBSCRIBE_MARK}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ),
        recipients=(),
        dated_at=datetime(2025, 10, 19, 23, 0, tzinfo=UTC),
    )

    def change(recipients: int = 2, **changes: Any) -> OutgoingBatch:  # noqa: ANN401
        return replace(batch, recipients=make_recipients(recipients), **changes)

    return change


def make_recipients(count: int) -> tuple[Recipient, ...]:
    return tuple(
        Recipient(
            row_id=row_id,
            address=f"reader{row_id}@example.com",
            values={
                UNSUBSCRIBE_MARK: f"https://news.example.com/unsubscribe/{row_id}?k=1&t=x",
                MESSAGE_ID_MARK: f"edition-7.{row_id}@example.com",
            },
        )
        for row_id in range(1, count + 1)
    )
