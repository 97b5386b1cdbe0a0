"""Sessions that nobody can read along: TLS at once or after STARTTLS, and signing in."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from service.model.delivery import Scope
from service.providers.smtp import SmtpProvider, SmtpSettings
from tests.contract.providers.bench import MakeBatch, get_refusal, send
from tests.fakes.smtp_server import PASSWORD, FakeServer, run_mail_server

BORN = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and its certificate for 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a mail server")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(BORN)
        .not_valid_after(BORN + dt.timedelta(days=36_500))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = tmp_path_factory.mktemp("certificate") / "server.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture(scope="module")
def serving(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture(scope="module")
def trust(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


@pytest.fixture(params=["starttls", "tls"], scope="module")
def security(request: pytest.FixtureRequest) -> str:
    wanted: str = request.param
    return wanted


@pytest.fixture(scope="module")
def server(security: str, serving: ssl.SSLContext) -> Iterator[FakeServer]:
    with run_mail_server(certificate=serving, starts_tls=security == "starttls") as server:
        yield server


def make_settings(server: FakeServer, security: str, **changes: str) -> SmtpSettings:
    usual = {"username": "kawaraban", "password": PASSWORD} | changes
    return SmtpSettings("127.0.0.1", server.port, security, **usual)


def test_mail_goes_through_under_tls_and_signed_in(
    server: FakeServer, security: str, trust: ssl.SSLContext, make_batch: MakeBatch
) -> None:
    server.forget()

    outcome = send(SmtpProvider(make_settings(server, security), trust), make_batch())

    assert set(outcome.message_ids) == {1, 2}
    assert [to for _, to, _ in server.mails] == ["reader1@example.com", "reader2@example.com"]


def test_a_wrong_password_pauses_the_account(
    server: FakeServer, security: str, trust: ssl.SSLContext, make_batch: MakeBatch
) -> None:
    settings = make_settings(server, security, password="another")

    refusal = get_refusal(SmtpProvider(settings, trust), make_batch())

    assert (refusal.scope, refusal.code) == (Scope.ACCOUNT, "unauthorized")
    assert refusal.retry_after is None


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    server: FakeServer, security: str, make_batch: MakeBatch
) -> None:
    server.forget()

    refusal = get_refusal(SmtpProvider(make_settings(server, security)), make_batch())

    assert (refusal.scope, refusal.code) == (Scope.ACCOUNT, "unreachable")
    assert "SSLCertVerificationError" in refusal.detail
    assert server.mails == []


def test_a_server_without_starttls_gets_neither_password_nor_mail(
    mail_server: FakeServer, make_batch: MakeBatch
) -> None:
    mail_server.forget()

    refusal = get_refusal(SmtpProvider(make_settings(mail_server, "starttls")), make_batch())

    assert (refusal.scope, refusal.code) == (Scope.ACCOUNT, "turned_away")
    assert refusal.retry_after is None
    assert "STARTTLS" in refusal.detail
    assert mail_server.mails == []


def test_a_server_that_knows_no_sign_in_is_told_to_the_account(
    mail_server: FakeServer, make_batch: MakeBatch
) -> None:
    refusal = get_refusal(SmtpProvider(make_settings(mail_server, "none")), make_batch())

    assert (refusal.scope, refusal.code) == (Scope.ACCOUNT, "unauthorized")


def test_what_was_said_before_tls_counts_for_nothing(
    serving: ssl.SSLContext, trust: ssl.SSLContext, make_batch: MakeBatch
) -> None:
    def serve() -> None:
        plain, _ = listener.accept()
        for said in (
            b"220 hello\r\n",
            b"250-hello\r\n250 STARTTLS\r\n",
            b"220 go\r\n250 an injected reply\r\n",
        ):
            plain.sendall(said)
            if not said.startswith(b"220 go"):
                plain.recv(4096)
        with serving.wrap_socket(plain, server_side=True) as secured:
            secured.recv(4096)
            secured.sendall(b"554 the real one\r\n")
            secured.recv(4096)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        settings = SmtpSettings("127.0.0.1", listener.getsockname()[1], "starttls")
        refusal = get_refusal(SmtpProvider(settings, trust), make_batch())
        thread.join(5)

    assert (refusal.code, refusal.detail) == ("turned_away", "554 the real one")
