from __future__ import annotations

from pathlib import Path

import jinja2
import pytest

from service.web.compiled import CompiledTemplates


def open_templates(folder: Path, compiled: CompiledTemplates) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), bytecode_cache=compiled, autoescape=True
    )


def test_a_template_is_compiled_once_and_again_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled, page = CompiledTemplates(), tmp_path / "page.html"
    page.write_text("{{ word }}", encoding="utf-8")
    first = open_templates(tmp_path, compiled)
    assert first.get_template("page.html").render(word="<a>") == "&lt;a&gt;"

    second = open_templates(tmp_path, compiled)
    monkeypatch.delattr(jinja2.Environment, "compile")
    assert second.get_template("page.html").render(word="b") == "b"

    monkeypatch.undo()
    page.write_text("now {{ word }}", encoding="utf-8")
    third = open_templates(tmp_path, compiled)
    assert third.get_template("page.html").render(word="c") == "now c"
