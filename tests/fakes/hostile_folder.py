"""A folder of posts as bad as folders get: every file in it wants to break the reader."""

from __future__ import annotations

import os
import socket
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from service.content.bounds import MAX_FOOTNOTES, MAX_MARKS
from service.content.opening import MAX_FILE

DEEP = 40_000
MARKS = MAX_MARKS - 100
FRONT = "---\ntitle: t\ndate: 2026-01-31\n---\n"
FINE = ""
"""In place of a code: the file is published, however it looks."""

Cases = Mapping[str, tuple[str | bytes, str]]


def _front(*lines: str) -> str:
    return "\n".join(["---", "title: t", "date: 2026-01-31", *lines, "---", "本文。", ""])


def _repeat(mark: str) -> str:
    return FRONT + mark * (MARKS // len(mark))


YAML: Cases = MappingProxyType(
    {
        "laughs": (
            "---\nl0: &l0 [ha, ha]\n"
            + "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 10))
            + "---\n",
            "alias",
        ),
        "merges": ("---\na: &a {x: 1}\nb: &b {<<: [*a, *a]}\nc: {<<: [*b, *b]}\n---\n", "alias"),
        "merge-alone": (_front("<<: {draft: true}"), "alias"),
        "cycle": ("---\na: &a [*a]\n---\n", "alias"),
        "seq": ("---\n" + "- " * DEEP + "\n---\n", "too_large"),
        "seq-30000": ("---\n" + "- " * 30_000 + "\n---\n", "too_deep"),
        "flow": ("---\na: " + "[" * DEEP + "\n---\n", "too_deep"),
        "flow-closed": ("---\na: " + "[" * 30_000 + "]" * 30_000 + "\n---\n", "too_deep"),
        "flow-map": ("---\na: " + "{a: " * 16_000 + "\n---\n", "too_deep"),
        "complex-keys": ("---\n" + "? " * 30_000 + "\n---\n", "too_deep"),
        "quoted": ("---\na: " + '"[" [' * 10_000 + "\n---\n", "too_deep"),
        "anchored": ("---\na: " + "&a [" * 15_000 + "\n---\n", "too_deep"),
        "indented": ("---\n" + "".join(f"{' ' * n}a:\n" for n in range(340)) + "---\n", "too_deep"),
        "many-keys": ("---\n" + "".join(f"k{n}: 1\n" for n in range(5_000)) + "---\n", "too_many"),
        "million-keys": ("---\n" + "k: 1\n" * 900_000 + "---\n", "too_large"),
        "long-scalar": ("---\na: " + "x" * 4_900_000 + "\n---\n", "too_large"),
        "object": (_front("a: !!python/object/apply:os.system ['false']"), FINE),
        "binary": (_front("a: !!binary aGVsbG8=", "b: !include /etc/passwd"), FINE),
        "numbers": (_front("a: 1e999999", f"b: {'9' * 50_000}", "c: 12:30:00", "d: 0o17"), FINE),
        "title-number": ("---\ntitle: 1e999999\ndate: 2026-01-31\n---\n本文。\n", FINE),
        "surrogates": (_front(r'a: "\ud800"'), "yaml"),
        "far-date": ("---\ntitle: t\ndate: 99999-01-01\n---\nx\n", "date"),
        "no-date": ("---\ntitle: t\ndate: 2026-02-30\n---\nx\n", "date"),
        "long-date": (f"---\ntitle: t\ndate: {'1' * 60_000}\n---\nx\n", "date"),
        "unclosed": ("---\ntitle: t\ndate: 2026-01-31\n", "unclosed"),
        "list": ("---\n- a\n---\n", "front_matter"),
    }
)
TOML: Cases = MappingProxyType(
    {
        "deep": ("+++\na = " + "[" * DEEP + "\n+++\n", "too_deep"),
        "deep-900": ("+++\na = " + "[" * 900 + "]" * 900 + "\n+++\n", "too_deep"),
        "inline": ("+++\na = " + "{a = " * 13_000 + "\n+++\n", "too_deep"),
        "dots": ("+++\n" + ".".join("a" * 30_000) + " = 1\n+++\n", "too_deep"),
        "digits": ("+++\na = " + "9" * 60_000 + "\n+++\n", "toml"),
        "surrogates": ('+++\na = "\\ud800"\n+++\n', "toml"),
        "huge-float": ('+++\ntitle = "t"\ndate = 2026-01-31\na = 1e999999\n+++\nx\n', FINE),
    }
)
JSON: Cases = MappingProxyType(
    {
        "deep": ('{"a":' * DEEP, "too_deep"),
        "deep-list": ('{"a": ' + "[" * DEEP, "too_deep"),
        "escapes": ('{"' + '\\"' * 32_000, "unclosed"),
        "million-keys": ("{" + '"k": 1,' * 600_000 + "}", "unclosed"),
        "digits": ('{"title": "t", "date": "2026-01-31", "a": ' + "9" * 50_000 + "}\nx\n", FINE),
        "huge": ('{"title": "t", "date": "2026-01-31", "a": 1e999999}\nx\n', FINE),
        "surrogates": (
            '{"title": "\\ud800a\\udfff\\ud83d", "date": "2026-01-31", "tags": ["\\ud800b"]}\nx\n',
            FINE,
        ),
    }
)
BYTES: Cases = MappingProxyType(
    {
        "nul": (b"\0" * DEEP, "no_front_matter"),
        "nul-inside": (FRONT + "a\0b\x01c\x1b[31m\ufffe\n", FINE),
        "every": (bytes(range(256)) * 100, "encoding"),
        "latin": (FRONT.encode() + b"caf\xe9\n", "encoding"),
        "cut": ((FRONT + "日本").encode()[:-1], "encoding"),
        "cesu": (FRONT.encode() + b"\xed\xa0\x80\xed\xb0\x80\n", "encoding"),
        "overlong": (FRONT.encode() + b"\xc0\xaf\n", "encoding"),
        "utf-16": ((FRONT + "日本").encode("utf-16"), "encoding"),
        "utf-16-unmarked": ((FRONT + "日本語です。").encode("utf-16-le"), "encoding"),
        "utf-32": ((FRONT + "日本").encode("utf-32"), "encoding"),
        "shift-jis": ((FRONT + "これは日本語です。").encode("cp932"), "encoding"),
        "euc-jp": ((FRONT + "これは日本語です。").encode("euc_jp"), "encoding"),
        "iso-2022-jp": ((FRONT + "これは日本語です。").encode("iso2022_jp"), "encoding"),
        "empty": (b"", "no_front_matter"),
        "mark-only": (b"\xef\xbb\xbf", "no_front_matter"),
        "returns": (FRONT.replace("\n", "\r") + "x\r", FINE),
    }
)
BODIES: Cases = MappingProxyType(
    {
        "brackets": (FRONT + "[" * 1_000_000, "too_many"),
        "pictures": (FRONT + "![](" * 250_000, "too_many"),
        "entities": (FRONT + "&amp;" * 900_000, "too_many"),
        "footnotes": (FRONT + "[^1] " * (MAX_FOOTNOTES + 1) + "\n\n[^1]: a\n", "too_many"),
        "footnotes-most": (FRONT + "[^1] " * (MAX_FOOTNOTES - 1) + "\n\n[^1]: a\n", FINE),
        "base64": (FRONT + "![](data:image/png;base64," + "QUJD" * 1_200_000 + ")", FINE),
        "one-line": (FRONT + "a" * 4_900_000, FINE),
        "kanji": (FRONT + "漢" * 1_600_000, FINE),
        "html": (FRONT + "<div>" * DEEP, "too_deep"),
        "quotes": (FRONT + "> " * DEEP, "too_deep"),
        "lists": (FRONT + "- " * DEEP, FINE),
        "emphasis": (FRONT + "*a _b " * DEEP, FINE),
        "parens": (FRONT + "[a](" * DEEP, FINE),
        "autocompleted": (FRONT + f"{'|a' * 9_000}|\n{'|-' * 9_000}|\n" + "|\n" * 80_000, FINE),
    }
)
MOST_MARKS: Cases = MappingProxyType(
    {
        f"marks-{n}": (_repeat(mark), FINE)
        for n, mark in enumerate(
            ("[", "<", "*", "a*", "{{", "{%", "---END---", "&amp;", "![](", "<!--", "<a ", "|", '"')
        )
    }
)
PATHS: Cases = MappingProxyType(
    {
        f"{key}-{n}": (_front(f'{key}: "{value}"'), code)
        for key, code in (("permalink", "permalink"), ("url", "permalink"))
        for n, value in enumerate(
            (
                "/../../x",
                "/a/%2e%2e/x",
                "/%252e%252e/x",
                "//evil.example/x",
                "https://evil.example/",
            )
        )
    }
)
TERMS: Cases = MappingProxyType(
    {
        "dots": (_front('tags: ["..", "../..", "%2e%2e", "/etc/passwd", "."]'), FINE),
        "category": (_front('categories: ["../../../x", "a/../../b"]'), FINE),
        "author": (_front('author: "../../x"'), FINE),
        "slug": (_front('slug: "../../x"'), FINE),
        "long": (_front(f'tags: ["{"長" * 9_000}"]'), FINE),
        "controls": (_front(r'tags: ["a\0b\x1b\u202e"]', r'title: "x\ny\0\u202ez"'), FINE),
    }
)
SHELVES: Mapping[str, Cases] = MappingProxyType(
    {
        "yaml": YAML,
        "toml": TOML,
        "json": JSON,
        "bytes": BYTES,
        "bodies": BODIES,
        "marks": MOST_MARKS,
        "paths": PATHS,
        "terms": TERMS,
    }
)
LITTER = (".#x.md", "x.md~", "x.md.swp", ".x.md.swp", "x.md.backup", "4913", "#x.md#", "x.md.tmp")
SOUND = ("sound-1.md", "yaml/sound-2.md", "things/sound-3.md")


def write_hostile(root: Path) -> dict[str, str]:
    """Write all of it below `root`; returns the code each path must end with."""
    expected = write_texts(root)
    expected |= write_things(root / "things")
    for name in LITTER:
        (root / name).write_text(FRONT + "never seen\n", encoding="utf-8")
    for name in SOUND:
        text = f"---\ntitle: Sound {name}\ndate: 2026-02-01\n---\nSound as a bell.\n"
        (root / name).write_text(text, encoding="utf-8")
    return expected | dict.fromkeys(SOUND, FINE)


def write_texts(root: Path) -> dict[str, str]:
    """Write what is bad by its content."""
    expected = {}
    for shelf, cases in SHELVES.items():
        folder = root / shelf
        folder.mkdir(parents=True)
        for name, (content, code) in cases.items():
            raw = content.encode() if isinstance(content, str) else content
            (folder / f"{name}.md").write_bytes(raw)
            expected[f"{shelf}/{name}.md"] = code
    return expected


def write_things(folder: Path) -> dict[str, str]:
    """Write what is bad by its kind, its size or its name."""
    folder.mkdir(parents=True)
    expected: dict[str, str] = {}
    for write in (_write_kinds, _write_links, _write_names, _write_sizes):
        expected |= write(folder)
    return {f"{folder.name}/{path}": code for path, code in expected.items()}


def _write_kinds(folder: Path) -> dict[str, str]:
    (folder / "2026-01-01-folder.md").mkdir()
    (folder / "2026-01-01-folder.md" / "inside.md").write_text(FRONT, encoding="utf-8")
    os.mkfifo(folder / "pipe.md")
    _write_socket(folder, "socket.md")
    return dict.fromkeys(["2026-01-01-folder.md", "pipe.md", "socket.md"], "unreadable")


def _write_socket(folder: Path, name: str) -> None:
    # The name of a socket may have 108 bytes, so it is bound from where it lies.
    here = Path.cwd()
    os.chdir(folder)
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(name)
    finally:
        os.chdir(here)


def _write_links(folder: Path) -> dict[str, str]:
    (folder / "target.md").write_text(FRONT + "x\n", encoding="utf-8")
    links = {
        "out.md": "/etc/passwd",
        "zero.md": "/dev/zero",
        "memory.md": "/proc/self/mem",
        "dangling.md": "nowhere.md",
        "circle.md": "circle.md",
        "to-folder.md": ".",
    }
    for name, target in links.items():
        (folder / name).symlink_to(target)
    (folder / "around").symlink_to("..")
    (folder / "away").symlink_to("/")
    (folder / "inside.md").symlink_to("target.md")
    (folder / "hard.md").hardlink_to(folder / "target.md")
    codes = dict.fromkeys(links, "unreadable")
    codes |= dict.fromkeys(["target.md", "inside.md", "hard.md"], FINE)
    return codes | {"around/": "link", "away/": "link"}


def _write_names(folder: Path) -> dict[str, str]:
    names = {
        "あ" * 84 + ".md": "",
        "line\nbreak.md": "line\\x0abreak.md",
        "escape\x1b[31m.md": "escape\\x1b[31m.md",
        "right\u202eleft.md": "right\\u202eleft.md",
        unicodedata.normalize("NFD", "が.md"): "が.md",
        os.fsdecode(b"byte\xff.md"): "byte\\xff.md",
        "-rf.md": "",
        "%2e%2e.md": "",
        "a%00b.md": "",
        "‥.md": "",
        "two..dots.md": "",
        "con.md": "",
        "$(id);`id`.md": "",
        "<b>&amp;.md": "",
    }
    for name in names:
        (folder / name).write_text(FRONT + "x\n", encoding="utf-8")
    return {key or name: FINE for name, key in names.items()}


def _write_sizes(folder: Path) -> dict[str, str]:
    with (folder / "sparse.md").open("wb") as file:
        file.write(FRONT.encode())
        file.truncate(50_000_000)
    (folder / "real.md").write_bytes(FRONT.encode() + b"x" * 50_000_000)
    (folder / "picture.md").write_bytes(FRONT.encode() + b"![](data:" + b"QUJD" * 5_000_000)
    (folder / "just-over.md").write_bytes(FRONT.encode().ljust(MAX_FILE + 1, b"x"))
    names = ["sparse.md", "real.md", "picture.md", "just-over.md"]
    return dict.fromkeys(names, "too_large")


def write_deep(folder: Path, depth: int) -> None:
    """Make folders in folders, further than a path can name, with a post at the bottom."""
    here = os.open(folder, os.O_RDONLY)
    try:
        for _ in range(depth):
            os.mkdir("d" * 200, dir_fd=here)
            below = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        file = os.open("deep.md", os.O_WRONLY | os.O_CREAT, dir_fd=here)
        os.write(file, FRONT.encode())
        os.close(file)
    finally:
        os.close(here)


Break = Callable[[Path], object]


def _replace(path: Path, make: Callable[[Path], object]) -> None:
    path.unlink()
    make(path)


BREAKS: Mapping[str, Break] = MappingProxyType(
    {
        "emptied": lambda path: path.write_bytes(b""),
        "cut-in-front-matter": lambda path: path.write_bytes(path.read_bytes()[:20]),
        "cut-in-character": lambda path: path.write_bytes(path.read_bytes()[:-3]),
        "without-front-matter": lambda path: path.write_text("本文だけ。\n", encoding="utf-8"),
        "merge-conflict": lambda path: path.write_text(
            f"<<<<<<< ours\n{path.read_text(encoding='utf-8')}>>>>>>> theirs\n", encoding="utf-8"
        ),
        "bad-yaml": lambda path: path.write_text(
            '---\ntitle: Rust: the "good"\n---\n', encoding="utf-8"
        ),
        "huge": lambda path: os.truncate(path, 50_000_000),
        "folder": lambda path: _replace(path, Path.mkdir),
        "pipe": lambda path: _replace(path, os.mkfifo),
        "dangling": lambda path: _replace(path, lambda link: link.symlink_to("nowhere")),
        "shift-jis": lambda path: path.write_bytes(
            path.read_text(encoding="utf-8").encode("cp932")
        ),
    }
)
"""What happens to a good file: each takes its path."""
