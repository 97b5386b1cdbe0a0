"""Text that XML allows.

The door of the house cleans every text once. This is the second lock: a row written by an older
version, or by hand, must not take a whole feed with it, as lxml would refuse the lot. It goes
over the whole feed as one value, so that no field added later can be forgotten.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import TypeVar

T = TypeVar("T")

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
"""What XML forbids, and the controls that it allows and discourages: they show nothing."""


def clean_text(text: str) -> str:
    """The text without characters that XML forbids or discourages, and without lone surrogates."""
    return _FORBIDDEN.sub("", text)


def clean_texts(value: T) -> T:
    """The same dataclass, tuple or string with every text in it cleaned, however deep."""
    cleaned: object = value
    if isinstance(value, str) and not isinstance(value, Enum):
        cleaned = clean_text(value)
    elif isinstance(value, tuple):
        cleaned = tuple(clean_texts(item) for item in value)
    elif is_dataclass(value) and not isinstance(value, type):
        changes = {field.name: clean_texts(getattr(value, field.name)) for field in fields(value)}
        cleaned = replace(value, **changes)
    return cleaned  # type: ignore[return-value]  # each branch keeps the type it was given
