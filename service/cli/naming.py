"""What somebody may have meant who named a thing that is not there."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import PurePosixPath

_MOST = 5
_ALIKE = 0.6


def find_near_words(word: str, known: Iterable[str]) -> list[str]:
    """The known words most like this one, the likest first; those that contain it count too."""
    names = sorted(set(known))
    inside = [name for name in names if word and word.lower() in name.lower()]
    near = get_close_matches(word, names, n=_MOST, cutoff=_ALIKE)
    return list(dict.fromkeys([*near, *inside]))[:_MOST]


def find_near_paths(path: str, known: Iterable[str]) -> list[str]:
    """The known paths whose file names are most like that of this one."""
    by_name: dict[str, list[str]] = {}
    for one in known:
        by_name.setdefault(PurePosixPath(one).name, []).append(one)
    near = find_near_words(PurePosixPath(path).name, by_name)
    return [one for name in near for one in sorted(by_name[name])][:_MOST]
