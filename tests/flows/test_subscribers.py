"""Subscribers: added, changed and imported by staff, never without consent, and never back once they have left."""

from datetime import datetime

import pytest

from newsletter.configfile import load
from newsletter.errors import NotFoundError
from newsletter.pipeline import subscribing
from newsletter.pipeline.publication import Publication
from newsletter.store import audience
from tests.flows.command import NOW, Desk, Result

HEAD = "address;list;terms;frequency;language;consent\n"


def publication(desk: Desk) -> Publication:
    return Publication(load(desk.root / "config.toml"), desk.store(), datetime.fromisoformat(NOW))


def leave(desk: Desk, address: str, list_slug: str = "lettre") -> None:
    books = publication(desk)
    subscribing.leave(books, address, list_slug, "par téléphone")
    books.store.close()


def add(desk: Desk, address: str = "lea@example.org", *options: str) -> Result:
    return desk("subscribers", "add", address, "--list", "lettre", "--consent", "papier, 12 mars", *options, "--json")


def listed(desk: Desk) -> dict[tuple[str, str], dict]:
    return {(each["address"], each["list"]): each for each in desk("subscribers", "list", "--json").data}


def enrol(desk: Desk, rows: str | bytes, *options: str) -> Result:
    desk.write("abonnes.csv", rows)
    return desk("--json", "subscribers", "import", "abonnes.csv", *options)


def test_an_address_is_added_with_its_choices_and_proof(desk):
    done = add(desk, "Lea.Brun@Example.org", "--term", "theme/sante", "--term", "theme/education")
    assert done.code == 0
    assert done.data == {
        "address": "Lea.Brun@example.org",
        "list": "lettre",
        "state": "active",
        "terms": ["theme/education", "theme/sante"],
        "frequency": "each",
        "language": "fr",
        "consent": "papier, 12 mars",
        "since": NOW,
    }
    [shown] = desk("subscribers", "show", "lea.brun@example.org", "--json").data
    assert shown["history"] == [{"at": NOW, "what": "subscribed", "detail": "papier, 12 mars"}]


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (("--term", "theme/Éducatoin"), "is it education?"),
        (("--term", "themes/sante"), "is it theme?"),
        (("--term", "sante"), "theme/education"),
        (("--frequency", "daily"), "each, weekly, monthly"),
        (("--language", "zxx"), "en, fr"),
    ],
)
def test_what_is_unknown_is_said_with_what_may_be_meant(desk, options, hint):
    done = add(desk, "lea@example.org", *options)
    assert (done.code, done.out) == (2, "")
    assert hint in done.err
    assert len(done.err.splitlines()) == 1
    assert listed(desk) == {}


def test_terms_of_imported_articles_can_be_chosen_too(desk):
    desk.article("un", theme="Vie associative")
    desk("import", "articles")
    assert add(desk, "lea@example.org", "--term", "theme/vie-associative").data["terms"] == ["theme/vie-associative"]


def test_an_unknown_list_a_bad_address_and_no_consent_are_refused(desk):
    assert desk("subscribers", "add", "lea@example.org", "--list", "lettres", "--consent", "oui").code == 2
    assert add(desk, "lea@@example.org").code == 1
    assert desk("subscribers", "add", "lea@example.org", "--list", "lettre").code == 2
    assert desk("subscribers", "add", "lea@example.org", "--list", "lettre", "--consent", " ").code == 2
    assert listed(desk) == {}


def test_set_changes_what_is_named_and_nothing_else(desk):
    add(desk, "lea@example.org", "--term", "theme/sante", "--frequency", "monthly")
    assert desk("subscribers", "set", "LEA@example.org", "--language", "en").code == 0
    found = listed(desk)["lea@example.org", "lettre"]
    assert (found["terms"], found["frequency"], found["language"]) == (["theme/sante"], "monthly", "en")
    desk("subscribers", "set", "lea@example.org", "--term", "theme/education")
    assert listed(desk)["lea@example.org", "lettre"]["terms"] == ["theme/education"]
    desk("subscribers", "set", "lea@example.org", "--term", "")
    assert listed(desk)["lea@example.org", "lettre"]["terms"] == []
    assert desk("subscribers", "set", "lea@example.org").code == 2


def test_adding_a_member_again_keeps_the_choices_that_are_not_named(desk):
    add(desk, "lea@example.org", "--term", "theme/sante")
    add(desk, "lea@example.org", "--frequency", "weekly")
    found = listed(desk)["lea@example.org", "lettre"]
    assert (found["terms"], found["frequency"]) == (["theme/sante"], "weekly")


def test_set_asks_which_list_where_there_are_several(desk):
    add(desk)
    desk("subscribers", "add", "lea@example.org", "--list", "veille", "--consent", "oui")
    done = desk("subscribers", "set", "lea@example.org", "--language", "en")
    assert done.code == 2
    assert "lettre, veille" in done.err
    assert desk("subscribers", "set", "lea@example.org", "--list", "veille", "--language", "en").code == 0
    assert {key[1]: each["language"] for key, each in listed(desk).items()} == {"lettre": "fr", "veille": "en"}
    assert [each["list"] for each in desk("subscribers", "list", "--list", "veille", "--json").data] == ["veille"]


def test_who_left_comes_back_only_by_a_consent_of_their_own(desk):
    add(desk, "lea@example.org", "--term", "theme/sante")
    leave(desk, "lea@example.org")
    assert desk("subscribers", "set", "lea@example.org", "--language", "en").code == 1
    done = enrol(desk, f"{HEAD}lea@example.org;lettre;;each;fr;fichier de 2019\n")
    assert done.code == 0
    assert (done.data["new"], done.data["left"]) == (0, 1)
    assert done.data["kept_out"] == ["row 2: lea@example.org has left this list and stays out of it"]
    assert listed(desk)["lea@example.org", "lettre"]["state"] == "ended"
    assert add(desk).data["state"] == "active"
    [shown] = desk("subscribers", "show", "lea@example.org", "--json").data
    assert [(line["what"], line["detail"]) for line in shown["history"]][1] == ("left", "par téléphone")


def test_leaving_what_one_is_not_on_is_an_error(desk):
    add(desk)
    with pytest.raises(NotFoundError):
        leave(desk, "lea@example.org", "veille")
    with pytest.raises(NotFoundError):
        leave(desk, "inconnu@example.org")


def test_an_address_that_is_never_mailed_is_not_added(desk):
    books = publication(desk)
    with books.store.write() as connection:
        audience.suppress(connection, "lea@example.org", "plainte", books.now)
    books.store.close()
    done = add(desk)
    assert (done.code, done.out) == (1, "")
    assert "plainte" in done.err
    assert enrol(desk, f"{HEAD}lea@example.org;lettre;;;;oui\nbob@example.org;lettre;;;;oui\n").data["new"] == 1


def test_an_address_is_mailed_again_when_somebody_says_why(desk):
    add(desk)
    books = publication(desk)
    with books.store.write() as connection:
        audience.suppress(connection, "lea@example.org", "550 nobody", books.now)
    books.store.close()
    lift = ("subscribers", "unsuppress", "Lea@example.org", "--why", "elle a téléphoné")
    assert desk(*lift).code == 0
    assert "unsuppressed: elle a téléphoné" in desk("subscribers", "show", "lea@example.org").out
    again = desk(*lift)
    assert (again.code, "is not suppressed" in again.err) == (1, True)


def test_bad_rows_cost_a_line_each_and_the_rest_goes_in(desk):
    rows = [
        "lea@example.org;lettre;theme/sante|theme/education;monthly;en;papier",
        "pas une adresse;lettre;;;;papier",
        "bob@example.org;letre;;;;papier",
        "mia@example.org;lettre;theme/santee;;;papier",
        "noe@example.org;lettre;;daily;;papier",
        "zoe@example.org;lettre;;;;",
        'lou@example.org;lettre;;;;"papier',
        "",
        "eva@example.org;lettre;;;;papier;de trop",
        ";;;;;",
        "ana@example.org",
        "tom@example.org;veille;;;;papier",
    ]
    done = enrol(desk, HEAD + "\r\n".join(rows))
    assert done.code == 1
    assert set(listed(desk)) == {("lea@example.org", "lettre"), ("tom@example.org", "veille")}
    failures = done.data["failures"]
    assert [int(line.split(":")[0].removeprefix("row ")) for line in failures] == [3, 4, 5, 6, 7, 8, 10, 12]
    assert "is it sante?" in failures[2]
    assert (done.data["new"], done.data["failed"]) == (2, 8)
    found = listed(desk)["lea@example.org", "lettre"]
    assert (found["terms"], found["frequency"], found["language"]) == (
        ["theme/education", "theme/sante"],
        "monthly",
        "en",
    )


def test_the_second_import_changes_nothing(desk):
    rows = HEAD + "".join(f"lecteur{number}@example.org;lettre;theme/sante;;;papier\n" for number in range(30))
    assert enrol(desk, rows).data["new"] == 30
    again = enrol(desk, rows).data
    assert (again["new"], again["updated"], again["unchanged"]) == (0, 0, 30)
    [shown] = desk("subscribers", "show", "lecteur3@example.org", "--json").data
    assert len(shown["history"]) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
def test_the_delimiter_is_the_first_lines_and_encodings_of_offices_are_read(desk, encoding, delimiter):
    head = delimiter.join(["consent", "address", "list"])
    row = delimiter.join(['"forum de rentrée, 12 h ; salle B"', "lea@example.org", "lettre"])
    assert enrol(desk, f"{head}\r\n{row}\r\n".encode(encoding)).code == 0
    assert listed(desk)["lea@example.org", "lettre"]["consent"] == "forum de rentrée, 12 h ; salle B"


def test_options_fill_what_the_file_does_not_say(desk):
    done = enrol(desk, "address\nlea@example.org\n", "--list", "veille", "--consent", "courriel du 2 avril")
    assert done.code == 0
    assert listed(desk)["lea@example.org", "veille"]["consent"] == "courriel du 2 avril"


@pytest.mark.parametrize("head", ["email;list\n", "address;list;term\n", "address;address\n", "", "\0\1\2"])
def test_a_first_line_that_is_wrong_stops_the_file(desk, head):
    done = enrol(desk, f"{head}lea@example.org;lettre\n", "--consent", "oui")
    assert (done.code, done.out) == (1, "")
    assert "abonnes.csv: " in done.err
    assert listed(desk) == {}


def test_lines_for_people_say_who_gets_what(desk):
    add(desk, "lea@example.org", "--term", "theme/sante")
    add(desk, "bob@example.org")
    lines = desk("subscribers", "list").out.splitlines()
    assert [line.split() for line in lines] == [
        ["bob@example.org", "lettre", "active", "each", "fr", "everything"],
        ["lea@example.org", "lettre", "active", "each", "fr", "theme/sante"],
    ]
    assert "subscribed: papier, 12 mars" in desk("subscribers", "show", "bob@example.org").out
    assert desk("subscribers", "show", "inconnu@example.org").code == 1
