"""A schema for XML in a compact form: what each element holds, how often, and what its values must be.

``Shape("id title author* icon?", {"href!": web})`` has one id, one title, any number of authors, perhaps an icon, and
must have an href. Elements are named as in the tables of ``PREFIXES``; those of the format itself have no prefix.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from newsletter.validation import xml
from newsletter.validation.reading import BUILD, Complaint
from newsletter.validation.values import Check, anything

if TYPE_CHECKING:
    from lxml.etree import _Element

ATOM = "http://www.w3.org/2005/Atom"
PREFIXES = {
    ATOM: "atom:",
    "http://purl.org/syndication/history/1.0": "fh:",
    "http://purl.org/atompub/tombstones/1.0": "at:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://www.w3.org/XML/1998/namespace": "xml:",
}
_OFTEN = {"": (1, 1), "?": (0, 1), "*": (0, None), "+": (1, None)}
_PARTICLE = re.compile(r"([\w:-]+)([?*+]?)")


@dataclass(frozen=True)
class Shape:
    """What an element holds: other elements, attributes (``!`` after those that must be there), or a text."""

    children: str = ""
    attributes: Mapping[str, Check] = field(default_factory=dict)
    text: Check | None = None

    @cached_property
    def often(self) -> dict[str, tuple[int, int | None]]:
        """How often each element may stand in it: at least, and at most."""
        return {name: _OFTEN[sign] for name, sign in _PARTICLE.findall(self.children)}

    @cached_property
    def checks(self) -> dict[str, Check]:
        """What the value of each attribute must be."""
        return {name.removesuffix("!"): check for name, check in self.attributes.items()}

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """The attributes that must be there."""
        return tuple(name.removesuffix("!") for name in self.attributes if name.endswith("!"))


@dataclass(frozen=True)
class Schema:
    """The shapes of a format, by element; ``own`` is the namespace of those without a prefix."""

    own: str
    shapes: Mapping[str, Shape]

    def name(self, tag: str) -> str:
        """Return an element by the name that shapes have for it."""
        namespace, _, local = tag.rpartition("}")
        return local if namespace.removeprefix("{") == self.own else _prefixed(tag)

    def complaints(self, element: _Element) -> Iterator[Complaint]:
        """Yield what is wrong with an element and all that it holds."""
        shape = self.shapes[self.name(element.tag)]
        for what in (*self._attributes(element, shape), *self._children(element, shape), *_text(element, shape)):
            yield Complaint(xml.line(element), f"<{self.name(element.tag)}> {what}")
        for child in element.iterchildren("*"):
            if self.name(child.tag) in shape.often:
                yield from self.complaints(child)

    def _attributes(self, element: _Element, shape: Shape) -> Iterator[str]:
        given = {_prefixed(str(name)): str(value) for name, value in element.attrib.items()}
        yield from (f"has no {name}; {BUILD}" for name in shape.needed if name not in given)
        for name, value in given.items():
            if name not in shape.checks:
                yield f"knows no {name}; {BUILD}"
            elif wrong := shape.checks[name](value):
                yield f"{name} {value[:80]!r} {wrong}"

    def _children(self, element: _Element, shape: Shape) -> Iterator[str]:
        found = Counter(self.name(child.tag) for child in element.iterchildren("*"))
        yield from (f"knows no <{name}>; {BUILD}" for name in found if name not in shape.often)
        for name, (least, most) in shape.often.items():
            if found[name] < least:
                yield f"has no <{name}>; {BUILD}"
            elif most is not None and found[name] > most:
                yield f"has {found[name]} <{name}> where one is allowed; {BUILD}"


def _prefixed(tag: str) -> str:
    """Return a name with the prefix of its namespace, or the namespace itself where no format of ours knows it."""
    namespace, _, local = tag.rpartition("}")
    return f"{PREFIXES.get(namespace.removeprefix('{'), namespace and f'{namespace}}}')}{local}"


def _text(element: _Element, shape: Shape) -> Iterator[str]:
    """Yield what is wrong with the text of an element; where elements stand, there is none between them."""
    if shape.text is None:
        around = "".join([element.text or "", *(child.tail or "" for child in element)])
        if around.strip():
            yield f"has words between its elements, {around.strip()[:40]!r}; {BUILD}"
        return
    value = element.text or ""
    if wrong := shape.text(value) or anything(value):
        yield f"{value[:80]!r} {wrong}"
