"""Where a request came from, as far as anybody whom we trust says so."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.requests import HTTPConnection

from service.web.security import find_peer

Proxies = Iterable[IPv4Network | IPv6Network]

_LONGEST = 2000
_HOP = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<v4>[0-9.]+))(?::[0-9]{1,5})?|(?P<bare>[^:]*:.*)"
)


def find_client(request: HTTPConnection, proxies: Proxies) -> IPv4Address | IPv6Address | None:
    """The address that a request came from; None when nobody can say.

    X-Forwarded-For counts where the peer is one of `proxies`, from the right as far as those go:
    what stands further left anybody could have written. A private peer that is none of them is
    most likely a proxy that nobody named, and stands for everybody.
    """
    peer = find_peer(request)
    if peer is None or not _is_among(peer, proxies):
        return peer if peer is not None and peer.is_global else None
    said = ",".join(request.headers.getlist("x-forwarded-for"))[-_LONGEST:]
    for hop in reversed(said.split(",")):
        address = _read_hop(hop.strip())
        if address is None or not _is_among(address, proxies):
            return address
    return None


def _is_among(address: IPv4Address | IPv6Address, proxies: Proxies) -> bool:
    return any(address in network for network in proxies)


def _read_hop(hop: str) -> IPv4Address | IPv6Address | None:
    """An address, with a port or without; None for anything else."""
    parts = _HOP.fullmatch(hop)
    try:
        address = ip_address((parts["v6"] or parts["v4"] or parts["bare"]) if parts else "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
