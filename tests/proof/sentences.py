"""`make words`: what Kawaraban says, harvested from code and templates into each language's file.

Translations are kept, new sentences come in empty, and those that nothing says any more go.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "templates" / "words"
_KEYWORDS = {
    "say": None,
    "say_of": ((1, "c"), 2),
    "say_count": (1, 2),
    "say_count_of": ((1, "c"), 2, 3),
}
_SAYS = re.compile(rb"\bsay(_\w+)?\(")
# The commands have a say() of their own, for the terminal.
_SPEAKS = re.compile(rb"\b(Voice|find_voice)\b")
_KINDS = {
    "service/**/*.py": "python",
    "templates/**/*.html": "jinja2",
    "templates/**/*.txt": "jinja2",
}


def harvest() -> Catalog:
    """Every sentence, in the order of the files that say it."""
    found = Catalog(fuzzy=False)
    for name, method, source in _list_sources():
        for _, message, _, context in extract(method, BytesIO(source), _KEYWORDS):
            found.add(message, locations=[(name, 0)], context=context)
    return found


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
            # Most files say nothing, and looking closely takes time.
            if is_for_people and _SAYS.search(source):
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
