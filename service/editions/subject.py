"""The line that a mail is recognised by."""

from __future__ import annotations

import re
from datetime import date

from service.editions.plain import clean_line, clip_line, count_columns
from service.editions.word_forms import Words
from service.model.edition import Edition, Selection
from service.model.newsletter import Cadence, Newsletter

SUBJECT_COLUMNS = 78
"""How wide a subject of our own making becomes; an editor's own words are never cut."""

# Below this the first title says nothing any more, and the newsletter's name gives way.
_SHORTEST_FIRST = 30


def compose_subject(
    edition: Edition, newsletter: Newsletter, selection: Selection, words: Words, day: date
) -> str:
    """The subject of an edition: the editor's, the newsletter's form, or our own.

    Cadence `each` takes the post's title. In `newsletter.subject` {title} is the newsletter's,
    {date} the day, {first} the first post's title and {count} how many posts are inside.
    """
    posts = selection.posts
    if edition.subject.strip():
        return clean_line(edition.subject)
    if not posts:
        return _compose_announcement(newsletter, words, day)
    if newsletter.subject.strip():
        return _fill_form(newsletter, posts[0].title, len(posts), words.write_day(day))
    if edition.cadence is Cadence.EACH and len(posts) == 1:
        return clean_line(posts[0].title) or clean_line(newsletter.title)
    return _compose_digest(newsletter, posts[0].title, len(posts) - 1, words, day)


def _compose_announcement(newsletter: Newsletter, words: Words, day: date) -> str:
    line = words.subject_announcement
    return clean_line(line.format(title=newsletter.title, day=words.write_day(day)))


def _fill_form(newsletter: Newsletter, first: str, count: int, day: str) -> str:
    values = {"title": newsletter.title, "date": day, "first": first, "count": str(count)}
    filled = re.sub(
        r"\{(title|date|first|count)\}", lambda name: values[name[1]], newsletter.subject
    )
    return clean_line(filled)


def _compose_digest(
    newsletter: Newsletter, first: str, others: int, words: Words, day: date
) -> str:
    # The first title stands first, because a phone shows little more than that.
    form = words.subject_many if others else words.subject_one
    end = words.subject_end.format(title=clean_line(newsletter.title), day=words.write_day(day))
    room = SUBJECT_COLUMNS - count_columns(form.format(first="", others=others))
    if room - count_columns(end) < _SHORTEST_FIRST:
        end = ""
    line = clip_line(clean_line(first), room - count_columns(end))
    return form.format(first=line, others=others) + end
