from __future__ import annotations

import pytest

from service.audience.tokens import KeyRing, SigningKey
from service.delivery.envelope import Letterhead
from service.model.publication import Sender
from service.store.database import Database
from service.store.installation import open_installation

SENDER = Sender("編集部", "news@example.jp", "desk@example.jp", "東京都", "https://example.jp/c")


@pytest.fixture
def head() -> Letterhead:
    ring = KeyRing(SigningKey("k1", b"one secret"))
    return Letterhead(SENDER, "https://mail.example.jp", ring, "inst")


@pytest.fixture
def database(sqlite: Database) -> Database:
    open_installation(sqlite)
    return sqlite
