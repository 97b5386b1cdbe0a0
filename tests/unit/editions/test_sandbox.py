"""Templates that a publication brings see the mail and nothing else."""

from __future__ import annotations

import pytest

from service.editions.pressroom import render_parts
from service.editions.sandbox import Sandbox
from tests.fakes.hostile_templates import CANARY, FORBIDDEN, PAYLOADS

MAIL = {
    "subject": "川べり通信",
    "language": "ja",
    "sections": [{"name": "まちの話", "entries": [{"title": "<b>橋</b>"}, {"title": "舟"}]}],
}
OURS = {"kawaraban/base.html": "{% block b %}瓦{% endblock %}", "kawaraban/style.css": "a{}"}


def render(template: str, name: str = "digest.html", **more: str) -> str:
    reply = render_parts({**OURS, name: template, **more}, [name], MAIL)
    assert "made" in reply, reply
    return str(reply["made"][name])


def fail(template: str, **more: str) -> tuple[str, int | None, str]:
    reply = render_parts({**OURS, "digest.html": template, **more}, ["digest.html"], MAIL)
    assert "failure" in reply, reply
    return reply["failure"]["name"], reply["failure"]["line"], reply["failure"]["message"]


def test_there_are_many_ways_to_try() -> None:
    assert len(set(PAYLOADS)) > 90


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_way_leads_out_of_a_template(payload: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    said = repr(render_parts({**OURS, "digest.html": payload}, ["digest.html"], MAIL))
    assert CANARY not in said
    assert "root:" not in said
    assert not any(word in said for word in ("<class", "<function", "<bound", "object at 0x"))


@pytest.mark.parametrize("template", FORBIDDEN)
def test_what_grows_without_bound_is_refused_before_it_grows(template: str) -> None:
    name, line, message = fail(template)
    assert (name, line) == ("digest.html", 1)
    assert message


def test_values_loops_macros_blocks_and_imports_work() -> None:
    form = "{% macro say(a) %}[{{ a }}]{% endmacro %}"
    template = (
        "{% import 'form.html' as form %}"
        "{% for section in mail.sections %}{{ section['name'] }}"
        "{% for entry in section.entries %}{{ loop.index }}{{ form.say(entry.title) }}"
        "{{ loop.cycle('a', 'b') }}{% endfor %}{% endfor %}{{ mail.sections[0].name[:1] }}"
    )
    made = render(template, **{"form.html": form})
    assert "<body>まちの話1[&lt;b&gt;橋&lt;/b&gt;]a2[舟]bま</body>" in made


def test_ours_can_be_built_upon_under_its_own_name() -> None:
    template = "{% extends 'kawaraban/base.html' %}{% block b %}{{ super() }}版{% endblock %}"
    assert "<body>瓦版</body>" in render(template)


def test_text_is_not_escaped_and_can_be_wrapped() -> None:
    template = "{{ mail.sections[0].entries[0].title | wrap }}{{ '=' * 3 }}"
    assert render(template, "digest.txt") == "<b>橋</b>==="


def test_a_mistake_is_told_with_its_file_and_line() -> None:
    include = {"part.html": "\n\n{{ mail.subjet }}"}
    name, line, message = fail("<p>\n{% include 'part.html' %}", **include)
    assert (name, line) == ("part.html", 3)
    assert message == "there is no 'subjet' here; there is: language, sections, subject"
    assert fail("<p>\n\n{% if %}")[:2] == ("digest.html", 3)
    assert fail("\n{{ lipsum() }}") == ("digest.html", 2, "'lipsum' is undefined")
    assert fail("\n{{ 1 / 0 }}") == ("digest.html", 2, "division by zero")


def test_nothing_but_the_mail_is_there_to_begin_with() -> None:
    assert not Sandbox({}).globals
