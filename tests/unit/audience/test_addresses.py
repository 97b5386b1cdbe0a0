from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.audience.addresses import normalise_address
from service.errors import AddressError


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("hanako@example.jp", "hanako@example.jp"),
        ("  Hanako.Yamada@Example.JP\r\n", "hanako.yamada@example.jp"),
        ("\u3000hanako@example.jp\u3000", "hanako@example.jp"),
        ("\ufeffhanako@example.jp\u200b", "hanako@example.jp"),
        ("hanako+news@example.co.jp", "hanako+news@example.co.jp"),
        ("o'neil/x=y@example.com", "o'neil/x=y@example.com"),
        ("hanako@例え.jp", "hanako@xn--r8jz45g.jp"),
        ("hanako@XN--R8JZ45G.jp", "hanako@xn--r8jz45g.jp"),
        ("hanako@ｅｘａｍｐｌｅ。ｊｐ", "hanako@example.jp"),
        ("gruss@faß.de", "gruss@xn--fa-hia.de"),
    ],
)
def test_an_address_has_one_spelling(written: str, normalised: str) -> None:
    assert normalise_address(written) == normalised


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "there is no @ in it"),
        ("hanako.example.jp", "there is no @ in it"),
        ("@example.jp", "nothing stands before the @"),
        ('"hanako yamada"@example.jp', "the part before the @ is in quotes"),
        ("花子@example.jp", "the part before the @ has characters other than ASCII"),
        ("han ako@example.jp", "the part before the @ has a character or dot where none"),
        (".hanako@example.jp", "the part before the @ has a character or dot where none"),
        ("hanako.@example.jp", "the part before the @ has a character or dot where none"),
        ("ha..nako@example.jp", "the part before the @ has a character or dot where none"),
        ("hanako@taro@example.jp", "the part before the @ has a character or dot where none"),
        ("Hanako <hanako@example.jp>", "the part before the @ has a character or dot where none"),
        ("hanako@", "the part after the @ is no domain"),
        ("hanako@localhost", "the part after the @ is no domain"),
        ("hanako@[192.0.2.1]", "the part after the @ is no domain"),
        ("hanako@192.0.2.1", "the part after the @ is no domain"),
        ("hanako@example.jp.", "the part after the @ is no domain"),
        ("hanako@example..jp", "the part after the @ is no domain"),
        ("hanako@-example.jp", "the part after the @ is no domain"),
        ("hanako@exa_mple.jp", "the part after the @ is no domain"),
        ("hanako@☃.net", "the part after the @ is no domain"),
        ("hanako@xn--.jp", "the part after the @ is no domain"),
        ("hanako@" + "a" * 64 + ".jp", "the part after the @ is no domain"),
    ],
)
def test_a_text_that_is_no_address_is_refused_with_its_reason(written: str, reason: str) -> None:
    with pytest.raises(AddressError) as caught:
        normalise_address(written)
    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize("mark", ["\x00", "\r\nBcc: ", "\n", "\x7f", "\x85", "\u2028", "\u202e"])
def test_a_control_character_inside_an_address_is_refused(mark: str) -> None:
    for written in (f"hana{mark}ko@example.jp", f"hanako@exam{mark}ple.jp"):
        with pytest.raises(AddressError, match="a control or invisible character"):
            normalise_address(written)


def test_the_lengths_of_rfc_5321_are_the_limit() -> None:
    longest_local = "a" * 64 + "@example.jp"
    assert normalise_address(longest_local) == longest_local
    with pytest.raises(AddressError, match="longer than 64"):
        normalise_address("a" + longest_local)
    longest = "h@" + ".".join(["a" * 61] * 4) + ".jpn"
    assert len(normalise_address(longest)) == 253
    assert len(normalise_address("a" + longest)) == 254
    with pytest.raises(AddressError, match="longer than 254"):
        normalise_address("aa" + longest)


def test_a_very_long_domain_is_refused_before_it_costs_anything() -> None:
    with pytest.raises(AddressError, match="longer than 254"):
        normalise_address("h@" + "あ" * 1_000_000)


def test_a_letter_that_only_lowers_into_ascii_is_another_mailbox() -> None:
    kelvin = "han\u212ako@example.jp"
    with pytest.raises(AddressError, match="other than ASCII"):
        normalise_address(kelvin)


@pytest.mark.parametrize("written", ["secret_name@", "secret_name@sec_ret.jp", "sec ret@x.jp"])
def test_no_refusal_shows_the_address_not_even_through_its_cause(written: str) -> None:
    with pytest.raises(AddressError) as caught:
        normalise_address(written)
    assert "sec" not in str(caught.value)
    assert caught.value.__context__ is None


@given(st.text(max_size=40) | st.emails())
@example("a@ＡＢ.jp")
@example("a@xn--r8jz45g.jp")
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    try:
        once = normalise_address(text)
    except AddressError:
        return
    assert normalise_address(once) == once
    assert once.isascii()
    assert once.isprintable()
    assert once == once.lower()
    assert len(once) <= 254
