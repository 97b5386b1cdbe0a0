"""From a notice's name and values to what the mail shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.editions.footer import compose_footer
from service.editions.notice_words import NOTICES
from service.editions.plain import clean_line, clean_url
from service.editions.view import EntryView, Notice
from service.errors import TemplateError
from service.model.languages import find_direction
from service.words.catalogues import find_voice


def compose_notice(
    name: str, language: str, values: Mapping[str, str], entries: Sequence[EntryView] = ()
) -> Notice:
    """Say what a notice shows; raises TemplateError for an unknown name or a missing value.

    Every notice needs `publication`, `url` (the button's), `sender`, `postal_address` and
    `contact`; "confirm" and "welcome" need `newsletter` too, and "welcome", whose button leads
    to the reader's choices, `unsubscribe_url`. It may show `entries` of the latest edition. Those
    that ask for an approval need `newsletter`, `cadence`, `subject`, `leaves`, `readers`, and
    `other_url` to hold it by. The language falls back to English as a whole.
    """
    if name not in NOTICES:
        raise TemplateError("there is no notice named '{name}'", name=name)
    voice = find_voice(language)
    try:
        words = NOTICES[name](lambda sentence: clean_line(voice.say(sentence, **values)))
        return Notice(
            subject=words.subject,
            preheader=words.preheader,
            language=voice.language,
            direction=find_direction(voice.language),
            publication=clean_line(values["publication"]),
            heading=words.heading,
            before=words.before,
            button=words.button,
            url=clean_url(values["url"]),
            after=words.after,
            stories=words.stories if entries else "",
            entries=tuple(entries),
            footer=compose_footer(
                voice,
                why=words.why,
                unsubscribe_url=clean_url(values["unsubscribe_url"]) if words.why else "",
                sender=values["sender"],
                postal_address=values["postal_address"],
                contact=values["contact"],
            ),
            other=words.other,
            other_url=clean_url(values["other_url"]) if words.other else "",
        )
    except KeyError as error:
        raise TemplateError(
            "the notice needs a value for '{value}'", value=error.args[0]
        ) from error
