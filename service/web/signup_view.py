"""What the sign-up page shows: what there is to choose, and what was chosen so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.model.languages import name_language, primary_subtag
from service.model.newsletter import Newsletter
from service.model.publication import Publication
from service.web.faults import say_fault
from service.web.rhythm import say_pace
from service.web.signup_form import Filled, list_mail_languages
from service.words.catalogues import find_voice, list_languages
from service.words.voice import Voice

_MOST_TOPICS = 40


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose, and whether it is chosen."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class NewsletterOption:
    """A newsletter to choose, with the names its own fields go by."""

    newsletter_id: str
    title: str
    language: str
    rhythm: str
    is_chosen: bool
    cadences: tuple[Option, ...]
    topics: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class SignupView:
    """The form in one language; `hidden` are fields that come back as they were.

    It `has_past` where what some newsletter sent may be looked at before.
    """

    lang: str
    email: str
    newsletters: tuple[NewsletterOption, ...]
    languages: tuple[Option, ...]
    hours: tuple[Option, ...]
    consent: str
    faults: tuple[str, ...]
    hidden: tuple[tuple[str, str], ...]
    other_languages: tuple[Option, ...] = ()
    has_past: bool = False

    @property
    def is_more_open(self) -> bool:
        """Whether somebody has chosen among what is folded away."""
        return any(one.is_chosen and one.value for one in (*self.languages, *self.hours))


def compose_view(
    offers: Sequence[tuple[Newsletter, Sequence[str]]],
    filled: Filled | None,
    *,
    lang: str,
    consent: str,
    hidden: Sequence[tuple[str, str]],
    preset: Sequence[str] = (),
) -> SignupView:
    """The form for what each newsletter offers (its topics beside it), filled in as it was.

    `preset` are the newsletters chosen before anybody did; without any, the first is.
    """
    voice = find_voice(lang)
    spoken = list_mail_languages([newsletter for newsletter, _ in offers])
    language, hour = (filled.language, filled.send_hour) if filled else ("", None)
    return SignupView(
        lang=voice.language,
        email=filled.typed[:254] if filled else "",
        newsletters=tuple(
            _compose_newsletter(one, topics, filled, voice, preset or (offers[0][0].newsletter_id,))
            for one, topics in offers
        ),
        languages=(
            Option("", voice.say("That of the newsletter"), not language),
            *(Option(one, name_language(one), one == language) for one in spoken),
        ),
        hours=(
            Option("", voice.say("As soon as it is out"), hour is None),
            *(Option(f"{n}", voice.say("{hour}:00", hour=n), n == hour) for n in range(24)),
        ),
        consent=consent,
        faults=tuple(say_fault(voice, one) for one in (filled.faults if filled else ())),
        hidden=tuple(hidden),
        other_languages=tuple(
            Option(one, name_language(one), is_chosen=False)
            for one in list_languages()
            if one != voice.language
        ),
        has_past=any(newsletter.archive for newsletter, _ in offers),
    )


def choose_lang(wanted: str, publication: Publication) -> str:
    """The language of a page: the one asked for where we speak it, else the publication's."""
    return wanted if primary_subtag(wanted) in list_languages() else publication.language


def _compose_newsletter(
    newsletter: Newsletter,
    topics: Sequence[str],
    filled: Filled | None,
    voice: Voice,
    preset: Sequence[str],
) -> NewsletterOption:
    chosen = {one.newsletter.newsletter_id: one for one in (filled.choices if filled else ())}
    choice = chosen.get(newsletter.newsletter_id)
    cadence = choice.cadence if choice else newsletter.default_cadence
    picked = choice.topics if choice else ()
    return NewsletterOption(
        newsletter_id=newsletter.newsletter_id,
        title=newsletter.title,
        language="" if newsletter.language == voice.language else newsletter.language,
        rhythm=say_pace(voice, newsletter, newsletter.default_cadence),
        is_chosen=choice is not None if filled else newsletter.newsletter_id in preset,
        cadences=tuple(
            Option(one, say_pace(voice, newsletter, one), one is cadence)
            for one in newsletter.cadences
        )
        if len(newsletter.cadences) > 1
        else (),
        topics=tuple(Option(one, one, one in picked) for one in topics[:_MOST_TOPICS])
        if len(topics) > 1 or newsletter.topics
        else (),
    )
