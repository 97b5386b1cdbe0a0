"""One batch that each test changes where it must."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.model.message import MESSAGE_ID_MARK, UNSUBSCRIBE_MARK, OutgoingBatch, Recipient
from service.model.publication import Sender

BATCH = OutgoingBatch(
    key="edition-7.variant-1.batch-3",
    sender=Sender("瓦版編集部", "news@example.com", "desk@example.com", "東京都", "03-0000-0000"),
    subject="今週の瓦版：AIの話題15本",
    html=f'<p>こんにちは</p><a href="{UNSUBSCRIBE_MARK}">配信停止</a>',
    text=f"こんにちは\n配信停止: {UNSUBSCRIBE_MARK}\n",
    headers=(
        ("Message-ID", f"<{MESSAGE_ID_MARK}>"),
        ("List-Id", "<weekly.example.com>"),
        ("List-Unsubscribe", f"<{UNSUBSCRIBE_MARK}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ),
    recipients=tuple(
        Recipient(
            row_id=row_id,
            address=f"reader{row_id}@example.com",
            values={
                UNSUBSCRIBE_MARK: f"https://news.example.com/unsubscribe/{row_id}?k=1&t=abc",
                MESSAGE_ID_MARK: f"edition-7.{row_id}@example.com",
            },
        )
        for row_id in (1, 2)
    ),
    dated_at=datetime(2025, 10, 19, 23, 0, tzinfo=UTC),
)


@pytest.fixture(scope="session")
def make_batch() -> Callable[..., OutgoingBatch]:
    return lambda **changes: replace(BATCH, **changes)
