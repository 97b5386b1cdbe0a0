"""Real posts, where they lie beside the repository: every file gets the verdict it deserves."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.content.gate import GateSettings, find_findings
from service.content.library import list_files, read_file
from service.content.rules import ReadingRules
from service.model.post import Level, Reading

CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
JEKYLL = ("brew", "elixir", "huxpro", "hyperconnect", "jekyll-site", "vim-jp")
HUGO = ("codefor-de", "fahdlabs", "frustrated-writer", "ropensci")
OTHERS = (
    "18f",
    "go",
    "haskell-jp",
    "pelican-test",
    "pingcap-cn",
    "rust-blog",
    "servo",
    "twir",
    "zenn",
)
UNPUBLISHED = {
    "codefor-de": ("draft", "date"),
    "jekyll-site": ("quarantined", "date"),
    "pelican-test": ("not a post", "no_front_matter"),
    "zenn": ("draft", "no_date"),
}


def read_all(name: str, generator: str) -> dict[str, Reading]:
    root = CORPUS / name
    if not root.is_dir():
        pytest.skip(f"the real posts in {name} are not beside this repository")
    permalink = "/:year/:month/:day/:title/" if generator == "jekyll" else ""
    rules = ReadingRules(
        generator, "https://ai-media.co.jp", ZoneInfo("Asia/Tokyo"), "ja", permalink, "", False,
        GateSettings(),
    )  # fmt: skip
    stats = list_files(root, generator)
    assert len(stats) == sum(path.is_file() for path in root.rglob("*"))
    return {stat.path: read_file(root, stat, rules, NOW) for stat in stats}


def find_generator(name: str) -> str:
    return "jekyll" if name in JEKYLL else "hugo" if name in HUGO else "generic"


def test_the_first_customers_posts_are_all_published() -> None:
    readings = read_all("allforces", "jekyll")
    assert Counter(reading.verdict.value for reading in readings.values()) == {"published": 235}
    for path, reading in readings.items():
        article = reading.article
        assert article is not None
        assert article.title, path
        assert article.summary, path
        assert article.categories, path
        assert "{%" not in article.text, path
        assert "{:" not in article.text, path
        held = [f for f in find_findings(article, GateSettings()) if f.level is Level.HOLD]
        assert held == [], path


def test_the_damaged_seeds_are_held_or_mended() -> None:
    readings = read_all("seeds", "jekyll")
    found = {
        path[:10]: {f.rule for f in find_findings(reading.article, GateSettings())}
        for path, reading in readings.items()
        if reading.article
    }
    assert found == {"2025-10-17": set(), "2025-11-02": set(), "2025-11-21": {"cut_title"}}
    notes = [
        {note.rule for note in reading.article.warnings}
        for reading in readings.values()
        if reading.article
    ]
    assert notes == [set(), {"stray_marker"}, {"stray_marker"}]


@pytest.mark.parametrize("name", [*JEKYLL, *HUGO, *OTHERS])
def test_every_file_of_the_other_blogs_gets_its_verdict(name: str) -> None:
    readings = read_all(f"others/{name}", find_generator(name))
    found = {(reading.verdict.value, reading.code) for reading in readings.values()}
    assert found == {UNPUBLISHED.get(name, ("published", ""))}
