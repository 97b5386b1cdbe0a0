"""Real posts, where they lie beside the repository: every file gets the verdict it deserves."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.content.gate import GateSettings
from service.content.library import list_files, read_file
from service.content.rules import ReadingRules
from service.model.post import Reading

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
DOCUMENT = Path(__file__).parents[3] / "docs" / "reading-posts.md"
_ROW = re.compile(r"\| (?P<blog>[\w-]+) \| `(?P<file>[^`]+)` \| (?P<verdict>[a-z ]+) \| .+ \|")


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


def test_the_damaged_seeds_are_mended() -> None:
    readings = read_all("seeds", "jekyll")
    notes = [
        {note.rule for note in reading.article.warnings}
        for reading in readings.values()
        if reading.article
    ]
    assert notes == [set(), {"stray_marker"}, {"stray_marker"}]


@pytest.mark.parametrize("name", [*JEKYLL, *HUGO, *OTHERS])
def test_every_file_of_the_other_blogs_has_the_verdict_a_person_gave_it(name: str) -> None:
    readings = read_all(f"others/{name}", find_generator(name))
    found = {path: reading.verdict.value for path, reading in readings.items()}
    assert found == list_verdicts(name)


def list_verdicts(name: str) -> dict[str, str]:
    rows = _ROW.finditer(DOCUMENT.read_text(encoding="utf-8"))
    return {row["file"]: row["verdict"] for row in rows if row["blog"] == name}
