from __future__ import annotations

import json
from dataclasses import replace

import pytest

from service.audience.tokens import KeyRing, Purpose, SigningKey, read_link
from service.delivery.envelope import Letterhead, compose_envelope, open_envelope
from service.errors import DeliveryError
from service.model.delivery import BatchKind
from service.model.edition import Rendered
from service.model.message import MESSAGE_ID_MARK, PREFERENCES_MARK, UNSUBSCRIBE_MARK
from service.store.rows import Row
from tests.fakes.world import NOON

ROWS = [Row(11, 21, 31, "a@example.com"), Row(12, 22, 32, "b@example.com")]
MAIL = Rendered("題", "前", "<p>本文</p>", "本文")


def compose(head: Letterhead, kind: BatchKind = BatchKind.EDITION) -> dict[str, object]:
    return compose_envelope(ROWS, kind=kind, key="kb-1-a1", name="weekly", head=head, now=NOON)


def test_an_envelope_survives_its_way_through_the_database(head: Letterhead) -> None:
    envelope = compose(head)
    read_back = json.loads(json.dumps(envelope))
    opened = open_envelope(envelope, 7, MAIL, head.key_ring)
    assert open_envelope(read_back, 7, MAIL, head.key_ring) == opened
    assert (opened.key, opened.sender, opened.dated_at) == ("kb-1-a1", head.sender, NOON)
    assert (opened.subject, opened.html, opened.text) == ("題", "<p>本文</p>", "本文")


def test_an_envelope_says_the_same_after_the_key_was_changed(head: Letterhead) -> None:
    envelope = compose(head)
    turned = KeyRing(SigningKey("k2", b"another"), (head.key_ring.current,))
    before = open_envelope(envelope, 7, MAIL, head.key_ring)
    assert open_envelope(envelope, 7, MAIL, turned) == before


def test_an_envelope_whose_key_is_gone_is_not_opened(head: Letterhead) -> None:
    with pytest.raises(DeliveryError, match="the key k1 that signed"):
        open_envelope(compose(head), 7, MAIL, KeyRing(SigningKey("k2", b"another")))


def test_each_reader_has_a_message_id_and_a_link_that_is_theirs(head: Letterhead) -> None:
    first, second = open_envelope(compose(head), 7, MAIL, head.key_ring).recipients
    assert first.values[MESSAGE_ID_MARK] == "e7.s21.inst@example.jp"
    assert second.values[MESSAGE_ID_MARK] == "e7.s22.inst@example.jp"
    base, token = second.values[UNSUBSCRIBE_MARK].rsplit("/", 1)
    assert base == "https://mail.example.jp/unsubscribe"
    assert read_link(head.key_ring, Purpose.UNSUBSCRIBE, token) == "s32"


def test_an_edition_can_be_left_with_one_press(head: Letterhead) -> None:
    headers = dict(open_envelope(compose(head), 7, MAIL, head.key_ring).headers)
    assert headers == {
        "Message-ID": f"<{MESSAGE_ID_MARK}>",
        "List-Id": "<weekly.example.jp>",
        "List-Unsubscribe": f"<{UNSUBSCRIBE_MARK}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Feedback-ID": "e7:weekly:edition:kb43f03163ca",
    }


def test_who_may_choose_has_a_link_of_their_own_to_do_it(head: Letterhead) -> None:
    mail = replace(MAIL, text=f"本文 {PREFERENCES_MARK}")
    first, second = open_envelope(compose(head), 7, mail, head.key_ring).recipients
    base, token = second.values[PREFERENCES_MARK].rsplit("/", 1)
    assert base == "https://mail.example.jp/preferences"
    assert read_link(head.key_ring, Purpose.PREFERENCES, token) == "s32"
    assert first.values[PREFERENCES_MARK] != second.values[PREFERENCES_MARK]


def test_an_envelope_from_before_gmail_was_told_of_complaints_goes_as_it_went(
    head: Letterhead,
) -> None:
    envelope = compose(head)
    del envelope["feedback"]
    opened = open_envelope(envelope, 7, MAIL, head.key_ring)
    assert "Feedback-ID" not in dict(opened.headers)
    assert opened.recipients[0].values.keys() == {MESSAGE_ID_MARK, UNSUBSCRIBE_MARK}


def test_a_notice_is_no_list_mail(head: Letterhead) -> None:
    opened = open_envelope(compose(head, BatchKind.NOTICE), None, MAIL, head.key_ring)
    assert dict(opened.headers).keys() == {"Message-ID", "Auto-Submitted", "Feedback-ID"}
    assert dict(opened.headers)["Feedback-ID"].startswith("notice:weekly:notice:kb")
    assert opened.recipients[0].values[MESSAGE_ID_MARK] == "n11.inst@example.jp"


def test_two_installations_never_share_a_message_id(head: Letterhead) -> None:
    other = compose(replace(head, installation="copy"))
    ids = {
        recipient.values[MESSAGE_ID_MARK]
        for envelope in (compose(head), other)
        for recipient in open_envelope(envelope, 7, MAIL, head.key_ring).recipients
    }
    assert len(ids) == 4
