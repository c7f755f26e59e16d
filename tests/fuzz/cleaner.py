"""Coverage-guided search for HTML that gets something past the cleaner.

python -m tests.fuzz.cleaner [corpus folders and libFuzzer's options]; ``make fuzz`` does it. What fails is written to a
file, whose name is printed: give that file as the only argument to see it fail again.
"""

import sys

import atheris

with atheris.instrument_imports(include=["newsletter.intake"]):
    from newsletter.intake.clean import clean

from lxml import html as lxml_html

from newsletter.intake.clean import _ANYWHERE, _ATTRIBUTES, _TAGS
from tests.unit.intake.clean_article import UNSEEN, assert_html

BASE = "https://www.troisrivieres.example.org/actus/berges"


def one_input(data):
    safe = clean(data.decode("utf-8", "replace"), BASE)
    assert clean(safe, BASE).split() == safe.split(), (safe, clean(safe, BASE))  # the first line end in <pre> is none
    assert not UNSEEN.search(safe)
    assert_html(safe)
    if safe:
        for element in lxml_html.fragment_fromstring(safe, create_parent="div").iter():
            assert_allowed(element)


def assert_allowed(element):
    """A second parser, of another make than the cleaner's and that of ``assert_html``, must see nothing else."""
    assert element.tag in _TAGS, element.tag
    for name, value in element.attrib.items():
        assert name in _ANYWHERE | _ATTRIBUTES.get(element.tag, set()), (element.tag, name)
        assert name not in ("href", "src") or value.startswith(("https:", "http:", "mailto:", "tel:")), value


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
