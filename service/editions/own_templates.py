"""Templates that a publication brings itself: read, rendered apart, held to what mail must say."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from service.editions.pressroom import MOST_MADE, MOST_SECONDS
from service.editions.required import check_own_mail
from service.editions.view import Digest
from service.errors import TemplateError
from service.model.wording import word

OWN_NAMES = (
    *("digest.html", "digest.txt", "single.html", "single.txt", "base.html", "style.css"),
    *("masthead.html", "masthead.txt", "footer.html", "footer.txt", "picture.html", "button.html"),
    *("full.html", "full.css"),
)
"""What a publication may have its own of; everything else is taken from ours."""

OURS = "kawaraban/"
"""Before the name of a template, where ours is meant though the publication has one of its own."""

_WALL_SECONDS = 10
_MOST_FILES = 50
_MOST_BYTES = 200_000
_SUFFIXES = frozenset({".html", ".txt", ".css"})
_ROOT = Path(__file__).parents[2]
_START = (
    "import sys; sys.path.append(sys.argv[1]); from service.editions.pressroom import main; main()"
)


def render_own(folder: Path, ours: Path, digest: Digest) -> tuple[str, str]:
    """The HTML and the text of an edition by the templates in `folder`.

    A part that it has no template for is made by ours. Raises TemplateError, which names file
    and line, for one that fails, takes too much, or leaves out what a mail must say.
    """
    html_name, text_name = f"{digest.layout}.html", f"{digest.layout}.txt"
    sources = {**_read_ours(ours), **read_templates(folder)}
    made = _render_apart(folder, sources, [html_name, text_name], {**asdict(digest)})
    html, text = made[html_name], made[text_name]
    if fault := check_own_mail(html, text, digest.footer):
        raise TemplateError(
            "{name}/{layout}: {problem}", name=folder.name, layout=digest.layout, problem=fault
        )
    return html, text


def read_templates(folder: Path) -> dict[str, str]:
    """The files in the folder that are templates, by name; raises TemplateError."""
    if not folder.is_dir():
        raise TemplateError("{folder}: there is no such folder of mail templates", folder=folder)
    paths = sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES)
    if not any(path.name in OWN_NAMES for path in paths):
        raise TemplateError(
            "{folder}: has none of {known}", folder=folder, known=", ".join(OWN_NAMES)
        )
    if len(paths) > _MOST_FILES:
        raise TemplateError(
            "{folder}: has {count} templates, {most} may be read",
            folder=folder,
            count=len(paths),
            most=_MOST_FILES,
        )
    return {path.name: _read(path) for path in paths}


def _read(path: Path) -> str:
    name = f"{path.parent.name}/{path.name}"
    if path.is_symlink() or not path.is_file():
        raise TemplateError("{name}: is no file of its own, and links are not followed", name=name)
    if path.stat().st_size > _MOST_BYTES:
        raise TemplateError(
            "{name}: is larger than {most} bytes", name=name, most=f"{_MOST_BYTES:,}"
        )
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise TemplateError(
            "{name}: is not UTF-8 at byte {byte}", name=name, byte=error.start
        ) from error


@cache
def _read_ours(folder: Path) -> Mapping[str, str]:
    paths = [path for path in sorted(folder.iterdir()) if path.suffix in _SUFFIXES]
    plain = {path.name: path.read_text(encoding="utf-8") for path in paths}
    return {**plain, **{OURS + name: text for name, text in plain.items()}}


def _render_apart(
    folder: Path, sources: Mapping[str, str], names: list[str], mail: Mapping[str, Any]
) -> dict[str, str]:
    """What a process of its own makes of the mail, with nothing of ours in its reach."""
    work = json.dumps({"sources": sources, "names": names, "mail": mail}).encode()
    with tempfile.TemporaryFile() as made:
        try:
            done = subprocess.run(  # noqa: S603
                [sys.executable, "-I", "-c", _START, str(_ROOT)],
                input=work,
                stdout=made,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                timeout=_WALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise TemplateError(
                "{name}: rendering took longer than {seconds} s",
                name=folder.name,
                seconds=_WALL_SECONDS,
            ) from error
        made.seek(0)
        reply = made.read()
    if done.returncode:
        raise TemplateError(
            "{name}: {problem}", name=folder.name, problem=_explain_end(done.returncode)
        )
    return _take_made(folder, json.loads(reply))


def _explain_end(status: int) -> str:
    if -status in {signal.SIGPROF, signal.SIGXCPU}:
        return word("rendering took more than {most} s of processor time", most=str(MOST_SECONDS))
    if -status == signal.SIGXFSZ:
        return word("rendering made more than {most} characters", most=f"{MOST_MADE:,}")
    return word("rendering ended without a result (status {status})", status=str(status))


def _take_made(folder: Path, reply: Mapping[str, Any]) -> dict[str, str]:
    if failure := reply.get("failure"):
        place = {"name": folder.name, "template": failure["name"], "line": failure["line"]}
        if failure["line"]:
            raise TemplateError(
                "{name}/{template}, line {line}: {problem}", **place, problem=failure["message"]
            )
        raise TemplateError("{name}/{template}: {problem}", **place, problem=failure["message"])
    return {str(name): str(text) for name, text in reply["made"].items()}
