"""`init`: what a site takes into itself, to build its feeds and to lead to them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import jinja2

from service import __version__
from service.errors import UsageError
from service.words.catalogues import find_voice
from service.words.places import find_templates
from service.words.voice import Voice

WORKFLOW = ".github/workflows/kawaraban.yml"
_INCLUDES = {
    "jekyll": ("_includes/kawaraban.html", "site/jekyll.html"),
    "hugo": ("layouts/partials/kawaraban.html", "site/hugo.html"),
}
FORM = "site"
"""What the form of the include is called, whose words a new kawaraban.toml has."""

_BUILT_INTO = {"jekyll": "_site", "hugo": "public"}


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A file for the site, by its path in the repository."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """What such files say of the site; `url` is where Kawaraban answers, or the site itself.

    `form` is the name by which the form's words are recorded; "" where they are not.
    """

    generator: str
    title: str
    language: str
    url: str
    newsletter: str
    form: str
    public: str


def find_public(generator: str) -> str:
    """The folder that a site's own generator builds into, where its feeds belong too."""
    return _BUILT_INTO.get(generator, "public")


def read_settings(path: Path) -> Mapping[str, Any]:
    """The tables of a kawaraban.toml that is there, for what files beside it should say.

    Raises UsageError when it cannot be read.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


def compose_workflow(facts: RepositoryFacts) -> SiteFile:
    """The workflow for GitHub Actions."""
    return SiteFile(WORKFLOW, _render("site/workflow.yml", facts))


def compose_include(facts: RepositoryFacts) -> SiteFile:
    """The include of a Jekyll site or the partial of a Hugo site; UsageError for any other."""
    if facts.generator not in _INCLUDES:
        raise UsageError(
            "this is neither a Jekyll nor a Hugo site, so nothing here knows of includes; "
            "docs/static-build.md has the lines to write into your pages"
        )
    path, template = _INCLUDES[facts.generator]
    return SiteFile(path, _render(template, facts))


def require_absence(folder: Path, files: list[SiteFile]) -> None:
    """Raise UsageError when one of the files is there already: nothing of a site is overwritten."""
    for file in files:
        if (folder / file.path).exists():
            raise UsageError(f"{folder / file.path} is there already; move it away first")


def write_site_files(folder: Path, files: list[SiteFile]) -> None:
    """Put the files into the repository."""
    for file in files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")


def _render(template: str, facts: RepositoryFacts) -> str:
    # What is written has braces of its own, for Liquid, Hugo or GitHub to read.
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(find_templates()),
        autoescape=template.endswith(".html"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
    )
    return environment.get_template(template).render(
        generator=facts.generator,
        title=escape(facts.title).replace("{", "&#123;"),
        url=facts.url,
        newsletter=facts.newsletter,
        form=facts.form,
        public=facts.public,
        version=__version__,
        words=_list_words(find_voice(facts.language)),
    )


def write_note(language: str) -> str:
    """What the form of the include says beside its button."""
    return _write_note(find_voice(language))


def _write_note(voice: Voice) -> str:
    return voice.say("You get a mail with a link to confirm it, and can leave at any time.")


def _list_words(voice: Voice) -> Mapping[str, str]:
    """What stands around the form."""
    return {
        "email": voice.say("Your mail address"),
        "button": voice.say("Subscribe"),
        "note": _write_note(voice),
        "sent": voice.say("Check your mail: open the link in it and press the button."),
    }
