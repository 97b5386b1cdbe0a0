"""What mail templates can say besides Jinja2 itself: ours, and those a publication brings."""

from __future__ import annotations

import re
from functools import lru_cache

import jinja2
from markupsafe import Markup, escape

from service.editions.wrapping import wrap_text
from service.model.languages import find_direction, primary_subtag


def teach(environment: jinja2.Environment) -> None:
    """Give it the filters and tests of mail templates, and how these are laid out."""
    environment.autoescape = jinja2.select_autoescape(["html"])
    environment.undefined = jinja2.StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.keep_trailing_newline = True
    # The variants of an edition share their posts, and wrapping is most of what one costs.
    environment.filters["wrap"] = lru_cache(maxsize=1024)(wrap_text)
    environment.filters["unlinked"] = _break_at_points
    environment.filters["direction"] = find_direction
    environment.tests["japanese"] = _is_japanese


def _is_japanese(language: str) -> bool:
    return primary_subtag(language) == "ja"


def _break_at_points(text: str) -> Markup:
    """The text in which a mail program finds no address to make a link of; copied as it is."""
    return Markup("<wbr>").join(escape(piece) for piece in re.split(r"(?<=[.@])", text))
