from __future__ import annotations

import pytest

from service.content.frontmatter import read_front_matter
from service.content.values import FrontMatter, Scalar
from service.errors import ContentError


def read(text: str, *, header_lines: bool = False) -> FrontMatter:
    front = read_front_matter(text, header_lines=header_lines)
    assert front is not None
    return front


def refuse(text: str) -> ContentError:
    with pytest.raises(ContentError) as caught:
        read_front_matter(text, header_lines=True)
    return caught.value


def test_scalars_keep_their_source_text() -> None:
    front = read("---\ntitle: no\nversion: 1.10\ncode: 0123\nat: 12:30:00\n---\nbody\n")
    assert [front.text(key) for key in ("title", "version", "code", "at")] == [
        "no",
        "1.10",
        "0123",
        "12:30:00",
    ]
    assert front.body == "body\n"
    assert front.body_line == 7


def test_a_scalar_knows_whether_it_was_quoted_and_its_line() -> None:
    front = read("---\na: 2024-02-03 23:30:00\nb: '2024-02-03'\n---\n")
    assert front.values["a"] == Scalar("2024-02-03 23:30:00", quoted=False, line=2)
    assert front.values["b"] == Scalar("2024-02-03", quoted=True, line=3)


def test_nulls_are_dropped_from_lists_and_a_quoted_null_is_a_word() -> None:
    front = read("---\ntags: [a, ~, 47, null, 'null']\nempty:\n---\n")
    assert front.texts("tags") == ["a", "47", "null"]
    assert front.values["empty"] is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [("true", True), ("Yes", True), ("off", False), ("'false'", False), ("maybe", None)],
)
def test_flags_are_read_in_every_spelling(written: str, meant: bool | None) -> None:
    assert read(f"---\ndraft: {written}\n---\n").flag("draft") is meant


def test_the_last_of_duplicate_keys_wins_with_a_warning() -> None:
    front = read("---\nimage: a\ntitle: t\nimage: b\n---\n")
    assert front.text("image") == "b"
    assert [(note.rule, note.line) for note in front.warnings] == [("duplicate_key", 4)]


@pytest.mark.parametrize("closer", ["---", "--- ", "...", "...\n---"])
def test_every_closer_in_use_ends_the_block(closer: str) -> None:
    assert read(f"---\ntitle: t\n{closer}\nbody\n").body == "body\n"


def test_only_the_first_block_counts() -> None:
    assert read("---\ntitle: t\n---\na\n\n---\ntitle: u\n---\n").body == "a\n\n---\ntitle: u\n---\n"


def test_tabs_where_yaml_forbids_them_are_read_as_spaces() -> None:
    assert read("---\nauthor:\tAnna\ntags:\n\t- a\n---\n").texts("tags") == ["a"]


def test_toml_is_read_with_its_dates_as_text() -> None:
    front = read('+++\ntitle = "t"\ndate = 2024-02-03T10:00:00Z\ndraft = true\nx = 1.10\n+++\nb')
    assert front.text("title") == "t"
    assert front.text("date") == "2024-02-03T10:00:00+00:00"
    assert front.flag("draft") is True
    assert front.text("x") == "1.10"


def test_a_key_of_toml_knows_its_line_where_it_stands_only_once() -> None:
    front = read('+++\ntitle = "t"\nnote = """\nseen = 1\n"""\nseen = 2\n[extra]\nx = 1\n+++\nb')
    lines = {key: one.line for key in ("title", "seen") if (one := front.scalar(key))}
    assert lines == {"title": 2, "seen": None}


def test_invalid_toml_names_its_line_in_the_file_alone() -> None:
    error = refuse('+++\ndate = 2024-01-01\ntitle = "t\n+++\n')
    assert (error.code, error.line) == ("toml", 3)
    assert error.message.endswith("(column 11)")


def test_json_is_read_up_to_its_closing_brace() -> None:
    front = read('{\n  "title": "a } b",\n  "n": 1.10\n}\n\nbody')
    assert (front.text("title"), front.text("n"), front.body) == ("a } b", "1.10", "\nbody")


def test_header_lines_are_front_matter_only_where_the_dialect_says_so() -> None:
    text = "Title: This Week\nDate: 2026-01-31\nSummary: one\n  two\n\nbody"
    front = read(text, header_lines=True)
    assert (front.text("title"), front.text("summary")) == ("This Week", "one two")
    assert front.body == "body"
    assert read_front_matter(text, header_lines=False) is None


@pytest.mark.parametrize(
    "text", ["", "# Readme\n", "---\n\nA rule, then text.\n", "---\nfoo\n---\n"]
)
def test_a_text_without_keys_has_no_front_matter(text: str) -> None:
    assert read_front_matter(text, header_lines=False) is None


@pytest.mark.parametrize("text", ["----\ntitle: t\n---\n", " ---\ntitle: t\n---\n", "--\n"])
def test_what_only_looks_like_a_fence_is_text(text: str) -> None:
    assert read_front_matter(text, header_lines=False) is None


@pytest.mark.parametrize("text", ["+++\n+++\nb", "{}\nb", "---\n# only a remark\n---\nb"])
def test_an_empty_block_of_every_notation_is_a_block(text: str) -> None:
    front = read(text)
    assert (front.values, front.body) == ({}, "b")


def test_spaces_after_a_fence_do_not_matter() -> None:
    assert read("--- \t\ntitle: t\n--- \nbody").text("title") == "t"


def test_a_folded_or_literal_scalar_counts_as_quoted() -> None:
    front = read("---\na: >\n  2024-02-03\nb: |\n  x\n---\n")
    assert front.values["b"] == Scalar("x\n", quoted=True, line=4)


def test_an_empty_block_is_a_block() -> None:
    assert read("---\n---\nbody").body == "body"


def test_invalid_yaml_names_line_and_column() -> None:
    error = refuse('---\nlayout: post\ntitle: Rust: the "good"\n---\n')
    assert (error.code, error.line) == ("yaml", 3)
    assert "column 12" in error.message


def test_a_block_that_never_closes_is_an_error() -> None:
    assert refuse("---\ntitle: t\nbody\n").code == "unclosed"


def test_a_list_is_no_front_matter() -> None:
    assert refuse("---\n- a\n- b\n---\n").code == "front_matter"


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ("a: &a x\nb: *a", "alias"),
        ("a: {x: 1}\n<<: {y: 1}", "alias"),
        ("a: " + "[" * 40 + "]" * 40, "too_deep"),
        ("- " * 40 + "x", "too_deep"),
        ("\n".join(f"k{n}: v" for n in range(1_001)), "too_many"),
        ("title: " + "x" * 70_000, "too_large"),
    ],
)
def test_excess_is_refused(block: str, code: str) -> None:
    assert refuse(f"---\n{block}\n---\n").code == code


def test_many_brackets_in_text_are_not_taken_for_nesting() -> None:
    title = "[a] " * 200
    assert read(f'---\ntitle: "{title}"\n---\n').text("title") == title.strip()


def test_escapes_cannot_smuggle_forbidden_characters_in() -> None:
    assert read('{"title": "a\\u0000\\ud800b"}\n').text("title") == "ab"
    assert read('---\ntitle: "a\\x07b"\n---\n').text("title") == "ab"
