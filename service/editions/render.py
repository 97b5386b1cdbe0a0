"""From what a mail shows to the mail: HTML with its styles inlined, and wrapped text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import css_inline
import jinja2
from markupsafe import Markup, escape

from service.editions.alert import compose_alert
from service.editions.notice import compose_notice
from service.editions.view import Alert, Digest, Notice
from service.editions.wrapping import wrap_text
from service.errors import TemplateError
from service.model.condition import Part
from service.model.edition import Rendered
from service.model.languages import find_direction, primary_subtag
from service.model.publication import Publication, Sender


class MailRenderer:
    """Renders mails from the templates in one folder (…/templates/email)."""

    def __init__(self, templates: Path) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(templates),
            autoescape=jinja2.select_autoescape(["html"]),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters["wrap"] = wrap_text
        self._environment.filters["unlinked"] = _break_at_points
        self._environment.filters["direction"] = find_direction
        self._environment.tests["japanese"] = _is_japanese
        self._inliner = css_inline.CSSInliner(
            load_remote_stylesheets=False, keep_at_rules=True, minify_css=True
        )

    def render_edition(self, digest: Digest) -> Rendered:
        """The mail of an edition; raises TemplateError."""
        return self._render(digest.layout, digest)

    def render_notice(self, name: str, language: str, values: Mapping[str, str]) -> Rendered:
        """The mail of a notice; raises TemplateError. compose_notice says which values."""
        return self._render("notice", compose_notice(name, language, values))

    def render_alert(
        self, parts: Sequence[Part], publication: Publication, sender: Sender, language: str
    ) -> Rendered:
        """The mail that tells editors what needs them; raises TemplateError."""
        return self._render("alert", compose_alert(parts, publication, sender, language))

    def _render(self, template: str, mail: Digest | Notice | Alert) -> Rendered:
        try:
            html = self._environment.get_template(f"{template}.html").render(mail=mail)
            text = self._environment.get_template(f"{template}.txt").render(mail=mail)
        except jinja2.TemplateError as error:
            raise TemplateError(f"templates/email/{template}: {error}") from error
        return Rendered(mail.subject, mail.preheader, self._inliner.inline(html), text)


def _is_japanese(language: str) -> bool:
    return primary_subtag(language) == "ja"


def _break_at_points(text: str) -> Markup:
    """The text in which a mail program finds no address to make a link of; copied as it is."""
    return Markup("<wbr>").join(escape(piece) for piece in re.split(r"(?<=[.@])", text))
