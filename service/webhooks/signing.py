"""How what a webhook is told is signed: Standard Webhooks, symmetric, version 1.

Secrets are not kept: each is derived from a key of the installation, the webhook and its salt.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from service.audience.tokens import KeyRing
from service.errors import NotAllowedError
from service.model.webhook import WebhookKey

_PURPOSE = b"kawaraban webhook"
_PREFIX = "whsec_"


def derive_secret(ring: KeyRing, webhook_id: int, made_of: WebhookKey) -> bytes:
    """The 32 bytes that sign for a webhook; raises NotAllowedError when their key is gone."""
    key = ring.find_key(made_of.key_id)
    if key is None:
        raise NotAllowedError(
            "the key that the secret of webhook {webhook} was made with is gone: give it "
            "another secret, and start it again",
            webhook=webhook_id,
        )
    parts = (_PURPOSE, str(webhook_id).encode("ascii"), made_of.salt.encode("ascii"))
    return hmac.digest(key.secret, b"".join(map(_measure, parts)), hashlib.sha256)


def write_secret(secret: bytes) -> str:
    """A secret as the services and their libraries want it."""
    return _PREFIX + base64.b64encode(secret).decode("ascii")


def sign(secrets: Iterable[bytes], uid: str, moment: datetime, body: bytes) -> dict[str, str]:
    """The three headers that vouch for a body sent at this moment, with a signature by each."""
    timestamp = str(int(moment.timestamp()))
    signed = f"{uid}.{timestamp}.".encode("ascii") + body
    signatures = [hmac.digest(secret, signed, hashlib.sha256) for secret in secrets]
    return {
        "webhook-id": uid,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(
            f"v1,{base64.b64encode(one).decode('ascii')}" for one in signatures
        ),
    }


def _measure(part: bytes) -> bytes:
    """A part behind its length: no two lists of parts share an encoding."""
    return len(part).to_bytes(2, "big") + part
