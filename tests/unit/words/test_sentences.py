"""Every language says everything, and nothing else: `make words` helps to keep it so."""

from __future__ import annotations

import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from service.words.catalogues import list_languages
from tests.proof.sentences import WORDS, harvest, list_untranslated, read_words, renew

HEAD = '# Ours\nmsgid ""\nmsgstr ""\n"Language: ja\\n"\n'
LANGUAGES = [one for one in list_languages() if one != "en"]


@pytest.fixture(scope="module")
def said() -> Catalog:
    """What our code and templates say."""
    return harvest()


def list_names(text: str) -> set[str]:
    """The {names} in a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def list_messages(words: Catalog) -> Iterator[tuple[Message, list[str], list[str]]]:
    """Each message with its English sentences and those of the language."""
    for message in words:
        if message.id:
            ids = [message.id] if isinstance(message.id, str) else list(message.id)
            said = message.string or ""
            yield message, ids, [said] if isinstance(said, str) else list(said)


def list_keys(words: Catalog) -> set[tuple[str, str | None]]:
    """What is said, by its English and its context."""
    return {(ids[0], message.context) for message, ids, _ in list_messages(words)}


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> Catalog:
    """A language's file."""
    return read_words(WORDS / f"{request.param}.po")


def test_every_sentence_is_translated(words: Catalog, said: Catalog) -> None:
    unknown = sorted(sentence for sentence, _ in list_keys(said) - list_keys(words))
    assert unknown == [], "make words writes them into the file"
    assert list_untranslated(words) == []


def test_nothing_is_translated_that_nobody_says(words: Catalog, said: Catalog) -> None:
    stale = sorted(sentence for sentence, _ in list_keys(words) - list_keys(said))
    assert stale == [], "make words takes them out of the file"
    assert not words.obsolete


def test_no_translation_is_a_guess(words: Catalog) -> None:
    assert [message.id for message in words if message.id and message.fuzzy] == []


def test_translations_name_what_the_english_names(words: Catalog) -> None:
    for message, ids, said in list_messages(words):
        known = [list_names(one) for one in ids]
        for one in said:
            strange = list_names(one) - set().union(*known)
            assert not strange, f"{message.id}: nothing fills {strange}"
            # A single thing is counted without its number, and a mail's sender says whose it is.
            missing = set.intersection(*known) - list_names(one) - {"count", "publication"}
            assert not missing, f"{message.id}: {missing} is left out"


def test_every_plural_that_a_language_has_is_there(words: Catalog) -> None:
    for message, ids, said in list_messages(words):
        assert len(said) == (words.num_plurals if len(ids) > 1 else 1), message.id


def test_a_new_language_begins_as_an_empty_file(tmp_path: Path, said: Catalog) -> None:
    path = tmp_path / "pl.po"
    path.touch()
    path.write_text(renew(path, said), encoding="utf-8")
    text = path.read_text(encoding="utf-8")
    assert '"Language: pl\\n"' in text
    words = read_words(path)
    assert list_keys(words) == list_keys(said)
    assert {len(said) for _, ids, said in list_messages(words) if len(ids) > 1} == {3}
    assert len(list_untranslated(words)) == len(said)
    assert renew(path, said) == text


def test_renewing_keeps_what_is_said_and_drops_what_is_not(tmp_path: Path) -> None:
    said = Catalog()
    for sentence in ("Kept", "New"):
        said.add(sentence, locations=[("service/some.py", 12)])
    path = tmp_path / "ja.po"
    path.write_text(f'{HEAD}\nmsgid "Gone"\nmsgstr "去った"\n\nmsgid "Kept"\nmsgstr "残った"\n')
    assert renew(path, said) == (
        f"{HEAD}\n"
        '#: service/some.py\nmsgid "Kept"\nmsgstr "残った"\n\n'
        '#: service/some.py\nmsgid "New"\nmsgstr ""\n'
    )
