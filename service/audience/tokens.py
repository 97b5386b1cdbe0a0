"""Signed links: short, the same at every replay, good for one purpose and one subject."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from service.errors import TokenError

MAX_TOKEN_LENGTH = 200
MAC_LENGTH = 16

_VERSION = 1
_MAX_KEY_ID_LENGTH = 16
_MAX_SUBJECT_LENGTH = 64
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Purpose(StrEnum):
    """What a link is good for; a token of one purpose is worthless for every other."""

    CONFIRM = "confirm"
    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"
    EXPORT = "export"
    ERASE = "erase"
    ADDRESS = "address"
    NEW_ADDRESS = "new-address"
    FORM = "form"
    SIGN_IN = "sign-in"
    APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret and the short public name it goes by inside tokens (1 to 16 ASCII characters)."""

    key_id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The key that signs now, and those whose links still count."""

    current: SigningKey
    former: tuple[SigningKey, ...] = ()

    def find_key(self, key_id: str) -> SigningKey | None:
        """Return the key that goes by this name, the current one first."""
        return next((key for key in (self.current, *self.former) if key.key_id == key_id), None)


def arrange_keys(given: str, kept: Iterable[SigningKey]) -> KeyRing:
    """Return the ring in which a secret given without a name, if any, goes before the others."""
    secret = given.encode()
    named = SigningKey(hashlib.sha256(b"key id:" + secret).hexdigest()[:4], secret)
    current, *former = (*([named] if given else []), *kept)
    return KeyRing(current, tuple(former))


def sign_link(key: SigningKey, purpose: Purpose, subject: str) -> str:
    """Return the token for this purpose and subject: url-safe, and equal at every call.

    `subject` is 1 to 64 ASCII characters, such as "s123". Raises TokenError for any other.
    """
    return LinkSigner(key, purpose).sign(subject)


class LinkSigner:
    """Signs many subjects for one purpose: what they share is computed once."""

    def __init__(self, key: SigningKey, purpose: Purpose) -> None:
        key_id = _encode_part(key.key_id, _MAX_KEY_ID_LENGTH)
        shared = (b"kawaraban link", bytes((_VERSION,)), purpose.value.encode("ascii"), key_id)
        self._head = bytes((_VERSION, len(key_id))) + key_id
        self._inner, self._outer = _begin_mac(key.secret, b"".join(map(_measure, shared)))

    def sign(self, subject: str) -> str:
        """Return the token for this subject."""
        subject_bytes = _encode_part(subject, _MAX_SUBJECT_LENGTH)
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(_measure(subject_bytes))
        outer.update(inner.digest())
        # The subject comes last: ending on a digit, no token ends on - or _, which mail
        # programs leave out when they turn plain text into links.
        packed = self._head + outer.digest()[:MAC_LENGTH] + subject_bytes
        # The same as base64.urlsafe_b64encode, without the three calls on the way to it.
        encoded = binascii.b2a_base64(packed, newline=False).translate(_URL_SAFE)
        return encoded.rstrip(b"=").decode("ascii")


def read_link(ring: KeyRing, purpose: Purpose, token: str) -> str:
    """Return the subject of a token signed for `purpose` by any key of the ring.

    Raises TokenError for every other text, without saying which of its parts was wrong.
    """
    key_id, subject = _unpack(token)
    key = ring.find_key(key_id)
    if key is None:
        raise TokenError("this link was not signed here")
    # Signing anew leaves no second spelling of a token: base64 alone would allow some.
    if not hmac.compare_digest(sign_link(key, purpose, subject), token):
        raise TokenError("this link was not signed here")
    return subject


def _encode_part(text: str, limit: int) -> bytes:
    if not (text.isascii() and 0 < len(text) <= limit):
        raise TokenError(f"a link is made of parts of 1 to {limit} ASCII characters")
    return text.encode("ascii")


def _begin_mac(secret: bytes, shared: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """Return the two halves of an HMAC (RFC 2104) up to where subjects differ.

    An object of hmac's own takes twice as long to copy and to finish, a million times an edition.
    """
    block = hashlib.sha256().block_size
    key = secret if len(secret) <= block else hashlib.sha256(secret).digest()
    key = key.ljust(block, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + shared)
    return inner, hashlib.sha256(bytes(byte ^ 0x5C for byte in key))


def _measure(part: bytes) -> bytes:
    """A part behind its length: no two lists of parts share an encoding."""
    return len(part).to_bytes(2, "big") + part


def _unpack(token: str) -> tuple[str, str]:
    if not token.isascii() or len(token) > MAX_TOKEN_LENGTH:
        raise TokenError("this link was not signed here")
    try:
        packed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        key_end = 2 + packed[1]
        key_id = packed[2:key_end].decode("ascii")
        subject = packed[key_end + MAC_LENGTH :].decode("ascii")
    except (ValueError, IndexError):
        raise TokenError("this link was not signed here") from None
    return key_id, subject
