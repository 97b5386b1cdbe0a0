"""`init`: what a person is told of what was written, and of what is left to write."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from service.cli.starting_site import (
    WORKFLOW,
    RepositoryFacts,
    SiteFile,
    find_public,
    read_settings,
)

_ADVICE = {
    "publication.title": "the folder's name stands in for it",
    "publication.url": "write where the posts are read",
    "publication.language": "en stands in for it",
    "publication.timezone": "UTC stands in for it; your mails leave by this clock",
    "service.url": "where readers will reach Kawaraban (https), before real mail leaves",
    "sender.email": "where mail comes from, at a domain that is set up for sending",
    "sender.reply_to": "where answers go",
    "sender.postal_address": "where the sender can be found by post; the law asks for it",
    "sender.contact": "a page, an address or a number for complaints; the law again",
}
_ASK_SERVICE_URL = f"service.url: {_ADVICE['service.url']}"


@dataclass(frozen=True, slots=True)
class Start:
    """What a new kawaraban.toml says; `missing` are the keys nothing was found for.

    `service_url` is empty where nobody can know it.
    """

    generator: str
    content: str
    title: str
    url: str
    description: str
    language: str
    timezone: str
    author: str
    permalink: str
    future: bool
    data: str
    public: str
    missing: tuple[str, ...]
    service_url: str = ""


def list_remaining(start: Start) -> list[str]:
    """Return, by key, what a person still has to write before mail can leave."""
    remaining = [f"{key}: nothing was found; {_ADVICE[key]}" for key in start.missing]
    remaining += [f"{key}: {_ADVICE[key]}" for key in _ADVICE if key.startswith("sender.")]
    return remaining if start.service_url else [*remaining, _ASK_SERVICE_URL]


def report_start(path: Path, start: Start, written: Sequence[Path]) -> str:
    """What was written, and what is left for a person."""
    found = {"title": start.title, "url": start.url, "timezone": start.timezone}
    lines = [
        f"Wrote {path} ({start.generator}, posts in {start.content}).",
        *(f"  {name}: {value}" for name, value in found.items()),
        *(f"Wrote {one}; its first lines tell how to use it." for one in written),
        "",
        "Left for you to write there:",
        *(f"  {remaining}" for remaining in list_remaining(start)),
        "",
        f"Keep {start.data}/ out of version control: the subscribers live there.",
        "",
        "Then, in that folder:",
        "  kawaraban check      what becomes of every file",
        "  kawaraban migrate    the database, made ready",
        "  kawaraban up         all of it, with pages to look at",
    ]
    return "\n".join(lines)


def report_files(path: Path, facts: RepositoryFacts, files: Sequence[SiteFile]) -> str:
    """What was written beside a kawaraban.toml that stayed, and what it has to say for it."""
    lines = [f"{path} is there already and stays as it is."]
    lines += [
        f"Wrote {path.parent / file.path}; its first lines tell how to use it." for file in files
    ]
    if not any(file.path == WORKFLOW for file in files):
        return "\n".join(lines)
    if not read_settings(path).get("service", {}).get("url"):
        lines.append(f"service.url: is missing; write where the site is, such as {facts.url}")
    usual = find_public(facts.generator)
    if facts.public != usual:
        lines.append(
            f'service.public: is "{facts.public}"; the workflow uploads that folder, and the '
            f'site is built into "{usual}": write that, so that the feeds are in it'
        )
    return "\n".join(lines)


def report_json(path: Path, start: Start, written: Sequence[Path]) -> str:
    """The same for programs."""
    report = {
        **asdict(start),
        "path": str(path),
        "remaining": list_remaining(start),
        "written": [str(one) for one in written],
    }
    return json.dumps(report, ensure_ascii=False)
