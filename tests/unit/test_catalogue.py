"""Catalogues say every word that is used, and no other, in every language, with its blanks, plurals and spaces."""

import ast
import re
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo, write_mo
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

import newsletter
from newsletter import catalogue, phrases
from newsletter.catalogue import LANGUAGES, LOCALE, counted, everywhere, words
from newsletter.digest import press
from newsletter.feeds import opml
from newsletter.shipped import templates as shipped

Word = tuple[str, str]
"""The part of a word and its name."""

COMPOSED = {
    "letter": [*press._GIVEN.values(), "approve_send", "approve_wait"],
    "page": [
        *(f"approve_{done}" for done in ("saved", "approved", "postponed", "changed", "refused")),
        *(f"act_{act}" for act in ("drafted", "edited", "approved", "postponed")),
    ],
    "feed": opml.APART,
    "refusal": [f"{kind}_{status}" for kind in ("title", "text") for status in (301, 404, 405, 410, 412, 416, 500)],
    "phrase": phrases._UNITS,
}
"""Names that are put together, or come from a table."""

ASKED = re.compile(r'words\.(\w+)|words\["(\w+)"\]')
TEMPLATES = {"letter": "email", "page": "web"}
CALLED = ("words", "counted", "everywhere")


def data(language: str, kind: str) -> BytesIO:
    return BytesIO((LOCALE / language / "LC_MESSAGES" / f"newsletter.{kind}").read_bytes())


def compiled(written: Catalog) -> BytesIO:
    file = BytesIO()
    write_mo(file, written)
    file.seek(0)
    return file


WRITTEN = {language: read_po(data(language, "po"), abort_invalid=True) for language in LANGUAGES}


def said(language: str) -> dict[Word, Message]:
    return {(message.context or "", name(message)): message for message in WRITTEN[language] if message.id}


def name(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def sentences(language: str) -> Iterator[tuple[str, str]]:
    return ((".".join(word), form) for word, message in said(language).items() for form in forms(message))


def blanks(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def asked_by_templates() -> set[Word]:
    return {
        (part, "".join(found))
        for part, folder in TEMPLATES.items()
        for path in (shipped() / folder).rglob("*")
        if path.is_file()
        for found in ASKED.findall(path.read_text(encoding="utf-8"))
    }


def asked_by_code() -> set[Word]:
    """What modules name of the parts that they ask for: any constant of theirs may be the name of a word."""
    asked = set()
    for path in Path(newsletter.__file__).parent.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        calls = [node for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLED]
        parts = {call.args[0].value for call in calls if call.args and isinstance(call.args[0], ast.Constant)}
        names = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        asked |= {(part, name) for part in parts for name in names}
    return asked


def named_by_code() -> set[Word]:
    """What is certainly asked for: words("letter", …)["number"], counted("letter", "news", …)."""
    found = re.compile(r'words\("(\w+)", [\w.]+\)\["(\w+)"\]|(?:counted|everywhere)\("(\w+)", "(\w+)"')
    modules = Path(newsletter.__file__).parent.rglob("*.py")
    hits = (hit for path in modules for hit in found.findall(path.read_text(encoding="utf-8")))
    return {(hit[0] or hit[2], hit[1] or hit[3]) for hit in hits}


def composed() -> set[Word]:
    return {(part, name) for part, names in COMPOSED.items() for name in names}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_that_is_asked_for_is_said_in_every_language(language):
    asked = asked_by_templates() | named_by_code() | composed()
    assert len(asked) > 100
    assert asked - said(language).keys() == set()
    assert [word for word, sentence in sentences(language) if not sentence.strip()] == []
    assert [message.id for message in WRITTEN[language] if message.fuzzy] == []


def test_no_word_is_said_that_nobody_asks_for():
    asked = asked_by_templates() | asked_by_code() | composed()
    assert {word for language in LANGUAGES for word in said(language)} - asked == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_blanks_are_those_of_english(language):
    english = said("en")
    for word, message in said(language).items():
        # a form for a single one may leave out the number: "one day left"
        wanted = [blanks(form) for form in forms(english[word])][-1]
        assert blanks(forms(message)[-1]) == wanted, word
        assert all(blanks(form) <= wanted for form in forms(message)), word


def test_french_signs_never_begin_a_line():
    for word, sentence in sentences("fr"):
        assert phrases.tied(sentence, "fr") == sentence, word
        assert not re.search(r"[^\s\u00a0][:;!?»](?=[\s\u00a0.]|$)|«(?!\u00a0)", sentence), word
        assert "'" not in sentence, word


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_stay_with_what_they_count(language):
    for word, sentence in sentences(language):
        if word.startswith("letter."):
            assert not re.search(r"\{(count|number)\} | \{(count|number)\}", sentence), word


def test_counts_agree_with_their_noun():
    told = [counted("letter", "news", count, language) for language in ("fr", "en") for count in (0, 1, 2)]
    assert [text.replace("\u00a0", " ") for text in told] == [
        "0 nouveauté",
        "1 nouveauté",
        "2 nouveautés",
        "0 new items",
        "1 new item",
        "2 new items",
    ]
    assert counted("letter", "others", 1, "zxx").replace("\u00a0", " ") == "1 more article online"


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_are_those_of_the_language(language):
    rule, mine = get_plural(language), WRITTEN[language]
    assert str(mine.locale) == language
    assert (mine.num_plurals, mine.plural_expr) == (rule.num_plurals, rule.plural_expr)
    assert {len(forms(message)) for message in mine if message.pluralizable} == {rule.num_plurals}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_read_is_what_is_written(language):
    there, fresh = (read_mo(file) for file in (data(language, "mo"), compiled(WRITTEN[language])))
    told, wanted = ({(one.context, name(one)): one.string for one in each if one.id} for each in (there, fresh))
    assert len(told) == len(said(language))
    assert told == wanted, "run `make words`"
    assert there.plural_expr == fresh.plural_expr, "run `make words`"


def test_a_name_that_no_catalogue_has_is_a_fault_and_not_printed():
    with pytest.raises(KeyError, match=r"letter\.absent"):
        words("letter", "fr")["absent"]
    with pytest.raises(KeyError, match=r"letter\.absent"):
        counted("letter", "absent", 2, "fr")
    assert ("absent" in words("letter", "fr"), "colon" in words("letter", "fr")) == (False, True)


def test_texts_are_told_in_every_language():
    told = everywhere("letter", "erratum")
    assert (tuple(told), told["en"], told["fr"]) == (LANGUAGES, "Correction", "Erratum")


@pytest.fixture
def polish(tmp_path, monkeypatch) -> Iterator[None]:
    """A language that has three forms, of which its translator has written some."""
    made = Catalog(locale="pl", domain="newsletter")
    made.add("skip", "Przejdź do treści", context="page")
    made.add(("news", "news"), ("{count} nowość", "{count} nowości", "{count} nowości!"), context="letter")
    shutil.copytree(LOCALE, tmp_path / "locale")
    folder = tmp_path / "locale/pl/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "newsletter.mo").write_bytes(compiled(made).getvalue())
    with monkeypatch.context() as patched:
        patched.setattr(catalogue, "LOCALE", tmp_path / "locale")
        patched.setattr(catalogue, "LANGUAGES", (*LANGUAGES, "pl"))
        forget()
        yield
    forget()


def forget() -> None:
    for kept in (catalogue.words, catalogue.counted, catalogue._catalogue):
        kept.cache_clear()


def test_another_language_brings_its_own_rule_and_english_fills_what_it_lacks(polish):
    assert [counted("letter", "news", count, "pl-PL") for count in (1, 3, 5)] == [
        "1 nowość",
        "3 nowości",
        "5 nowości!",
    ]
    assert words("page", "pl")["skip"] == "Przejdź do treści"
    assert words("page", "pl")["home"] == "All topics"
    assert counted("letter", "others", 2, "pl").replace("\u00a0", " ") == "2 more articles online"
