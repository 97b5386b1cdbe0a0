from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.content.gate import GateSettings
from service.content.library import MAX_FILE, FileStat, list_files, read_file
from service.content.rules import ReadingRules
from service.model.post import Verdict

NOW = datetime(2026, 11, 21, tzinfo=UTC)
POST = "---\ntitle: t\ndate: 2026-01-31\n---\nbody\n"
RULES = ReadingRules(
    "generic", "https://news.test", ZoneInfo("Asia/Tokyo"), "ja", "", "", False, GateSettings()
)


def write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(POST, encoding="utf-8")


def list_paths(root: Path, generator: str = "generic") -> list[str]:
    return [stat.path for stat in list_files(root, generator)]


def test_only_markdown_files_are_listed_sorted_and_with_posix_paths(tmp_path: Path) -> None:
    write(tmp_path, "b.md", "a.markdown", "sub/c.md", "d.md.backup", "e.txt", ".f.md", ".git/g.md")
    write(tmp_path, "node_modules/h.md", "_drafts/i.md")
    assert list_paths(tmp_path) == ["a.markdown", "b.md", "sub/c.md"]


def test_in_a_jekyll_site_only_posts_folders_count(tmp_path: Path) -> None:
    write(tmp_path, "_config.yml", "README.md", "_posts/2026-01-31-a.md", "_posts/deep/b.md")
    write(tmp_path, "news/_posts/c.md", "_drafts/d.md", "_site/_posts/e.md", "_includes/f.md")
    assert list_paths(tmp_path, "jekyll") == [
        "_posts/2026-01-31-a.md",
        "_posts/deep/b.md",
        "news/_posts/c.md",
    ]
    assert list_paths(tmp_path / "_posts", "jekyll") == ["2026-01-31-a.md", "deep/b.md"]


def test_in_a_hugo_site_only_content_counts_and_a_bundle_is_one_post(tmp_path: Path) -> None:
    write(tmp_path, "hugo.toml", "README.md", "archetypes/default.md", "content/_index.md")
    write(tmp_path, "content/post/a.md", "content/post/b/index.md", "content/post/b/notes.md")
    write(tmp_path, "content/post/b/index.es.md", "content/post/b/sub/x.md")
    assert list_paths(tmp_path, "hugo") == [
        "content/_index.md",
        "content/post/a.md",
        "content/post/b/index.es.md",
        "content/post/b/index.md",
    ]


def test_links_never_lead_out_or_in_circles(tmp_path: Path) -> None:
    root = tmp_path / "posts"
    write(tmp_path, "outside/secret.md", "posts/a.md")
    (root / "loop").symlink_to(root)
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "out.md").symlink_to(tmp_path / "outside" / "secret.md")
    (root / "gone.md").symlink_to(root / "nowhere.md")
    (root / "self.md").symlink_to(root / "self.md")
    (root / "in.md").symlink_to(root / "a.md")
    assert list_paths(root) == ["a.md", "in.md"]


def test_what_is_no_file_is_no_post(tmp_path: Path) -> None:
    (tmp_path / "folder.md").mkdir()
    write(tmp_path, "folder.md/inside.md")
    os.mkfifo(tmp_path / "pipe.md")
    assert list_paths(tmp_path) == []


def test_a_link_or_a_pipe_put_in_place_later_is_quarantined_without_waiting(tmp_path: Path) -> None:
    write(tmp_path, "outside.md")
    root = tmp_path / "posts"
    root.mkdir()
    os.mkfifo(root / "pipe.md")
    (root / "out.md").symlink_to(tmp_path / "outside.md")
    (root / "folder.md").mkdir()
    for name in ("pipe.md", "out.md", "folder.md", "vanished.md"):
        reading = read_file(root, FileStat(name, 1, 1), RULES, NOW)
        assert (reading.verdict, reading.code) == (Verdict.QUARANTINED, "unreadable"), name


def test_names_are_keyed_in_nfc_and_opened_as_they_are(tmp_path: Path) -> None:
    name = unicodedata.normalize("NFD", "が.md")
    write(tmp_path, name)
    (stat,) = list_files(tmp_path, "generic")
    assert (stat.path, stat.name) == ("が.md", name)
    assert read_file(tmp_path, stat, RULES, NOW).verdict is Verdict.PUBLISHED


def test_two_names_that_differ_only_in_form_stay_two_files(tmp_path: Path) -> None:
    write(tmp_path, unicodedata.normalize("NFD", "が.md"), "が.md")
    paths = list_paths(tmp_path)
    assert len(set(paths)) == 2


def test_a_name_that_is_not_utf8_gets_a_key_that_can_be_stored(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.md")).write_text(POST, encoding="utf-8")
    (stat,) = list_files(tmp_path, "generic")
    assert stat.path == "\\xff.md"
    assert read_file(tmp_path, stat, RULES, NOW).verdict is Verdict.PUBLISHED


def test_a_name_of_255_bytes_is_read(tmp_path: Path) -> None:
    write(tmp_path, "あ" * 84 + ".md")
    (stat,) = list_files(tmp_path, "generic")
    reading = read_file(tmp_path, stat, RULES, NOW)
    assert reading.article is not None
    assert reading.article.url.isascii()


def test_the_digest_is_of_the_bytes(tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    (stat,) = list_files(tmp_path, "generic")
    facts = read_file(tmp_path, stat, RULES, NOW).facts
    assert len(facts.digest) == 64
    assert (facts.size, facts.mtime_ns) == (len(POST), stat.mtime_ns)


def test_a_file_beyond_the_cap_is_quarantined(tmp_path: Path) -> None:
    (tmp_path / "big.md").write_text(POST + "x" * MAX_FILE, encoding="utf-8")
    (stat,) = list_files(tmp_path, "generic")
    reading = read_file(tmp_path, stat, RULES, NOW)
    assert (reading.verdict, reading.code) == (Verdict.QUARANTINED, "too_large")


def test_another_configuration_has_another_digest() -> None:
    other = ReadingRules(
        "generic", "https://news.test", ZoneInfo("UTC"), "ja", "", "", False, GateSettings()
    )
    strict = ReadingRules(
        "generic",
        "https://news.test",
        RULES.zone,
        "ja",
        "",
        "",
        False,
        GateSettings({"empty": "off"}),
    )
    assert len({RULES.digest, other.digest, strict.digest}) == 3


# Read in a child: a stack overrun would take the whole suite with it.
CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from service.content.gate import GateSettings
from service.content.library import list_files, read_file
from service.content.rules import ReadingRules
root = Path(sys.argv[1])
for generator in ("generic", "jekyll", "hugo"):
    site = (generator, "https://n.test", ZoneInfo("UTC"), "en", "", "", False)
    rules = ReadingRules(*site, GateSettings())
    for stat in list_files(root, generator):
        reading = read_file(root, stat, rules, datetime(2026, 11, 21, tzinfo=UTC))
        assert reading.code != "reader", (stat.path, reading.message)
        print(generator, stat.path, reading.verdict.value, reading.code, sep="|")
"""
DEEP = 40_000
FRONT = "---\ntitle: t\ndate: 2026-01-31\n---\n"
HOSTILE = {
    "seq": "---\n" + "- " * DEEP + "\n---\n",
    "flow": "---\na: " + "[" * DEEP + "\n---\n",
    "flow-map": "---\na: " + "{a: " * 16_000 + "\n---\n",
    "keys": "---\n" + "? " * 30_000 + "\n---\n",
    "quoted": "---\na: " + '"[" [' * 10_000 + "\n---\n",
    "anchored": "---\na: " + "&a [" * 15_000 + "\n---\n",
    "indented": "---\n" + "".join(" " * n + "a:\n" for n in range(340)) + "---\n",
    "aliases": "---\na: &a [x, x]\n" + "b: [*a, *a]\n" * 9 + "---\n",
    "merges": "---\na: &a {x: 1}\nb: {<<: [*a, *a]}\n---\n",
    "cycle": "---\na: &a [*a]\n---\n",
    "toml": "+++\na = " + "[" * DEEP + "\n+++\n",
    "toml-900": "+++\na = " + "[" * 900 + "\n+++\n",
    "toml-dots": "+++\n" + ".".join("a" * 30_000) + " = 1\n+++\n",
    "json": '{"a":' * DEEP,
    "json-list": '{"a": ' + "[" * DEEP,
    "json-escapes": '{"' + '\\"' * 32_000,
    "html": FRONT + "<div>" * DEEP,
    "quotes": FRONT + "> " * DEEP,
    "lists": FRONT + "- " * DEEP,
    "liquid": FRONT + "{%" * DEEP,
    "comments": FRONT + "<!--" * DEEP,
    "markers": FRONT + "---END" * DEEP,
    "nul": "\0" * DEEP,
    "links": FRONT + "[a](" * DEEP,
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], tuple[str, str]]:
    root = tmp_path_factory.mktemp("hostile")
    for name, text in HOSTILE.items():
        (root / f"2026-01-31-{name}.md").write_text(text, encoding="utf-8")
    (root / "2026-01-31-binary.md").write_bytes(bytes(range(256)) * 100)
    (root / "2026-01-31-healthy.md").write_text(POST, encoding="utf-8")
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(root)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert child.returncode == 0, child.stderr[-2_000:]
    rows = (line.split("|") for line in child.stdout.splitlines())
    return {(generator, path[11:-3]): (verdict, code) for generator, path, verdict, code in rows}


def test_no_hostile_file_kills_the_process_or_stops_the_others(
    verdicts: dict[tuple[str, str], tuple[str, str]],
) -> None:
    assert len(verdicts) == 3 * (len(HOSTILE) + 2)
    assert all(verdicts[generator, "healthy"][0] == "published" for generator in ("jekyll", "hugo"))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("seq", "too_large"),
        ("flow", "too_deep"),
        ("flow-map", "too_deep"),
        ("keys", "too_deep"),
        ("quoted", "too_deep"),
        ("anchored", "too_deep"),
        ("indented", "too_deep"),
        ("aliases", "alias"),
        ("merges", "alias"),
        ("cycle", "alias"),
        ("toml", "too_deep"),
        ("toml-900", "toml"),
        ("toml-dots", "too_deep"),
        ("json", "too_deep"),
        ("json-list", "too_deep"),
        ("json-escapes", "unclosed"),
        ("html", "too_deep"),
        ("quotes", "too_deep"),
        ("binary", "encoding"),
    ],
)
def test_hostile_files_are_quarantined_by_name(
    verdicts: dict[tuple[str, str], tuple[str, str]], name: str, code: str
) -> None:
    assert verdicts["hugo", name] == ("quarantined", code)
