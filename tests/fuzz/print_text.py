"""Coverage-guided search for a print page that breaks the reader, or of which a word gets lost.

python -m tests.fuzz.print_text [corpus folders and libFuzzer's options]; ``make fuzz`` does it. What fails is
written to a file, whose name is printed: give that file as the only argument to see it fail again.
"""

import sys
from datetime import datetime

import atheris

with atheris.instrument_imports(include=["newsletter.intake", "markdown_it"]):
    from newsletter import config
    from newsletter.errors import IntakeError
    from newsletter.intake import Desk, read
    from newsletter.intake.decoding import decode

from tests.unit.intake.clean_article import assert_clean
from tests.unit.intake.conftest import FILES, SITE, TAXONOMIES
from tests.unit.intake.told import lost

NOW = datetime.fromisoformat("2024-04-02T09:00:00+02:00")
DESK = Desk(SITE, SITE.url, TAXONOMIES, config.Source(path="pages", format="print"), "fuzz", NOW, FILES.get)


def one_input(data):
    try:
        (article,) = read(data, "page.txt", DESK)
    except IntakeError as error:
        assert "\n" not in str(error)
        return
    assert "".join(part.text for part in article.parts) == decode(data)
    assert not (missing := lost(article)), missing
    assert_clean(article)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
