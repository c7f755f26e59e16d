"""What has no address gets a page of the publication's own, named so that no other source can mean it."""

import json
import re
from dataclasses import replace

import pytest

from newsletter.config import Source
from newsletter.intake import read


def rss(guid="budget-2024", link="https://www.partenaire.example.com/", title="Un"):
    home = f"<link>{link}</link>" if link else ""
    return (
        f'<rss version="2.0"><channel><title>Une gazette</title>{home}<item><title>{title}</title>'
        f'<guid isPermaLink="false">{guid}</guid></item></channel></rss>'
    ).encode()


def jsonfeed(id="budget-2024", home="https://www.partenaire.example.com/", title="Un"):
    items = [{"id": id, "title": title}]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "home_page_url": home, "items": items}).encode()


def calendar(uid="budget-2024", name="Agenda du partenaire", title="Un"):
    event = f"BEGIN:VEVENT\r\nUID:{uid}\r\nSUMMARY:{title}\r\nDTSTART:20240426\r\nEND:VEVENT\r\n"
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:{name}\r\n{event}END:VCALENDAR\r\n".encode()


def table(title="Budget 2024", _="", **__):
    return f"Titre;Date\n{title};26/03/2024\n".encode()


def node(uuid="budget-2024", site="https://www.partenaire.example.com", title="Un"):
    data = {"type": "node--article", "id": uuid, "attributes": {"title": title}}
    return json.dumps({"jsonapi": {}, "links": {"self": f"{site}/jsonapi/node"}, "data": [data]}).encode()


DOCUMENTS = [rss, jsonfeed, calendar, node]


@pytest.fixture
def by_hand(make_desk):
    """A file that no configured source holds."""
    return replace(make_desk(), source=Source(), name="import")


def one(data, name, desk):
    (article,) = read(data, name, desk)
    return article


@pytest.mark.parametrize("document", [*DOCUMENTS, table])
def test_the_page_of_an_entry_is_its_source_s_own(make_desk, document):
    desk = make_desk()
    entry = one(document(), "a", desk)
    local = one(b"---\ntitle: Budget\n---\nDu texte.", "budget-2024.md", desk)
    elsewhere = one(document(), "a", replace(desk, name="partenaire"))
    assert len({entry.identity, local.identity, elsewhere.identity}) == 3
    assert len({entry.url, local.url, elsewhere.url}) == 3
    assert re.fullmatch(r"https://www\.troisrivieres\.example\.org/articles/budget-2024-[0-9a-f]{12}\.html", entry.url)


@pytest.fixture
def below(make_desk):
    """A file of a configured folder."""
    return lambda file: replace(make_desk(), file=file)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_document_s_own_identity_counts_and_not_its_file(by_hand, below, document):
    for mars, avril in ((by_hand, by_hand), (below("2024/mars"), below("avril"))):
        first = one(document(), "mars", mars)
        assert first.id == one(document(title="Deux"), "avril", avril).id
        assert first.id != one(document("budget-2024", "https://a.test"), "mars", mars).id


@pytest.mark.parametrize(("document", "none"), [(rss, ""), (jsonfeed, ""), (calendar, ""), (table, "")])
def test_in_a_folder_a_document_without_identity_is_its_file_there(below, document, none):
    first = one(document("budget 2024", none), "agenda", below("agenda"))
    assert first.id == one(document("budget 2024", none), "agenda", below("agenda")).id
    assert first.id != one(document("budget 2024", none), "agenda", below("2023/agenda")).id


@pytest.mark.parametrize("document", [*DOCUMENTS, table])
def test_a_source_that_is_fetched_is_one_document_whatever_its_name(make_desk, document):
    desk = make_desk(path="", url="https://www.partenaire.example.com/flux")
    assert one(document(), "mars", desk).id == one(document(title="Budget 2024"), "avril", desk).id


def test_formats_of_one_site_do_not_share_names(below):
    home = "https://www.partenaire.example.com/"
    documents = (rss(), jsonfeed(), node(site=home.rstrip("/")), calendar(name=home), table("Budget-2024"))
    assert len({one(each, home, below(home)).identity for each in documents}) == 5


@pytest.mark.parametrize(("document", "none"), [(rss, ""), (jsonfeed, ""), (calendar, ""), (table, "")])
def test_a_document_without_identity_is_its_file(by_hand, document, none):
    first = one(document("budget 2024", none), "mars", by_hand)
    assert first.id == one(document("budget 2024", none), "mars", by_hand).id
    assert first.id != one(document("budget 2024", none), "avril", by_hand).id


def test_the_address_of_a_page_of_ours_is_the_name_of_that_page(desk):
    written = b'<rss version="2.0"><channel><item><title>Un</title><link>%s</link></item></channel></rss>'
    for link in (b"http://troisrivieres.example.org/articles/budget-2024.html?utm_source=a#b", desk.base.encode()):
        article = one(written % link, "a.xml", desk)
        assert (article.identity == "articles/budget-2024.html") is (b"budget" in link)
