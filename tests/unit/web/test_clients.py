from __future__ import annotations

from ipaddress import ip_network

import pytest
from starlette.requests import Request

from service.audience.networks import name_network
from service.web.clients import find_client

from .conftest import KEY, OTHER_KEY

PROXIES = (ip_network("10.0.0.0/8"), ip_network("127.0.0.1"))


def ask(peer: str, *forwarded: str) -> str:
    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    scope = {"type": "http", "client": (peer, 5), "headers": headers}
    return str(find_client(Request(scope), PROXIES))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("93.184.216.34", (), "93.184.216.34"),
        ("93.184.216.34", ("1.1.1.1",), "93.184.216.34"),
        ("10.1.2.3", ("1.1.1.1",), "1.1.1.1"),
        ("10.1.2.3", ("6.6.6.6, 1.1.1.1",), "1.1.1.1"),
        ("10.1.2.3", ("6.6.6.6", "1.1.1.1, 10.9.9.9"), "1.1.1.1"),
        ("10.1.2.3", ("1.1.1.1:4711",), "1.1.1.1"),
        ("10.1.2.3", ("[2606:4700::1]:4711",), "2606:4700::1"),
        ("10.1.2.3", ("2606:4700::1",), "2606:4700::1"),
        ("::ffff:10.1.2.3", ("::ffff:1.1.1.1",), "1.1.1.1"),
        ("10.1.2.3", ("1.1.1.1, unknown",), "None"),
        ("10.1.2.3", (), "None"),
        ("10.1.2.3", ("10.4.4.4",), "None"),
        ("192.168.0.1", ("1.1.1.1",), "None"),
        ("testclient", (), "None"),
    ],
)
def test_only_a_named_proxy_is_believed(peer: str, forwarded: tuple[str, ...], client: str) -> None:
    assert ask(peer, *forwarded) == client


def test_a_network_is_a_keyed_hash_of_an_address_or_of_a_household() -> None:
    def name(address: str, key: object = KEY) -> str:
        network = ip_network(address)
        return name_network(key, network.network_address)  # type: ignore[arg-type]

    assert name("2001:db8::1") == name("2001:db8::ffff:1")
    assert name("2001:db8::1") != name("2001:db8:0:1::1")
    assert name("1.1.1.1") != name("1.1.1.2")
    assert name("1.1.1.1") != name("1.1.1.1", OTHER_KEY)
    assert name_network(KEY, None) == ""
