"""From an edition and its selection to what the mail shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

from service.editions.entries import show_posts
from service.editions.footer import compose_footer
from service.editions.intro import Intro, render_intro
from service.editions.plain import clean_line, clean_url, clip_line
from service.editions.subject import compose_subject
from service.editions.view import Digest, EntryView, MoreView, SectionView
from service.editions.word_forms import Words
from service.editions.words import find_words
from service.model.edition import Edition, More, Selection
from service.model.languages import find_direction
from service.model.message import PREFERENCES_MARK, UNSUBSCRIBE_MARK
from service.model.newsletter import Cadence, Newsletter
from service.model.publication import Publication, Sender

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
    words, zone = find_words(spoken), publication.zone
    day = edition.slot_at.astimezone(zone).date()
    intro = render_intro(edition.intro or newsletter.intro, publication.url)
    sections = _drop_common_byline(_show_sections(selection, words, zone, spoken, category_url))
    shown = {section.name for section in selection.sections}
    entries = [entry for section in sections for entry in section.entries]
    is_single = len(entries) == 1 and not selection.more and not edition.intro.strip()
    return Digest(
        layout="single" if is_single else "digest",
        subject=compose_subject(edition, newsletter, selection, words, day),
        preheader=_compose_preheader(intro, entries),
        language=spoken,
        direction=find_direction(spoken),
        newsletter=clean_line(newsletter.title),
        newsletter_url=clean_url(publication.url),
        # A post sent as it appears belongs to no issue; it has its own date.
        issue="" if is_single else words.write_issue(day),
        contents=_count_contents(selection, words),
        view=words.view,
        view_url=clean_url(view_url),
        intro_html=intro.html,
        intro_text=intro.text,
        sections=sections,
        more_heading=words.more_heading,
        more=tuple(
            _show_more(more, words, category_url, (words.rest_one, words.rest_many))
            for more in selection.more
            if more.name not in shown
        ),
        read_on=words.read_on,
        footer=compose_footer(
            words,
            why=_say_why(edition.cadence, newsletter, words),
            unsubscribe_url=UNSUBSCRIBE_MARK,
            preferences_url=PREFERENCES_MARK,
            sender=sender.name,
            postal_address=sender.postal_address,
            contact=sender.contact,
        ),
    )


def _show_sections(
    selection: Selection,
    words: Words,
    zone: ZoneInfo,
    language: str,
    category_url: Callable[[str], str],
) -> tuple[SectionView, ...]:
    left = {more.name: more for more in selection.more}
    own = (words.more_one, words.more_many)
    only_one = len(selection.sections) == 1 and not selection.sections[0].name
    return tuple(
        SectionView(
            name="" if only_one else clean_line(section.name) or words.other_posts,
            entries=show_posts(section.posts, language=language, zone=zone, category=section.name),
            more=_show_more(left[section.name], words, category_url, own)
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


def _show_more(
    more: More, words: Words, category_url: Callable[[str], str], labels: tuple[str, str]
) -> MoreView:
    one, many = labels
    return MoreView(
        name=clean_line(more.name) or words.other_posts,
        label=(one if more.count == 1 else many).format(count=more.count),
        url=clean_url(category_url(more.name)),
    )


def _count_contents(selection: Selection, words: Words) -> str:
    count, more = len(selection.posts), selection.more_count
    if not count:
        return ""
    line = (words.contents_one if count == 1 else words.contents_many).format(count=count)
    return line + words.contents_more.format(more=more) if more else line


def _compose_preheader(intro: Intro, entries: list[EntryView]) -> str:
    """What a mailbox shows beside the subject: never the first title once more."""
    if intro.text:
        return clip_line(clean_line(intro.text.split("\n\n")[0]), _PREHEADER_COLUMNS)
    if len(entries) == 1:
        return clip_line(entries[0].summary, _PREHEADER_COLUMNS)
    titles = " / ".join(entry.title for entry in entries[1:4])
    return clip_line(titles, _PREHEADER_COLUMNS)


def _say_why(cadence: Cadence | None, newsletter: Newsletter, words: Words) -> str:
    title = clean_line(newsletter.title)
    if cadence is None:
        return words.why_by_hand.format(title=title)
    return words.why.format(title=title, cadence=words.cadences[cadence])
