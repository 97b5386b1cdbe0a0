"""Sentences of ours that are kept, or handed on, as texts: English, and told in any language."""

from __future__ import annotations


def word(sentence: str, /, **values: str) -> str:
    """The English sentence with its {names} filled; a Voice recognises it, and retells it.

    `sentence` is written out where this is called, so that `make words` finds it.
    """
    return sentence.format(**values) if values else sentence
