"""What reading depends on besides the file itself."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from service.content.gate import GateSettings
from service.content.generators.habits import NO_HABITS, Habits

READER_VERSION = 3
"""Raised whenever the same bytes would be read into another article."""


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """The site's facts, habits and the gate's settings; `site_url` has no trailing slash."""

    generator: str
    site_url: str
    zone: ZoneInfo
    language: str
    permalink: str
    author: str
    future: bool
    gate: GateSettings
    habits: Habits = NO_HABITS

    @property
    def digest(self) -> str:
        """The sha256 of all of it, hex: another digest means every file is read again."""
        parts = [
            READER_VERSION,
            self.generator,
            self.site_url,
            self.zone.key,
            self.language,
            self.permalink,
            self.author,
            self.future,
            self.gate.facts,
            repr(self.habits),
        ]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()
