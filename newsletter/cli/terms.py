"""``newsletter terms``: the values of the taxonomies, renamed and merged with all that hangs on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newsletter.cli.session import Session

if TYPE_CHECKING:
    from newsletter.model import Term


@click.group()
def terms() -> None:
    """List, rename and merge terms."""


@terms.command("list")
@click.pass_obj
def list_(session: Session) -> None:
    """List all terms, with how many articles have each."""
    from newsletter.pipeline.classifying import every_term

    found = every_term(session.publication)
    if session.as_json:
        session.data([{**_object(term), "articles": number} for term, number in found])
        return
    width = max((len(f"{term.taxonomy}/{term.slug}") for term, _ in found), default=0)
    for term, number in found:
        session.line(f"{number:>6}  {f'{term.taxonomy}/{term.slug}':<{width}}  {term.label}")


@terms.command()
@click.argument("name", metavar="TAXONOMY/TERM")
@click.argument("label", metavar="LABEL")
@click.option("--slug", metavar="SLUG", default="", help="The name in addresses; otherwise made of the label.")
@click.pass_obj
def rename(session: Session, name: str, label: str, slug: str) -> None:
    """Give a term another label; readers keep it, and its old feed leads to the new one."""
    from newsletter.pipeline.classifying import rename as again

    _tell(session, again(session.publication, name, label, slug))


@terms.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.pass_obj
def merge(session: Session, old: str, new: str) -> None:
    """Let the term NEW take the place of OLD, in articles and in what readers chose."""
    from newsletter.pipeline.classifying import merge as join

    _tell(session, join(session.publication, old, new))


def _tell(session: Session, term: Term) -> None:
    if session.as_json:
        session.data(_object(term))
    else:
        session.line(f"{term.taxonomy}/{term.slug}: {term.label}; `newsletter build` writes its feed and the redirects")


def _object(term: Term) -> dict[str, str]:
    return {name: getattr(term, name) for name in ("taxonomy", "slug", "label", "iri", "parent")}
