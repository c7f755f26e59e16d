"""The plain way to one reader's mail: print exactly this letter. Slow, simple, and what ``assemble`` must equal."""

from __future__ import annotations

from newsletter.catalogue import counted
from newsletter.digest.assemble import Body
from newsletter.digest.letter import Block, Contents, Letter, Links
from newsletter.digest.press import Press, Templates
from newsletter.digest.stylesheet import inline


def alone(contents: Contents, letter: Letter, links: Links, templates: Templates) -> Body[str]:
    """Print one reader's letter with nothing shared and nothing cut.

    Raises:
        TemplateError: a template names what does not exist, or fails.
    """
    html, text = (Press(contents, letter.language, templates, kind) for kind in ("html", "txt"))
    return Body(inline(_printed(html, letter, links), html.css), _printed(text, letter, links))


def _printed(press: Press, letter: Letter, links: Links) -> str:
    return press.page(
        header=press.header(light=letter.light),
        summary=_summary(press, letter) if letter.summarised else "",
        sections=press.safe("".join(_section(press, block, light=letter.light) for block in letter.blocks)),
        others=press.others(counted("letter", "others", letter.others, letter.language)) if letter.others else "",
        preheader=letter.preheader,
        count=counted("letter", "news", letter.count, letter.language),
        unsubscribe_url=links.unsubscribe,
        preferences_url=links.preferences,
    )


def _summary(press: Press, letter: Letter) -> str:
    entries = "".join(press.entry(block.heading, len(block.items)) for block in letter.blocks)
    return press.summary(press.safe(entries))


def _section(press: Press, block: Block, *, light: bool) -> str:
    articles = "".join(press.article(block.heading, position, form, light=light) for position, form in block.items)
    return press.section(block.heading, press.safe(articles))
