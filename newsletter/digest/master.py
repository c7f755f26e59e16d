"""The master of an issue: every fragment printed once, inlined once, then cut into pieces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from newsletter.digest.letter import CORRECTED, SHORTER, TITLES, Contents, Form
from newsletter.digest.pieces import BLOCKS, Name, Piece, Pieces, Sheet, by_heading
from newsletter.digest.press import Kind, Press, Slot, Templates
from newsletter.digest.stylesheet import inline
from newsletter.errors import TemplateError

NEEDED = ("unsubscribe_url", "preferences_url")


def master(contents: Contents, language: str, nonce: str, templates: Templates) -> Pieces[str]:
    """Print every fragment that a letter of the issue may need, in one language.

    ``nonce`` is a random word of the letters a-z, eight or more, that makes the markers.

    Raises:
        TemplateError: a template breaks the contract of pieces, or the nonce stands in an article.
    """
    if not re.fullmatch("[a-z]{8,}", nonce) or nonce in repr(contents).lower():
        raise TemplateError(f"issue {contents.name}: the nonce {nonce!r} is no marker; take another random word")
    html = _Cutter(contents, Press(contents, language, templates, "html"), nonce, "html").html()
    return Pieces(*html, _Cutter(contents, Press(contents, language, templates, "txt"), nonce, "txt").text())


def fragments(contents: Contents, heading: int) -> Iterator[Name]:
    """Yield what a heading may show: each article in the heading's form and all shorter ones; titles at the end."""
    if heading == TITLES:
        yield from ((TITLES, position, Form.TITLE) for position in range(len(contents.articles)))
    elif heading == CORRECTED:
        yield from ((CORRECTED, position, Form.SHORT) for position in contents.corrected)
    else:
        for position in dict.fromkeys(contents.headings[heading].order):
            form: Form | None = contents.headings[heading].form
            while form:
                yield heading, position, form
                form = SHORTER.get(form)


def _key(*name: object) -> str:
    return " ".join(map(str, name))


class _Cutter:
    """Prints the pieces of one part with markers for slots, and cuts at the markers."""

    def __init__(self, contents: Contents, press: Press, nonce: str, kind: Kind) -> None:
        self.contents = contents
        self.press = press
        self.nonce = nonce
        self.kind = kind
        self.headings = (*range(len(contents.headings)), CORRECTED, TITLES)

    def text(self) -> Sheet[str]:
        """Cut the text part: nothing depends on what stands around it, so there is no page to make first."""
        return Sheet(
            self.piece("page", self.page()),
            self.press.header(light=False),
            self.piece("summary", self.summary()),
            self.piece("others", self.others()),
            {index: self.piece("section", self.section(index)) for index in self.headings},
            {index: self.piece("entry", self.entry(index)) for index in self.headings},
            by_heading((name, self.press.article(*name, light=False)) for name in self.names()),
        )

    def html(self) -> tuple[Sheet[str], Sheet[str]]:
        """Print one page that holds everything where it really stands, inline it once and cut it; twice, for light."""
        try:
            cut = self.cut(inline(self.whole(), self.press.css))
            return self.sheet(cut, light=False), self.sheet(cut, light=True)
        except (IndexError, KeyError):
            line = "template section.html or page.html: a block stands where tags are read as text, such as a title"
            raise TemplateError(f"{line}; see docs/reference/templates.md") from None

    def sheet(self, cut: dict[str, str], *, light: bool) -> Sheet[str]:
        return Sheet(
            self.piece("page", cut["page"]),
            cut[_key("header", light)],
            self.piece("summary", cut["summary"]),
            self.piece("others", cut["others"]),
            {index: self.piece("section", cut[_key("section", index)]) for index in self.headings},
            {index: self.piece("entry", cut[_key("entry", index)]) for index in self.headings},
            by_heading((name, cut[_key(*name, light and name[2] is not Form.TITLE)]) for name in self.names()),
        )

    def names(self) -> Iterator[Name]:
        for index in self.headings:
            yield from fragments(self.contents, index)

    def page(self) -> str:
        slots = ("header", "summary", "sections", "others", "preheader", "count", *NEEDED)
        return self.press.page(**{name: self.slot("page", name) for name in slots})

    def summary(self) -> str:
        return self.press.summary(self.slot("summary", "entries"))

    def entry(self, index: int) -> str:
        return self.press.entry(index, self.slot("entry", "count"))

    def others(self) -> str:
        return self.press.others(self.slot("others", "count"))

    def section(self, index: int) -> str:
        return self.press.section(index, self.slot("section", "articles"))

    def whole(self) -> str:
        """Print the page on which every piece stands where it stands in letters."""
        entries = [self.fragment(_key("entry", index), self.entry(index)) for index in self.headings]
        blocks = {
            "header": [self.fragment(_key("header", light), self.press.header(light=light)) for light in (False, True)],
            "summary": [self.put(self.summary(), "summary", "entries", entries)],
            "sections": [self.fragment(_key("section", index), self.around(index)) for index in self.headings],
            "others": [self.others()],
        }
        page = self.page()
        for slot, inside in blocks.items():
            page = self.put(page, "page", slot, inside)
        return page

    def around(self, index: int) -> str:
        printed = [
            self.fragment(_key(*name, light), self.press.article(*name, light=light))
            for name in fragments(self.contents, index)
            for light in ((False, True) if name[2] is not Form.TITLE else (False,))
        ]
        return self.put(self.section(index), "section", "articles", printed)

    def put(self, outer: str, piece: str, slot: str, inside: Iterable[str]) -> str:
        """Put fragments where the slot for them stands."""
        parts = str(outer).split(self.marker(slot))
        if len(parts) != 2:
            raise TemplateError(f"template {piece}.{self.kind}: must print {{{{ {slot} }}}} once, as it is")
        return self.fragment(slot, "".join(inside)).join(parts)

    def fragment(self, name: str, text: str) -> str:
        return f"<!--{self.nonce}{name}-->{text}<!--{self.nonce}-->"

    def marker(self, slot: str) -> str:
        # Letters only, so that it stands unchanged in an attribute, an address and the text part.
        return f"{self.nonce}{slot.replace('_', '')}{self.nonce}"

    def slot(self, piece: str, name: str) -> Slot:
        return Slot(self.marker(name), f"template {piece}.{self.kind}, {{{{ {name} }}}}")

    def cut(self, document: str) -> dict[str, str]:
        """Take the fragments out of a page: each under its name, in its place the marker of a slot."""
        first, *tokens = re.split(f"<!--{self.nonce}(.*?)-->", document)
        inside, found = [["page", first]], {}
        for name, text in zip(tokens[::2], tokens[1::2], strict=True):
            if name:
                inside.append([name, text])
            else:
                done, found[done] = inside.pop()
                inside[-1][1] += self.marker(done) + text
        return {**found, "page": inside[0][1]}

    def piece(self, name: str, text: str) -> Piece[str]:
        """Split a text at the markers of its slots and see that they are whole."""
        slots = {slot.replace("_", ""): slot for slot in (*BLOCKS, *NEEDED, "preheader", "count")}
        tokens = re.split(f"{self.nonce}([a-z]+?){self.nonce}", text)
        made = Piece(tuple(tokens[::2]), tuple(slots.get(token, token) for token in tokens[1::2]))
        if any(self.nonce in chunk.lower() for chunk in made.chunks):
            raise TemplateError(
                f"template {name}.{self.kind}: a slot is changed or stands where tags are text; print it as it is"
            )
        blocks = {
            "page": ("header", "summary", "sections", "others"),
            "section": ("articles",),
            "summary": ("entries",),
        }
        expected = (*blocks.get(name, ()), *(NEEDED if name == "page" else ()))
        for slot in expected:
            if not made.slots.count(slot) or (slot in BLOCKS and made.slots.count(slot) > 1):
                raise TemplateError(f"template {name}.{self.kind}: must print {{{{ {slot} }}}}, a block only once")
        return made
