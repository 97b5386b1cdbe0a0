"""Files read only as far as feeds need them: the same verdicts, and the same bytes of feeds."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from service.content.glancing import glance_file
from service.content.library import list_files, read_file
from service.content.manuscripts import Manuscripts
from service.content.spool import open_spool
from service.model.feed import FeedKind, FeedSettings
from service.model.post import Article, Reading
from service.publishing import FeedPress, publish_stateless
from tests.feeds.corpora import NOW, PUBLICATION, SETTINGS, list_folders, make_rules

UNTOLD = {
    "summary", "html", "text", "modified_at", "image", "enclosures", "former_urls", "mailable",
    "pinned", "warnings",
}  # fmt: skip
"""What an article that was only glanced at does not say."""


@pytest.mark.parametrize("folder", list_folders(), ids=lambda folder: folder.name)
def test_a_glance_says_what_reading_the_whole_file_says(folder: Path) -> None:
    rules = make_rules(folder)
    for stat in list_files(folder, rules.generator, rules.habits):
        glanced = glance_file(folder, stat, rules, NOW)
        if glanced is not None:
            whole = read_file(folder, stat, rules, NOW, is_judged=False)
            assert _tell(glanced) == _tell(whole)


def _tell(reading: Reading) -> list[object]:
    article = reading.article
    told = (one.name for one in fields(Article) if one.name not in UNTOLD)
    said: list[object] = [getattr(article, name) for name in told] if article else []
    return [reading.verdict, reading.code, reading.message, reading.line, *said]


@pytest.mark.parametrize("folder", list_folders()[:3], ids=lambda folder: folder.name)
def test_feeds_of_posts_that_were_glanced_at_are_those_of_posts_read_whole(
    folder: Path, tmp_path: Path
) -> None:
    by = (FeedKind.CATEGORY, FeedKind.TAG)
    small = FeedSettings(min_items=3, min_days=0, by=by, has_archive=False)
    for number, settings in enumerate((small, replace(SETTINGS, has_archive=False))):
        glanced = _build(folder, settings, tmp_path / f"glanced-{number}", reads_whole=False)
        assert glanced == _build(folder, settings, tmp_path / f"whole-{number}", reads_whole=True)


def _build(
    folder: Path, settings: FeedSettings, public: Path, *, reads_whole: bool
) -> tuple[dict[str, bytes], list[object]]:
    press = FeedPress(PUBLICATION, settings, public, shows_future=False)
    with open_spool() as spool:
        posts = Manuscripts(folder, make_rules(folder), NOW, spool, reads_whole=reads_whole)
        readings = posts.read()
        articles = [one.article for one in readings if one.article is not None]
        publish_stateless(articles, press, NOW, complete=posts.complete)
    written = {
        path.relative_to(public).as_posix(): path.read_bytes()
        for path in public.rglob("*")
        if path.is_file()
    }
    return written, [(one.facts.path, one.verdict, one.code, one.message) for one in readings]
