"""Real posts, where they lie beside the repository: every file gets the verdict it deserves.

And docs/gate.md tells what the gate finds in them: counted again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.content.gate import RULES, GateSettings, Neighbours, judge_reading, make_outline
from service.content.library import list_files, read_file
from service.content.rules import ReadingRules
from service.content.survey import Surveyed
from service.model.post import Finding, Level, Reading

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
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
DOCUMENT = Path(__file__).parents[2] / "docs" / "reading-posts.md"
PAGE = (DOCUMENT.parent / "gate.md").read_text(encoding="utf-8")
_ROW = re.compile(r"\| (?P<blog>[\w-]+) \| `(?P<file>[^`]+)` \| (?P<verdict>[a-z ]+) \| .+ \|")


def read_all(name: str) -> Mapping[str, Reading]:
    if not (CORPUS / name).is_dir():
        pytest.skip(f"the real posts in {name} are not beside this repository")
    return read_folder(CORPUS / name)


@cache
def read_folder(root: Path) -> Mapping[str, Reading]:
    """Every file of a blog, read once however much is asked of it."""
    generator = find_generator(root.name)
    permalink = "/:year/:month/:day/:title/" if generator == "jekyll" else ""
    rules = ReadingRules(
        generator, "https://ai-media.co.jp", ZoneInfo("Asia/Tokyo"), "ja", permalink, "", False,
        GateSettings(),
    )  # fmt: skip
    stats = list_files(root, generator)
    assert len(stats) == sum(path.is_file() for path in root.rglob("*"))
    return {stat.path: read_file(root, stat, rules, NOW) for stat in stats}


def find_generator(name: str) -> str:
    if name in JEKYLL or name in ("allforces", "seeds"):
        return "jekyll"
    return "hugo" if name in HUGO else "generic"


def judge_all(name: str) -> list[Surveyed]:
    readings = read_all(name).values()
    articles = (reading.article for reading in readings)
    neighbours = Neighbours(make_outline(article) for article in articles if article)
    return [Surveyed(one, judge_reading(one, neighbours, GateSettings())) for one in readings]


def test_the_first_customers_posts_are_all_published() -> None:
    readings = read_all("allforces")
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
    readings = read_all("seeds")
    notes = [
        {note.rule for note in reading.article.warnings}
        for reading in readings.values()
        if reading.article
    ]
    assert notes == [set(), {"stray_marker"}, {"stray_marker"}]


@pytest.mark.parametrize("name", [*JEKYLL, *HUGO, *OTHERS])
def test_every_file_of_the_other_blogs_has_the_verdict_a_person_gave_it(name: str) -> None:
    readings = read_all(f"others/{name}")
    found = {path: reading.verdict.value for path, reading in readings.items()}
    assert found == list_verdicts(name)


def list_verdicts(name: str) -> dict[str, str]:
    rows = _ROW.finditer(DOCUMENT.read_text(encoding="utf-8"))
    return {row["file"]: row["verdict"] for row in rows if row["blog"] == name}


def count(files: Iterable[Surveyed]) -> dict[str, tuple[int, int]]:
    """How many posts each rule finds something in, and how many of those it holds."""
    found = [finding for file in files for finding in file.findings]
    all_of = Counter(finding.rule for finding in found)
    held = Counter(finding.rule for finding in found if finding.level is Level.HOLD)
    return {name: (all_of[name], held[name]) for name in RULES}


def read_page() -> dict[str, list[str]]:
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", PAGE.split("\n## ")[1], re.MULTILINE)
    return {name: [cell.strip() for cell in cells.split(" | ")] for name, cells in rows}


def write_terms(name: str) -> str:
    terms = RULES[name]
    level = terms.level.value + (f" from {terms.threshold:g}" if terms.threshold else "")
    return level + (f", hold from {terms.hold_from:g}" if terms.hold_from else "")


def test_the_page_has_every_rule_with_its_terms() -> None:
    told = {name: cells[1] for name, cells in read_page().items()}
    assert told == {name: write_terms(name) for name in RULES}


def test_the_page_tells_what_is_found_in_the_first_customers_posts() -> None:
    files = judge_all("allforces")
    told = {name: (int(cells[2]), int(cells[3])) for name, cells in read_page().items()}
    assert count(files) == told
    held = sum(bool(file.holds) for file in files)
    assert f"{held} of the {len(files)} posts are held" in PAGE


def test_the_page_tells_what_is_found_in_the_posts_of_others() -> None:
    judged = (judge_all(f"others/{name}") for name in (*JEKYLL, *HUGO, *OTHERS))
    files = [file for blog in judged for file in blog if file.reading.article is not None]
    told = {name: (int(cells[4]), int(cells[5])) for name, cells in read_page().items()}
    assert count(files) == told
    assert not any(file.holds for file in files)
    assert f"none of the {len(files)}." in PAGE


def test_the_page_tells_how_many_are_held_where_the_full_text_is_mailed() -> None:
    files = judge_all("allforces")
    held = sum(
        bool(file.holds) or any(map(_holds_in_full, file.findings))
        for file in files
        if file.reading.article and file.reading.article.mailable
    )
    assert f"{held} of the {len(files)} posts would be held" in PAGE


def _holds_in_full(finding: Finding) -> bool:
    return finding.rule in RULES and RULES[finding.rule].of_body


def test_of_the_seeds_only_the_one_with_the_cut_title_is_held() -> None:
    files = {file.reading.facts.path[:10]: file for file in judge_all("seeds")}
    found = {
        day: [(f.rule, f.level.value, f.line) for f in file.findings] for day, file in files.items()
    }
    assert found["2025-10-17"] == []
    assert [rule for rule, level, _ in found["2025-11-02"] if level == "warn"] == ["stray_marker"]
    assert ("cut_title", "hold", 3) in found["2025-11-21"]
    assert [day for day, file in files.items() if file.holds] == ["2025-11-21"]
    mended = files["2025-11-02"].reading.article
    assert mended is not None
    assert "END" not in mended.text
