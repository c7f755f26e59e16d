"""``newsletter articles edit`` and its like: what staff decide of single articles."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter.cli.articles import articles, sum_up
from newsletter.cli.progress import progress
from newsletter.cli.session import Session
from newsletter.errors import UsageError

if TYPE_CHECKING:
    from newsletter.model import Article, Edits

FIELDS = ("title", "lead", "picture", "alt", "state")


@articles.command()
@click.argument("name", metavar="ID")
@click.option("--title", metavar="TEXT", help="A title in the place of the source's.")
@click.option("--lead", metavar="TEXT", help="A lead in the place of the source's.")
@click.option("--picture", metavar="FILE", type=click.Path(path_type=Path), help="A picture to show.")
@click.option("--alt", metavar="TEXT", help="What the picture shows, for who does not see it.")
@click.option(
    "--state",
    metavar="draft|ready|hidden",
    type=click.Choice(["draft", "ready", "hidden"]),
    help="Whether it is shown.",
)
@click.option(
    "--reset", metavar="FIELD", multiple=True, type=click.Choice(FIELDS), help="Take the source's word again."
)
@click.pass_obj
def edit(
    session: Session,
    name: str,
    title: str | None,
    lead: str | None,
    picture: Path | None,
    alt: str | None,
    state: str | None,
    reset: tuple[str, ...],
) -> None:
    """Put your own words in the place of a source's; later imports leave them."""
    from newsletter.model import ArticleState
    from newsletter.pipeline import curating

    if all(value is None for value in (title, lead, picture, alt, state)) and not reset:
        raise UsageError(
            "articles edit: nothing to change; write --title, --lead, --picture, --alt, --state or --reset"
        )
    image = curating.picture(session.publication, picture) if picture else None

    words = curating.written(title, lead, alt)
    given = replace(words, image=image, state=ArticleState(state) if state else None)

    def revise(stands: Edits, original: Article) -> Edits:
        return curating.joined(stands, given, {"image" if field == "picture" else field for field in reset})

    _tell(session, curating.edit(session.publication, name, revise))


@articles.command()
@click.argument("name", metavar="ID")
@click.pass_obj
def hide(session: Session, name: str) -> None:
    """Withhold an article from feeds, pages and letters to come."""
    from newsletter.pipeline import curating

    _tell(session, curating.hide(session.publication, name))


@articles.command("show-again")
@click.argument("name", metavar="ID")
@click.pass_obj
def show_again(session: Session, name: str) -> None:
    """Show a hidden article."""
    from newsletter.pipeline import curating

    _tell(session, curating.show_again(session.publication, name))


@articles.command()
@click.argument("name", metavar="ID")
@click.option("--everyone", is_flag=True, help="In every letter, not only in those of readers whom it matches.")
@click.pass_obj
def pin(session: Session, name: str, everyone: bool) -> None:
    """Show an article in every letter that has news, until it is unpinned."""
    from newsletter.pipeline import browsing, curating

    curating.pin(session.publication, name, "everyone" if everyone else "matching")
    session.line(f"pinned: {browsing.one_article(session.publication, name).title}")


@articles.command()
@click.argument("name", metavar="ID")
@click.pass_obj
def unpin(session: Session, name: str) -> None:
    """Let an article stand only where it is news."""
    from newsletter.pipeline import browsing, curating

    curating.unpin(session.publication, name)
    session.line(f"no longer pinned: {browsing.one_article(session.publication, name).title}")


@articles.command()
@click.argument("name", metavar="ID")
@click.option("--undo", is_flag=True, help="There was nothing to correct.")
@click.pass_obj
def correct(session: Session, name: str, undo: bool) -> None:
    """Say that a mailed article was wrong and is right now: their next letter tells everyone who was sent it."""
    from newsletter.pipeline import browsing, curating

    (curating.uncorrect if undo else curating.correct)(session.publication, name)
    what = "no longer corrected" if undo else "corrected"
    session.line(f"{what}: {browsing.one_article(session.publication, name).title}")


@articles.command()
@click.argument("name", metavar="[ID]", required=False)
@click.option("--raw", is_flag=True, help="The input of one article, byte for byte as it came.")
@click.pass_obj
def export(session: Session, name: str | None, raw: bool) -> None:
    """Write articles as JSON, one object a line; or with --raw the input of one."""
    import json

    from newsletter.cli.articles import as_object
    from newsletter.pipeline import browsing, rereading

    if raw:
        if not name:
            raise UsageError("articles export --raw: name one article, by its id, address or the beginning of its id")
        sys.stdout.buffer.write(rereading.raw(session.publication, name))
        return
    found = [browsing.one_article(session.publication, name)] if name else browsing.every_article(session.publication)
    for article in found:
        click.echo(json.dumps(as_object(article, session.config.site.zone), ensure_ascii=False))


@articles.command()
@click.pass_obj
def reparse(session: Session) -> int:
    """Read the kept inputs again, as after a new version of this program; nothing of it becomes news."""
    from functools import partial

    from newsletter.pipeline.rereading import reparse as again

    return sum_up(session, again(session.publication, partial(progress, session, what="reparse")))


def _tell(session: Session, article: Article) -> None:
    from newsletter.cli.articles import as_object

    if session.as_json:
        session.data(as_object(article, session.config.site.zone))
    else:
        session.line(f"{article.state.value}: {article.title}")
