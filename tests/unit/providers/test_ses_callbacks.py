"""The door of Amazon SES: certificates fetched once, subscriptions confirmed, no strangers."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from service.errors import CallbackError, DeliveryError
from service.outbound.client import OutboundClient, Reply
from service.providers.ses_callbacks import SesCallbacks
from tests.unit.providers.test_sns import (
    CERTIFICATE_URL,
    CONFIRMATION,
    NOTIFICATION,
    NOW,
    TOPIC,
    make_certificate,
)


class Amazon(OutboundClient):
    """Stands where SNS's own hosts are: it has one certificate, and remembers what was asked."""

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.status = 200
        self._certificate = make_certificate(key)

    def get(self, url: str, *, headers: Mapping[str, str], total_for: timedelta) -> Reply:
        self.asked.append(url)
        return Reply(self.status, {}, self._certificate if url == CERTIFICATE_URL else b"<ok/>")


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def amazon(key: rsa.RSAPrivateKey) -> Amazon:
    return Amazon(key)


def sign(key: rsa.RSAPrivateKey, fields: Mapping[str, str]) -> bytes:
    names = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token")
    text = "".join(
        f"{one}\n{fields[one]}\n" for one in (*names, "TopicArn", "Type") if one in fields
    )
    sha = hashes.SHA1() if fields["SignatureVersion"] == "1" else hashes.SHA256()  # noqa: S303
    made = base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), sha)).decode()
    return json.dumps({**fields, "Signature": made}).encode()


def test_a_certificate_is_fetched_once_and_events_are_read(
    key: rsa.RSAPrivateKey, amazon: Amazon
) -> None:
    source, told = SesCallbacks(amazon), {"eventType": "Delivery", "mail": {"messageId": "m1"}}
    body = sign(key, {**NOTIFICATION, "Message": json.dumps(told)})

    for _ in range(2):
        source.check_signature({}, body, [TOPIC], now=NOW)

    assert amazon.asked == [CERTIFICATE_URL]
    assert [event.message_id for event in source.parse_events(body)] == ["m1"]


def test_a_subscription_to_an_agreed_topic_is_confirmed(
    key: rsa.RSAPrivateKey, amazon: Amazon
) -> None:
    source, body = SesCallbacks(amazon), sign(key, CONFIRMATION)

    source.check_signature({}, body, [TOPIC], now=NOW)

    assert amazon.asked == [CERTIFICATE_URL, CONFIRMATION["SubscribeURL"]]
    assert source.parse_events(body) == ()


def test_nothing_is_fetched_for_a_topic_of_somebody_else(
    key: rsa.RSAPrivateKey, amazon: Amazon
) -> None:
    for topics in ([], [TOPIC.replace("1234", "4321")]):
        with pytest.raises(CallbackError):
            SesCallbacks(amazon).check_signature({}, sign(key, CONFIRMATION), topics, now=NOW)
    assert amazon.asked == []


def test_nothing_is_confirmed_and_no_certificate_kept_for_a_forged_message(
    key: rsa.RSAPrivateKey, amazon: Amazon
) -> None:
    source, body = SesCallbacks(amazon), sign(key, CONFIRMATION).replace(b"chosen", b"decided")
    for _ in range(2):
        with pytest.raises(CallbackError):
            source.check_signature({}, body, [TOPIC], now=NOW)
    assert amazon.asked == [CERTIFICATE_URL] * 2


def test_when_amazon_does_not_answer_the_callback_has_to_come_again(
    key: rsa.RSAPrivateKey, amazon: Amazon
) -> None:
    amazon.status = 503
    with pytest.raises(DeliveryError, match="SNS answered 503"):
        SesCallbacks(amazon).check_signature({}, sign(key, NOTIFICATION), [TOPIC], now=NOW)
