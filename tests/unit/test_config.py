"""config.toml: every mistake is one line with the key's path, and secrets have no place in it."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import pytest

from newsletter import config
from newsletter.config import RESERVED, rules, say
from newsletter.configfile import complaints, load, parse
from newsletter.errors import ConfigError

REPOSITORY = Path(__file__).parents[2]
WELL: dict[str, Any] = {
    "site": {"name": "Centre de ressources des Trois Rivières", "url": "https://www.troisrivieres.example.org/"},
    "taxonomies": {
        "theme": {"label": "Thème", "terms": {"ecole": {"label": "École", "parent": "education"},
                                              "education": {"label": "Éducation"}}},
        "type": {"label": {"fr": "Type", "en": "Type"}},
    },
    "lists": {
        "lettre": {
            "title": "La lettre",
            "sender": {"address": "lettre@example.org", "name": "Trois Rivières"},
            "filter": {"theme": ["education"]},
            "sections": [{"title": "Agenda", "select": "upcoming"}, {"title": "Le reste", "filter": [{"type": ["a"]}]}],
        }
    },
    "mail": {"routes": {"default": {"host": "127.0.0.1"}}},
}  # fmt: skip


def changed(path: str, value: object) -> dict[str, Any]:
    """The well-formed document with one value put at a path of keys."""
    document = deepcopy(WELL)
    *way, last = path.split(".")
    table: Any = document
    for key in way:
        table = table[int(key)] if isinstance(table, list) else table.setdefault(key, {})
    table[last] = value
    return document


def complaint(document: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(document)
    said = str(caught.value)
    assert "\n" not in said
    assert said.startswith("config.toml: ")
    assert caught.value.exit_code == 2
    return said.removeprefix("config.toml: ")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("sitee", {}, "sitee: unknown key; remove it"),
        ("site.titel", "x", "site.titel: unknown key; remove it"),
        ("site.name", 3, "site.name: Expected `str`, got `int`"),
        ("site.news_days", "sixty", "site.news_days: Expected `int`, got `str`"),
        ("site.news_days", 0, "site.news_days: must be at least 1"),
        ("site.since", 3, "site.since: write the year"),
        ("site.url", "www.example.org", "site.url: 'www.example.org' is no web address; write one such as"),
        ("site.url", "ftp://example.org", "site.url: 'ftp://example.org' is no web address"),
        ("site.url", "http://[", "site.url: 'http://[' is no web address"),
        ("feeds.hub", "hub.example.org", "feeds.hub: 'hub.example.org' is no web address; write one such as"),
        ("feeds.hub", "ftp://hub.example.org/", "feeds.hub: 'ftp://hub.example.org/' is no web address"),
        ("feeds.hub", "http://[", "feeds.hub: 'http://[' is no web address"),
        ("feeds.hub", "https://us:secret@hub.example.org/", "feeds.hub: holds a password, which every feed would show"),
        ("feeds.entries", 0, "feeds.entries: must be at least 1"),
        ("feeds.formats", ["atom", "atom"], "feeds.formats: names a format twice"),
        ("feeds.filters", {"é/è": {"title": "x", "filter": {"theme": ["a"]}}}, "feeds.filters.é/è: a name is made of"),
        (
            "feeds.filters",
            {"x": {"title": "x", "filter": {"teme": ["a"]}}},
            "feeds.filters.x.filter: names teme; write",
        ),
        ("site.timezone", "Paris", "site.timezone: 'Paris' is unknown; write an IANA name such as"),
        ("site.timezone", "../Paris", "site.timezone: '../Paris' is unknown"),
        ("root", "/", "root: unknown key; remove it"),
        ("taxonomies.theme.untaged", "nobody", "taxonomies.theme.untaged: unknown key; remove it"),
        ("taxonomies.theme.untagged", "somebody", "taxonomies.theme.untagged: Invalid enum value 'somebody'"),
        ("taxonomies.theme", "x", "taxonomies.theme: Expected `object`, got `str`"),
        ("taxonomies", 3, "taxonomies: Expected `object`, got `int`"),
        ("taxonomies.theme.terms.ecole.labl", "x", "taxonomies.theme.terms"),
        ("taxonomies.theme.terms.ecole.parent", "eduction", "taxonomies.theme.terms.ecole.parent: no term 'eduction'"),
        ("sources.blog", {}, "sources.blog: write either path"),
        (
            "sources.blog",
            {"url": "https:www.example.org"},
            "sources.blog.url: 'https:www.example.org' is no web address",
        ),
        ("sources.blog", {"url": "https://[", "user": "lea"}, "sources.blog.url: 'https://[' is no web address"),
        (
            "sources.blog",
            {"path": "a", "format": "papier"},
            "sources.blog.format: 'papier' is unknown; write one of: print",
        ),
        (
            "sources.blog",
            {"path": "a", "timezone": "Paris"},
            "sources.blog.timezone: 'Paris' is unknown; write an IANA",
        ),
        (
            "sources.blog",
            {"path": "a", "fields": {"title": "Titre", "humeur": "x"}},
            "sources.blog.fields.humeur: is nothing that an article has; write one of: title, date, updated,",
        ),
        (
            "sources.blog",
            {"url": "https://www.example.org/wp-json", "format": "wordpress", "fields": {"slug": "x"}},
            "sources.blog.fields.slug: is nothing that wordpress can name; write one of: title, text,",
        ),
        (
            "sources.blog",
            {"url": "https://www.example.org/rss", "format": "feed", "fields": {"title": "x"}},
            "sources.blog.fields.title: is nothing that feed can name; write one of: theme, type",
        ),
        (
            "sources.blog",
            {"path": "a", "hosts": ["www.example.org", "https://old.example.org/"]},
            "sources.blog.hosts: 'https://old.example.org/' is no host; write one such as \"www.example.org\"",
        ),
        ("sources.blog", {"path": "a", "hosts": ["médiathèque.example.org"]}, "sources.blog.hosts: 'médiathèque"),
        ("sources.blog", {"path": "a", "hosts": [""]}, "sources.blog.hosts: '' is no host"),
        (
            "lists.lettre.filter",
            {"thme": ["x"]},
            "lists.lettre.filter.thme: no such taxonomy; write one of: theme, type",
        ),
        (
            "lists.lettre.sections.1.filter",
            [{"type": ["a"]}, {"lieu": ["b"]}],
            "lists.lettre.sections[1].filter.lieu: no such taxonomy; write one of: theme, type",
        ),
        ("lists.lettre.sections.0.select", "soon", "lists.lettre.sections[0].select: Invalid enum value 'soon'"),
        ("lists.lettre.sections.0.titel", "x", "lists.lettre.sections[0].titel: unknown key"),
        ("lists.lettre.route", "fast", "lists.lettre.route: no route 'fast'; write one of: default"),
        ("lists.lettre.sender.address", "lettre", "lists.lettre.sender.address: 'lettre' is no address; write"),
        ("lists.lettre.retry_days", 0, "lists.lettre.retry_days: must be at least 1"),
        ("lists.lettre.retry_minutes", [], "lists.lettre.retry_minutes: write minutes of at least 1, none fewer"),
        ("lists.lettre.retry_minutes", [0, 5], "lists.lettre.retry_minutes: write minutes of at least 1, none fewer"),
        ("lists.lettre.retry_minutes", [60, 30], "lists.lettre.retry_minutes: write minutes of at least 1, none fewer"),
        ("lists.lettre.missed_hours", 0, "lists.lettre.missed_hours: must be at least 1"),
        ("lists.lettre.cadence", "hebdo", 'lists.lettre.cadence: "hebdo" is not understood; write one such as "weekly'),
        ("lists.lettre.timezone", "Paris", "lists.lettre.timezone: 'Paris' is unknown; write an IANA name"),
        (
            "lists.lettre.pauses",
            ["august", "summer"],
            "lists.lettre.pauses: 'summer' is not understood; write one such",
        ),
        ("site.pauses", ["13-01"], "site.pauses: '13-01' is not understood; write one such as \"august\""),
        ("mail.dkim", {"org": {"selector": "a", "key_file": "b"}}, 'mail.dkim."org": is no domain; write the one of'),
        ("mail.dkim", {"a@b.c": {"selector": "a", "key_file": "b"}}, 'mail.dkim."a@b.c": is no domain'),
        ("mail.dkim", {"example.org": {"selector": "a"}}, "mail.dkim.example.org: Object missing required field"),
        (
            "mail.dkim",
            {"example.org": {"selector": "a b", "key_file": "b"}},
            """mail.dkim."example.org".selector: 'a b' cannot stand in DNS; write one word""",
        ),
        (
            "mail.dkim",
            {"example.org": {"selector": "a", "key_file": " "}},
            'mail.dkim."example.org".key_file: is empty; name the file',
        ),
        ("lists.lettre.bounces", "bounces", "lists.lettre.bounces: 'bounces' is no plain address; write one such as"),
        ("lists.lettre.bounces", "a+b@example.org", "lists.lettre.bounces: 'a+b@example.org' is no plain address"),
        ("lists.lettre.bounces", "é@example.org", "lists.lettre.bounces: 'é@example.org' is no plain address"),
        ("lists.lettre.bounces", f"{'b' * 25}@example.org", f"lists.lettre.bounces: '{'b' * 25}' is over 24 letters"),
        ("mail.operators", ["a+b@example.org", "ada"], "mail.operators: 'ada' is no plain address; write one such as"),
        ("mail.operators", ["é@example.org"], "mail.operators: 'é@example.org' is no plain address"),
        ("mail.operators", "a@example.org", "mail.operators: Expected `array`, got `str`"),
        ("mail.routes.default.per_hour", -1, "mail.routes.default.per_hour: must be at least 0, which is no limit"),
        ("mail.routes.default.per_day", 9, "mail.routes.default.per_day: unknown key"),
        ("mail.groups.big", {"per_hour": 9}, "mail.groups.big: Object missing required field `domains`"),
        ("mail.groups.big", {"domains": ["big.test"]}, "mail.groups.big: says no limit; write one such as per_minute"),
        ("mail.groups.big", {"domains": [], "per_hour": 9}, "mail.groups.big.domains: names none; write those of its"),
        (
            "mail.groups.big",
            {"domains": ["big.test"], "per_hour": 9, "per_minute": -2},
            "mail.groups.big.per_minute: must be at least 0",
        ),
        (
            "mail.groups.big",
            {"domains": ["lea@big.test"], "per_hour": 9},
            "mail.groups.big.domains: 'lea@big.test' is no domain; write what stands after the @",
        ),
        (
            "mail.groups",
            {name: {"domains": [domain], "per_hour": 9} for name, domain in (("a", "a.test"), ("b", "A.test"))},
            "mail.groups.b.domains: A.test is of mail.groups.a too; leave it in one of them",
        ),
        ("mail.routes.default.port", "25", "mail.routes.default.port: Expected `int`, got `str`"),
        ("mail.routes.default.security", "ssl", "mail.routes.default.security: Invalid enum value 'ssl'"),
    ],
)
def test_a_mistake_is_one_line_with_the_path_of_its_key(path: str, value: object, said: str) -> None:
    assert complaint(changed(path, value)).startswith(said)


def test_a_missing_table_or_key_is_named() -> None:
    assert complaint({}).startswith("the file: Object missing required field `site`")
    assert complaint({"site": {"name": "x"}}).startswith("site: Object missing required field `url`")


@pytest.mark.parametrize(
    "settings",
    [
        {"fields": {"titre": "Intitulé", "Dates de l’évènement": "jour", "theme": "Sujet", "text": "Corps"}},
        {"fields": {"titre": "Intitulé", "publié le": "jour", "theme": "Sujet", "text": "Corps"}, "format": "csv"},
        {"fields": {"theme": "category"}, "format": "feed"},
        {"hosts": ["www.example.org", "OLD.example.org:8080", "xn--mdiathque-53af.example.org", "[::1]", "127.0.0.1"]},
        {"timezone": "Indian/Reunion", "format": "ical"},
    ],
)
def test_what_sources_may_say_is_taken(settings: dict[str, Any]) -> None:
    assert parse(changed("sources.blog", {"path": "a", **settings})).sources["blog"].path == "a"


@pytest.mark.parametrize(
    "url",
    [
        "https://lea:correct-horse@www.example.org/feed",
        "https://correct-horse@www.example.org/feed",
        "ftp://lea:correct-horse@www.example.org/feed",
        "https:lea:correct-horse@www.example.org/feed",
        "lea:correct-horse@www.example.org",
        "https://lea:correct-horse@[",
        "https://www.example.org/feed?page=1&token=correct-horse",
        "https://www.example.org/feed?API_Key=correct-horse",
        "https://www.example.org/feed?access-token=correct-horse&n=3",
        "https://www.example.org/feed?key=correct-horse-AIzaSyA1b2c3d4",
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(url: str) -> None:
    said = complaint(changed("sources.blog", {"url": url}))
    assert said.startswith("sources.blog.url: ") and "password_file" in said
    assert "horse" not in said


def test_an_address_that_only_asks_is_no_secret() -> None:
    url = "https://www.example.org/feed?key=agenda&tokens=3&filter[status]=1&page=@2"
    assert parse(changed("sources.blog", {"url": url})).sources["blog"].url == url


def test_a_password_goes_over_https_or_inside_the_house() -> None:
    for user in ({"user": "lea"}, {"user": "lea", "private": True}):
        assert parse(changed("sources.blog", {"url": "https://www.example.org/feed", **user}))
    said = complaint(changed("sources.blog", {"url": "http://www.example.org/feed", "user": "lea"}))
    assert said.startswith("sources.blog.user: the password would be sent in the clear; write https into url")
    assert parse(changed("sources.blog", {"url": "http://intranet.example.org/feed", "user": "lea", "private": True}))


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_words_that_begin_public_addresses_are_no_taxonomies(word: str) -> None:
    said = complaint(changed(f"taxonomies.{word}", {"label": "x"}))
    assert said == f"taxonomies.{word}: that word begins public addresses; choose another name"


def test_the_reserved_words_are_the_public_addresses_of_the_design() -> None:
    addresses = (
        "all index feeds filters articles issues archive media subscribe confirm preferences unsubscribe my-data link "
        "approve hooks healthz readyz metrics"
    )
    assert set(addresses.split()) == RESERVED


@pytest.mark.parametrize("key", ["password", "secret", "token"])
@pytest.mark.parametrize("table", ["mail.routes.default", "site", "store", "lists.lettre", "web"])
def test_a_secret_has_no_place_and_is_not_repeated(table: str, key: str) -> None:
    said = complaint(changed(f"{table}.{key}", "correct horse"))
    assert said.startswith(f"{table}.{key}: unknown key; remove it")
    assert "horse" not in said


def test_a_section_takes_articles_of_sources_that_exist() -> None:
    said = complaint(changed("lists.lettre.sections", [{"title": "Vu ailleurs", "sources": ["voisins"]}]))
    assert said.startswith("lists.lettre.sections[0].sources: no source 'voisins'; write one of: ")


def test_a_colour_that_nobody_can_read_is_refused_when_the_configuration_is_read() -> None:
    said = complaint(changed("brand", {"colour": "#2aa5c4"}))
    assert said.startswith("brand.colour: #2aa5c4 on #")
    assert "people need 4.5:1 (WCAG AA); write a darker one, such as #" in said
    assert complaint(changed("brand", {"couleur": "#000000"})).startswith("brand.couleur: unknown key")


def test_every_complaint_is_listed_not_only_the_first() -> None:
    document = changed("site.news_days", 0)
    document["site"]["url"] = "nowhere"
    with pytest.raises(ConfigError, match=r"site\.url"):
        parse(document)
    good = parse(WELL)
    bad = msgspec.structs.replace(good, site=config.Site("x", "nowhere", news_days=0))  # type: ignore[misc]
    assert [said.partition(":")[0] for said in complaints(bad)] == ["site.url", "site.news_days"]


# --- reading --------------------------------------------------------------------------------------------------------


def test_the_repositorys_own_config_loads() -> None:
    found = load(REPOSITORY / "config.toml")
    assert set(found.taxonomies) == {"type", "theme", "territory"}
    assert set(found.lists) == {"lettre", "veille"}
    assert found.root == str(REPOSITORY)


def test_a_file_that_is_not_there_or_no_toml_is_one_line(tmp_path: Path) -> None:
    for body, said in (
        (None, "no such file; `newsletter init` writes one"),
        (b"[site\n", "cannot be read as TOML"),
        (b"name = '\xe9'\n", "cannot be read as TOML"),
    ):
        path = tmp_path / "config.toml"
        if body is not None:
            path.write_bytes(body)
        with pytest.raises(ConfigError, match=said) as caught:
            load(path)
        assert str(caught.value).startswith(f"{path}: ")
        assert "\n" not in str(caught.value)


def test_what_is_not_written_has_its_default() -> None:
    found = parse({"site": WELL["site"]})
    assert (found.site.news_days, found.site.language, found.feeds.entries) == (60, "fr", 30)
    assert found.store.url == "sqlite:///newsletter.db"
    assert parse(WELL).taxonomies["theme"].untagged == "everyone"
    assert parse(WELL).mail.routes["default"].security == "starttls"


def test_addresses_have_no_final_slash() -> None:
    found = parse(WELL)
    assert found.base == found.web_base == "https://www.troisrivieres.example.org"
    assert parse(changed("web.url", "https://lettres.example.org/")).web_base == "https://lettres.example.org"


def test_the_authority_of_ids_is_the_host_unless_another_is_written() -> None:
    assert parse(WELL).site.tagged_by == "www.troisrivieres.example.org"
    assert parse(changed("site.authority", "example.org")).site.tagged_by == "example.org"


def test_a_list_sends_from_the_domain_of_its_sender() -> None:
    assert parse(WELL).lists["lettre"].domain == "example.org"


def test_paths_are_counted_from_the_folder_of_the_file() -> None:
    found = parse(WELL, root=Path("/srv/lettre"))
    assert found.at("media") == Path("/srv/lettre/media")
    assert found.at("/var/media") == Path("/var/media")


def test_words_come_in_a_language_else_in_any() -> None:
    assert say("Thème", "en") == "Thème"
    assert say({"fr": "Thème", "en": "Theme"}, "en") == "Theme"
    assert say({"fr": "Thème"}, "en") == "Thème"
    assert say({}, "en") == ""


def test_a_filter_is_a_union_of_rules() -> None:
    assert rules({"theme": ("a", "b")}) == ({"theme": frozenset("ab")},)
    assert rules(({"theme": ("a",)}, {"type": ("b",)})) == ({"theme": frozenset("a")}, {"type": frozenset("b")})
    assert rules(()) == rules({}) == ()


def test_the_mark_that_some_editors_put_first_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[site]\nname = "x"\nurl = "https://www.example.org"\n', encoding="utf-8-sig")
    assert load(tmp_path / "config.toml").site.name == "x"
