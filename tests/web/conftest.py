"""One publication that `newsletter serve` carries, for every test that only reads it or adds files of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.serving import Site, publication, served


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site in French, without .gz files."""
    with served(publication(tmp_path_factory.mktemp("home") / "publication")) as site:
        yield site
