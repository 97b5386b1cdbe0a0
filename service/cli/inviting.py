"""What `up` says when it runs: what there is to open and to try."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping

from rich.console import RenderableType

from service.app import App, find_outbox
from service.cli.printing import list_obstacles, make_facts
from service.config import ServiceConfig
from service.model.newsletter import Cadence
from service.model.source import GitSource
from service.store.editors import list_editors


def describe_start(app: App) -> dict[str, object]:
    """What was started, for scripts."""
    outbox = None if app.config.provider.is_real else find_outbox(app.config)
    return {
        "url": app.config.service.url,
        "port": app.config.service.port,
        "outbox": outbox,
        "obstacles": app.works.obstacles,
    }


def list_invitations(app: App) -> list[RenderableType]:
    """What was started, for people: where to look and what to try."""
    config, base = app.config, f"http://localhost:{app.config.service.port}"
    pages = {f"{base}/": "the publication and its feeds"}
    if not config.provider.is_real:
        pages[f"{base}/desk/outbox"] = f"mail as it was sent (files: {find_outbox(config)})"
    pages[f"{base}/desk"] = _invite_editors(app)
    example = next((one.newsletter_id for one in config.newsletters), "NEWSLETTER")
    at_once = [one.newsletter_id for one in config.newsletters if Cadence.EACH in one.cadences]
    command = find_command(config.service, os.environ)
    git = config.content.git
    publish = f"push to {git.name}" if git else f"drop one into {config.content.path}"
    tries = {
        f"a post dated now: {publish}": f"the feeds have it {_tell_when(git)}"
        + (f", and the readers of {', '.join(at_once)} soon after" if at_once else ""),
        f"{command} send {example} --post PATH": "an edition by hand",
        f"{command} plan": "who gets what next, and why not",
    }
    lines: list[RenderableType] = ["", f"{config.publication.title} is up.", ""]
    lines += ["Open", make_facts({f"  {page}": what for page, what in pages.items()}), ""]
    lines += ["Try", make_facts({f"  {what}": why for what, why in tries.items()}), ""]
    return [*lines, *list_obstacles(app.works.obstacles), "Ctrl-C ends it.", ""]


def _tell_when(git: GitSource | None) -> str:
    if git is None:
        return "in a second"
    return "at once" if git.push_secret else f"within {git.every_for.total_seconds():.0f} seconds"


def find_command(service: ServiceConfig, environment: Mapping[str, str]) -> str:
    """How another terminal calls us: it may lack our folder in its PATH, and this one's PORT."""
    name = "kawaraban" if shutil.which("kawaraban") else sys.argv[0]
    is_known_by_port = service.url == f"http://localhost:{service.port}"
    return f"PORT={service.port} {name}" if is_known_by_port and "PORT" in environment else name


def _invite_editors(app: App) -> str:
    with app.works.database.reading() as connection:
        has_editors = bool(list_editors(connection))
    command = find_command(app.config.service, os.environ)
    how = "" if has_editors else f" (first: {command} editors add ADDRESS)"
    return f"the editors' desk{how}"
