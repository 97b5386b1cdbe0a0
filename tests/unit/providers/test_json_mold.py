from __future__ import annotations

import json

import pytest

from service.errors import UnsupportedError
from service.model.message import MESSAGE_ID_MARK, UNSUBSCRIBE_MARK, Recipient
from service.providers.json_mold import Address, JsonMold, RowId, Shape, Varied, join_list

READER = Recipient(
    7, "a@example.com", {UNSUBSCRIBE_MARK: 'https://e.com/u?a="1"&b=\\', MESSAGE_ID_MARK: "7@e.com"}
)


def cast(shape: Shape) -> object:
    return json.loads(JsonMold.of(shape).cast(READER))


@pytest.mark.parametrize(
    "shape",
    [
        {},
        [],
        {"a": {}, "b": [], "c": [{}, [1, None, True, False]]},
        {'"quoted"\n': 'back\\slash "and" \u0000\u2028 tab\t', "号外": "瓦版🗞"},
        "",
        0,
    ],
)
def test_what_readers_share_comes_out_as_it_went_in(shape: Shape) -> None:
    assert cast(shape) == shape


def test_each_place_is_filled_with_the_readers_own() -> None:
    shape: Shape = {
        "to": [Address()],
        "row": RowId(),
        "text": Varied.text(f"{UNSUBSCRIBE_MARK}|{UNSUBSCRIBE_MARK}"),
        "html": Varied.html(f'<a href="{UNSUBSCRIBE_MARK}">"号外"</a>'),
        "id": Varied.header(f"<{MESSAGE_ID_MARK}>"),
    }
    link = 'https://e.com/u?a="1"&b=\\'
    assert cast(shape) == {
        "to": ["a@example.com"],
        "row": "7",
        "text": f"{link}|{link}",
        "html": '<a href="https://e.com/u?a=&quot;1&quot;&amp;b=\\">"号外"</a>',
        "id": "<7@e.com>",
    }


def test_a_message_id_mark_in_a_text_is_the_authors_own_words() -> None:
    assert cast(Varied.text(MESSAGE_ID_MARK)) == MESSAGE_ID_MARK


def test_a_reader_without_a_value_and_half_a_character_are_unsupported() -> None:
    with pytest.raises(UnsupportedError, match="row 8"):
        JsonMold.of(Varied.text(UNSUBSCRIBE_MARK)).cast(Recipient(8, "b@example.com", {}))
    with pytest.raises(UnsupportedError, match="half of a character"):
        JsonMold.of({"a": "\ud83d"})


def test_messages_are_joined_to_one_list() -> None:
    assert join_list(['{"a":"号"}'.encode(), b"{}"]) == '[{"a":"号"},{}]'.encode()
