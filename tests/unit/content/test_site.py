from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.content.gate import GateSettings
from service.content.generators import Habits
from service.content.generators.habits import Collection, Language
from service.content.rules import ReadingRules
from service.content.sites.site import find_habits, find_site
from service.content.values import Scalar
from service.errors import ContentError
from service.model.post import Author


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
    assert (facts.permalink, facts.description, facts.author) == (None, "d", "Ann")
    assert facts.habits.permalinks == (("blog", "/:year/:slug/"),)


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


BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 9) + "]\n" for n in range(1, 9)
)


@pytest.mark.parametrize("text", ["a: [", "a: " + "[" * 40_000, BOMB, "a: &a [*a]\n"])
def test_a_broken_or_hostile_configuration_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "_config.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=r"_config\.yml"):
        find_site(tmp_path)


JEKYLL = """
excerpt_separator: <!--end-->
defaults:
  - scope: {path: "", type: posts_he}
    values: &hebrew {lang: he, layout: post}
  - scope: {path: _posts/a}
    values: {<<: *hebrew, lang: en, pagination: {enabled: true}}
  - scope: {path: other}
    values: {pagination: {enabled: true}}
collections:
  posts: {permalink: "/p/:title/"}
  posts_he: {output: true, permalink: "/he/:title/"}
  notes: {output: false}
"""


def test_a_jekyll_sites_collections_defaults_and_authors_are_read(tmp_path: Path) -> None:
    for name in ("_posts", "_posts_he", "_data"):
        (tmp_path / name).mkdir()
    (tmp_path / "_posts_he" / "2026-01-31-x.md").touch()
    (tmp_path / "_config.yml").write_text(JEKYLL, encoding="utf-8")
    (tmp_path / "_data" / "authors.yml").write_text("ann: {name: Ann, email: a@x.test}\n")
    facts = find_site(tmp_path)
    assert (facts.permalink, facts.content_paths) == ("/p/:title/", (tmp_path,))
    habits = facts.habits
    assert habits.excerpt_separator == "<!--end-->"
    assert habits.collections == (Collection("posts_he", "/he/:title/"),)
    assert [(d.path, d.kind, sorted(d.values)) for d in habits.defaults] == [
        ("", "posts_he", ["lang", "layout"]),
        ("_posts/a", "", ["lang", "layout"]),
    ]
    lang = habits.defaults[1].values["lang"]
    assert isinstance(lang, Scalar)
    assert lang.text == "en"
    assert habits.authors == (("ann", Author("Ann", "a@x.test")),)


HUGO = {
    "config/_default/hugo.toml": "baseURL = 'https://h.test/'\ndefaultContentLanguage = 'ja'\n"
    "defaultContentLanguageInSubdir = true\n[uglyURLs]\npost = true\n",
    "config/_default/languages.toml": "[ja]\ntitle = '瓦版'\nlanguageCode = 'ja-JP'\n"
    "contentDir = 'content/ja'\n[en]\ncontentDir = 'content.en'\n[fr]\ndisabled = true\n",
    "config/_default/permalinks.yaml": "page:\n  post: /:year/:slug/\nsection:\n  post: /x/\n",
    "config/_default/frontmatter.json": '{"date": [":filename", ":default"]}',
}


def test_a_hugo_configuration_in_parts_is_put_together(tmp_path: Path) -> None:
    for name in ("config/_default", "content/ja/post", "content.en"):
        (tmp_path / name).mkdir(parents=True)
    for name, text in HUGO.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    facts = find_site(tmp_path / "content" / "ja" / "post")
    assert (facts.title, facts.url, facts.language) == ("瓦版", "https://h.test", "ja-JP")
    assert facts.content_paths == (tmp_path,)
    assert facts.habits == Habits(
        is_known=True,
        below="content/ja/post/",
        permalinks=(("post", "/:year/:slug/"),),
        ugly=("post",),
        date_keys=(":filename", ":default"),
        languages=(Language("ja", "ja-JP", "content/ja"), Language("en", "en", "content.en")),
        default_language="ja",
        prefixes_default=True,
    )


@pytest.mark.parametrize("config", [True, False])
def test_a_site_in_docs_is_found_from_above(tmp_path: Path, config: bool) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "docs" / "_posts").mkdir(parents=True)
    if config:
        (tmp_path / "docs" / "_config.yml").write_text("title: t\n")
    facts = find_site(tmp_path)
    assert (facts.generator, facts.content_paths) == ("jekyll", (tmp_path / "docs" / "_posts",))


def test_habits_are_those_of_the_same_generator_only(tmp_path: Path) -> None:
    (tmp_path / "_posts").mkdir()
    (tmp_path / "_config.yml").write_text("title: t\n")
    assert find_habits(tmp_path / "_posts", "jekyll").below == "_posts/"
    assert find_habits(tmp_path / "_posts", "generic") == Habits()


def test_other_habits_mean_that_every_file_is_read_again() -> None:
    zone = ZoneInfo("UTC")
    rules = ReadingRules("hugo", "https://h.test", zone, "ja", "", "", False, GateSettings())
    assert replace(rules, habits=Habits(is_known=True)).digest != rules.digest
    assert replace(rules, habits=Habits()).digest == rules.digest
