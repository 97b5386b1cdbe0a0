from __future__ import annotations

import pytest

from service.errors import UnsupportedError
from service.outbound.form import encode_form


def test_fields_are_written_in_order_between_boundaries() -> None:
    content_type, body = encode_form([("to", "a@example.com"), ("subject", "号外")], seed="b1")

    boundary = content_type.removeprefix("multipart/form-data; boundary=")
    assert body.decode() == (
        f"--{boundary}\r\n"
        'Content-Disposition: form-data; name="to"\r\n\r\na@example.com\r\n'
        f"--{boundary}\r\n"
        'Content-Disposition: form-data; name="subject"\r\n\r\n号外\r\n'
        f"--{boundary}--\r\n"
    )


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    fields = [("text", "same")]

    assert encode_form(fields, seed="b1") == encode_form(fields, seed="b1")
    assert encode_form(fields, seed="b1") != encode_form(fields, seed="b2")


def test_a_text_that_holds_the_boundary_gets_another_boundary() -> None:
    usual = encode_form([("text", "")], seed="b1")[0].partition("boundary=")[2]

    content_type, body = encode_form([("text", f"--{usual}--")], seed="b1")

    boundary = content_type.partition("boundary=")[2]
    assert boundary != usual
    assert body.count(boundary.encode()) == 2


@pytest.mark.parametrize("name", ['a"b', "a\r\nb", "a\\b", "あ"])
def test_a_name_that_would_need_quoting_is_refused(name: str) -> None:
    with pytest.raises(UnsupportedError):
        encode_form([(name, "x")], seed="b1")


def test_half_a_character_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="half of a character"):
        encode_form([("text", "\ud83d")], seed="b1")
