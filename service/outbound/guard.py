"""The guard against private addresses: a name that somebody else answers for must lead outside.

Who looks a name up and then connects by that name looks it up twice, and a hostile server of
names answers differently the second time. So a name is looked up once, and the connection goes to
an address that was looked at.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address

_MOST = 4
"""Addresses of one name that are tried; more would leave each too little time."""


class PrivateAddressError(OSError):
    """A name leads to no address in the public network."""


async def find_addresses(host: str, port: int, may_call: Callable[[str], bool]) -> list[str]:
    """The addresses of a name that may be called, in the order to try them.

    Raises PrivateAddressError when none is left, and OSError for a name that does not exist.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = dict.fromkeys(str(where[0]) for *_, where in found)
    allowed = [address for address in addresses if may_call(address)]
    if not allowed:
        raise PrivateAddressError("the name leads to a private address")
    return allowed[:_MOST]


def is_public(text: str) -> bool:
    """Whether an address, as text, is one of the public network; False for what is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        if address.is_site_local:
            return False
        inner = _find_inner(address)
        if inner is not None and not is_public(str(inner)):
            return False
    # Reserved is also where NAT64 puts the whole of IPv4, its private addresses too (RFC 6052).
    return address.is_global and not address.is_multicast and not address.is_reserved


def is_spelled_out(host: str) -> bool:
    """Whether a host needs no looking up: who wrote it meant this very place."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _find_inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that is written inside of an IPv6 one, by any of the ways there are."""
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
