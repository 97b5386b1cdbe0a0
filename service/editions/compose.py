"""From an edition and its selection to what the mail shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from service.editions.cadence_words import name_cadence
from service.editions.entries import show_posts
from service.editions.footer import compose_footer
from service.editions.intro import Intro, render_intro
from service.editions.plain import clean_line, clean_url, clip_line
from service.editions.subject import compose_subject
from service.editions.view import (
    CorrectionView,
    Digest,
    EntryView,
    FooterView,
    MoreView,
    SectionView,
)
from service.model.edition import Correction, Edition, More, Selection
from service.model.languages import find_direction
from service.model.message import PREFERENCES_MARK, UNSUBSCRIBE_MARK
from service.model.newsletter import Cadence, Newsletter
from service.model.publication import Publication, Sender
from service.words.catalogues import find_voice
from service.words.voice import Voice

_PREHEADER_COLUMNS = 140


def compose_digest(
    edition: Edition,
    newsletter: Newsletter,
    publication: Publication,
    sender: Sender,
    selection: Selection,
    *,
    category_url: Callable[[str], str],
    language: str | None = None,
    view_url: str = "",
) -> Digest:
    """Say what the mail shows, dates in the publication's zone.

    `language` is that of the mail's own words (None: the newsletter's), `view_url` where the
    edition is on the web. A post is shown by title and summary, never in full. The introduction
    is the edition's or else the newsletter's; without posts the mail is an announcement.
    """
    spoken = language or newsletter.language
    voice, zone = find_voice(spoken), publication.zone
    day = edition.slot_at.astimezone(zone).date()
    intro = render_intro(edition.intro or newsletter.intro, publication.url)
    sections = _drop_common_byline(_show_sections(selection, voice, zone, spoken, category_url))
    entries = [entry for section in sections for entry in section.entries]
    is_single = len(entries) == 1 and not selection.more and not edition.intro.strip()
    return Digest(
        layout="single" if is_single else "digest",
        subject=compose_subject(edition, newsletter, selection, voice, day),
        preheader=clean_line(edition.preheader) or _compose_preheader(intro, entries),
        language=spoken,
        direction=find_direction(spoken),
        newsletter=clean_line(newsletter.title),
        newsletter_url=clean_url(publication.url),
        # A post sent as it appears belongs to no issue; it has its own date.
        issue="" if is_single else _write_issue(day, voice),
        contents=_count_contents(selection, voice),
        view=voice.say("Read in the browser"),
        view_url=clean_url(view_url),
        intro_html=intro.html,
        intro_text=intro.text,
        sections=sections,
        more_heading=voice.say("Also new"),
        more=_list_rest(selection, voice, category_url),
        read_on=voice.say("Read on"),
        footer=_compose_footer(edition, newsletter, sender, voice),
        corrections=tuple(_show_correction(one, publication, voice) for one in edition.corrections),
    )


def _show_correction(one: Correction, publication: Publication, voice: Voice) -> CorrectionView:
    day = voice.write_day(one.about_at.astimezone(publication.zone).date())
    body = render_intro(one.text, publication.url)
    about = voice.say("Correction to the issue of {day}", day=day)
    return CorrectionView(about, body.html, body.text)


def _show_sections(
    selection: Selection,
    voice: Voice,
    zone: ZoneInfo,
    language: str,
    category_url: Callable[[str], str],
) -> tuple[SectionView, ...]:
    left = {more.name: more for more in selection.more}
    only_one = len(selection.sections) == 1 and not selection.sections[0].name
    return tuple(
        SectionView(
            name="" if only_one else clean_line(section.name) or _name_others(voice),
            entries=show_posts(section.posts, language=language, zone=zone, category=section.name),
            more=_link_more(left[section.name], voice, category_url)
            if section.name in left
            else None,
        )
        for section in selection.sections
    )


def _drop_common_byline(sections: tuple[SectionView, ...]) -> tuple[SectionView, ...]:
    """A name that stands under every post of several tells nothing about any of them."""
    entries = [entry for section in sections for entry in section.entries]
    if len(entries) < 2 or len({entry.byline for entry in entries}) > 1:
        return sections
    return tuple(
        replace(section, entries=tuple(replace(entry, byline="") for entry in section.entries))
        for section in sections
    )


def _list_rest(
    selection: Selection, voice: Voice, category_url: Callable[[str], str]
) -> tuple[MoreView, ...]:
    """The sections of which no post is shown."""
    shown = {section.name for section in selection.sections}
    left = [more for more in selection.more if more.name not in shown]
    return tuple(_link_rest(more, voice, category_url) for more in left)


def _link_more(more: More, voice: Voice, category_url: Callable[[str], str]) -> MoreView:
    label = voice.say_count("See {count} more", "See {count} more", more.count)
    return _show_more(more, voice, category_url, label)


def _link_rest(more: More, voice: Voice, category_url: Callable[[str], str]) -> MoreView:
    label = voice.say_count("{count} story", "{count} stories", more.count)
    return _show_more(more, voice, category_url, label)


def _show_more(
    more: More, voice: Voice, category_url: Callable[[str], str], label: str
) -> MoreView:
    return MoreView(
        name=clean_line(more.name) or _name_others(voice),
        label=label,
        url=clean_url(category_url(more.name)),
    )


def _name_others(voice: Voice) -> str:
    return voice.say("Other stories")


def _write_issue(day: date, voice: Voice) -> str:
    pattern = voice.say_of("the day of an issue by its CLDR pattern", "EEEE, MMMM d, y")
    return voice.write_by(pattern, day)


def _count_contents(selection: Selection, voice: Voice) -> str:
    count, more = len(selection.posts), selection.more_count
    if not count:
        return ""
    line = voice.say_count_of("inside a mail", "{count} story", "{count} stories", count)
    if not more:
        return line
    return voice.say_count(
        "{contents}, and {count} more on the site",
        "{contents}, and {count} more on the site",
        more,
        contents=line,
    )


def _compose_preheader(intro: Intro, entries: list[EntryView]) -> str:
    """What a mailbox shows beside the subject: never the first title once more."""
    if intro.text:
        return clip_line(clean_line(intro.text.split("\n\n")[0]), _PREHEADER_COLUMNS)
    if len(entries) == 1:
        return clip_line(entries[0].summary, _PREHEADER_COLUMNS)
    titles = " / ".join(entry.title for entry in entries[1:4])
    return clip_line(titles, _PREHEADER_COLUMNS)


def _compose_footer(
    edition: Edition, newsletter: Newsletter, sender: Sender, voice: Voice
) -> FooterView:
    return compose_footer(
        voice,
        why=_say_why(edition.cadence, newsletter, voice),
        unsubscribe_url=UNSUBSCRIBE_MARK,
        preferences_url=PREFERENCES_MARK,
        sender=sender.name,
        postal_address=sender.postal_address,
        contact=sender.contact,
    )


def _say_why(cadence: Cadence | None, newsletter: Newsletter, voice: Voice) -> str:
    title = clean_line(newsletter.title)
    if cadence is None:
        return voice.say("You get this mail because you subscribed to {title}.", title=title)
    return voice.say(
        "You get this mail because you subscribed to {title} ({cadence}).",
        title=title,
        cadence=name_cadence(voice, cadence),
    )
