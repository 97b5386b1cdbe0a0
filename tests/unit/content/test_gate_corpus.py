"""docs/gate.md tells what the gate finds in real posts: counted again where they are at hand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.content.gate import RULES, GateSettings
from service.content.rules import ReadingRules
from service.content.survey import Surveyed, survey_posts
from service.model.post import Level

ROOT = Path(__file__).parents[3]
CORPUS = ROOT.parent / "shared" / "corpus"
PAGE = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 21, tzinfo=UTC)
JEKYLL = ("allforces", "seeds", "brew", "elixir", "huxpro", "hyperconnect", "jekyll-site", "vim-jp")
HUGO = ("codefor-de", "fahdlabs", "frustrated-writer", "ropensci")


def survey(folder: Path) -> tuple[Surveyed, ...]:
    if not folder.is_dir():
        pytest.skip(f"the real posts in {folder.name} are not beside this repository")
    name = folder.name
    generator = "jekyll" if name in JEKYLL else "hugo" if name in HUGO else "generic"
    permalink = "/:year/:month/:day/:title/" if generator == "jekyll" else ""
    rules = ReadingRules(
        generator, "https://ai-media.co.jp", ZoneInfo("Asia/Tokyo"), "ja", permalink, "", False,
        GateSettings(),
    )  # fmt: skip
    return survey_posts(folder, rules, NOW).files


def survey_others() -> list[Surveyed]:
    others = CORPUS / "others"
    folders = sorted(others.iterdir()) if others.is_dir() else [others]
    return [file for folder in folders for file in survey(folder)]


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
    files = survey(CORPUS / "allforces")
    told = {name: (int(cells[2]), int(cells[3])) for name, cells in read_page().items()}
    assert count(files) == told
    held = sum(bool(file.holds) for file in files)
    assert f"{held} of the {len(files)} posts are held" in PAGE


def test_the_page_tells_what_is_found_in_the_posts_of_others() -> None:
    files = [file for file in survey_others() if file.reading.article is not None]
    told = {name: (int(cells[4]), int(cells[5])) for name, cells in read_page().items()}
    assert count(files) == told
    assert not any(file.holds for file in files)
    assert f"none of the {len(files)}." in PAGE


def test_of_the_seeds_only_the_one_with_the_cut_title_is_held() -> None:
    files = {file.reading.facts.path[:10]: file for file in survey(CORPUS / "seeds")}
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
