"""What the page of a reader's choices shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from service.editions.news import fold_name
from service.membership import Choice, NextMail, Offer, Standing, Topic
from service.model.languages import name_language
from service.model.newsletter import Cadence, Newsletter
from service.model.publication import Publication
from service.web.consents import say_wish
from service.web.data_sayings import say_suppressed
from service.web.faults import say_fault
from service.web.preference_form import Chosen
from service.web.rhythm import say_pace
from service.web.signup_form import list_mail_languages
from service.web.signup_view import Option
from service.web.zones import ZONES, name_place, write_offset
from service.words.catalogues import find_voice
from service.words.voice import Voice


@dataclass(frozen=True, slots=True)
class TopicOption:
    """A topic to choose, with what it brought."""

    value: str
    count: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class TopicGroup:
    """Topics of one kind under their heading."""

    heading: str
    topics: tuple[TopicOption, ...]


@dataclass(frozen=True, slots=True)
class NewsletterChoice:
    """A newsletter with everything there is to choose; `next_mail` is "" where none will come."""

    newsletter_id: str
    title: str
    language: str
    subscribe: str
    is_on: bool
    next_mail: str
    cadences: tuple[Option, ...]
    hours: tuple[Option, ...]
    is_everything: bool
    groups: tuple[TopicGroup, ...]
    languages: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class PreferenceView:
    """The form in one language, with what stands above it."""

    newsletters: tuple[NewsletterChoice, ...]
    zones: tuple[Option, ...]
    pause: str
    pause_from: str
    pause_through: str
    told: str
    told_lines: tuple[str, ...]
    notes: tuple[str, ...]
    faults: tuple[str, ...]
    is_subscribed: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What was just done, to be said above the form."""

    heading: str
    lines: tuple[str, ...]


def compose_preferences(
    standing: Standing,
    chosen: Chosen,
    publication: Publication,
    contact: str,
    now: datetime,
    told: Told | None = None,
) -> PreferenceView:
    """The page as things stand, filled in as it was `chosen`."""
    voice = find_voice(standing.language)
    timezone = chosen.choices.timezone
    there = ZoneInfo(timezone) if timezone else publication.zone
    today = now.astimezone(there).date()
    spoken = list_spoken(standing)
    return PreferenceView(
        newsletters=tuple(
            _compose_newsletter(one, chosen, voice, there, spoken) for one in standing.offers
        ),
        zones=tuple(_list_zones(timezone, publication, voice, now)),
        pause=chosen.pause,
        pause_from=(today + timedelta(days=1)).isoformat(),
        pause_through=(today + timedelta(days=366)).isoformat(),
        told=told.heading if told else "",
        told_lines=told.lines if told else (),
        notes=tuple(_list_notes(standing, voice, there, contact)),
        faults=tuple(say_fault(voice, one) for one in chosen.faults),
        is_subscribed=any(one.is_on for one in standing.choices.newsletters.values()),
    )


def tell_saved(standing: Standing, publication: Publication) -> Told:
    """What was saved, and what comes next because of it."""
    voice = find_voice(standing.language)
    timezone = standing.choices.timezone
    there = ZoneInfo(timezone) if timezone else publication.zone
    lines = [
        voice.say(
            "{newsletter}: {next}",
            newsletter=one.newsletter.title,
            next=_say_next(one.next_mail, voice, there),
        )
        for one in standing.offers
        if one.next_mail is not None
    ]
    is_subscribed = any(one.is_on for one in standing.choices.newsletters.values())
    if not is_subscribed:
        lines = [
            voice.say(
                "No newsletter comes to you now. With the link that led here you can come back."
            )
        ]
    return Told(voice.say("Saved"), tuple(lines))


def tell_left(voice: Voice) -> Told:
    """That nothing comes any more."""
    line = voice.say(
        "Nothing more is sent to you; a mail that was just leaving may still arrive. "
        "Thank you for reading."
    )
    return Told(voice.say_of("every newsletter", "You have left"), (line,))


def tell_mailed(voice: Voice) -> Told:
    """That a link of an hour is on its way."""
    line = voice.say(
        "A mail with a link is on its way to your address. The link works for an hour. "
        "At most three such mails are sent in a day."
    )
    return Told(voice.say("Check your mail"), (line,))


def list_spoken(standing: Standing) -> list[str]:
    """The languages that mail can be had in, with those that this reader has."""
    offered = list_mail_languages([one.newsletter for one in standing.offers])
    theirs = [one.language for one in standing.choices.newsletters.values()]
    return list(dict.fromkeys([*offered, *theirs]))


def _compose_newsletter(
    offer: Offer,
    chosen: Chosen,
    voice: Voice,
    there: ZoneInfo,
    spoken: Sequence[str],
) -> NewsletterChoice:
    newsletter = offer.newsletter
    choice = chosen.choices.newsletters[newsletter.newsletter_id]
    return NewsletterChoice(
        newsletter_id=newsletter.newsletter_id,
        title=newsletter.title,
        language="" if newsletter.language == voice.language else newsletter.language,
        subscribe=say_wish(voice, newsletter.title),
        is_on=choice.is_on,
        next_mail=_say_next(offer.next_mail, voice, there) if offer.next_mail else "",
        cadences=tuple(
            Option(one, say_pace(voice, newsletter, one), one is choice.cadence)
            for one in newsletter.cadences
        ),
        hours=tuple(_list_hours(newsletter, choice, voice)),
        is_everything=not choice.topics and newsletter.newsletter_id not in chosen.undecided,
        groups=tuple(_group_topics(offer.topics, choice, voice)),
        languages=tuple(Option(one, name_language(one), one == choice.language) for one in spoken),
    )


def _list_hours(newsletter: Newsletter, choice: Choice, voice: Voice) -> list[Option]:
    out = f"{newsletter.send_at.hour}:{newsletter.send_at:%M}"
    is_scheduled = any(one is not Cadence.EACH for one in newsletter.cadences)
    if is_scheduled:
        own = voice.say("As soon as it is out ({hour})", hour=out)
    else:
        own = voice.say("As soon as it is out")
    return [
        Option("", own, choice.send_hour is None),
        *(
            Option(f"{hour}", voice.say("{hour}:00", hour=hour), choice.send_hour == hour)
            for hour in range(24)
        ),
    ]


def _group_topics(topics: Sequence[Topic], choice: Choice, voice: Voice) -> list[TopicGroup]:
    """Nothing, where there is nothing to choose between."""
    if len(topics) < 2 and not choice.topics:
        return []
    theirs = {fold_name(name) for name in choice.topics}
    groups = []
    for heading, is_tag in (
        (voice.say("Categories, with their stories of last month"), False),
        (voice.say("Topics, with their stories of last month"), True),
    ):
        options = tuple(
            TopicOption(one.name, f"{one.count:,}", fold_name(one.name) in theirs)
            for one in topics
            if one.is_tag is is_tag
        )
        if options:
            groups.append(TopicGroup(heading, options))
    return groups


def _list_zones(
    timezone: str | None,
    publication: Publication,
    voice: Voice,
    now: datetime,
) -> list[Option]:
    def name(zone: str) -> str:
        place, offset = name_place(voice, zone), write_offset(zone, now)
        return voice.say("{place} (UTC{offset})", place=place, offset=offset)

    home = name(publication.timezone)
    own = voice.say("{zone}, as for {title}", zone=home, title=publication.title)
    known = [one for one in ZONES if one != publication.timezone or one == timezone]
    rare = [timezone] if timezone and timezone not in ZONES else []
    return [
        Option("", own, timezone is None),
        *(Option(one, name(one), one == timezone) for one in (*rare, *known)),
    ]


def _list_notes(standing: Standing, voice: Voice, there: ZoneInfo, contact: str) -> list[str]:
    notes = []
    if standing.is_suppressed:
        notes.append(say_suppressed(voice, contact))
    if (until := standing.choices.paused_until) is not None:
        when = voice.write_appointment(until.astimezone(there))
        notes.append(voice.say("You pause: no mail comes before {when}.", when=when))
    return notes


def _say_next(mail: NextMail, voice: Voice, there: ZoneInfo) -> str:
    def write(moment: datetime) -> str:
        return voice.write_appointment(moment.astimezone(there))

    if mail.is_leaving:
        return voice.say("A mail is just leaving; what you change counts from the one after.")
    if mail.at is not None and mail.is_made:
        return voice.say(
            "Next mail: {when}. It is made already; what you change counts from the one after.",
            when=write(mail.at),
        )
    if mail.at is not None:
        return voice.say("Next mail: {when}", when=write(mail.at))
    if mail.after_pause is not None:
        return voice.say(
            "Next mail: with the first story after {when}", when=write(mail.after_pause)
        )
    return voice.say("Next mail: with the next story")
