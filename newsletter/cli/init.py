"""``newsletter init``: a new publication, which works as it is."""

from __future__ import annotations

import shlex
from datetime import UTC
from pathlib import Path
from string import Template

import click

from newsletter.cli.session import Session
from newsletter.errors import NewsletterError, UsageError
from newsletter.shipped import templates


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.pass_obj
def init(session: Session, folder: Path) -> None:
    """Write a new publication into a folder: config.toml and articles/ with a sample; nothing is overwritten."""
    starter = templates() / "starter"
    files = {folder / path.relative_to(starter): path for path in sorted(starter.glob("**/*.*"), key=_depth)}
    for target in files:
        if target.exists():
            raise UsageError(f"{target}: is there already; name another folder, or move it away")
    today = session.now.astimezone(UTC)
    words = {"year": f"{today.year}", "date": f"{today:%Y-%m-%d}"}
    for target, path in files.items():
        _write(target, Template(path.read_text(encoding="utf-8")).substitute(words))
    if session.as_json:
        session.data({"folder": str(folder), "files": [str(target) for target in files]})
    else:
        _explain(session, folder, list(files))


def _depth(path: Path) -> tuple[int, str]:
    return len(path.parts), str(path)


def _write(target: Path, text: str) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise NewsletterError(f"{target}: cannot be written ({error.strerror}); see to its rights") from error


def _explain(session: Session, folder: Path, files: list[Path]) -> None:
    for target in files:
        session.line(f"written: {target}")
    session.line("Now write your name and addresses into config.toml, then:")
    here = [] if folder == Path() else [f"cd {shlex.quote(str(folder))}"]
    for command in (*here, "newsletter import articles", "newsletter build"):
        session.line(f"  {command}")
    session.line('  newsletter subscribers add you@example.org --list lettre --consent "my own address"')
    session.line("  newsletter send lettre --dry-run")
