from __future__ import annotations

import base64
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.audience.tokens import KeyRing, Purpose, SigningKey, read_link, sign_link
from service.errors import TokenError

SUBJECTS = ("s1", "s12", "s123", "s2147483647")
ASCII_PARTS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=16)


@pytest.mark.parametrize(("signed_for", "read_for"), list(product(Purpose, Purpose)), ids=str)
def test_a_token_is_good_for_its_own_purpose_only(
    key: SigningKey, ring: KeyRing, signed_for: Purpose, read_for: Purpose
) -> None:
    token = sign_link(key, signed_for, "s123")
    if signed_for is read_for:
        assert read_link(ring, read_for, token) == "s123"
    else:
        with pytest.raises(TokenError):
            read_link(ring, read_for, token)


def test_a_token_is_the_same_at_every_replay_and_on_every_machine(key: SigningKey) -> None:
    token = sign_link(key, Purpose.UNSUBSCRIBE, "s123")
    assert token == "AQJrMuzTZkHRzaFQxr-mM7i7vPpzMTIz"


def test_every_purpose_and_subject_has_a_token_of_its_own(key: SigningKey) -> None:
    tokens = {sign_link(key, purpose, subject) for purpose in Purpose for subject in SUBJECTS}
    assert len(tokens) == len(Purpose) * len(SUBJECTS)


def test_a_token_is_short_and_goes_into_an_address_as_it_is(key: SigningKey) -> None:
    for number in range(300):
        token = sign_link(key, Purpose.UNSUBSCRIBE, f"s{number}")
        assert len(token) <= 32
        assert token.replace("-", "").replace("_", "").isalnum()
        assert token[-1].isalnum()


def test_one_flipped_bit_spoils_a_token(key: SigningKey, ring: KeyRing) -> None:
    token = sign_link(key, Purpose.CONFIRM, "s123")
    packed = base64.urlsafe_b64decode(token)
    for bit in range(len(packed) * 8):
        flipped = bytearray(packed)
        flipped[bit // 8] ^= 1 << bit % 8
        spoiled = base64.urlsafe_b64encode(flipped).decode().rstrip("=")
        with pytest.raises(TokenError):
            read_link(ring, Purpose.CONFIRM, spoiled)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_no_second_spelling_of_a_token_is_taken(
    key: SigningKey, ring: KeyRing, subject: str
) -> None:
    token = sign_link(key, Purpose.PREFERENCES, subject)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    others = {token[:-1] + char for char in alphabet} - {token}
    for spelling in (*others, token + "=", token + "==", token + "\n", " " + token, token + "A"):
        with pytest.raises(TokenError):
            read_link(ring, Purpose.PREFERENCES, spelling)


@pytest.mark.parametrize("text", ["", "A", "AQ", "AQJr", "s123", "é", "AQ" * 200, "!!!!", "\x00"])
def test_a_text_that_was_never_a_token_is_refused(ring: KeyRing, text: str) -> None:
    with pytest.raises(TokenError):
        read_link(ring, Purpose.CONFIRM, text)


@given(
    text=st.text(max_size=60)
    | st.binary(max_size=60).map(base64.urlsafe_b64encode).map(bytes.decode)
)
def test_no_text_does_worse_than_being_refused(ring: KeyRing, text: str) -> None:
    with pytest.raises(TokenError):
        read_link(ring, Purpose.CONFIRM, text)


def test_links_of_a_former_key_still_count(ring: KeyRing, former_key: SigningKey) -> None:
    token = sign_link(former_key, Purpose.UNSUBSCRIBE, "s9")
    assert read_link(ring, Purpose.UNSUBSCRIBE, token) == "s9"


def test_links_of_a_key_that_was_thrown_away_are_refused(
    key: SigningKey, former_key: SigningKey
) -> None:
    token = sign_link(former_key, Purpose.UNSUBSCRIBE, "s9")
    with pytest.raises(TokenError):
        read_link(KeyRing(key), Purpose.UNSUBSCRIBE, token)


def test_another_secret_under_the_same_name_signs_nothing_of_ours(ring: KeyRing) -> None:
    forged = sign_link(SigningKey("k2", b"a guess"), Purpose.CONFIRM, "s123")
    with pytest.raises(TokenError):
        read_link(ring, Purpose.CONFIRM, forged)


@given(key_id=ASCII_PARTS, secret=st.binary(max_size=40), subject=ASCII_PARTS)
def test_what_was_signed_is_read_again(key_id: str, secret: bytes, subject: str) -> None:
    signing_key = SigningKey(key_id, secret)
    token = sign_link(signing_key, Purpose.PREFERENCES, subject)
    assert read_link(KeyRing(signing_key), Purpose.PREFERENCES, token) == subject


@pytest.mark.parametrize("subject", ["", "購読", "s" * 65])
def test_a_subject_that_would_not_fit_is_refused(key: SigningKey, subject: str) -> None:
    with pytest.raises(TokenError):
        sign_link(key, Purpose.CONFIRM, subject)


def test_a_key_never_shows_its_secret(ring: KeyRing) -> None:
    assert "secret" not in repr(ring)
