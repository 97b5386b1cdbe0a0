"""What the states of an edition are called at the desk."""

from __future__ import annotations

from service.model.edition import EditionState
from service.words.voice import Voice


def name_edition_state(voice: Voice, state: EditionState) -> str:
    """Where an edition stands."""
    return {
        EditionState.DRAFT: voice.say_of("an edition", "draft"),
        EditionState.WAITING: voice.say_of("an edition", "waiting"),
        EditionState.FREEZING: voice.say_of("an edition", "being planned"),
        EditionState.FROZEN: voice.say_of("an edition", "planned"),
        EditionState.SENDING: voice.say_of("an edition", "sending"),
        EditionState.FINISHED: voice.say_of("an edition", "sent"),
        EditionState.HELD: voice.say_of("an edition", "held"),
        EditionState.PAUSED: voice.say_of("an edition", "paused"),
        EditionState.CANCELLED: voice.say_of("an edition", "cancelled"),
        EditionState.EMPTY: voice.say_of("an edition", "empty"),
        EditionState.MERGED: voice.say_of("an edition", "merged into a later one"),
    }[state]
