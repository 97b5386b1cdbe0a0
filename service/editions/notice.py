"""From a notice's name and values to what the mail shows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from service.editions.footer import compose_footer
from service.editions.plain import clean_line, clean_url
from service.editions.view import EntryView, Notice
from service.editions.words import find_words
from service.errors import TemplateError
from service.model.languages import find_direction

_NAME = re.compile(r"\{([a-z_]+)\}")


def compose_notice(
    name: str, language: str, values: Mapping[str, str], entries: Sequence[EntryView] = ()
) -> Notice:
    """Say what a notice shows; raises TemplateError for an unknown name or a missing value.

    Every notice needs `publication`, `url` (the button's), `sender`, `postal_address` and
    `contact`; "confirm" and "welcome" need `newsletter` too, and "welcome", whose button leads
    to the reader's choices, `unsubscribe_url`. It may show `entries` of the latest edition. The
    language falls back to English as a whole.
    """
    words = find_words(language)
    if name not in words.notices:
        raise TemplateError(f"there is no notice named {name!r}")
    own = words.notices[name]
    return Notice(
        subject=_fill(own.subject, values),
        preheader=_fill(own.preheader, values),
        language=words.language,
        direction=find_direction(words.language),
        publication=_fill("{publication}", values),
        heading=_fill(own.heading, values),
        before=tuple(_fill(line, values) for line in own.before),
        button=own.button,
        url=clean_url(_take("url", values)),
        after=tuple(_fill(line, values) for line in own.after),
        stories=own.stories if entries else "",
        entries=tuple(entries),
        footer=compose_footer(
            words,
            why=_fill(own.why, values),
            unsubscribe_url=clean_url(_take("unsubscribe_url", values)) if own.why else "",
            sender=_take("sender", values),
            postal_address=_take("postal_address", values),
            contact=_take("contact", values),
        ),
    )


def _fill(line: str, values: Mapping[str, str]) -> str:
    return clean_line(_NAME.sub(lambda found: _take(found[1], values), line))


def _take(name: str, values: Mapping[str, str]) -> str:
    if name not in values:
        raise TemplateError(f"the notice needs a value for {name!r}")
    return values[name]
