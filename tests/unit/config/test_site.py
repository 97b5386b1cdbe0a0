from __future__ import annotations

from pathlib import Path

import pytest

from service.config import fill_from_site, load_config
from service.content.sites.site import SiteFacts
from service.errors import ConfigError

JEKYLL = """\
title: AI通信
url: https://example.com
description: 毎日の
  ニュース
lang: ja
timezone: Asia/Tokyo
permalink: /:year/:month/:day/:title/
future: true
author: 編集部
"""


def _write_jekyll(folder: Path, config: str, toml: str) -> Path:
    (folder / "_posts").mkdir(parents=True)
    (folder / "_config.yml").write_text(config, encoding="utf-8")
    path = folder / "kawaraban.toml"
    path.write_text(toml, encoding="utf-8")
    return path


def test_what_the_site_says_needs_not_be_written_again(tmp_path: Path) -> None:
    config = load_config(_write_jekyll(tmp_path, JEKYLL, '[content]\npath = "_posts"\n'), {})
    publication, content = config.publication, config.content
    assert (publication.title, publication.url) == ("AI通信", "https://example.com")
    assert publication.description == "毎日の ニュース"
    assert (publication.language, publication.timezone) == ("ja", "Asia/Tokyo")
    assert publication.author == "編集部"
    assert (content.generator, content.future) == ("jekyll", True)
    assert content.permalink == "/:year/:month/:day/:title/"


def test_what_kawaraban_toml_says_wins(tmp_path: Path) -> None:
    toml = """
        [publication]
        title = "週刊AI通信"
        description = ""
        [content]
        path = "_posts"
        generator = "generic"
        future = false
    """
    config = load_config(_write_jekyll(tmp_path, JEKYLL, toml), {})
    assert (config.publication.title, config.publication.description) == ("週刊AI通信", "")
    assert config.publication.url == "https://example.com"
    assert (config.content.generator, config.content.future) == ("generic", False)


def test_the_word_auto_leaves_the_generator_to_be_found(tmp_path: Path) -> None:
    toml = '[content]\npath = "_posts"\ngenerator = "auto"\n'
    assert load_config(_write_jekyll(tmp_path, JEKYLL, toml), {}).content.generator == "jekyll"


def test_a_mistake_of_the_site_says_where_it_comes_from(tmp_path: Path) -> None:
    site = JEKYLL.replace("Asia/Tokyo", "Tokyo")
    path = _write_jekyll(tmp_path, site, '[content]\npath = "_posts"\n')
    with pytest.raises(ConfigError) as refused:
        load_config(path, {})
    assert refused.value.mistakes == (
        (
            'publication.timezone: "Tokyo" is not a time zone; did you mean "Asia/Tokyo"? '
            "(this comes from the site's own configuration)"
        ),
    )


def test_a_site_configuration_that_cannot_be_read_is_one_mistake_among_others(
    tmp_path: Path,
) -> None:
    toml = '[content]\npath = "_posts"\nmass_limit = 0\n'
    path = _write_jekyll(tmp_path, "title: [", toml)
    with pytest.raises(ConfigError) as refused:
        load_config(path, {})
    first, *others = refused.value.mistakes
    assert first.startswith("content.path: the site's own configuration cannot be read: ")
    assert "_config.yml" in first
    assert "content.mass_limit: 0 is out of range; write a number from 1 to 100000" in others


def test_gaps_are_filled_and_remembered() -> None:
    site = SiteFacts("hugo", Path(), (), title="Notes", timezone=None, future=False, language="")
    complete, filled = fill_from_site({"content": {"future": True}, "feeds": {}}, site)
    assert complete == {
        "publication": {"title": "Notes"},
        "content": {"future": True, "generator": "hugo"},
        "feeds": {},
    }
    assert filled == {"publication.title", "content.generator"}


def test_a_document_is_never_changed_by_filling_it() -> None:
    document: dict[str, object] = {"publication": {}}
    fill_from_site(document, SiteFacts("generic", Path(), (), title="Notes"))
    assert document == {"publication": {}}
