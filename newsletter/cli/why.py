"""``newsletter why``: why an article was in someone's letters, or why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.session import Session

if TYPE_CHECKING:
    from datetime import tzinfo

    from newsletter.digest.circumstances import Showing
    from newsletter.pipeline.explaining import Explanation


@click.command()
@click.argument("address")
@click.argument("article")
@click.option("--list", "list_", metavar="LIST", default="", help="Only this list.")
@click.pass_obj
def why(session: Session, address: str, article: str, list_: str) -> None:
    """Say why an article was in someone's letters, or why not."""
    from newsletter.pipeline.explaining import explain

    found = explain(session.publication, address, article, list_)
    if session.as_json:
        session.data([_object(each, session.config.site.zone) for each in found])
        return
    for each in found:
        session.line(f"{each.facts.list}: “{each.facts.article.title}” {each.answer.sentence}.")


def _object(found: Explanation, zone: tzinfo) -> dict[str, Any]:
    facts, answer = found.facts, found.answer
    return {
        "address": facts.address,
        "list": facts.list,
        "article": facts.article.id,
        "reason": answer.reason.value,
        "sentence": answer.sentence,
        "issue": answer.showing.issue if answer.showing else None,
        "letters": [_letter(each, zone) for each in facts.showings],
    }


def _letter(showing: Showing, zone: tzinfo) -> dict[str, Any]:
    return {
        "issue": showing.issue,
        "at": showing.at.astimezone(zone).isoformat(),
        "state": showing.state.value,
        "news": showing.picked,
        "corrected": showing.corrected,
        "section": showing.section,
        "form": showing.form,
        "said": showing.said,
    }
