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
from service.web.preference_form import Chosen
from service.web.preference_words import PreferenceWords, find_preference_words
from service.web.signup_form import list_languages
from service.web.signup_view import Option, write_rhythm
from service.web.words import PageWords, find_words
from service.web.zones import ZONES, name_place, write_offset


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

    words: PreferenceWords
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
    words = find_preference_words(standing.language)
    page = find_words(standing.language)
    timezone = chosen.choices.timezone
    there = ZoneInfo(timezone) if timezone else publication.zone
    today = now.astimezone(there).date()
    spoken = list_spoken(standing)
    return PreferenceView(
        words=words,
        newsletters=tuple(
            _compose_newsletter(one, chosen, words, page, there, spoken) for one in standing.offers
        ),
        zones=tuple(_list_zones(timezone, publication, words, page, now)),
        pause=chosen.pause,
        pause_from=(today + timedelta(days=1)).isoformat(),
        pause_through=(today + timedelta(days=366)).isoformat(),
        told=told.heading if told else "",
        told_lines=told.lines if told else (),
        notes=tuple(_list_notes(standing, words, there, contact)),
        faults=tuple(words.faults[one.name].format(**one.values) for one in chosen.faults),
        is_subscribed=any(one.is_on for one in standing.choices.newsletters.values()),
    )


def tell_saved(standing: Standing, publication: Publication) -> Told:
    """What was saved, and what comes next because of it."""
    words = find_preference_words(standing.language)
    timezone = standing.choices.timezone
    there = ZoneInfo(timezone) if timezone else publication.zone
    lines = [
        words.saved_line.format(
            newsletter=one.newsletter.title,
            next=_write_next(one.next_mail, words, there),
        )
        for one in standing.offers
        if one.next_mail is not None
    ]
    is_subscribed = any(one.is_on for one in standing.choices.newsletters.values())
    return Told(words.saved, tuple(lines) if is_subscribed else (words.saved_none,))


def list_spoken(standing: Standing) -> list[str]:
    """The languages that mail can be had in, with those that this reader has."""
    offered = list_languages([one.newsletter for one in standing.offers])
    theirs = [one.language for one in standing.choices.newsletters.values()]
    return list(dict.fromkeys([*offered, *theirs]))


def _compose_newsletter(
    offer: Offer,
    chosen: Chosen,
    words: PreferenceWords,
    page: PageWords,
    there: ZoneInfo,
    spoken: Sequence[str],
) -> NewsletterChoice:
    newsletter = offer.newsletter
    choice = chosen.choices.newsletters[newsletter.newsletter_id]
    return NewsletterChoice(
        newsletter_id=newsletter.newsletter_id,
        title=newsletter.title,
        language="" if newsletter.language == page.language else newsletter.language,
        subscribe=words.subscribe.format(newsletter=newsletter.title),
        is_on=choice.is_on,
        next_mail=_write_next(offer.next_mail, words, there) if offer.next_mail else "",
        cadences=tuple(
            Option(one, write_rhythm(page, newsletter, one), one is choice.cadence)
            for one in newsletter.cadences
        ),
        hours=tuple(_list_hours(newsletter, choice, words)),
        is_everything=not choice.topics and newsletter.newsletter_id not in chosen.undecided,
        groups=tuple(_group_topics(offer.topics, choice, words)),
        languages=tuple(Option(one, name_language(one), one == choice.language) for one in spoken),
    )


def _list_hours(newsletter: Newsletter, choice: Choice, words: PreferenceWords) -> list[Option]:
    out = f"{newsletter.send_at.hour}:{newsletter.send_at:%M}"
    is_scheduled = any(one is not Cadence.EACH for one in newsletter.cadences)
    own = words.own_hour.format(hour=out) if is_scheduled else words.own_hour_each
    return [
        Option("", own, choice.send_hour is None),
        *(
            Option(f"{hour}", words.hour_name.format(hour=hour), choice.send_hour == hour)
            for hour in range(24)
        ),
    ]


def _group_topics(
    topics: Sequence[Topic], choice: Choice, words: PreferenceWords
) -> list[TopicGroup]:
    """Nothing, where there is nothing to choose between."""
    if len(topics) < 2 and not choice.topics:
        return []
    theirs = {fold_name(name) for name in choice.topics}
    groups = []
    for heading, is_tag in ((words.categories, False), (words.tags, True)):
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
    words: PreferenceWords,
    page: PageWords,
    now: datetime,
) -> list[Option]:
    def name(zone: str) -> str:
        place, offset = name_place(zone, page.language), write_offset(zone, now)
        return words.zone_name.format(place=place, offset=offset)

    own = words.own_zone.format(zone=name(publication.timezone), title=publication.title)
    known = [one for one in ZONES if one != publication.timezone or one == timezone]
    rare = [timezone] if timezone and timezone not in ZONES else []
    return [
        Option("", own, timezone is None),
        *(Option(one, name(one), one == timezone) for one in (*rare, *known)),
    ]


def _list_notes(
    standing: Standing, words: PreferenceWords, there: ZoneInfo, contact: str
) -> list[str]:
    notes = []
    if standing.is_suppressed:
        notes.append(words.suppressed.format(contact=contact))
    if (until := standing.choices.paused_until) is not None:
        notes.append(words.paused.format(when=words.write_moment(until.astimezone(there))))
    return notes


def _write_next(mail: NextMail, words: PreferenceWords, there: ZoneInfo) -> str:
    def write(moment: datetime) -> str:
        return words.write_moment(moment.astimezone(there))

    if mail.is_leaving:
        return words.next_leaving
    if mail.at is not None:
        return (words.next_made if mail.is_made else words.next_at).format(when=write(mail.at))
    if mail.after_pause is not None:
        return words.next_each_after.format(when=write(mail.after_pause))
    return words.next_each
