"""``feeds.compress``: a gzip beside each document, for web servers that send it as it is."""

from __future__ import annotations

import gzip

from tests.flows.command import CONFIG, Desk, contents, tree


def test_every_document_is_packed_and_only_while_that_is_wished(desk: Desk) -> None:
    desk.article("jardin")
    desk("import", "articles")
    desk("build")
    plain = contents(desk.root / "feeds")
    desk.write("config.toml", f"{CONFIG}\n[feeds]\ncompress = true\n")
    assert desk("build").code == 0
    packed = contents(desk.root / "feeds")
    documents = {path for path in plain if path.endswith((".atom", ".rss", ".json", ".ics", ".html", ".opml"))}
    assert packed.keys() - plain.keys() == {f"{path}.gz" for path in documents}
    assert all(gzip.decompress(packed[f"{path}.gz"]) == plain[path] == packed[path] for path in documents)
    before = tree(desk.root / "feeds")
    for arguments in (["build"], ["build", "--full"]):
        desk(*arguments)
        after = tree(desk.root / "feeds")
        assert {p: f for p, f in after.items() if "/." not in f"/{p}"} == {
            p: f for p, f in before.items() if "/." not in f"/{p}"
        }
    desk.article("verger")
    desk("import", "articles")
    desk("build")
    later = contents(desk.root / "feeds")
    assert later["all.atom"] != packed["all.atom"]
    assert all(gzip.decompress(later[f"{path}.gz"]) == later[path] for path in later if f"{path}.gz" in later)
    desk.write("config.toml", CONFIG)
    desk("build")
    assert not [path for path in contents(desk.root / "feeds") if path.endswith(".gz")]
