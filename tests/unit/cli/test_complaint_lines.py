from __future__ import annotations

from rich.cells import cell_len

from service.cli.advice import RULES, find_advice, find_title
from service.cli.complaint_lines import Manner, fold, list_complaints
from service.cli.complaints import Complaint, Grade, Heap
from service.content.gate import RULES as GATE_RULES


def _place(path: str, line: int | None) -> str:
    return path if line is None else f"{path}:{line}"


def _list(complaint: Complaint, width: int | None) -> list[str]:
    heap = Heap(Grade.HOLD, "cut_title", (complaint,))
    manner = Manner(place_of=_place, width=width, shows_all=False)
    return [line.plain for line in list_complaints([heap], manner)]


JAPANESE = Complaint("_posts/記事.md", 3, "the title was cut", "長い" * 100)


def test_into_a_pipe_a_finding_is_one_line_and_its_quote_another() -> None:
    lines = _list(JAPANESE, None)
    assert lines[1] == "  _posts/記事.md:3: the title was cut"
    assert lines[2].startswith("      | 長い")


def test_no_quote_is_wider_than_the_terminal() -> None:
    lines = _list(JAPANESE, 40)
    assert max(cell_len(line) for line in lines[1:-1]) <= 40
    assert lines[2].endswith("…")


def test_a_message_that_does_not_fit_goes_below_its_place_and_the_place_is_never_broken() -> None:
    place = "_posts/" + "a" * 50 + ".md"
    lines = _list(Complaint(place, 3, "the title was cut inside a character"), 40)
    assert lines[1] == f"  {place}:3:"
    assert lines[2:4] == ["      the title was cut inside a", "      character"]


def test_control_characters_of_a_file_do_not_reach_the_terminal() -> None:
    quote = _list(Complaint("a.md", 1, "x\x1b[2J", "y\x1b[2J"), None)
    assert not any("\x1b" in line for line in quote)


def test_words_are_folded_between_the_indent_and_the_edge() -> None:
    assert [line.plain for line in fold("a bb ccc dddd", "  ", 8)] == ["  a bb", "  ccc", "  dddd"]


def test_every_rule_of_the_gate_says_what_it_is_about_and_what_to_do() -> None:
    assert set(GATE_RULES) <= RULES
    assert all(find_title(rule) and find_advice(rule) for rule in RULES)


def test_a_rule_that_nobody_wrote_of_is_shown_by_its_name() -> None:
    assert (find_title("new_rule"), find_advice("new_rule")) == ("new rule", "")
