"""`kawaraban init`: a kawaraban.toml for a site that is there already."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

import click

from service.cli.starting_report import Start, report_files, report_json, report_start
from service.cli.starting_site import (
    FORM,
    RepositoryFacts,
    compose_include,
    compose_workflow,
    find_public,
    read_settings,
    require_absence,
    write_note,
    write_site_files,
)
from service.config.values import read_language, read_line, read_timezone, read_url
from service.content.sites.site import SiteFacts, find_site
from service.errors import ContentError, UsageError

CONFIG_NAME = "kawaraban.toml"

_USUAL_FOLDERS = ("content", "posts")
_STAND_IN_URL = "https://example.com"
_SERVICE_URL_ABSENT = '# url = "https://news.example.com"'
_PERMALINK_ABSENT = '# permalink = "/:year/:month/:day/:title/"'

_FORM = """\
# The settings of this publication for Kawaraban. Secrets never stand here: they come from the
# environment (KAWARABAN_PROVIDER_API_KEY), or from a file that it names.

# A line that is taken out of these two follows the site's own configuration where it has one.
[publication]
title = {title}
# Where the posts are read.
url = {url}
description = {description}
language = {language}
# The zone in which your days begin and your mails leave.
timezone = {timezone}
author = {author}

[content]
# Where the posts are, seen from this file.
path = {content}
generator = {generator}
{permalink}
# Whether posts dated in the future show before their time.
future = {future}

[service]
# Where readers reach Kawaraban; it must be https before real mail leaves.
{service_url}
# The words beside the form that `kawaraban init --include` writes: they are recorded as consent.
# A form with other words gets a line of its own here, and sends its name as `form`.
forms = {{ {form} = {note} }}
# The database, the keys and the mail that was written: keep this out of version control.
data = {data}
# The feeds as built.
public = {public}

[feeds]
# "full" or "summary"
content = "full"
by = ["category", "tag", "author"]

[[newsletters]]
id = "weekly"
title = {title}
# Any of "each", "daily", "weekly", "monthly".
cadences = ["weekly"]
weekday = "mon"
send_at = "08:00"
# The posts beyond this are counted, with links.
max_posts = 15
group_by = "category"

# No mail leaves while one of these five is empty.
[sender]
name = {title}
# Where mail comes from: an address at a domain that is set up for sending.
email = ""
# Where answers go.
reply_to = ""
# Where the sender can be found by post.
postal_address = ""
# A page, an address or a number for questions and complaints.
contact = ""

[provider]
# "outbox" writes mail into files to look at; the others send it: mailgun, sendgrid, postmark,
# ses, resend, brevo, smtp.
kind = "outbox"

# A level for single rules of the check before mail: "hold", "warn" or "off".
[gate]
"""


@click.command("init")
@click.argument(
    "folder",
    metavar="[DIR]",
    default=".",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option("--force", is_flag=True, help="Overwrite a kawaraban.toml that is there.")
@click.option(
    "--workflow",
    is_flag=True,
    help="Also write a GitHub Actions workflow that builds the feeds into the site.",
)
@click.option(
    "--include",
    is_flag=True,
    help="Also write a Jekyll include or Hugo partial: links to the feeds, and a sign-up form.",
)
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
def init(folder: Path, *, force: bool, workflow: bool, include: bool, as_json: bool) -> None:
    """Write a kawaraban.toml for the Jekyll, Hugo or plain folder of posts in DIR.

    With --workflow or --include one that is there stays as it is. Files of the site itself are
    never overwritten.
    """
    path = folder / CONFIG_NAME
    keeps = path.exists() and not force
    if keeps and not (workflow or include):
        raise UsageError(f"{path} is there already; --force overwrites it")
    start = find_start(folder)
    if workflow:
        start = _serve_with_site(start)
    facts = _read_facts(path, start) if keeps else _find_facts(start)
    files = [compose_workflow(facts)] if workflow else []
    files += [compose_include(facts)] if include else []
    require_absence(folder, files)
    if not keeps:
        path.write_text(compose_config(start), encoding="utf-8")
    write_site_files(folder, files)
    written = [folder / file.path for file in files]
    if as_json:
        click.echo(report_json(path, start, written))
    else:
        click.echo(
            report_files(path, facts, files) if keeps else report_start(path, start, written)
        )


def find_start(folder: Path) -> Start:
    """Return what a kawaraban.toml in `folder` should say.

    Raises UsageError when the site's own configuration cannot be read.
    """
    try:
        site = find_site(folder.absolute())
    except ContentError as error:
        raise UsageError(str(error)) from error
    return plan_start(site, folder.resolve().name, _choose_content(folder.absolute(), site))


def _serve_with_site(start: Start) -> Start:
    """The same with its feeds in the folder that the site's own generator builds."""
    return replace(start, service_url=start.url, public=find_public(start.generator))


def _find_facts(start: Start) -> RepositoryFacts:
    return RepositoryFacts(
        generator=start.generator,
        title=start.title,
        language=start.language,
        url=start.service_url or start.url,
        newsletter="weekly",
        form=FORM,
        public=start.public,
    )


def _read_facts(path: Path, start: Start) -> RepositoryFacts:
    """What the files of a repository say where its kawaraban.toml stays as it is."""
    told = read_settings(path)
    title = str(told.get("publication", {}).get("title") or start.title)
    found = _find_facts(replace(start, title=title))
    service = told.get("service", {})
    newsletters = [str(one["id"]) for one in told.get("newsletters", []) if "id" in one]
    return replace(
        found,
        url=_keep(read_url, str(service.get("url", ""))) or found.url,
        newsletter=next(iter(newsletters), found.newsletter),
        form=_find_form(service.get("forms", {}), write_note(start.language)),
        public=str(service.get("public", "public")),
    )


def _find_form(forms: object, note: str) -> str:
    """The name of the form with these words; none where no words like them would be recorded."""
    known = forms.items() if isinstance(forms, Mapping) else ()
    return next((str(name) for name, words in known if words == note), "")


def _choose_content(folder: Path, site: SiteFacts) -> str:
    place = site.content_paths[0] if len(site.content_paths) == 1 else site.root
    if site.generator == "generic":
        usual = (folder / name for name in _USUAL_FOLDERS if (folder / name).is_dir())
        place = next(usual, folder)
    return Path(os.path.relpath(place, folder)).as_posix()


def plan_start(site: SiteFacts, name: str, content: str) -> Start:
    """Return what to write for `site`, in the folder `name`, with its posts at `content`.

    What was found and would not be read again is left out and counted as missing.
    """
    title = _keep(read_line, " ".join(site.title.split()))
    url = _keep(read_url, site.url)
    language = _keep(read_language, site.language.replace("_", "-"))
    timezone = _keep(read_timezone, site.timezone)
    found = {"title": title, "url": url, "language": language, "timezone": timezone}
    # Jekyll publishes every folder at its root whose name does not begin with an underscore,
    # and Hugo builds into public/ itself.
    data = "_kawaraban" if site.generator == "jekyll" else "var"
    return Start(
        generator=site.generator,
        content=content,
        title=title or _keep(read_line, name) or "Publication",
        url=url or _STAND_IN_URL,
        description=_keep(read_line, " ".join(site.description.split())),
        language=language or "en",
        timezone=timezone or "UTC",
        author=_keep(read_line, site.author),
        permalink=_keep(read_line, site.permalink),
        future=bool(site.future),
        data=data,
        public=f"{data}/public",
        missing=tuple(f"publication.{key}" for key, value in found.items() if not value),
    )


def _keep(read: Callable[[object], str], found: str | None) -> str:
    try:
        return read(found) if found else ""
    except ValueError:
        return ""


def compose_config(start: Start) -> str:
    """Return the text of a kawaraban.toml that says `start`; it loads without a mistake."""
    texts = {
        name: _quote(value)
        for name, value in asdict(start).items()
        if isinstance(value, str) and name != "permalink"
    }
    found = f"permalink = {_quote(start.permalink)}"
    texts["service_url"] = (
        f"url = {texts['service_url']}" if start.service_url else _SERVICE_URL_ABSENT
    )
    return _FORM.format(
        permalink=found if start.permalink else _PERMALINK_ABSENT,
        future="true" if start.future else "false",
        form=FORM,
        note=_quote(write_note(start.language)),
        **texts,
    )


def _quote(text: str) -> str:
    # TOML's basic strings are JSON's, save for one control character that JSON leaves bare.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
