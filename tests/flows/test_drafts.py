"""The two keys of a send: what was frozen is what is sent, once somebody approved it as it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import msgspec
import pytest

from newsletter.errors import ApprovalError, NotFoundError, TemplateError, UsageError
from newsletter.model import Books, DraftEdits
from newsletter.pipeline import curating, drafting, sending
from newsletter.store import articles
from tests.flows.office import BOB, HOUR, LEA, MIA, NOE, TODAY, office, quiet
from tests.flows.publications import add_articles, article

DAY = timedelta(days=1)


def same(edits):
    return edits


def draft(here, **edits):
    made = drafting.freeze(here.publication, "lettre", lambda _: DraftEdits(**edits), "ada")
    assert made is not None
    return made


def approve(here):
    made = drafting.find(here.publication, "lettre")
    return drafting.approve(here.publication, "lettre", made.hash, "ada")


def configure(here, **settings):
    config = here.publication.config
    lists = {"lettre": msgspec.structs.replace(config.lists["lettre"], **settings)}
    here.publication = replace(here.publication, config=msgspec.structs.replace(config, lists=lists))


def bodies(here, address):
    """What a reader got: subject, text and HTML of each letter."""
    mails = [message_from_bytes(m.data, policy=default) for m in here.relay.messages if m.recipient == address]
    return [
        (mail["Subject"], mail.get_body("plain").get_content(), mail.get_body("html").get_content()) for mail in mails
    ]


def told(here, address):
    """Which articles stand in the letters of a reader."""
    names = ("un", "deux", "trois", "quatre")
    return [{name for name in names if f"/articles/{name}.html" in text} for _, text, _ in bodies(here, address)]


def acts(here, name):
    return [(act.who, act.what) for act in drafting.history(here.publication, name)]


def test_what_waits_for_its_approval_is_not_sent(tmp_path):
    with office(tmp_path) as here:
        made = draft(here)
        with pytest.raises(ApprovalError, match=f"waits for its approval.*--approve {made.hash}"):
            here.send()
        assert here.recipients() == []
        approve(here)
        assert here.send().books == Books(4, sent=4)
        assert acts(here, TODAY) == [("ada", "drafted"), ("ada", "approved")]
        assert drafting.of_list(here.publication, "lettre") is None


def test_a_change_after_the_approval_asks_again(tmp_path):
    with office(tmp_path) as here:
        before = draft(here)
        approve(here)
        after = drafting.edit(here.publication, TODAY, lambda edits: replace(edits, subject="Autre chose"), "bea")
        assert after.hash != before.hash
        with pytest.raises(ApprovalError, match="was changed after its approval"):
            here.send()
        with pytest.raises(ApprovalError, match=f"is {after.hash} by now"):
            drafting.approve(here.publication, "lettre", before.hash, "ada")
        drafting.edit(here.publication, TODAY, lambda edits: replace(edits, subject=""), "bea")
        assert here.send().books == Books(4, sent=4)


def test_the_rule_of_the_audience_and_the_templates_are_approved_with_it(tmp_path):
    with office(tmp_path) as here:
        draft(here)
        approve(here)
        whole = here.publication.config.lists["lettre"].filter
        configure(here, filter={"theme": ("sante",)})
        with pytest.raises(ApprovalError):
            here.send()
        configure(here, filter=whole)
        own = tmp_path / "templates" / "email" / "digest"
        own.mkdir(parents=True)
        (own / "subject.txt").write_text("{{ list }}")
        with pytest.raises(ApprovalError):
            here.send()
        (own / "subject.txt").unlink()
        assert here.send().books.sent == 4


def test_who_joins_meanwhile_is_in_and_what_comes_meanwhile_is_not(tmp_path):
    with office(tmp_path) as here:
        draft(here)
        here.wait(HOUR)
        here.news("trois")
        here.subscribe(["new@example.org"])
        approve(here)
        assert here.send().books == Books(5, sent=5)
        assert told(here, "new@example.org") == told(here, LEA) == [{"un", "deux"}]
        here.wait(DAY)
        here.send()
        assert told(here, "new@example.org") == told(here, LEA) == [{"un", "deux"}, {"trois"}]


def test_words_are_sent_as_they_were_approved(tmp_path):
    with office(tmp_path) as here:
        draft(here)
        curating.edit(here.publication, "articles/un", lambda edits, _: replace(edits, title="Après coup"))
        approve(here)
        here.send()
        [(_, text, html)] = bodies(here, LEA)
        assert "L’article un" in text
        assert "Après coup" not in text + html


def test_one_hidden_after_the_draft_is_not_sent_and_is_news_when_it_comes_back(tmp_path):
    with office(tmp_path) as here:
        draft(here)
        curating.hide(here.publication, "articles/un")
        approve(here)
        here.send()
        assert told(here, LEA) == [{"deux"}]
        here.wait(DAY)
        curating.show_again(here.publication, "articles/un")
        here.send()
        assert told(here, LEA) == [{"deux"}, {"un"}]


def test_one_that_was_hidden_when_the_draft_was_made_is_not_lost(tmp_path):
    with office(tmp_path) as here:
        curating.hide(here.publication, "articles/un")
        draft(here)
        curating.show_again(here.publication, "articles/un")
        approve(here)
        here.send()
        here.wait(DAY)
        here.send()
        assert told(here, LEA) == [{"deux"}, {"un"}]


def test_what_staff_keep_out_counts_as_received(tmp_path):
    with office(tmp_path) as here:
        draft(here, excluded=("articles/un",))
        approve(here)
        here.relay.script[MIA] = ["450 4.2.1 later at RCPT"]
        here.send()
        assert told(here, LEA) == [{"deux"}]
        here.news("trois")
        here.wait(DAY * 2)
        here.subscribe(["new@example.org"])
        here.send()
        assert told(here, LEA) == [{"deux"}, {"trois"}]
        assert told(here, MIA) == [{"deux", "trois"}], "whose letter was folded is offered all but what was kept out"
        assert told(here, "new@example.org") == [{"trois"}]


def test_order_and_pins(tmp_path):
    with office(tmp_path) as here:
        draft(here, order=("articles/deux", "articles/un"))
        approve(here)
        here.send()
        [(_, text, _)] = bodies(here, LEA)
        assert text.index("/articles/deux.html") < text.index("/articles/un.html")
        here.wait(DAY)
        with here.publication.store.write() as connection:
            articles.pin(connection, articles.find(connection, "articles/un"), "matching")
        here.news("trois")
        made = draft(here, order=("articles/un",))
        assert {article.identity for article in made.contents.articles} == {"articles/un", "articles/trois"}
        curating.unpin(here.publication, "articles/un")
        approve(here)
        here.send()
        assert told(here, LEA)[1] == {"un", "trois"}, "the draft is sent as it was approved"


def test_a_pin_of_a_draft_is_for_whom_it_matches(tmp_path):
    with office(tmp_path) as here:
        here.send()
        here.wait(DAY)
        here.news("trois")
        with here.publication.store.write() as connection:
            articles.pin(connection, articles.find(connection, "articles/un"), "everyone")
        with pytest.raises(UsageError, match="is not in this draft"):
            made = draft(here)
            drafting.edit(here.publication, "lettre", lambda edits: replace(edits, pins=("articles/deux",)), "ada")
        made = draft(here, pins=("articles/trois",))
        assert [made.contents.articles[place].identity for place in made.contents.pinned] == [
            "articles/trois",
            "articles/un",
        ]


def test_an_intro_in_markdown_and_a_subject_stand_in_every_letter(tmp_path):
    with office(tmp_path) as here:
        words = "Bonjour, voici **notre** [programme](/programme).\n\n<script>alert(1)</script>\n\n![x](https://t.example/p.png)"
        draft(here, intro=words, subject="Spécial {{ count }} – l’été & <b>plus</b>")
        approve(here)
        here.send()
        [(subject, text, html)] = bodies(here, LEA)
        assert subject == "Spécial 2 – l’été & <b>plus</b>"
        assert "notre" in text
        assert "https://www.troisrivieres.example.org/programme" in text
        assert 'href="https://www.troisrivieres.example.org/programme"' in html
        assert "<script" not in html
        assert "t.example" not in html, "a picture of others would tell them who reads"


def test_a_subject_that_names_what_does_not_exist_is_refused_at_once(tmp_path):
    with office(tmp_path) as here:
        with pytest.raises(TemplateError, match="nombre"):
            draft(here, subject="{{ nombre }} articles")
        assert drafting.of_list(here.publication, "lettre") is None


def test_a_new_draft_keeps_what_staff_changed(tmp_path):
    with office(tmp_path) as here:
        draft(here, intro="Bonjour.", excluded=("articles/un",))
        here.wait(HOUR)
        here.news("trois")
        made = drafting.freeze(here.publication, "lettre", same, "ada")
        assert made.row.edits.intro == "Bonjour."
        assert [made.contents.articles[place].identity for place in made.contents.excluded] == ["articles/un"]
        assert {a.identity for a in made.contents.articles} == {"articles/un", "articles/deux", "articles/trois"}


def test_nothing_new_is_no_draft(tmp_path):
    with office(tmp_path) as here:
        here.send()
        here.wait(HOUR)
        before = here.dump()["run"]
        assert drafting.freeze(here.publication, "lettre", same, "ada") is None
        assert here.dump()["run"] == before


def test_a_draft_that_is_dropped_leaves_its_news_to_the_next_issue(tmp_path):
    with office(tmp_path) as here:
        draft(here)
        drafting.drop(here.publication, TODAY, "ada")
        with pytest.raises(NotFoundError):
            drafting.find(here.publication, TODAY)
        here.wait(DAY)
        here.news("trois")
        here.send()
        assert told(here, LEA) == [{"un", "deux", "trois"}]


def test_postponed(tmp_path):
    with office(tmp_path) as here:
        draft(here)
        made = drafting.postpone(here.publication, "lettre", here.now + DAY, "bea")
        assert made.row.planned == here.now + DAY
        with pytest.raises(UsageError, match="is over"):
            drafting.postpone(here.publication, "lettre", here.now - DAY, "bea")
        assert acts(here, TODAY)[-1] == ("bea", "postponed")


def test_sent_on_another_day_it_is_named_for_that_day_and_keeps_its_history(tmp_path):
    with office(tmp_path) as here:
        draft(here)
        here.wait(DAY)
        approve(here)
        sent = here.send()
        assert sent.issue.name == "lettre/2024-04-03"
        assert acts(here, "lettre/2024-04-03") == [("ada", "drafted"), ("ada", "approved")]
        [(_, text, _)] = bodies(here, LEA)
        assert "3 avril 2024" in text.replace("\N{NO-BREAK SPACE}", " ")


def test_an_event_that_is_over_when_the_draft_goes_out_is_no_reminder(tmp_path):
    with office(tmp_path) as here:
        from newsletter.model import EventDate

        section = {"title": "Agenda", "select": "upcoming"}
        config = here.publication.config
        sections = (
            msgspec.convert(section, type(config.lists["lettre"].sections[0])),
            *config.lists["lettre"].sections,
        )
        configure(here, sections=sections)
        soon = EventDate(here.now + HOUR * 5)
        add_articles(here.publication, [replace(article("trois"), dates=(soon,))])
        made = draft(here)
        [position] = made.contents.headings[0].order
        assert made.contents.articles[position].identity == "articles/trois"
        here.wait(HOUR * 3)
        approve(here)
        here.wait(DAY)
        here.send()
        [(_, text, _)] = bodies(here, LEA)
        assert text.index("ACTUALITÉS") < text.index("/articles/trois.html"), "it stays news, and is no agenda"


def test_seeds_come_first_and_the_rest_after_a_look(tmp_path):
    with office(tmp_path) as here:
        configure(here, seeds=("Noe@example.org", "stranger@example.org"), seed_minutes=30)
        sent = here.send()
        assert here.recipients() == [NOE]
        assert (sent.books.sent, sent.books.planned) == (1, 3)
        assert sent.issue.held == here.now + timedelta(minutes=30)
        here.wait(timedelta(minutes=29))
        here.send()
        assert here.recipients() == [NOE]
        here.wait(timedelta(minutes=2))
        sent = here.send()
        assert sent.issue.held is None
        assert here.recipients() == [BOB, LEA, MIA, NOE]


def test_somebody_who_looked_lets_the_rest_go(tmp_path):
    with office(tmp_path) as here:
        configure(here, seeds=(NOE,))
        sent = here.send()
        freed = sending.let_go(here.publication, sent.issue, "ada")
        assert sending.attempt(here.publication, freed.issue, quiet).books == Books(4, sent=4)
        assert acts(here, TODAY) == [("ada", "let go")]


def test_the_pause_ends_with_a_retry_too_and_is_not_made_where_no_seed_reads(tmp_path):
    with office(tmp_path) as here:
        configure(here, seeds=(NOE,))
        here.send()
        assert here.retry().books == Books(4, sent=4)
    (tmp_path / "other").mkdir()
    with office(tmp_path / "other") as here:
        configure(here, seeds=("stranger@example.org",))
        assert here.send().books == Books(4, sent=4)


def test_an_issue_that_is_cancelled_is_offered_again(tmp_path):
    with office(tmp_path) as here:
        configure(here, seeds=(NOE,))
        here.send()
        sent = sending.cancel(here.publication, TODAY, "ada")
        assert sent.books == Books(4, sent=1, withdrawn=3)
        here.wait(DAY)
        here.news("trois")
        configure(here, seeds=())
        here.send()
        assert told(here, NOE) == [{"un", "deux"}, {"trois"}]
        assert told(here, LEA) == [{"un", "deux", "trois"}]


def test_a_correction_is_told_once_to_whom_was_sent_the_article(tmp_path):
    with office(tmp_path) as here:
        here.send()
        here.wait(DAY)
        curating.correct(here.publication, "articles/un")
        here.subscribe(["new@example.org"])
        here.wait(DAY)
        assert sending.prepare(here.publication, "lettre", sending.decide(here.publication, "lettre")) is None
        here.wait(DAY)
        here.news("trois")
        here.send()
        assert told(here, LEA)[1] == {"un", "trois"}
        assert told(here, "new@example.org") == [{"trois"}]
        here.wait(DAY)
        here.news("quatre")
        here.send()
        assert told(here, LEA)[2] == {"quatre"}


def test_an_erratum_goes_to_whom_was_sent_the_article(tmp_path):
    with office(tmp_path) as here:
        here.send()
        here.wait(DAY)
        here.subscribe(["new@example.org"])
        curating.correct(here.publication, "articles/un")
        issue = sending.prepare_flash(here.publication, "lettre", "articles/un")
        assert sending.attempt(here.publication, issue, quiet).books == Books(4, sent=4)
        assert told(here, LEA) == [{"un", "deux"}, {"un"}]
        assert "ERRATUM" in bodies(here, LEA)[1][1]
        assert sending.prepare_flash(here.publication, "lettre", "articles/un") is None
        here.wait(DAY)
        here.news("trois")
        here.send()
        assert told(here, LEA)[2] == {"trois"}, "they know already"
