"""The process of its own in which a publication's templates are rendered, and nothing else is.

It is started with an empty environment, takes its work from standard input and gives what it made
to standard output, both JSON. Before it looks at a template it gives up opening files, starting
processes and most memory and time; what does not keep to that is ended by the system.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import jinja2

from service.editions.inlining import InlineError, inline_styles
from service.editions.sandbox import Sandbox
from service.model.wording import word

MOST_SECONDS = 1
"""How much processor time one mail's templates may take."""

MOST_MEMORY = 256 * 1024 * 1024
"""How many bytes of memory they may take beside what the process has when it begins."""

MOST_MADE = 1_000_000
"""How many characters they may make of one part of a mail."""

# Python and Jinja2 load some of their own files at the first use only, and afterwards no file
# can be opened any more.
_REHEARSALS = (
    "{% macro say(a) %}{{ a | wrap | title }}{% endmacro %}{{ say('\\u3042') }}",
    "{% for one in 'ab' %}{{ loop.cycle('c', 1.5, 2) | urlencode }}{% endfor %}",
    "{{ '<b>' | striptags | truncate(9) | indent }}",
    "{{ nothing.here }}",
    "{% if %}",
)
_FAULTS = (
    *(InlineError, jinja2.TemplateError, ArithmeticError, AssertionError, AttributeError),
    *(LookupError, OSError, TypeError, ValueError),
)


def main() -> None:
    """Do the one piece of work: {"sources", "names", "mail"} to {"made"} or {"failure"}."""
    work = json.loads(sys.stdin.buffer.read())
    for rehearsed in _REHEARSALS:
        render_parts({"rehearsal.html": rehearsed}, ["rehearsal.html"], {})
    give_up_privileges()
    reply = json.dumps(render_parts(work["sources"], work["names"], work["mail"]))
    os.write(1, reply.encode())
    os._exit(0)


def give_up_privileges() -> None:
    """Let the system end this process when it does more than render."""
    limits = (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_FSIZE, 8 * MOST_MADE),
        (resource.RLIMIT_AS, _find_memory() + MOST_MEMORY),
        (resource.RLIMIT_CPU, 2 * MOST_SECONDS + 1),
    )
    for name, most in limits:
        # Not every system knows every limit; the clock of who started this one remains.
        with suppress(ValueError, OSError):
            resource.setrlimit(name, (most, most))
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)


def render_parts(
    sources: Mapping[str, str], names: list[str], mail: Mapping[str, Any]
) -> dict[str, Any]:
    """What the templates of these names make of the mail, or why, in which file and line, not."""
    sandbox = Sandbox(sources)
    made: dict[str, str] = {}
    name = ""
    try:
        for name in names:
            made[name] = _render(sandbox, name, mail)
            if name.endswith(".html"):
                made[name] = inline_styles(made[name])
    except jinja2.TemplateSyntaxError as error:
        return _fail(error.filename or error.name or name, error.lineno, error.message or "")
    except jinja2.TemplateNotFound as error:
        return _fail(
            *_find_place(error, sources, name),
            word("there is no template '{name}'", name=str(error.name)),
        )
    except MemoryError:
        return _fail(
            name, None, word("took more than {most} MB of memory", most=str(MOST_MEMORY >> 20))
        )
    except RecursionError as error:
        return _fail(*_find_place(error, sources, name), word("calls itself without end"))
    except _FAULTS as error:
        return _fail(*_find_place(error, sources, name), str(error))
    return {"made": made}


def _render(sandbox: Sandbox, name: str, mail: Mapping[str, Any]) -> str:
    pieces, made = [], 0
    for piece in sandbox.get_template(name).generate(mail=mail):
        made += len(piece)
        if made > MOST_MADE:
            raise jinja2.TemplateRuntimeError(
                word("makes more than {most} characters", most=f"{MOST_MADE:,}")
            )
        pieces.append(piece)
    return "".join(pieces)


def _find_place(
    error: BaseException, sources: Mapping[str, str], name: str
) -> tuple[str, int | None]:
    """The innermost template and line that the error came from."""
    places = [place for place in _walk(error) if place[0] in sources]
    return places[-1] if places else (name, None)


def _walk(error: BaseException) -> Iterator[tuple[str, int]]:
    step = error.__traceback__
    while step is not None:
        yield step.tb_frame.f_code.co_filename, step.tb_lineno
        step = step.tb_next


def _fail(name: str, line: int | None, message: str) -> dict[str, Any]:
    return {"failure": {"name": name, "line": line, "message": message[:500]}}


def _find_memory() -> int:
    """How much address space this process has taken already."""
    with suppress(OSError), open("/proc/self/statm", "rb") as file:  # noqa: PTH123
        return int(file.read().split()[0]) * resource.getpagesize()
    return MOST_MEMORY
