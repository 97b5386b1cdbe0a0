"""`build`: what lies beside the feeds, for whoever hands out the folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType

from service.cli.printing import count_of, find_place
from service.config import Config
from service.errors import UsageError
from service.model.feed import FeedFile, FeedSettings
from service.model.post import Post
from service.publishing import (
    BesideReport,
    Hosted,
    render_header_files,
    render_nginx,
    write_beside,
    write_plainly,
)
from service.web.catalogue import compose_catalogue
from service.web.static_site import find_places, render_opml_file, render_pages
from service.words.places import find_templates

_HOSTS = ("nginx", "netlify", "cloudflare")
_NGINX_SUFFIX = ".nginx.conf"
_OURS = b"# Written by Kawaraban"


@dataclass(frozen=True, slots=True)
class BesideOptions:
    """What was asked for beside the feeds."""

    has_pages: bool
    hosts: tuple[str, ...]
    replaces: bool


@dataclass(frozen=True, slots=True)
class BuiltFeeds:
    """What was just built: the posts in the feeds, their files, those that are no more."""

    settings: FeedSettings
    shown: Sequence[Post]
    paths: Sequence[str]
    removed: frozenset[str] = frozenset()


def beside_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --no-pages and --host to a command."""
    pages = click.option(
        "--pages/--no-pages",
        "has_pages",
        default=True,
        help="A page for people beside each feed; on unless said otherwise.",
    )
    hosts = click.option(
        "--host",
        "hosts",
        multiple=True,
        type=click.Choice(_HOSTS),
        help="Also what this host needs to serve the folder as the service would.",
    )
    return pages(hosts(command))


def build_beside(config: Config, built: BuiltFeeds, options: BesideOptions) -> BesideReport:
    """Write pages, the list of feeds and what hosts need; take away what is not wanted any more.

    Raises UsageError where somebody else's file is in the place of nginx's.
    """
    report = write_beside(
        config.service.public,
        _render_all(config, built, options),
        replaces=options.replaces,
    )
    if "nginx" in options.hosts:
        _write_nginx(find_nginx_file(config), render_nginx(_describe(config, built, options)))
    return report


def find_nginx_file(config: Config) -> Path:
    """Where nginx's file lies: beside the folder, never in it, so that nobody hands it out."""
    public = config.service.public
    return public.with_name(f"{public.name}{_NGINX_SUFFIX}")


def list_beside_lines(
    config: Config, report: BesideReport, options: BesideOptions
) -> list[RenderableType]:
    """What a person is told besides the figures."""
    public = config.service.public
    lines: list[RenderableType] = [
        f"{find_place(public, path, None)}: left as it is, for somebody else wrote it"
        for path in report.foreign
    ]
    if "nginx" in options.hosts:
        lines.append(f"{find_nginx_file(config)}: for nginx; its first lines tell how to use it")
    return lines


def write_beside_fact(report: BesideReport) -> str:
    """Pages and the like, in figures."""
    removed = f", {len(report.removed):,} taken away" if report.removed else ""
    return f"{count_of(report.files, 'file')} for people and hosts, {report.written:,} new{removed}"


def describe_beside(report: BesideReport) -> dict[str, object]:
    """The same for programs."""
    return {"beside": report.files, "beside_written": report.written, "foreign": report.foreign}


def _render_all(config: Config, built: BuiltFeeds, options: BesideOptions) -> Iterator[FeedFile]:
    catalogue = compose_catalogue(built.shown, built.settings, built.paths)
    yield render_opml_file(config.publication, built.settings, catalogue)
    if options.has_pages:
        yield from render_pages(find_templates(), config.publication, built.settings, catalogue)
    if {"netlify", "cloudflare"} & set(options.hosts):
        yield from render_header_files(_describe(config, built, options))


def _describe(config: Config, built: BuiltFeeds, options: BesideOptions) -> Hosted:
    places = find_places(config.publication)
    assets = (
        (places.style, "text/css; charset=utf-8"),
        (places.script, "text/javascript; charset=utf-8"),
    )
    return Hosted(
        config.publication,
        built.settings,
        tuple(built.paths),
        built.removed,
        page_home=places.home if options.has_pages else "",
        assets=assets if options.has_pages else (),
    )


def _write_nginx(path: Path, content: bytes) -> None:
    if path.exists() and not path.read_bytes().startswith(_OURS):
        raise UsageError(f"{path} is there already, and no build wrote it; take it away")
    write_plainly(path, content)
