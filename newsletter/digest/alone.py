"""The plain way to one reader's mail: print exactly this letter. Slow, simple, and what ``assemble`` must equal."""

from __future__ import annotations

from newsletter.digest.assemble import Body
from newsletter.digest.letter import Block, Contents, Letter, Links
from newsletter.digest.press import Kind, Press, Templates
from newsletter.digest.stylesheet import inline
from newsletter.digest.words import news, others


def alone(contents: Contents, letter: Letter, links: Links, templates: Templates) -> Body[str]:
    """Print one reader's letter with nothing shared and nothing cut.

    Raises:
        TemplateError: a template names what does not exist, or fails.
    """
    return Body(
        inline(_printed(contents, letter, links, templates, "html"), templates["style.css"]),
        _printed(contents, letter, links, templates, "txt"),
    )


def _printed(contents: Contents, letter: Letter, links: Links, templates: Templates, kind: Kind) -> str:
    press = Press(contents, letter.language, templates, kind)
    return press.page(
        sections=press.safe("".join(_section(press, block) for block in letter.blocks)),
        others=press.others(others(letter.others, letter.language)) if letter.others else "",
        preheader=letter.preheader,
        count=news(letter.count, letter.language),
        unsubscribe_url=links.unsubscribe,
        preferences_url=links.preferences,
    )


def _section(press: Press, block: Block) -> str:
    articles = "".join(press.article(block.heading, position, form) for position, form in block.items)
    return press.section(block.heading, press.safe(articles))
