from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from service.errors import CallbackError
from service.providers.sns import (
    SnsMessage,
    check_message,
    find_certificate_url,
    find_subscription_url,
    read_message,
)

TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:newsletter-events"
HOST = "https://sns.ap-northeast-1.amazonaws.com"
CERTIFICATE_URL = f"{HOST}/SimpleNotificationService-01d088a6f77103d0fe307c0069e40ed6.pem"
NOW = datetime(2026, 1, 12, 9, tzinfo=UTC)
NOTIFICATION = {
    "Type": "Notification",
    "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
    "TopicArn": TOPIC,
    "Subject": "Amazon SES Email Event Notification",
    "Message": '{"eventType":"Delivery","名":"瓦版"}\n',
    "Timestamp": "2026-01-12T08:59:00.123Z",
    "SignatureVersion": "2",
    "SigningCertURL": CERTIFICATE_URL,
    "UnsubscribeURL": f"{HOST}/?Action=Unsubscribe",
}
CONFIRMATION = {
    "Type": "SubscriptionConfirmation",
    "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
    "Token": "2336412f37",
    "TopicArn": TOPIC,
    "Message": "You have chosen to subscribe to the topic",
    "SubscribeURL": f"{HOST}/?Action=ConfirmSubscription&Token=2336412f37",
    "Timestamp": "2026-01-12T08:59:00.123Z",
    "SignatureVersion": "1",
    "SigningCertURL": CERTIFICATE_URL,
}
Sign = Callable[..., bytes]


def make_certificate(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, until: timedelta = timedelta(days=300)
) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1)
    builder = builder.not_valid_before(NOW - timedelta(days=90)).not_valid_after(NOW + until)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def certificate(key: rsa.RSAPrivateKey) -> bytes:
    return make_certificate(key)


@pytest.fixture
def sign(key: rsa.RSAPrivateKey) -> Sign:
    """A request's body, signed as SNS's pages tell, then changed."""

    def sign(fields: dict[str, str], **changes: str) -> bytes:
        names = sorted(
            {"Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token"} & set(fields)
        )
        text = "".join(f"{name}\n{fields[name]}\n" for name in [*names, "TopicArn", "Type"])
        sha = hashes.SHA1() if fields["SignatureVersion"] == "1" else hashes.SHA256()  # noqa: S303
        made = key.sign(text.encode(), padding.PKCS1v15(), sha)
        signed = {**fields, "Signature": base64.b64encode(made).decode(), **changes}
        return json.dumps(signed).encode()

    return sign


def check(body: bytes, certificate: bytes, now: datetime = NOW) -> SnsMessage:
    message = read_message(body)
    check_message(message, certificate, [TOPIC], now=now)
    return message


def without(fields: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in fields.items() if key != name}


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("fields", [NOTIFICATION, without(NOTIFICATION, "Subject"), CONFIRMATION])
def test_what_sns_signed_is_true(
    sign: Sign, certificate: bytes, fields: dict[str, str], version: str
) -> None:
    message = check(sign({**fields, "SignatureVersion": version}), certificate)

    assert (message.kind, message.text) == (fields["Type"], fields["Message"])
    assert message.message_id == fields["MessageId"]


@pytest.mark.parametrize(
    "changes",
    [
        {"Message": "{}"},
        {"MessageId": "another"},
        {"Subject": "another"},
        {"Timestamp": "2026-01-12T08:58:00.000Z"},
        {"Type": "UnsubscribeConfirmation"},
        {"SignatureVersion": "1"},
        {"Signature": ""},
        {"Signature": "AAAA"},
        {"Signature": "no base64"},
    ],
)
def test_what_was_changed_is_refused(
    sign: Sign, certificate: bytes, changes: dict[str, str]
) -> None:
    with pytest.raises(CallbackError, match="not signed by SNS"):
        check(sign(NOTIFICATION, **changes), certificate)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"SignatureVersion": "3"}, "not known here"),
        ({"SignatureVersion": ""}, "not known here"),
        ({"TopicArn": TOPIC.replace("newsletter", "another")}, "not agreed on"),
        ({"Timestamp": "yesterday"}, "when it was signed"),
        ({"Timestamp": "2026-01-12T08:59:00"}, "long ago"),
        ({"Timestamp": "2026-01-11T07:59:00Z"}, "long ago"),
        ({"Timestamp": "2026-01-12T09:06:00Z"}, "will be"),
    ],
)
def test_even_signed_it_must_be_ours_and_recent(
    sign: Sign, certificate: bytes, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(CallbackError, match=said):
        check(sign(NOTIFICATION | changes), certificate)


def test_only_a_certificate_that_counts_now_counts(sign: Sign, key: rsa.RSAPrivateKey) -> None:
    body = sign(NOTIFICATION)
    other = ec.generate_private_key(ec.SECP256R1())
    for certificate, said in (
        (make_certificate(key, until=timedelta(days=-1)), "not valid now"),
        (make_certificate(other), "another kind"),
        (b"<html>not found</html>", "cannot be read"),
    ):
        with pytest.raises(CallbackError, match=said):
            check(body, certificate)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"[{}, {}]",
        b'{"Type": "Notification"}',
        b'{"Type": "Other"}',
        b'{"eventType": "Bounce"}',
        json.dumps(without(NOTIFICATION, "TopicArn")).encode(),
        json.dumps(NOTIFICATION | {"Message": {}}).encode(),
    ],
)
def test_what_is_no_message_of_sns_is_refused(body: bytes) -> None:
    with pytest.raises(CallbackError):
        read_message(body)


def read(fields: dict[str, str], **changes: str) -> SnsMessage:
    return read_message(json.dumps(fields | changes).encode())


def test_the_certificate_lies_on_snss_own_host_in_the_topics_region() -> None:
    assert find_certificate_url(read(NOTIFICATION), [TOPIC]) == CERTIFICATE_URL
    china = TOPIC.replace("aws:", "aws-cn:", 1).replace("ap-northeast", "cn-north")
    url = CERTIFICATE_URL.replace("ap-northeast-1.amazonaws.com", "cn-north-1.amazonaws.com.cn")
    message = read(NOTIFICATION, TopicArn=china, SigningCertURL=url)
    assert find_certificate_url(message, [china]) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        CERTIFICATE_URL.replace("https", "http"),
        CERTIFICATE_URL.replace("ap-northeast-1", "us-east-1"),
        CERTIFICATE_URL.replace(".com/", ".com.evil.example/"),
        CERTIFICATE_URL.replace("sns.", "evil.example/sns."),
        CERTIFICATE_URL.replace("sns.", "u:p@sns."),
        CERTIFICATE_URL.replace(".com/", ".com:8443/"),
        CERTIFICATE_URL.replace("SimpleNotificationService-", "my-bucket/"),
        CERTIFICATE_URL + ".exe",
        CERTIFICATE_URL + "?again=1",
        CERTIFICATE_URL + "#again",
        CERTIFICATE_URL + "\n",
        "https://[",
    ],
)
def test_a_certificate_from_anywhere_else_is_not_even_fetched(url: str) -> None:
    with pytest.raises(CallbackError, match="not SNS's own"):
        find_certificate_url(read(NOTIFICATION, SigningCertURL=url), [TOPIC])


@pytest.mark.parametrize("topics", [[], ["arn:aws:sns:us-east-1:123456789012:another"]])
def test_a_topic_that_was_not_agreed_on_is_refused_at_once(topics: list[str]) -> None:
    for look in (find_certificate_url, find_subscription_url):
        with pytest.raises(CallbackError, match="not agreed on"):
            look(read(CONFIRMATION), topics)


def test_only_a_new_subscription_is_confirmed_and_only_at_sns() -> None:
    assert find_subscription_url(read(NOTIFICATION), [TOPIC]) is None
    left = read(CONFIRMATION, Type="UnsubscribeConfirmation")
    assert find_subscription_url(left, [TOPIC]) is None
    assert find_subscription_url(read(CONFIRMATION), [TOPIC]) == CONFIRMATION["SubscribeURL"]
    foreign = read(CONFIRMATION, SubscribeURL="https://evil.example/?Action=ConfirmSubscription")
    with pytest.raises(CallbackError, match="not SNS's own"):
        find_subscription_url(foreign, [TOPIC])
