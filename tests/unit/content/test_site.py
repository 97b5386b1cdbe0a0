from __future__ import annotations

from pathlib import Path

import pytest

from service.content.site import find_site
from service.errors import ContentError


def test_a_jekyll_configuration_above_the_posts_is_found(tmp_path: Path) -> None:
    (tmp_path / "_posts").mkdir()
    (tmp_path / "_config.yml").write_text(
        "title: AIコンパス\nurl: https://ai.test/\nbaseurl: /blog\nlang: ja\n"
        "timezone: Asia/Tokyo\nfuture: true\npermalink: /:year/:title/\n"
        "author:\n  name: 編集部\ndescription: >\n  一行\n",
        encoding="utf-8",
    )
    facts = find_site(tmp_path / "_posts")
    assert (facts.generator, facts.root) == ("jekyll", tmp_path)
    assert facts.content_paths == (tmp_path / "_posts",)
    assert (facts.title, facts.url) == ("AIコンパス", "https://ai.test/blog")
    assert (facts.language, facts.timezone, facts.future) == ("ja", "Asia/Tokyo", True)
    assert (facts.permalink, facts.author) == ("/:year/:title/", "編集部")
    assert facts.description == "一行"


TOML = """
baseURL = "https://h.test/"
title = "H"
languageCode = "de-de"
buildFuture = true
timeZone = "Europe/Berlin"
[permalinks]
blog = "/:year/:slug/"
[params]
description = "d"
author = "Ann"
"""
YAML = """
baseURL: https://h.test/
title: H
languageCode: de-de
buildFuture: true
timeZone: Europe/Berlin
permalinks: {blog: '/:year/:slug/'}
params: {description: d, author: {name: Ann}}
"""


@pytest.mark.parametrize(("name", "text"), [("hugo.toml", TOML), ("config.yaml", YAML)])
def test_a_hugo_configuration_is_read_in_both_notations(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / name).write_text(text, encoding="utf-8")
    facts = find_site(tmp_path)
    assert (facts.generator, facts.content_paths) == ("hugo", (tmp_path / "content",))
    assert (facts.title, facts.url, facts.language) == ("H", "https://h.test", "de-de")
    assert (facts.timezone, facts.future) == ("Europe/Berlin", True)
    assert (facts.permalink, facts.description, facts.author) == ("/:year/:slug/", "d", "Ann")


def test_what_is_not_said_is_missing(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_text("", encoding="utf-8")
    facts = find_site(tmp_path)
    assert (facts.title, facts.url, facts.timezone) == ("", "", None)
    assert (facts.permalink, facts.future) == (None, None)


def test_a_plain_folder_is_generic(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert find_site(tmp_path).generator == "generic"


def test_a_config_of_another_program_is_not_hugos(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "content").mkdir()
    (tmp_path / "config.toml").write_text('base_url = "https://z.test"\n', encoding="utf-8")
    assert find_site(tmp_path).generator == "generic"


@pytest.mark.parametrize("text", ["a: [", "a: " + "[" * 40_000, "a: &a x\nb: *a\n"])
def test_a_broken_or_hostile_configuration_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "_config.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=r"_config\.yml"):
        find_site(tmp_path)
