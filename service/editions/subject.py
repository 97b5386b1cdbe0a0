"""The line that a mail is recognised by."""

from __future__ import annotations

import re
from datetime import date

from service.editions.plain import clean_line, clip_line, count_columns
from service.model.edition import Edition, Selection
from service.model.newsletter import Cadence, Newsletter
from service.words.voice import Voice

SUBJECT_COLUMNS = 78
"""How wide a subject of our own making becomes; an editor's own words are never cut."""

# Below this the first title says nothing any more, and the newsletter's name gives way.
_SHORTEST_FIRST = 30


def compose_subject(
    edition: Edition, newsletter: Newsletter, selection: Selection, voice: Voice, day: date
) -> str:
    """The subject of an edition: the editor's, the newsletter's form, or our own.

    Cadence `each` takes the post's title. In `newsletter.subject` {title} is the newsletter's,
    {date} the day, {first} the first post's title and {count} how many posts are inside.
    """
    posts = selection.posts
    if edition.subject.strip():
        return clean_line(edition.subject)
    if not posts:
        return _compose_announcement(newsletter, voice, day)
    if newsletter.subject.strip():
        return _fill_form(newsletter, posts[0].title, len(posts), voice.write_day(day))
    if edition.cadence is Cadence.EACH and len(posts) == 1:
        return clean_line(posts[0].title) or clean_line(newsletter.title)
    return _compose_digest(newsletter, posts[0].title, len(posts) - 1, voice, day)


def _compose_announcement(newsletter: Newsletter, voice: Voice, day: date) -> str:
    return clean_line(
        voice.say_of(
            "the subject of an announcement",
            "{title}, {day}",
            title=newsletter.title,
            day=voice.write_day(day),
        )
    )


def _fill_form(newsletter: Newsletter, first: str, count: int, day: str) -> str:
    values = {"title": newsletter.title, "date": day, "first": first, "count": str(count)}
    filled = re.sub(
        r"\{(title|date|first|count)\}", lambda name: values[name[1]], newsletter.subject
    )
    return clean_line(filled)


def _compose_digest(
    newsletter: Newsletter, first: str, others: int, voice: Voice, day: date
) -> str:
    # The first title stands first, because a phone shows little more than that.
    name, written = clean_line(newsletter.title), voice.write_day(day)
    room = SUBJECT_COLUMNS - count_columns(_count_others("", others, voice))
    rest = room - count_columns(_add_name("", name, written, voice))
    if rest < _SHORTEST_FIRST:
        return _count_others(clip_line(clean_line(first), room), others, voice)
    head = _count_others(clip_line(clean_line(first), rest), others, voice)
    return _add_name(head, name, written, voice)


def _count_others(first: str, others: int, voice: Voice) -> str:
    if not others:
        return first
    return voice.say_count(
        "{first}, and {count} more", "{first}, and {count} more", others, first=first
    )


def _add_name(head: str, title: str, day: str, voice: Voice) -> str:
    return voice.say("{head} | {title}, {day}", head=head, title=title, day=day)
