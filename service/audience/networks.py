"""Where a request came from, as far as we remember it: a keyed hash for some hours."""

from __future__ import annotations

import hashlib
import hmac
from ipaddress import IPv4Address, IPv6Address, ip_network

from service.audience.tokens import SigningKey

_LENGTHS = {4: 32, 6: 64}


def name_network(key: SigningKey, address: IPv4Address | IPv6Address | None) -> str:
    """Return the keyed hash of an address's network (/32, or /64 of IPv6), "" for no address.

    One household has a whole /64, so its addresses must not count as many.
    """
    if address is None:
        return ""
    network = ip_network((address, _LENGTHS[address.version]), strict=False)
    return hmac.new(key.secret, f"network:{network}".encode(), hashlib.sha256).hexdigest()[:32]
