"""What is left of an erased address: a keyed hash that only we can recognise it by."""

from __future__ import annotations

import hashlib
import hmac

from service.audience.tokens import KeyRing, SigningKey


def hash_address(key: SigningKey, address: str) -> str:
    """Return the keyed hash of a normalised address: key id, colon, hex."""
    mac = hmac.new(key.secret, b"erased:" + address.encode(), hashlib.sha256)
    return f"{key.key_id}:{mac.hexdigest()}"


def list_hashes(ring: KeyRing, address: str) -> list[str]:
    """Every hash the address may be stored under, with the current key and the former ones."""
    return [hash_address(key, address) for key in (ring.current, *ring.former)]
