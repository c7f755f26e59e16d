"""The command line: parse, call the pipeline, show. No rules and no SQL.

Commands are imported when they are called, so that ``--help`` costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module

import click

from newsletter import __version__
from newsletter.cli.session import Session
from newsletter.errors import NewsletterError

COMMANDS = {
    "init": ("init:init", "Write a new publication: config.toml, articles/."),
    "import": ("articles:import_", "Read articles from files or folders, once."),
    "collect": ("collect:collect", "Ask the configured sources for what is new."),
    "articles": ("curation:articles", "List, show, edit, hide, pin and export articles."),
    "terms": ("terms:terms", "List, rename and merge terms."),
    "build": ("build:build", "Write the feeds and pages: only what changed."),
    "check": ("check:check", "Look for faults in the next letters, or in what was built."),
    "preview": ("preview:preview", "Show the next letter of a list, before anyone gets it."),
    "send": ("send:send", "Open an issue of a list, or go on with it, and send it."),
    "why": ("why:why", "Say why an article was in someone's letters, or why not."),
    "issues": ("issues:issues", "List and show issues; stop, retry, resolve them."),
    "subscribers": ("subscribers:subscribers", "Add, change, import, list and show subscribers."),
    "adopt": ("adopt:adopt", "Let a copied, restored or moved database send from here."),
    "run": ("run:run", "Send every list at its time: the scheduler."),
    "serve": ("serve:serve", "Serve the feeds and pages over HTTP."),
    "status": ("status:status", "Show how the sources and lists stand."),
}
"""Where each command is, with the line that ``--help`` shows."""


class Commands(click.Group):
    """A group whose commands are imported only when they run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of a publication's life."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(f"newsletter.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("--config", "path", default="config.toml", metavar="FILE", help="The publication's configuration.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON for machines on standard output, and nothing else.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def program(context: click.Context, path: str, as_json: bool, debug: bool) -> None:
    """Publish feeds and personal letters from an organisation's own articles."""
    context.obj = Session(path, as_json, debug)
    context.call_on_close(context.obj.close)


def main() -> None:
    """Run the command line: errors are one line, exit codes say what a person must do (DESIGN §4)."""
    # Every option of the program may also stand after the command, where people write it.
    arguments, ahead = _hoist(sys.argv[1:])
    try:
        sys.exit(program.main(ahead + arguments, prog_name="newsletter", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        click.echo("stopped", err=True)
        sys.exit(1)
    except NewsletterError as error:
        if "--debug" in ahead:
            raise
        click.echo(f"newsletter: {error}", err=True)
        sys.exit(error.exit_code)


def _hoist(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Move the options that every command has to the front."""
    ahead: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            return [*rest, argument, *waiting], ahead
        if argument in ("--json", "--debug") or argument.startswith("--config="):
            ahead.append(argument)
        elif argument == "--config":
            ahead += [argument, next(waiting, "")]
        else:
            rest.append(argument)
    return rest, ahead
