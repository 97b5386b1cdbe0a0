"""A mail of one post that carries all of it: what it says instead of a summary."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from service.editions.full_text import FullText
from service.editions.mail_markup import Wording
from service.editions.plain import clean_line, clean_url
from service.editions.view import Digest, EntryView
from service.model.post import Post
from service.words.catalogues import find_voice


def compose_wording(post: Post, language: str) -> Wording:
    """What a mail in that language says in place of what it cannot show of the post."""
    voice = find_voice(language)
    title = clean_line(post.title)
    return Wording(
        url=clean_url(post.url),
        title=title,
        see_there=voice.say("See it on the site"),
        picture=voice.say("Picture: {title}", title=title),
    )


def tell_in_full(digest: Digest, full: FullText) -> Digest:
    """The same mail with the text of its only post, and where the rest of it is.

    Where there is no text at all the mail stays as it is. Its picture is shown once.
    """
    if not full.html:
        return digest
    (section,) = digest.sections
    (entry,) = section.entries
    voice = find_voice(digest.language)
    told = replace(
        entry,
        full_html=full.html,
        full_text=full.text,
        full_note="" if full.is_whole else voice.say("The rest of the text is on the site."),
        image_url="" if _shows_picture(full, entry) else entry.image_url,
    )
    return replace(
        digest,
        layout="single",
        sections=(replace(section, entries=(told,)),),
        read_on=voice.say("Read it on the site") if full.is_whole else digest.read_on,
    )


def _shows_picture(full: FullText, entry: EntryView) -> bool:
    return bool(entry.image_url) and f'src="{escape(entry.image_url)}"' in full.html
