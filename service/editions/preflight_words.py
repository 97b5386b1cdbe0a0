"""What is odd about an edition before it leaves, and what to do about it, in words."""

from __future__ import annotations

from collections.abc import Mapping

from service.editions.rule_words import name_rule, tell_fault
from service.words.voice import Voice

Values = Mapping[str, str | int]


def say_flaw(voice: Voice, code: str, values: Values) -> tuple[str, str]:
    """The flaw in one sentence, and what to do; raises KeyError for a code that is unknown."""
    if code == "gate":
        return _say_gate(voice, values)
    if code == "marker":
        return _say_marker(voice, values)
    if code == "obstacle":
        values = {"what": voice.retell(str(values["what"])).says}
    says, advice = _list_flaws(voice)[code]
    return says.format_map(values), advice.format_map(values)


def say_flaws_of_kind(voice: Voice, code: str, values: Values) -> tuple[str, str] | None:
    """The same for all posts or addresses that have a flaw; None for one that is of the edition."""
    if code == "gate":
        return name_rule(voice, str(values["rule"])), voice.say("Mend it, or leave the story out.")
    return _list_kinds(voice).get(code)


def _list_kinds(voice: Voice) -> dict[str, tuple[str, str]]:
    say = voice.say
    return {
        "held_since": (
            say("Held or withdrawn since, and not in the mail:"),
            say("Release it to have it in, or leave it out."),
        ),
        "no_alt": (
            say("These pictures say nothing to those who do not see them:"),
            say("Describe them in their alternative text."),
        ),
        "private_link": (
            say("Links lead to where readers cannot go:"),
            say("Replace them with addresses that the outside world knows."),
        ),
    }


def _say_gate(voice: Voice, values: Values) -> tuple[str, str]:
    fault, _ = tell_fault(voice, str(values["rule"]), str(values["message"]))
    return (
        voice.say("{title}: {fault}.", title=values["title"], fault=fault),
        voice.say("Look at {path}, and mend it or leave it out.", path=values["path"]),
    )


def _say_marker(voice: Voice, values: Values) -> tuple[str, str]:
    places = {
        "subject": voice.say_of("a part of an edition", "the subject"),
        "preheader": voice.say_of("a part of an edition", "the preheader"),
        "intro": voice.say_of("a part of an edition", "the introduction"),
        "correction": voice.say_of("a part of an edition", "a correction"),
    }
    place = places[str(values["where"])]
    return (
        voice.say("“{marker}” stands in {place}.", marker=values["marker"], place=place),
        voice.say("Finish what it was left there for."),
    )


def _list_flaws(voice: Voice) -> dict[str, tuple[str, str]]:
    """Sentences whose {names} are still to be filled."""
    say = voice.say
    return {
        "obstacle": (
            say("Nothing can be sent from here yet: {what}."),
            say("Set it in kawaraban.toml or the environment, and start again."),
        ),
        "no_readers": (
            say("Nobody would get this edition."),
            say("Look at its posts and topics; readers may have had all of it already."),
        ),
        "private_service": (
            say("Links to unsubscribe lead to {url}, which readers cannot reach."),
            say("Set service.url to the address that the outside world knows."),
        ),
        "too_large": (
            say("The mail has {bytes} bytes of HTML, and Gmail cuts off what comes after {most}."),
            say("Shorten the introduction, or leave a post out."),
        ),
        "short_subject": (
            say("The subject is only {columns} columns wide."),
            say("Say what is inside; a reader sees hardly more than the subject."),
        ),
        "long_subject": (
            say("The subject is {columns} columns wide, and mailboxes show {most} at the most."),
            say("Shorten it, or put first what matters."),
        ),
        "no_preheader": (
            say("There is no preheader, the line that mailboxes show beside the subject."),
            say("Write one: without it a mailbox shows whatever the mail begins with."),
        ),
        "no_alt": (
            say("The picture {url} says nothing to those who do not see it."),
            say("Describe it in its alternative text."),
        ),
        "private_link": (
            say("A link leads to {url}, which readers cannot reach."),
            say("Replace it with an address that the outside world knows."),
        ),
        "held_since": (
            say("{title} was held or withdrawn since, and is not in the mail."),
            say("Release {path} to have it in, or leave it out."),
        ),
    }
