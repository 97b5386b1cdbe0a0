"""From what a mail shows to the mail: HTML with its styles inlined, and wrapped text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import jinja2

from service.editions.alert import compose_alert
from service.editions.dialect import teach
from service.editions.inlining import inline_styles
from service.editions.notice import compose_notice
from service.editions.own_templates import render_own
from service.editions.view import Alert, Digest, EntryView, Notice
from service.errors import OurTemplateError
from service.model.condition import Part
from service.model.edition import Rendered
from service.model.publication import Publication, Sender


class MailRenderer:
    """Renders mails from the templates in one folder (…/templates/email)."""

    def __init__(self, templates: Path) -> None:
        self._templates = templates
        self._environment = _open_environment(templates)

    def render_edition(self, digest: Digest, own: Path | None = None) -> Rendered:
        """The mail of an edition, by the templates in `own` if given; raises TemplateError."""
        if own is None:
            return self._render(digest.layout, digest)
        html, text = render_own(own, self._templates, digest)
        return Rendered(digest.subject, digest.preheader, html, text)

    def render_notice(
        self,
        name: str,
        language: str,
        values: Mapping[str, str],
        entries: Sequence[EntryView] = (),
    ) -> Rendered:
        """The mail of a notice; raises TemplateError. compose_notice says which values."""
        return self._render("notice", compose_notice(name, language, values, entries))

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
            raise OurTemplateError(
                "templates/email/{template}: {problem}", template=template, problem=error
            ) from error
        return Rendered(mail.subject, mail.preheader, inline_styles(html), text)


@cache
def _open_environment(templates: Path) -> jinja2.Environment:
    """One for a folder: compiling its templates takes many times what rendering a mail does."""
    environment = jinja2.Environment(  # noqa: S701  (the dialect escapes)
        loader=jinja2.FileSystemLoader(templates)
    )
    teach(environment)
    return environment
