from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from service.errors import NotSentError
from service.outbound.client import OutboundClient
from service.outbound.guard import find_addresses, is_public, is_spelled_out

from .conftest import Peer

LOOPBACK = {"127.0.0.1", "127.0.0.2"}


@pytest.mark.parametrize("address", ["8.8.8.8", "203.0.114.1", "2606:4700::1111", "2002:808:808::"])
def test_an_address_of_the_public_network_may_be_called(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 (nothing is bound to it)
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::a00:1",
        "2001:0:5ef5:79fd::1",
        "2001:db8::1",
        "2002:a00:1::",
        "2002:7f00:1::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "0x7f000001",
        "2130706433",
        "127.1",
        "hub.example",
        "",
    ],
)
def test_no_other_address_may_be_called(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("host", "is_so"),
    [
        ("localhost", True),
        ("hub.localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("127.1", False),
        ("localhost.example", False),
        ("hub.example", False),
    ],
)
def test_what_is_spelled_out_needs_no_looking_up(host: str, is_so: bool) -> None:
    assert is_spelled_out(host) is is_so


def answer_with(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Stand in for the server of names, which nobody here may ask."""

    def look_up(_: str, port: int, *__: Any, **___: Any) -> list[Any]:  # noqa: ANN401
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def test_of_a_names_addresses_only_the_public_ones_are_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer_with(monkeypatch, "10.0.0.1", "8.8.8.8", "::1", "8.8.4.4", "8.8.8.8")
    assert asyncio.run(find_addresses("hub.example", 443, is_public)) == ["8.8.8.8", "8.8.4.4"]


def test_a_name_that_leads_home_is_provably_not_called(
    monkeypatch: pytest.MonkeyPatch, peer: Peer
) -> None:
    answer_with(monkeypatch, "127.0.0.1")
    url = peer.url.replace("127.0.0.1", "hub.example")
    with pytest.raises(NotSentError, match="PrivateAddressError"):
        post(OutboundClient(may_call=is_public), url)
    assert peer.connections == 0


def test_the_call_goes_to_the_address_that_was_looked_at_under_its_name(
    monkeypatch: pytest.MonkeyPatch, peer: Peer
) -> None:
    answer_with(monkeypatch, "127.0.0.1")
    peer.act = lambda it: it.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
    url = peer.url.replace("127.0.0.1", "hub.example")
    assert post(OutboundClient(may_call=LOOPBACK.__contains__), url) == 204
    port = url.rpartition(":")[2].partition("/")[0]
    assert f"Host: hub.example:{port}".encode().lower() in peer.received.lower()


def test_the_next_address_is_tried_when_nobody_listens_at_one(
    monkeypatch: pytest.MonkeyPatch, peer: Peer
) -> None:
    answer_with(monkeypatch, "127.0.0.2", "127.0.0.1")
    peer.act = lambda it: it.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
    url = peer.url.replace("127.0.0.1", "hub.example")
    assert post(OutboundClient(may_call=LOOPBACK.__contains__), url) == 204


def test_the_certificate_has_to_be_for_the_name_and_not_for_the_address(
    monkeypatch: pytest.MonkeyPatch, peer: Peer, tmp_path: Path
) -> None:
    answer_with(monkeypatch, "127.0.0.1")
    file = make_certificate(tmp_path, "hub.example")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    peer.reads = False
    peer.act = lambda it: answer_with_tls(it, serving)
    client = OutboundClient(
        may_call=LOOPBACK.__contains__, trust=ssl.create_default_context(cafile=str(file))
    )
    url = peer.url.replace("http://127.0.0.1", "https://hub.example")
    assert post(client, url) == 204
    with pytest.raises(NotSentError):
        post(client, url.replace("hub.example", "other.example"))


def answer_with_tls(connection: socket.socket, serving: ssl.SSLContext) -> None:
    with suppress(ssl.SSLError), serving.wrap_socket(connection, server_side=True) as safe:
        # Closing on half of a request would reset the connection before its answer is read.
        asked = b""
        while not asked.endswith(b"\r\n\r\nx") and (more := safe.recv(65536)):
            asked += more
        safe.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


def make_certificate(folder: Path, name: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "server.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_an_address_that_is_spelled_out_is_what_was_meant(peer: Peer) -> None:
    peer.act = lambda it: it.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert post(OutboundClient(may_call=is_public), peer.url) == 204


def post(client: OutboundClient, url: str) -> int:
    reply = client.post(
        url, content=b"x", headers={}, total_for=timedelta(seconds=5), ready=lambda: None
    )
    return reply.status
