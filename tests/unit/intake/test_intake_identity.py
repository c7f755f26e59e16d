import pytest

from newsletter import config
from newsletter.errors import IntakeError
from newsletter.intake import canonical, mint
from newsletter.intake.identity import address, iri, moved, spelled
from newsletter.intake.wording import cut, fold, slugify, tidy


def test_an_id_is_minted_from_the_identity_alone():
    site = config.Site(name="Trois Rivières", url="https://www.troisrivieres.example.org", since=2021)
    minted = mint("articles/gue", site)
    assert minted == "tag:www.troisrivieres.example.org,2021:465895328c064265724e4574e36d71eb"
    assert minted == mint("articles/gue", site) != mint("articles/gues", site)
    named = config.Site(name="x", url="https://www.troisrivieres.example.org", authority="troisrivieres.example.org")
    assert mint("a", named).startswith("tag:troisrivieres.example.org,2024:")


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("http://WWW.Example.org:80/Page#comment-4", "https://example.org/Page"),
        ("https://example.org:443", "https://example.org/"),
        ("https://example.org/a/index.html", "https://example.org/a/"),
        ("https://example.org:8443/a/?b=1&c=2", "https://example.org:8443/a/?b=1&c=2"),
        ("https://example.org/caf\u00e9 cr\u00e8me", "https://example.org/caf%C3%A9%20cr%C3%A8me"),
        ("https://example.org/caf%C3%A9", "https://example.org/caf%C3%A9"),
        ("https://www.example.org./a", "https://example.org/a"),
        ("https://www.org/a", "https://www.org/a"),
        ("https://jardin:secret@example.org/a", "https://example.org/a"),
        ("https://Rivi\u00e8re.example.org/a", "https://xn--rivire-6ua.example.org/a"),
        ("https://[2001:DB8::1]:443/a", "https://[2001:db8::1]/a"),
        ("https://example.org/a?utm_source=lettre&id=4&utm_medium=mail", "https://example.org/a?id=4"),
        ("https://example.org/a?fbclid=x&gclid=y&msclkid=z&mc_cid=1&mc_eid=2", "https://example.org/a"),
        ("https://example.org/a?xtor=EPR-1&at_medium=mail&at_campaign=avril&p=7", "https://example.org/a?p=7"),
        ("https://example.org/a?pk_campaign=a&mtm_kwd=b&matomo_x=c&pk_id=7", "https://example.org/a?pk_id=7"),
    ],
)
def test_one_page_has_one_identity(written, same):
    assert canonical(written) == same
    assert canonical(same) == same


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("https://example.org/caf%c3%a9?q=%c3%a9", "https://example.org/caf%C3%A9?q=%C3%A9"),
        ("https://example.org/%7Ejardin/%2d%5F%2E", "https://example.org/~jardin/-_."),
        ("https://example.org/a%2Fb?c=%26&d=%23#%c3%a9", "https://example.org/a%2Fb?c=%26&d=%23#%c3%a9"),
        ("https://example.org/100%/%c", "https://example.org/100%/%c"),
        ("https://example.org/a/./b/../c", "https://example.org/a/c"),
        ("https://example.org/../../a/b/..", "https://example.org/a/"),
        ("https://example.org/a/%2e%2E/b/.", "https://example.org/b/"),
        ("https://example.org/a//b/...", "https://example.org/a//b/..."),
        ("articles/caf%c3%a9", "articles/caf%c3%a9"),
    ],
)
def test_one_address_has_one_spelling(written, same):
    assert spelled(written) == same
    assert spelled(same) == same


def test_the_shown_address_keeps_its_scheme_and_its_host_but_nothing_that_only_counts():
    assert address("http://www.example.org/a?utm_source=x&b=1#c") == "http://www.example.org/a?b=1"
    assert address("https://moi:secret@www.example.org/") == "https://www.example.org/"


def test_a_term_keeps_its_fragment():
    assert iri("https://www.example.org/themes#eau") == "https://www.example.org/themes#eau"
    assert iri("javascript:alert(1)") == ""


HOSTS = ("www.example.org", "old.example.org", "localhost:8080")


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("http://old.example.org/a?b=1", "http://www.example.org/a?b=1"),
        ("https://OLD.example.org:443/a", "https://www.example.org/a"),
        ("https://example.org/a", "https://www.example.org/a"),
        ("http://localhost:8080/a", "http://www.example.org/a"),
        ("http://localhost/a", "http://localhost/a"),
        ("https://autre.example.com/a", "https://autre.example.com/a"),
    ],
)
def test_the_names_of_one_host_become_the_first(written, url):
    assert moved(written, HOSTS) == url
    assert moved(written, ()) == written


@pytest.mark.parametrize(
    "written",
    [
        *("", "page", "javascript:alert(1)", "file:///etc/passwd", "http://[", "https://x:99999/", "//a/b"),
        *("https://%61.org/", "https://a b.org/", "https://-/", "https:///a", "https://<a>/", "http://[::1]x/"),
    ],
)
def test_what_is_no_web_address_is_refused(written):
    with pytest.raises(IntakeError, match="no web address"):
        canonical(written)


@pytest.mark.parametrize(
    ("label", "slug"),
    [
        ("Actu de l’Œuvre", "actu-de-l-oeuvre"),
        ("Emploi, Insertion, Formation", "emploi-insertion-formation"),
        ("../../etc/passwd", "etc-passwd"),
        ("É\u0301cole", "ecole"),
        ("a" * 300, "a" * 100),
    ],
)
def test_slugs_are_ascii_words(label, slug):
    assert slugify(label) == slug


@pytest.mark.parametrize("label", ["", "..", "水", "/", "\u202e"])
def test_a_slug_is_never_empty(label):
    assert slugify(label).isalnum()


def test_labels_compare_without_accents_case_and_odd_spaces():
    assert fold("  THÉMATIQUES\u00a0: l’Eau ") == fold("Thematiques : l'eau")


def test_titles_lose_controls_and_overrides_but_no_french_space():
    assert tidy("Qui\u202f?\u202e\x07 Nous\n\tdeux") == "Qui\u202f? Nous deux"


def test_a_cut_ends_at_a_word():
    assert cut("Les trois rivières débordent", 20) == "Les trois rivières…"
    assert cut("Court", 20) == "Court"
    assert len(cut("x" * 50, 20)) == 20
