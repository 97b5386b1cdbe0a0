"""From what a mail shows to the mail: HTML with its styles inlined, and wrapped text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import css_inline
import jinja2

from service.editions.notice import compose_notice
from service.editions.view import Digest, Notice
from service.editions.words import primary_subtag
from service.editions.wrapping import wrap_text
from service.errors import TemplateError
from service.model.edition import Rendered


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

    def _render(self, template: str, mail: Digest | Notice) -> Rendered:
        try:
            html = self._environment.get_template(f"{template}.html").render(mail=mail)
            text = self._environment.get_template(f"{template}.txt").render(mail=mail)
        except jinja2.TemplateError as error:
            raise TemplateError(f"templates/email/{template}: {error}") from error
        return Rendered(mail.subject, mail.preheader, self._inliner.inline(html), text)


def _is_japanese(language: str) -> bool:
    return primary_subtag(language) == "ja"
