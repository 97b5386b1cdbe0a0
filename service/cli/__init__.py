"""The commands: what they are called, and what their ending says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from service import __version__
from service.cli.backing_up import backup
from service.cli.building import build
from service.cli.checking import check
from service.cli.doctor import doctor
from service.cli.editions import editions
from service.cli.editors import editors
from service.cli.logging import configure_logging
from service.cli.migrating import migrate
from service.cli.planning import plan
from service.cli.posts import posts
from service.cli.previewing import preview
from service.cli.printing import say
from service.cli.restoring import restore
from service.cli.running import clock, up, web, worker
from service.cli.sending import send
from service.cli.session import Session
from service.cli.starting import init
from service.cli.subscribers import subscribers
from service.cli.suppressions import suppressions
from service.cli.ticking import tick
from service.cli.tokens import tokens
from service.cli.unknown import unknown
from service.errors import ConfigError, KawarabanError, UsageError

FINE, ATTENTION, WRONG = 0, 1, 2


class _Commands(click.Group):
    """Tells every mistake in a sentence on standard error, and ends with its status."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The commands in the order in which a newcomer meets them."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            for mistake in error.mistakes:
                say(mistake)
            ctx.exit(WRONG)
        except UsageError as error:
            say(str(error))
            ctx.exit(WRONG)
        except KawarabanError as error:
            say(str(error))
            ctx.exit(ATTENTION)
        except OperationalError as error:
            # Its own text may quote the statement; the driver's word alone says what is wrong.
            say(f"the database cannot be used: {error.orig}")
            ctx.exit(ATTENTION)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--config",
    "config_path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("kawaraban.toml"),
    show_default=True,
    help="The publication's settings; its other paths are seen from there.",
)
@click.option("--json", "as_json", is_flag=True, help="Report as one JSON document.")
@click.version_option(__version__, prog_name="kawaraban")
@click.pass_context
def main(ctx: click.Context, *, config_path: Path, as_json: bool) -> None:
    """Feeds and newsletters for a folder of Markdown posts: to everybody once.

    \b
    Begin:       init, check, migrate, up
    Every day:   send, plan, posts, editions, subscribers
    The desk:    editors, tokens
    Exit status: 0 fine, 1 something needs attention, 2 wrong usage or configuration
    """  # noqa: D301 - \b keeps click from filling the lines
    configure_logging()
    ctx.obj = Session(config_path, os.environ)
    ctx.call_on_close(ctx.obj.close)
    if as_json:
        ctx.default_map = _ask_json_of(main)


def _ask_json_of(group: click.Group) -> dict[str, Any]:
    """What --json before the command means: the same as behind it, for every command."""
    return {
        name: _ask_json_of(command) if isinstance(command, click.Group) else {"as_json": True}
        for name, command in group.commands.items()
    }


for _command in (
    *(init, check, migrate, up, build, tick),
    *(plan, send, editions, posts, subscribers, suppressions, unknown),
    *(editors, tokens),
    *(web, clock, worker, backup, restore, doctor),
):
    main.add_command(_command)
editions.add_command(preview)
