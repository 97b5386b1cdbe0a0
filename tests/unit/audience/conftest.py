"""Keys that every test of signed links shares."""

from __future__ import annotations

import pytest

from service.audience.tokens import KeyRing, SigningKey


@pytest.fixture(scope="session")
def key() -> SigningKey:
    return SigningKey("k2", b"a secret of thirty-two bytes....")


@pytest.fixture(scope="session")
def former_key() -> SigningKey:
    return SigningKey("k1", b"the secret that was used before.")


@pytest.fixture(scope="session")
def ring(key: SigningKey, former_key: SigningKey) -> KeyRing:
    return KeyRing(key, (former_key,))
