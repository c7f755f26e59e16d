"""The default letter as it is: a change of look, words or spacing is read in review (``make golden`` writes it)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from newsletter.digest.assemble import assemble
from newsletter.digest.master import master
from newsletter.digest.subject import subject
from tests.letters import ARTICLES, CONTENTS, LINKS, NONCE, letter, templates

FOLDER = Path(__file__).parent / "letter"
WRITE = os.environ.get("NEWSLETTER_GOLDEN") == "write"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_letter(language):
    body = assemble(master(CONTENTS, language, NONCE, templates()), letter(language), LINKS)
    line = subject(CONTENTS, ARTICLES, 20, language, templates())
    for name, made in ((f"{language}.html", body.html), (f"{language}.txt", body.text), (f"{language}.subject", line)):
        path = FOLDER / name
        if WRITE:
            path.write_text(made, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == made, f"{name}: differs; `make golden` and read the change"
