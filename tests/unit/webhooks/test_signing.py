from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from service.audience.tokens import KeyRing, SigningKey
from service.errors import NotAllowedError
from service.model.webhook import WebhookKey
from service.webhooks.signing import derive_secret, sign, write_secret

KEY = SigningKey("k1", b"of the house")
RING = KeyRing(SigningKey("k2", b"a newer one"), (KEY,))
MADE_OF = WebhookKey("k1", "00ff")


def test_the_example_of_the_published_libraries_is_signed_as_they_sign_it() -> None:
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    moment = datetime.fromtimestamp(1614265330.9, UTC)
    assert sign([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", moment, b'{"test": 2432232314}') == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_body_is_signed_as_openssl_signs_it() -> None:
    """Printf '%s' 'msg_1.60.{"名":1}' | openssl dgst -sha256 -hmac kawara -binary | base64."""
    moment = datetime.fromtimestamp(60, UTC)
    signed = sign([b"kawara"], "msg_1", moment, '{"名":1}'.encode())
    assert signed["webhook-signature"] == "v1,JlHsXvn66ObHHAQCAHjPhbRIvkuB6w2QaHb2WM/T2Lg="


def test_each_secret_signs_for_itself() -> None:
    moment = datetime.fromtimestamp(60, UTC)
    one, other = (sign([key], "m", moment, b"{}")["webhook-signature"] for key in (b"a", b"b"))
    assert sign([b"a", b"b"], "m", moment, b"{}")["webhook-signature"] == f"{one} {other}"


def test_a_secret_belongs_to_its_webhook_salt_and_key() -> None:
    secret = derive_secret(RING, 7, MADE_OF)
    assert secret == derive_secret(KeyRing(KEY), 7, MADE_OF)
    others = [
        derive_secret(RING, 70, MADE_OF),
        derive_secret(RING, 7, WebhookKey("k1", "00fe")),
        derive_secret(RING, 7, WebhookKey("k2", "00ff")),
    ]
    assert len({secret, *others}) == 4
    assert write_secret(secret) == "whsec_" + base64.b64encode(secret).decode()
    assert len(secret) == 32


def test_where_a_key_is_gone_nothing_can_be_signed() -> None:
    with pytest.raises(NotAllowedError, match=r"webhook 7 .*give it another secret"):
        derive_secret(KeyRing(RING.current), 7, MADE_OF)
