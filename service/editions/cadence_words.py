"""How often mail comes, said inside a sentence."""

from __future__ import annotations

from service.model.newsletter import Cadence
from service.words.voice import Voice


def name_cadence(voice: Voice, cadence: Cadence) -> str:
    """How often mail of this cadence comes, such as "weekly"."""
    match cadence:
        case Cadence.EACH:
            return voice.say("each story as it appears")
        case Cadence.DAILY:
            return voice.say("daily")
        case Cadence.WEEKLY:
            return voice.say("weekly")
        case Cadence.MONTHLY:
            return voice.say("monthly")
