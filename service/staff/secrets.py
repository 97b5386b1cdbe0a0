"""Secrets that are shown once, and what is kept of them."""

from __future__ import annotations

import hashlib
import secrets


def make_secret() -> str:
    """A new secret of 256 bits, url-safe."""
    return secrets.token_urlsafe(32)


def digest_secret(secret: str) -> str:
    """What is kept of a secret. It is random, so that one round of a hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
