"""docs/reference/commands.md names every command with its arguments and options, and none that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from newsletter import errors
from newsletter.cli import COMMANDS, program
from newsletter.proofing.finding import CHECKS
from tests.docs.pages import PAGES, blocks, codes, read, sections

PAGE = read("docs/reference/commands.md")


def commands(group: click.Group, name: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for word in group.list_commands(context):
        command = group.get_command(context, word)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {word}")
        else:
            yield f"{name} {word}", command


KNOWN = dict(commands(program, "newsletter"))


def usage(name: str, command: click.Command) -> str:
    arguments = [p.make_metavar(click.Context(command)) for p in command.params if isinstance(p, click.Argument)]
    return " ".join([name, *arguments])


def options(command: click.Command) -> set[str]:
    """Return the options as they are written, with the name of their value where they take one."""
    context = click.Context(command)
    given = [option for option in command.params if isinstance(option, click.Option)]
    return {
        " ".join([", ".join([*p.opts, *p.secondary_opts]), *([] if _is_switch(p) else [p.make_metavar(context)])])
        for p in given
    }


def _is_switch(option: click.Option) -> bool:
    return bool(option.is_flag or option.count)


def documented() -> dict[str, set[str]]:
    found = [(match[1], section) for section in sections(PAGE) if (match := re.fullmatch("`(.+)`", section.heading))]
    assert len(found) == len(dict(found)), "a command is documented twice"
    return {heading: {row[0].strip("`").replace("\\|", "|") for row in section.rows()} for heading, section in found}


def test_every_command_is_documented_with_its_arguments() -> None:
    assert set(documented()) == {usage(name, command) for name, command in KNOWN.items()}


def test_every_option_is_documented() -> None:
    told = documented()
    for name, command in KNOWN.items():
        assert told[usage(name, command)] == options(command), name


def test_the_options_of_every_command_are_documented() -> None:
    told = next(section for section in sections(PAGE) if section.heading == "For every command")
    assert {row[0].strip("`") for row in told.rows()} == options(program) | {"-h, --help"}


def test_every_check_of_letters_is_documented() -> None:
    told = next(section for section in sections(PAGE) if section.heading == "What is checked of letters")
    assert [row[0].strip("`") for row in told.rows()] == list(CHECKS)


def test_every_exit_code_is_documented() -> None:
    def codes_of(error: type[errors.NewsletterError]) -> set[int]:
        return {error.exit_code}.union(*map(codes_of, error.__subclasses__()))

    told = next(section for section in sections(PAGE) if section.heading == "How it ends")
    assert {int(row[0].strip("`")) for row in told.rows()} == codes_of(errors.NewsletterError) | {0}


def test_commands_in_every_page_exist() -> None:
    """What a reader would copy and paste is understood: the command is there, and so is each option."""
    wrong = [
        f"{page.name}: {line}"
        for page in PAGES
        for text in [page.read_text(encoding="utf-8")]
        for line in [*"\n".join(blocks(text, "sh")).splitlines(), *codes(text)]
        for words in re.findall(r"(?:^|[\s/])newsletter ((?:[a-z-]+)(?: .*)?)$", line.partition("  #")[0].strip())
        if not understood(words)
    ]
    assert wrong == []


def test_commands_named_in_passing_exist() -> None:
    """In sentences the name of the program is often left out: `issues retry` must be a command all the same."""
    passing = re.compile(rf"(?:{'|'.join(COMMANDS)})(?: .+)")
    named = [(page.name, code) for page in PAGES for code in codes(page.read_text("utf-8")) if passing.fullmatch(code)]
    assert named
    assert [each for each in named if not understood(each[1])] == []


def understood(words: str) -> bool:
    given = words.split()
    name = next(
        (f"newsletter {' '.join(given[:n])}" for n in (2, 1) if f"newsletter {' '.join(given[:n])}" in KNOWN), ""
    )
    if not name:
        return f"newsletter {words}" in {known.rpartition(" ")[0] for known in KNOWN}
    known = {opt for p in [*KNOWN[name].params, *program.params] if isinstance(p, click.Option) for opt in p.opts}
    return {word.partition("=")[0] for word in given if word.startswith("--")} <= known | {"--help"}
