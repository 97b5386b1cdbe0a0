from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import UnsupportedError
from service.model.message import MESSAGE_ID_MARK, UNSUBSCRIBE_MARK, OutgoingBatch, Recipient
from service.providers.mime import MessageMold

MakeBatch = Callable[..., OutgoingBatch]
HEADERS = BytesHeaderParser(policy=policy.default)
GOLDEN = Path(__file__).parents[2] / "golden" / "providers" / "message.eml"
IROHA = "いろはにほへとちりぬるを我が世誰ぞ常ならむ有為の奥山今日越えて浅き夢見じ酔ひもせず😀"


def read_back(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not [part.defects for part in message.walk() if part.defects]
    return message


def read_part(raw: bytes, kind: str) -> str:
    part = read_back(raw).get_body(preferencelist=(kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content


def compose_first(batch: OutgoingBatch) -> bytes:
    return MessageMold.of(batch).cast(batch.recipients[0])


def with_value(value: str) -> tuple[Recipient, ...]:
    values = {UNSUBSCRIBE_MARK: value, MESSAGE_ID_MARK: "m@example.com"}
    return (Recipient(1, "reader@example.com", values),)


def test_the_message_is_the_golden_one(make_batch: MakeBatch) -> None:
    assert compose_first(make_batch()) == GOLDEN.read_bytes()


def test_headers_and_parts_read_back_as_they_were_given(make_batch: MakeBatch) -> None:
    raw = compose_first(make_batch())

    message = read_back(raw)
    assert message["Subject"] == "今週の瓦版：AIの話題15本"
    assert message["From"].addresses[0].display_name == "瓦版編集部"
    assert message["From"].addresses[0].addr_spec == "news@example.com"
    assert message["To"] == "reader1@example.com"
    assert message["Reply-To"] == "desk@example.com"
    assert message["Date"] == "Sun, 19 Oct 2025 23:00:00 +0000"
    assert message["Message-ID"] == "<edition-7.1@example.com>"
    unsubscribe = "https://news.example.com/unsubscribe/1?k=1&t=abc"
    assert message["List-Unsubscribe"] == f"<{unsubscribe}>"
    assert read_part(raw, "plain") == f"こんにちは\r\n配信停止: {unsubscribe}\r\n"
    escaped = unsubscribe.replace("&", "&amp;")
    assert read_part(raw, "html") == f'<p>こんにちは</p><a href="{escaped}">配信停止</a>'


def test_the_same_batch_gives_the_same_bytes(make_batch: MakeBatch) -> None:
    assert compose_first(make_batch()) == compose_first(make_batch())


def test_every_line_ends_in_crlf_and_is_short(make_batch: MakeBatch) -> None:
    raw = compose_first(make_batch(subject=IROHA * 5, html=IROHA * 50, text="x" * 5000))

    lines = raw.split(b"\r\n")
    assert not [line for line in lines if b"\n" in line or b"\r" in line]
    assert max(len(line) for line in lines) <= 78


@pytest.mark.parametrize("start", range(4))
def test_subjects_of_every_length_fold_between_characters(
    make_batch: MakeBatch, start: int
) -> None:
    for length in range(1, 130):
        subject = "a" * start + (IROHA * 4)[:length]
        raw = compose_first(make_batch(subject=subject))
        folded = raw.partition(b"Subject: ")[2].partition(b"\r\nDate:")[0].decode("ascii")

        assert HEADERS.parsebytes(raw)["Subject"] == subject
        for word in folded.split("\r\n "):
            encoded = re.fullmatch(r"=\?utf-8\?B\?([A-Za-z0-9+/=]+)\?=", word)
            assert encoded
            assert len(word) <= 75
            assert base64.b64decode(encoded[1]).decode("utf-8")


@given(subject=st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=80))
def test_any_subject_without_control_characters_reads_back(
    make_batch: MakeBatch, subject: str
) -> None:
    raw = compose_first(make_batch(subject=subject))
    folded = raw.partition(b"Subject: ")[2].partition(b"\r\nDate:")[0].decode("ascii")

    decoded = [
        part.decode(charset or "ascii") if isinstance(part, bytes) else part
        for part, charset in decode_header(folded)
    ]
    assert "".join(decoded) == subject


@pytest.mark.parametrize(
    "subject",
    ["Plain", "", " leading", "trailing ", "=?utf-8?B?4oCL?= looks encoded", "word " * 30],
)
def test_ascii_subjects_read_back(make_batch: MakeBatch, subject: str) -> None:
    raw = compose_first(make_batch(subject=subject))
    folded = raw.partition(b"Subject: ")[2].partition(b"\r\nDate:")[0].decode("ascii")

    part, charset = decode_header(folded)[0] if folded else ("", None)
    assert (part.decode(charset or "ascii") if isinstance(part, bytes) else part) == subject


@pytest.mark.parametrize(
    "name",
    [
        "Kawaraban",
        'The "Desk", Inc. (Tokyo)',
        "back\\slash",
        '瓦版 (編集部), "号外"',
        IROHA * 2,
        "",
    ],
)
def test_display_names_read_back(make_batch: MakeBatch, name: str) -> None:
    batch = make_batch()
    raw = compose_first(replace(batch, sender=replace(batch.sender, name=name)))

    # The standard library's address parser leaves spaces between encoded words.
    folded = raw.partition(b"From: ")[2].partition(b"\r\nSubject:")[0].decode("ascii")
    phrase, address = parseaddr(folded.replace("\r\n", ""))
    assert str(make_header(decode_header(phrase))) == name
    assert address == "news@example.com"


@given(
    pieces=st.lists(st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8")), max_size=5),
    value=st.text("abc/&?=", min_size=1, max_size=9),
)
def test_marks_anywhere_in_a_text_are_filled_without_touching_the_rest(
    make_batch: MakeBatch, pieces: list[str], value: str
) -> None:
    content = UNSUBSCRIBE_MARK.join(pieces)
    raw = compose_first(make_batch(text=content, html=content, recipients=with_value(value)))

    plain, markup = (
        part.get_payload(decode=True) for part in list(message_from_bytes(raw).walk())[1:]
    )
    assert plain == value.join(pieces).encode()
    assert markup == value.replace("&", "&amp;").join(pieces).encode()


def test_line_ends_of_bodies_become_crlf(make_batch: MakeBatch) -> None:
    raw = compose_first(make_batch(text="a\nb\r\nc\rd"))

    part = read_back(raw).get_body(preferencelist=("plain",))
    assert part is not None
    assert part.get_payload(decode=True) == b"a\r\nb\r\nc\r\nd"


def test_a_message_id_mark_in_the_text_is_the_authors_own_words(make_batch: MakeBatch) -> None:
    raw = compose_first(make_batch(text=f"{MESSAGE_ID_MARK}と書く"))

    assert read_part(raw, "plain") == f"{MESSAGE_ID_MARK}と書く"


def test_a_mark_in_the_subject_or_in_a_value_is_not_filled(make_batch: MakeBatch) -> None:
    raw = compose_first(
        make_batch(subject=UNSUBSCRIBE_MARK, recipients=with_value(f"https://x/{MESSAGE_ID_MARK}"))
    )

    assert read_back(raw)["Subject"] == UNSUBSCRIBE_MARK
    assert f"https://x/{MESSAGE_ID_MARK}" in read_part(raw, "plain")


@pytest.mark.parametrize("evil", ["\r\nBcc: x@example.com", "\n", "\0", "\t", "\x85", "\u2028"])
def test_no_header_can_be_smuggled_in(make_batch: MakeBatch, evil: str) -> None:
    batch = make_batch()
    attempts = (
        replace(batch, subject=f"news{evil}"),
        replace(batch, sender=replace(batch.sender, name=f"desk{evil}")),
        replace(batch, sender=replace(batch.sender, email=f"a{evil}@example.com")),
        replace(batch, sender=replace(batch.sender, reply_to=f"a{evil}@example.com")),
        replace(batch, headers=(("List-Id", f"<x>{evil}"),)),
        replace(batch, headers=((f"X-{evil}", "x"),)),
        replace(batch, recipients=with_value(f"https://x/{evil}")),
        replace(batch, recipients=(replace(batch.recipients[0], address=f"a{evil}@b.example"),)),
    )
    for attempt in attempts:
        with pytest.raises(UnsupportedError):
            compose_first(attempt)


@pytest.mark.parametrize(
    "header",
    [
        ("Subject", "again"),
        ("reply-to", "a@example.com"),
        ("Content-Type", "text/plain"),
        ("X-Kanji", "漢字"),
        ("X-Long", "x" * 1000),
    ],
)
def test_headers_that_are_not_the_batchs_to_set_are_refused(
    make_batch: MakeBatch, header: tuple[str, str]
) -> None:
    with pytest.raises(UnsupportedError):
        compose_first(make_batch(headers=(header,)))


@pytest.mark.parametrize("value", ["", "https://x/漢字", "https://x/\u3000"])
def test_a_missing_or_unprintable_value_is_refused(make_batch: MakeBatch, value: str) -> None:
    with pytest.raises(UnsupportedError, match="row 1 has no printable ASCII value"):
        compose_first(make_batch(recipients=with_value(value)))


def test_half_a_character_is_refused(make_batch: MakeBatch) -> None:
    for field in ("subject", "text", "html"):
        with pytest.raises(UnsupportedError, match="half of a character"):
            compose_first(make_batch(**{field: "\ud83d"}))


def test_errors_name_no_address(make_batch: MakeBatch) -> None:
    recipients = (Recipient(7, "not an address@example.com", {}),)

    with pytest.raises(UnsupportedError) as caught:
        compose_first(make_batch(recipients=recipients))

    assert "row 7" in str(caught.value)
    assert "@" not in str(caught.value)


def test_one_mold_casts_for_every_recipient(make_batch: MakeBatch) -> None:
    batch = make_batch()
    mold = MessageMold.of(batch)

    assert [mold.cast(recipient) for recipient in batch.recipients] == [
        MessageMold.of(batch).cast(recipient) for recipient in batch.recipients
    ]
