"""What errors and kept texts say, told to people in their language."""

from __future__ import annotations

import string

import pytest

from service.errors import AddressError, ContentError, KawarabanError, NotAllowedError, UsageError
from service.model.edition import EditionState
from service.model.wording import word
from service.words.catalogues import find_voice
from service.words.recognition import Recogniser
from service.words.voice import TOLD, Told
from tests.proof.sentences import WORDS, list_all_tellings, read_words

ENGLISH, JAPANESE = find_voice("en"), find_voice("ja")
SENT = NotAllowedError(
    "edition {edition} is {state}: nothing to approve", edition=5, state=EditionState.SENDING
)


def list_names(sentence: str) -> set[str]:
    """The {names} in a sentence; anything about them but the name raises AssertionError."""
    found = set()
    for _, name, spec, conversion in string.Formatter().parse(sentence):
        assert not spec, sentence
        assert conversion is None, sentence
        found |= {name} - {None}
    return {name for name in found if name}


def test_an_error_says_its_sentence_in_english_and_is_told_in_another_language() -> None:
    assert str(SENT) == "edition 5 is sending: nothing to approve"
    assert ENGLISH.tell(SENT) == Told("edition 5 is sending: nothing to approve")
    assert JAPANESE.tell(SENT) == Told("第5号は「配信中」のため、承認するものがありません。")


def test_an_error_about_another_one_is_told_whole() -> None:
    why = AddressError("there is no @ in it")
    error = UsageError("that is not an address that mail can reach: {reason}", reason=why)
    assert str(error) == "that is not an address that mail can reach: there is no @ in it"
    assert str(JAPANESE.tell(error)) == "メールの届くアドレスではありません（@がありません）。"


def test_what_people_call_their_things_is_no_word_of_ours() -> None:
    kept = "there is no newsletter 'daily'; there is: weekly"
    said = "「daily」というニュースレターはありません。あるもの：weekly"
    known = {"newsletter": "daily", "known": "weekly"}
    error = UsageError("there is no newsletter '{newsletter}'; there is: {known}", **known)
    assert str(JAPANESE.tell(error)) == str(JAPANESE.retell(kept)) == said


def test_a_sentence_that_nobody_translated_is_told_in_english_and_marked_so() -> None:
    error = KawarabanError("nobody ever translated {this}", this="it")
    assert JAPANESE.tell(error) == Told("nobody ever translated it", "en")
    assert ENGLISH.tell(error).lang is None


def test_braces_are_braces_where_nothing_fills_them() -> None:
    assert str(KawarabanError("{no} value {fills} this")) == "{no} value {fills} this"
    assert str(NotAllowedError("at {path}", path="{0}{x}")) == "at {0}{x}"


def test_the_line_of_a_file_stands_before_what_is_wrong_with_it() -> None:
    error = ContentError("date", "cannot read the date '{written}'", 3, written="soon")
    assert str(error) == "line 3: cannot read the date 'soon'"
    assert error.message == "cannot read the date 'soon'"
    assert str(JAPANESE.tell(error)) == "日付「soon」が読み取れません"


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("the text stops in the middle of a sentence", "本文が文の途中で終わっています"),
        (word("the {part} shows a leaked '{mark}'", part="title", mark="---END---"),
         "題名に「---END---」の印が残っています"),
        (word("email: {problem}", problem="there is no @ in it"),
         "メールアドレス（email）：@がありません"),
        ("it answered 410: it is gone for good", "相手の応答は410でした。すでに閉じられています"),
        (
            "sender.name: is empty; every mail needs it\nKEY: is not set; the provider asks for it",
            "sender.nameが空です。どのメールにも必要です\nKEYがありません。配信サービスに必要です",
        ),
    ],
)  # fmt: skip
def test_a_text_that_was_kept_in_english_is_recognised_and_retold(kept: str, said: str) -> None:
    assert JAPANESE.retell(kept) == Told(said)
    assert ENGLISH.retell(kept) == Told(kept)


@pytest.mark.parametrize("text", ["", "550 no such user", "鈴木さんが確認中", "{count} {names}"])
def test_what_others_said_stays_as_it_is_in_a_language_that_nobody_knows(text: str) -> None:
    assert JAPANESE.retell(text) == Told(text, "")


def test_of_two_sentences_that_fit_the_one_that_says_more_is_recognised() -> None:
    known = Recogniser(["it failed: {why}", "it failed: {why} at line {line}", "{what}: {why}"])
    found = known.find("it failed: no key at line 3")
    assert found is not None
    assert found.values == {"why": "no key", "line": "3"}
    assert known.find("something: else") is None, "nearly any text would fit"


def test_every_sentence_of_ours_is_recognised_as_itself() -> None:
    told = {str(one.id) for one in read_words(WORDS / "ja.po") if one.context == TOLD}
    known = Recogniser(told)
    for sentence in told:
        filled = sentence.format_map({name: f"<{name}>" for name in list_names(sentence)})
        found = known.find(filled)
        if found is not None:
            assert found.sentence == sentence


def test_what_is_told_is_written_out_with_a_value_for_each_name() -> None:
    tellings = list(list_all_tellings())
    assert len(tellings) > 200
    for one in tellings:
        assert one.sentence != "", f"{one.place}: write the sentence out, and name its values"
        if one.sentence is not None and one.names is not None:
            assert list_names(one.sentence) == one.names, one.place
