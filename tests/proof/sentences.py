"""`make words`: what Kawaraban says, harvested from code and templates into each language's file.

Translations are kept, new sentences come in empty, and those that nothing says any more go.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import get_args

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from service.content.gate.manuscript import Part
from service.model.edition import EditionState
from service.model.newsletter import Cadence
from service.model.post import Hold, Verdict
from service.model.reader_list import ListState
from service.words.voice import TOLD

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "templates" / "words"
_KEYWORDS = {
    "say": None,
    "say_of": ((1, "c"), 2),
    "say_count": (1, 2),
    "say_count_of": ((1, "c"), 2, 3),
}
_TOLD = {
    "word": 0,
    "Trouble": 0,
    "AddressError": 0,
    "AddressTakenError": 0,
    "CellError": 0,
    "ChangedError": 0,
    "ContentError": 1,
    "NotAllowedError": 0,
    "NotSentError": 0,
    "OurTemplateError": 0,
    "SendHoldError": 0,
    "SourceError": 0,
    "TemplateError": 0,
    "UnsupportedError": 0,
    "UnsureError": 0,
    "UsageError": 0,
}
"""Who makes what a Voice tells or retells, and which argument is the sentence, from 0."""
_INSIDE: dict[str, tuple[str, ...]] = {
    "service/model/edition.py": tuple(EditionState),
    "service/model/newsletter.py": tuple(Cadence),
    "service/model/post.py": (*Verdict, *Hold),
    "service/model/reader_list.py": tuple(ListState),
    "service/content/gate/manuscript.py": get_args(Part),
}
"""Words that are told inside other sentences, and where they are from."""
_SAYS = re.compile(rb"\bsay(_\w+)?\(")
_TELLS = re.compile(rb"\b(%s)\(" % "|".join(_TOLD).encode())
# The commands have a say() of their own, for the terminal.
_SPEAKS = re.compile(rb"\b(Voice|find_voice)\b")
# Who writes to programs, or for whoever runs the service, does so in English.
_TERMINAL = ("service/cli/", "service/config/", "service/web/api/", "service/publishing/")
_KINDS = {
    "service/**/*.py": "python",
    "templates/**/*.html": "jinja2",
    "templates/**/*.txt": "jinja2",
}


def harvest() -> Catalog:
    """Every sentence, in the order of the files that say it."""
    found = Catalog(fuzzy=False)
    for name, method, source in _list_sources():
        # Most files say nothing, and looking closely takes time.
        spoken = extract(method, BytesIO(source), _KEYWORDS) if _SAYS.search(source) else ()
        for _, message, _, context in spoken:
            found.add(message, locations=[(name, 0)], context=context)
        for call in list_tellings(name, source):
            if call.sentence is not None:
                found.add(call.sentence, locations=[(name, 0)], context=TOLD)
    for name, words in _INSIDE.items():
        for one in words:
            found.add(str(one), locations=[(name, 0)], context=TOLD)
    return found


@dataclass(frozen=True, slots=True)
class Telling:
    """A call of code that makes what is told: its sentence, and the names it has values for.

    `sentence` is None where it was made elsewhere, "" where it is put together on the spot.
    `names` is None where the values are a mapping, or for a sentence that is filled later.
    """

    place: str
    sentence: str | None
    names: frozenset[str] | None


def list_tellings(name: str, source: bytes) -> Iterator[Telling]:
    """What a file of code tells to people on pages, and in mails."""
    if not name.endswith(".py") or not _TELLS.search(source):
        return
    makers = {"word"} if name.startswith(_TERMINAL) else _TOLD.keys()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            at = _TOLD.get(node.func.id, 0)
            if node.func.id in makers and len(node.args) > at:
                yield Telling(f"{name}:{node.lineno}", _read(node.args[at]), _list_filled(node))


def _read(sentence: ast.expr) -> str | None:
    if isinstance(sentence, ast.Call):
        is_copied = not isinstance(sentence.func, ast.Name) or sentence.func.id == "str"
        return "" if is_copied else None
    if isinstance(sentence, ast.Name | ast.Attribute):
        return None
    is_literal = isinstance(sentence, ast.Constant) and isinstance(sentence.value, str)
    return str(ast.literal_eval(sentence)) if is_literal else ""


def _list_filled(call: ast.Call) -> frozenset[str] | None:
    is_later = not call.keywords and isinstance(call.func, ast.Name) and call.func.id == "word"
    names = [one.arg for one in call.keywords]
    return None if is_later or None in names else frozenset(filter(None, names))


def list_all_tellings() -> Iterator[Telling]:
    """The same of every file."""
    for name, _, source in _list_sources():
        yield from list_tellings(name, source)


def read_words(path: Path) -> Catalog:
    """The sentences of a language, from its file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem, abort_invalid=True)


def renew(path: Path, said: Catalog) -> str:
    """The text of a language's file as it should be: its own head, and what is said now."""
    words = read_words(path)
    words.update(said, no_fuzzy_matching=True)
    words.obsolete.clear()
    written = BytesIO()
    write_po(
        written, words, width=100, omit_header=True, ignore_obsolete=True, include_lineno=False
    )
    head = path.read_text(encoding="utf-8").partition("\n\n")[0] or _compose_head(words)
    return f"{head}\n\n{written.getvalue().decode().strip()}\n"


def list_untranslated(words: Catalog) -> list[str]:
    """Sentences that a language lacks, in whole or in one of its plurals."""
    return [
        str(message.id)
        for message in words
        if message.id
        and not all([message.string] if isinstance(message.string, str) else message.string or "")
    ]


def _compose_head(words: Catalog) -> str:
    head = {
        "Language": words.locale_identifier,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": words.plural_forms,
    }
    lines = (f'"{name}: {value}\\n"' for name, value in head.items())
    return "\n".join(('msgid ""', 'msgstr ""', *lines))


def _list_sources() -> Iterator[tuple[str, str, bytes]]:
    for pattern, method in _KINDS.items():
        for path in sorted(ROOT.glob(pattern)):
            name, source = path.relative_to(ROOT).as_posix(), path.read_bytes()
            is_for_people = not name.startswith("service/cli/") or _SPEAKS.search(source)
            if is_for_people:
                yield name, method, source


def main(paths: Sequence[Path]) -> None:
    """Renew the files, and say of each what is missing."""
    said = harvest()
    for path in paths or sorted(WORDS.glob("*.po")):
        path.write_text(renew(path, said), encoding="utf-8")
        missing = list_untranslated(read_words(path))
        sys.stdout.write(f"{path}: {len(said)} sentences, {len(missing)} to translate\n")


if __name__ == "__main__":
    main([Path(one) for one in sys.argv[1:]])
