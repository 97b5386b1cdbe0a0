from __future__ import annotations

import pytest

from service.model.languages import find_direction, primary_subtag, read_language


@pytest.mark.parametrize("language", ["ar", "he-IL", "fa_IR", "UR", "yi", "az-Arab", "ckb"])
def test_languages_in_right_to_left_scripts_are_known(language: str) -> None:
    assert find_direction(language) == "rtl"


@pytest.mark.parametrize("language", ["ja", "en-GB", "", "ar-Latn", "az", "zh-Hant-TW", "art"])
def test_all_others_run_from_left_to_right(language: str) -> None:
    assert find_direction(language) == "ltr"


def test_the_primary_subtag_is_the_language_alone() -> None:
    assert primary_subtag("en_GB") == "en"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ja", "ja"), ("pt_BR", "pt-BR"), ("JA", "JA"), ("fil", "fil"), ("jp", "ja"),
        ("cn-Hant", "zh-Hant"), ("xq", ""),
    ],
)  # fmt: skip
def test_what_is_no_language_is_read_as_the_one_that_was_meant(written: str, meant: str) -> None:
    assert read_language(written) == meant
