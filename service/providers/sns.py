"""Messages that Amazon SNS posts: who signed them, for which topic, and what they are.

Sources: SNS's pages "Verifying the signatures of Amazon SNS messages", "HTTP/HTTPS notification
JSON format" and its two siblings for confirmations, and "Message delivery retries".
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import load_pem_x509_certificate

from service.errors import CallbackError
from service.providers.answers import find_text
from service.providers.callbacks import read_objects

NOTIFICATION = "Notification"
SUBSCRIPTION = "SubscriptionConfirmation"
UNSUBSCRIPTION = "UnsubscribeConfirmation"

_SIGNED_FIELDS = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    SUBSCRIPTION: (
        *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    ),
}
_SIGNED_FIELDS[UNSUBSCRIPTION] = _SIGNED_FIELDS[SUBSCRIPTION]
_TOPIC = re.compile(r"arn:(aws|aws-cn|aws-us-gov):sns:([a-z0-9-]{1,40}):[0-9]{12}:[\w-]{1,256}")
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9A-Za-z]{1,64}\.pem")
_CONFIRMING = re.compile(r"/?\?.+")
# SNS repeats for an hour at most, under the same id, which is what stops a replay within this time.
_SIGNED_WITHIN = timedelta(hours=25)
_AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SnsMessage:
    """One message as it was posted; nothing of it is true before `check_message`."""

    fields: Mapping[str, str]

    @property
    def kind(self) -> str:
        """NOTIFICATION, SUBSCRIPTION or UNSUBSCRIPTION."""
        return self.fields["Type"]

    @property
    def message_id(self) -> str:
        """SNS's id: the same when it is posted again."""
        return self.fields["MessageId"]

    @property
    def text(self) -> str:
        """What was published; for us an event of SES as JSON."""
        return self.fields["Message"]


def read_message(body: bytes) -> SnsMessage:
    """Return the message in a request's body; raises CallbackError where there is none."""
    objects = read_objects(body)
    if len(objects) != 1 or find_text(objects[0], "Type") not in _SIGNED_FIELDS:
        raise CallbackError("the callback is no message of SNS (raw delivery must be off)")
    fields = {name: value for name, value in objects[0].items() if isinstance(value, str)}
    missing = {"Message", "MessageId", "Timestamp", "TopicArn"} - set(fields)
    if missing:
        raise CallbackError(f"the callback of SNS has no {min(missing)}")
    return SnsMessage(fields)


def find_certificate_url(message: SnsMessage, topics: Collection[str]) -> str:
    """Return where the certificate lies that signed the message.

    Raises CallbackError for a topic that is not one of `topics` (ARNs), and for an address
    anywhere but on SNS's own host in the topic's region.
    """
    host = _find_host(message, topics)
    return _check_url(message.fields.get("SigningCertURL", ""), host, _CERTIFICATE)


def check_message(
    message: SnsMessage, certificate: bytes, topics: Collection[str], *, now: datetime
) -> None:
    """Raise CallbackError unless the PEM `certificate` signed the message, and not long ago."""
    _find_host(message, topics)
    _check_time(message.fields["Timestamp"], now)
    algorithm = {"1": hashes.SHA1(), "2": hashes.SHA256()}.get(  # noqa: S303
        message.fields.get("SignatureVersion", "")
    )
    if algorithm is None:
        raise CallbackError("the callback is signed in a way that is not known here")
    try:
        signature = base64.b64decode(message.fields.get("Signature", ""), validate=True)
        _read_key(certificate, now).verify(
            signature, _write_signed(message), padding.PKCS1v15(), algorithm
        )
    except (InvalidSignature, binascii.Error) as error:
        raise CallbackError("the callback was not signed by SNS") from error


def find_subscription_url(message: SnsMessage, topics: Collection[str]) -> str | None:
    """Return what must be fetched once to confirm a subscription; None for other messages.

    Raises CallbackError for a topic that is not one of `topics`, and for a foreign address.
    """
    if message.kind != SUBSCRIPTION:
        return None
    host = _find_host(message, topics)
    return _check_url(message.fields.get("SubscribeURL", ""), host, _CONFIRMING)


def _find_host(message: SnsMessage, topics: Collection[str]) -> str:
    topic = message.fields["TopicArn"]
    found = _TOPIC.fullmatch(topic)
    if topic not in topics or found is None:
        raise CallbackError("the callback is of a topic that was not agreed on")
    end = "amazonaws.com.cn" if found[1] == "aws-cn" else "amazonaws.com"
    return f"sns.{found[2]}.{end}"


def _check_url(url: str, host: str, rest: re.Pattern[str]) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    # The whole authority: a port, a user or a password would be somebody else's idea.
    is_theirs = parts.scheme == "https" and parts.netloc == host
    if not is_theirs or not rest.fullmatch(url.removeprefix(f"https://{host}")):
        raise CallbackError("the callback points to an address that is not SNS's own")
    return url


def _check_time(timestamp: str, now: datetime) -> None:
    try:
        signed_at = datetime.fromisoformat(timestamp)
    except ValueError as error:
        raise CallbackError("the callback does not say when it was signed") from error
    if signed_at.tzinfo is None or not now - _SIGNED_WITHIN <= signed_at <= now + _AHEAD:
        raise CallbackError("the callback was signed long ago, or will be")


def _read_key(certificate: bytes, now: datetime) -> rsa.RSAPublicKey:
    try:
        loaded = load_pem_x509_certificate(certificate)
    except ValueError as error:
        raise CallbackError("SNS's certificate cannot be read") from error
    if not loaded.not_valid_before_utc <= now <= loaded.not_valid_after_utc:
        raise CallbackError("SNS's certificate is not valid now")
    key = loaded.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise CallbackError("SNS's certificate has a key of another kind")
    return key


def _write_signed(message: SnsMessage) -> bytes:
    fields = message.fields
    signed = [name for name in _SIGNED_FIELDS[message.kind] if name in fields]
    text = "".join(f"{name}\n{fields[name]}\n" for name in signed)
    return text.encode("utf-8", "surrogatepass")
