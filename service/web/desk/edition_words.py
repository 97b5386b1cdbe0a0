"""What is said of editions at the desk: of what kind they are, and why they stand where they do."""

from __future__ import annotations

from service.delivery.reasons import OTHER_NUMBER, OVERDUE, SENT_NOW, UNMADE
from service.editions.cadence_words import name_cadence
from service.errors import KawarabanError, OurTemplateError, TemplateError
from service.model.delivery import Accounting
from service.model.edition import Edition, EditionState
from service.web.desk.post_lines import Badge
from service.web.desk.state_words import name_edition_state
from service.words.voice import Voice

HELD_BY_MAIL = "held by mail: "
"""How the reason begins of an edition that an editor held by a mailed link; the name follows."""

_KINDS = {
    EditionState.FINISHED: "good",
    EditionState.HELD: "bad",
    EditionState.PAUSED: "bad",
    EditionState.SENDING: "warn",
    EditionState.FROZEN: "warn",
    EditionState.FREEZING: "warn",
}


def name_kind(voice: Voice, edition: Edition) -> str:
    """How often its readers get one, or that somebody made it by hand."""
    if edition.cadence is None:
        return voice.say_of("an edition", "by hand")
    return name_cadence(voice, edition.cadence)


def show_state(voice: Voice, edition: Edition) -> Badge:
    """Where it stands, as a badge; one that may leave at its time looks well."""
    if edition.state is EditionState.WAITING and edition.approved_at is None:
        return Badge(voice.say("waits for approval"), "bad")
    kind = _KINDS.get(edition.state, "")
    return Badge(name_edition_state(voice, edition.state), kind)


def say_reason(voice: Voice, reason: str) -> str:
    """Why it was moved last: our own words in the visitor's language, an editor's as they are."""
    if reason.startswith(OVERDUE):
        return voice.say("Its time had passed long before it could be made; somebody has to look.")
    if reason.startswith(OTHER_NUMBER):
        found, _, typed = reason.removeprefix(OTHER_NUMBER).partition(" instead of ")
        return voice.say(
            "It was sent to {typed} readers and would go to {found} by now: it waits for a look.",
            typed=typed,
            found=found,
        )
    if reason.startswith(SENT_NOW):
        return voice.say("An editor sent it at once.")
    if reason.startswith(UNMADE):
        failure = reason.removeprefix(UNMADE).lstrip(": ")
        return voice.say("It cannot be made: {failure}", failure=voice.retell(failure))
    if reason.startswith("merged into "):
        later = reason.removeprefix("merged into ")
        return voice.say("Its posts went into the one of {day}.", day=later)
    if reason.startswith(HELD_BY_MAIL):
        name = reason.removeprefix(HELD_BY_MAIL)
        return voice.say("{name} held it by mail.", name=name)
    known = {
        "approved": "",
        "held by an editor": voice.say("An editor held it."),
        "paused by an editor": voice.say("An editor paused it."),
        "cancelled by an editor": voice.say("An editor cancelled it."),
        "no news since the last one": voice.say("There was no news since the last one."),
        "nobody to send it to": voice.say("There was nobody to send it to."),
        "the post may not be mailed any more": voice.say("The post may not be mailed any more."),
        "tried again": voice.say("What was missing was tried again."),
    }
    return known[reason] if reason in known else voice.retell(reason).says


def say_failure(voice: Voice, error: KawarabanError) -> str:
    """Whose mistake it is that a mail cannot be made; what it is the error says itself."""
    if isinstance(error, OurTemplateError):
        return voice.say("A template of Kawaraban itself fails. That is a mistake of ours.")
    if isinstance(error, TemplateError):
        return voice.say("This mail cannot be made. Mend what is named here, and look again.")
    return voice.say("This cannot be made into a mail:")


def name_ends(voice: Voice, count: Accounting) -> list[tuple[str, int, str]]:
    """The parts of the sum that must hold: what each is called, how many, and its name for us."""
    ends = (
        ("accepted", voice.say_of("readers of an edition", "accepted")),
        ("refused", voice.say_of("readers of an edition", "refused")),
        ("suppressed", voice.say_of("readers of an edition", "suppressed")),
        ("cancelled", voice.say_of("readers of an edition", "cancelled")),
        ("unknown", voice.say_of("readers of an edition", "unknown")),
        ("waiting", voice.say_of("readers of an edition", "waiting")),
    )
    return [(label, getattr(count, name), name) for name, label in ends]


def say_skipped(voice: Voice, skipped: str) -> str:
    """Why readers get nothing of an edition."""
    return {
        "paused": voice.say("they have paused"),
        "nothing new": voice.say("nothing in it is new to them"),
        "nothing to say": voice.say("their mail would be empty"),
        "has all the posts": voice.say("they have all its posts already"),
        "no chosen topic": voice.say("none of it is among the topics they chose"),
    }.get(skipped, skipped)
