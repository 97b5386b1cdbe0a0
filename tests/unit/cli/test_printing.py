from __future__ import annotations

import io
import json
import logging

import pytest
import structlog
from rich.cells import cell_len
from rich.console import Console

from service.cli.logging import configure_logging, hide_addresses, spell_out
from service.cli.printing import (
    count_of,
    make_table,
    print_lines,
    progress,
    say,
    show,
    write,
)


def _print(*lines: object, width: int = 60) -> list[str]:
    file = io.StringIO()
    console = Console(file=file, width=width, markup=False, emoji=False, highlight=False)
    print_lines(console, lines)  # type: ignore[arg-type]
    return file.getvalue().splitlines()


def test_columns_line_up_behind_japanese_words() -> None:
    table = make_table(("title", "file"), [("瓦版の話", "a.md"), ("short", "b.md")])
    lines = _print(table)
    places = {
        cell_len(line[: line.index(name)])
        for line, name in zip(lines[2:], ("a.md", "b.md"), strict=True)
    }
    assert len(places) == 1


def test_brackets_and_colons_in_titles_are_not_markup() -> None:
    assert _print("[red]速報[/red] :smile:") == ["[red]速報[/red] :smile:"]
    assert "[bold]" in "".join(_print(make_table(("title",), [("[bold]太字",)])))


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert write("a\x1b[2Jb") == "a\ufffd[2Jb"


def test_lines_into_a_pipe_have_no_blanks_at_their_end() -> None:
    lines = _print(make_table(("a", "b"), [("long words", ""), ("x", "y")]))
    assert all(line == line.rstrip() for line in lines)


def test_there_are_no_bars_where_nobody_looks() -> None:
    with progress() as tell:
        assert tell is None


def test_one_thing_is_not_things() -> None:
    assert (count_of(1, "post"), count_of(1200, "post")) == ("1 post", "1,200 posts")


def test_no_address_gets_into_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(logging.INFO)
    try:
        structlog.get_logger("t").info("failed", error="for ('hana@example.jp', 1) here", count=2)
        logging.getLogger("other").warning("cannot reach ken@example.jp")
    finally:
        written = capsys.readouterr().err
    assert "example.jp" not in written
    assert '"count": 2' in written


def test_only_addresses_are_taken_out() -> None:
    event = {"event": "sent to <a@b.jp>, twice", "n": 1}
    assert hide_addresses(None, "info", event) == {"event": "sent to <…@…>, twice", "n": 1}


OBEYED = "\x1b[2J\x9b31m\x07\u202e\u2028"


def test_no_text_of_others_rules_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    title = f"港の\u3000灯台{OBEYED}"
    say(f"there is no post {title}")
    show({"title": title}, as_json=True)
    show({}, make_table(("title",), [(title,)]), as_json=False)
    written = capsys.readouterr()
    for one in OBEYED.replace("[2J", "").replace("31m", ""):
        assert one not in written.out + written.err
    assert json.loads(written.out[: written.out.index("}") + 1]) == {"title": title}
    assert written.err.startswith("there is no post 港の\u3000灯台\ufffd[2J\ufffd31m")


def test_no_text_of_others_rules_whoever_reads_a_log() -> None:
    event = {"event": "failed", "reason": f"{OBEYED}\nall is well", "exception": "a\nb\x1b"}
    assert spell_out(None, "info", event) == {
        "event": "failed",
        "reason": r"\x1b[2J\x9b31m\x07\u202e\u2028\nall is well",
        "exception": "a\nb\\x1b",
    }


def test_a_narrow_terminal_folds_long_words_and_never_short_ones() -> None:
    rows = [(1, "finished", "2026-11-21 08:00", "a reason of many words that takes its room")]
    lines = _print(make_table(("#no", "state", "when", "reason"), rows), width=50)
    assert "finished  2026-11-21 08:00" in lines[2]
    assert "…" not in "".join(lines)


def test_a_column_without_a_word_is_left_out() -> None:
    lines = _print(make_table(("name", "reason"), [("a", ""), ("b", None)]))
    assert lines[0] == "name"
