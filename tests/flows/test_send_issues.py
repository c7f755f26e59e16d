"""Which issue a send is: continued, folded, taken up, a further one; and who gets what from it."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
import sqlalchemy as sa

from newsletter.cli.books import as_lines
from newsletter.errors import PendingError, RouteError
from newsletter.model import Books, DeliveryState
from newsletter.pipeline import freezing, opening, rehearsing, sending, settling
from newsletter.store import audience, claims, issues, ledger
from newsletter.store.journal import Journal
from tests.flows.office import BOB, HOUR, LEA, MIA, NOE, TODAY, office, quiet
from tests.flows.publications import add_articles, article

EVERYONE = Books(4, sent=4)
DAY = timedelta(days=1)


def down(here):
    """The relay goes down; gives what brings it back."""
    here.relay.script["connection"] = "421 4.3.2 down at CONNECT"
    with pytest.raises(RouteError):
        here.send()
    return here.relay.script.clear


def told(message):
    """The articles of a message, by the addresses that stand in it."""
    flat = message.data.replace(b"=\r\n", b"").decode()
    return {name for name in ("un", "deux", "trois", "quatre") if f"/articles/{name}.html" in flat}


def parse(data):
    return message_from_bytes(data, policy=default)


def letters(here, address):
    return [told(message) for message in here.relay.messages if message.recipient == address]


def member(here, address):
    with here.publication.store.read() as connection:
        return audience.of_address(connection, address)[0].id


def leave(here, address):
    with here.publication.store.write() as connection:
        audience.leave(connection, audience.of_address(connection, address)[0].id, "test", here.now)


def move(here, address, to):
    with here.publication.store.write() as connection:
        change = "UPDATE subscriber SET address = :to, folded = :to WHERE folded = :old"
        connection.execute(sa.text(change), {"old": address, "to": to})


def test_a_further_send_of_the_day(tmp_path):
    with office(tmp_path) as here:
        here.send()
        here.wait(HOUR)
        assert sending.prepare(here.publication, "lettre", sending.decide(here.publication, "lettre")) is None
        here.news("trois")
        assert here.send().issue.name == f"{TODAY}-2"
        assert here.books(f"{TODAY}-2") == EVERYONE
        assert letters(here, LEA) == [{"un", "deux"}, {"trois"}]


def test_an_older_issue_is_continued_while_it_is_young(tmp_path):
    with office(tmp_path) as here:
        back = down(here)
        back()
        here.news("trois")
        here.wait(DAY - HOUR)
        assert here.send().issue.name == TODAY
        assert here.books() == EVERYONE
        assert letters(here, LEA) == [{"un", "deux"}]
        assert here.send().issue.name == "lettre/2024-04-03"
        assert letters(here, LEA) == [{"un", "deux"}, {"trois"}]


def test_an_issue_too_old_is_folded_and_offered_again_once(tmp_path):
    with office(tmp_path, {BOB: "451 later at RCPT"}) as here:
        here.relay.script["*"] = ["ok", "ok", "550 who are you at MAIL"]
        with pytest.raises(Exception, match="refuses the sender"):
            here.send()
        assert here.books() == Books(4, sent=1, deferred=1, planned=2)
        here.relay.script.clear()
        here.news("trois")
        here.wait(DAY + HOUR)
        assert sending.decide(here.publication, "lettre").folds[0].name == TODAY
        second = here.send()
        assert second.issue.name == "lettre/2024-04-03"
        assert here.books("lettre/2024-04-03") == EVERYONE
        assert here.books() == Books(4, sent=1, withdrawn=3)
        assert letters(here, LEA) == [{"un", "deux"}, {"trois"}]
        for address in (BOB, MIA, NOE):
            assert letters(here, address) == [{"un", "deux", "trois"}]


def test_an_issue_of_today_is_never_folded(tmp_path):
    with office(tmp_path, {BOB: "451 later at RCPT"}) as here:
        here.send()
        here.news("trois")
        with pytest.raises(PendingError, match=f"{TODAY}: is open and of today"):
            opening.open_run(here.publication, "lettre")
        assert here.books() == Books(4, sent=3, deferred=1)


def test_an_issue_opened_while_someone_thought_is_joined(tmp_path):
    with office(tmp_path) as here:
        plan = sending.decide(here.publication, "lettre")
        down(here)
        assert sending.prepare(here.publication, "lettre", plan).name == TODAY


def test_an_older_issue_whose_sender_died_is_continued(tmp_path):
    with office(tmp_path, {LEA: ["451 later at RCPT"]}) as here:
        first = here.send()
        here.wait(23 * HOUR)
        with here.publication.store.write() as connection:
            ledger.wake(connection, first.issue.id, None, here.now)
            claims.claim(connection, first.issue.id, 4711, 10, here.now + 1000 * DAY)
        assert here.send().issue.name == TODAY
        assert here.books() == EVERYONE


def test_a_half_opened_issue_is_taken_up(tmp_path):
    with office(tmp_path) as here:
        with here.publication.store.write() as connection:
            draw = freezing.take_run(here.publication, connection, "lettre")
            opening.plan_some(here.publication, connection, draw, 2)
        here.news("trois")
        here.wait(HOUR)
        assert sending.decide(here.publication, "lettre").continues.name == TODAY
        assert here.send().issue.name == TODAY
        assert here.books() == EVERYONE
        assert letters(here, NOE) == [{"un", "deux"}]


def test_a_settling_that_was_cut_off_goes_on(tmp_path):
    with office(tmp_path, {BOB: ["drop at DOT"]}) as here:
        issue = here.send().issue
        with here.publication.store.write() as connection:
            issues.set_state(connection, issue.id, "settling", ("open",))
        sending.resolve(here.publication, TODAY, DeliveryState.PLANNED)
        here.news("trois")
        assert here.send().issue.name == f"{TODAY}-2"
        [left] = sending.leftovers(here.publication, "lettre", None)
        assert sending.attempt(here.publication, left, quiet).books == EVERYONE == here.books()
        assert letters(here, LEA) == [{"un", "deux"}, {"trois"}]
        assert letters(here, BOB) == [{"trois"}, {"un", "deux"}]


def test_a_flash_letter_is_not_repeated(tmp_path):
    with office(tmp_path, {BOB: ["451 later at RCPT"]}) as here:
        flash = sending.prepare_flash(here.publication, "lettre", article("un").id)
        assert sending.attempt(here.publication, flash, quiet).books == Books(4, sent=3, deferred=1)
        assert sending.prepare_flash(here.publication, "lettre", article("un").id) is None
        here.wait(HOUR)
        assert here.send().issue.name == f"{TODAY}-2"
        assert here.books(f"{TODAY}-2") == EVERYONE
        assert [issue.name for issue in sending.leftovers(here.publication, "lettre", None)] == [TODAY]
        assert here.retry(TODAY).books == EVERYONE
        for address in (LEA, BOB, MIA, NOE):
            assert sorted(letters(here, address), key=min) == [{"deux"}, {"un"}]


def test_who_left_before_the_claim_is_not_mailed(tmp_path):
    with office(tmp_path) as here:
        here.open()
        leave(here, BOB)
        assert here.send().books == Books(4, sent=3, withdrawn=1) == here.books()
        assert BOB not in here.recipients()


def meanwhile(here, monkeypatch, address, what):
    """Do something when a reader's message has been offered and not handed over yet."""
    enter, once = Journal.enter, [what]

    def meddling(journal, accepted, handing, now):
        if once and address in [row.address for row in handing]:
            with here.publication.store.write() as books:
                once.pop()(books)
        return enter(journal, accepted, handing, now)

    monkeypatch.setattr(Journal, "enter", meddling)


def test_who_leaves_between_offer_and_hand_over_gets_no_dot(tmp_path, monkeypatch):
    with office(tmp_path) as here:
        mine = member(here, BOB)
        meanwhile(here, monkeypatch, BOB, lambda books: audience.leave(books, mine, "test", here.now))
        assert here.send().books == Books(4, sent=3, withdrawn=1) == here.books()
        assert BOB not in here.recipients()
        assert f"RCPT TO:<{BOB}>" in here.relay.commands


def test_who_is_suppressed_between_offer_and_hand_over_gets_no_dot(tmp_path, monkeypatch):
    with office(tmp_path) as here:
        meanwhile(here, monkeypatch, BOB, lambda books: audience.suppress(books, BOB, "complaint", here.now))
        assert here.send().books == Books(4, sent=3, withdrawn=1) == here.books()
        assert BOB not in here.recipients()


def test_an_address_that_changes_before_the_hand_over_is_the_one_that_is_mailed(tmp_path, monkeypatch):
    change = sa.text("UPDATE subscriber SET address = 'bo@example.com', folded = 'bo@example.com' WHERE folded = :old")
    with office(tmp_path) as here:
        meanwhile(here, monkeypatch, BOB, lambda books: books.execute(change, {"old": BOB}))
        assert here.send().books == EVERYONE == here.books()
        assert here.recipients() == sorted([LEA, "bo@example.com", MIA, NOE])


def test_an_address_that_changed_after_opening(tmp_path):
    with office(tmp_path) as here:
        here.open()
        move(here, BOB, "bo@example.com")
        assert here.send().books == EVERYONE == here.books()
        assert here.recipients() == sorted([LEA, "bo@example.com", MIA, NOE])


def test_who_leaves_while_deferred_or_in_doubt_is_not_mailed_again(tmp_path):
    with office(tmp_path, {BOB: ["451 later at DOT"], MIA: ["drop at DOT"]}) as here:
        assert here.send().books == Books(4, sent=2, deferred=1, uncertain=1)
        leave(here, BOB)
        leave(here, MIA)
        sending.resolve(here.publication, TODAY, DeliveryState.PLANNED)
        assert here.retry().books == Books(4, sent=2, withdrawn=2) == here.books()


def test_two_sends_share_the_work(tmp_path):
    with office(tmp_path, connections=2) as here:
        here.subscribe(f"lecteur{n}@example.org" for n in range(100))
        here.open()
        results, both = [], threading.Barrier(2)

        def work():
            both.wait()
            results.append(here.send())

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(results) == 2
        assert here.books() == Books(104, sent=104)
        assert max(Counter(here.recipients()).values()) == 1


@pytest.mark.parametrize("_", range(3))
def test_two_sends_that_open_at_once_open_one_issue(tmp_path, _):
    with office(tmp_path) as here:
        here.subscribe(f"lecteur{n}@example.org" for n in range(30))
        both, failed = threading.Barrier(2), []

        def work():
            both.wait()
            try:
                here.send()
            except PendingError as error:
                failed.append(str(error))

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(failed) < 2
        assert here.books() == Books(34, sent=34)
        assert max(Counter(here.recipients()).values()) == 1
        assert len(sending.all_issues(here.publication)) == 1


def test_a_new_issue_waits_for_a_living_sender(tmp_path):
    with office(tmp_path) as here:
        first = here.open()
        here.wait(2 * DAY)

        def meddle(_):
            with pytest.raises(PendingError, match=f"{TODAY}: is being sent now"):
                settling.settle_list(here.publication, "lettre")

        assert sending.attempt(here.publication, first.issue, meddle).books == EVERYONE


def test_stop_holds_at_once_and_send_goes_on(tmp_path):
    with office(tmp_path) as here:
        here.subscribe(f"lecteur{n}@example.org" for n in range(60))

        def stop(outcomes):
            if outcomes.total() == 3:
                thread = threading.Thread(target=sending.stop, args=(here.publication, TODAY))
                thread.start()
                thread.join()

        found = here.send(stop)
        # The answer of the third is still on its way to the books.
        assert found.books == Books(64, sent=3, planned=61) == here.books()
        assert found.issue.state == "stopped"
        assert here.send().issue.state == "open"
        assert here.books() == Books(64, sent=64)


def test_a_stopped_issue_of_today_goes_on_with_retry_too(tmp_path):
    with office(tmp_path) as here:
        here.open()
        assert sending.stop(here.publication, TODAY).books == Books(4, planned=4)
        assert here.retry().books == EVERYONE == here.books()


@pytest.mark.parametrize(("to", "copies"), [(DeliveryState.SENT, 1), (DeliveryState.PLANNED, 2)])
def test_doubt_is_resolved_by_a_person(tmp_path, to, copies):
    with office(tmp_path, {BOB: ["keep, then drop at DOT"]}) as here:
        here.send()
        count, after = sending.resolve(here.publication, TODAY, to)
        assert count == 1
        assert after.books.uncertain == 0
        assert here.retry().books == EVERYONE
        here.relay.settle()
        mine = [message for message in here.relay.messages if message.recipient == BOB]
        assert len(mine) == copies
        assert len({message.data for message in mine}) == 1


def test_a_letter_resolved_for_resending_goes_out_from_a_settled_issue(tmp_path):
    with office(tmp_path, {BOB: ["drop at DOT"]}) as here:
        here.send()
        here.wait(2 * DAY)
        here.news("trois")
        assert here.send().books == EVERYONE
        assert letters(here, BOB) == [{"trois"}]
        sending.resolve(here.publication, TODAY, DeliveryState.PLANNED)
        [left] = sending.leftovers(here.publication, "lettre", None)
        assert sending.attempt(here.publication, left, quiet).books == EVERYONE == here.books()
        assert sorted(letters(here, BOB), key=len) == [{"trois"}, {"un", "deux"}]


def test_a_second_try_is_the_same_message(tmp_path, monkeypatch):
    taken = []
    with office(tmp_path, {BOB: ["keep, then 451 4.3.0 later at DOT"]}) as here:
        here.send()
        here.wait(HOUR)
        here.news("trois")
        here.send()
        here.relay.settle()
        taken = [message for message in here.relay.messages if message.recipient == BOB]
    assert len(taken) == 2
    assert taken[0] == taken[1]
    assert taken[0].message_id.endswith("@troisrivieres.example.org")


def test_an_edit_after_opening_changes_no_letter(tmp_path):
    with office(tmp_path) as here:
        here.open()
        changed = replace(article("un", "sante"), title="Un autre titre", modified=here.now)
        add_articles(here.publication, [changed])
        here.send()
        assert not any(b"Un autre titre" in message.data for message in here.relay.messages)


def test_a_rehearsal_leaves_no_trace(tmp_path):
    with office(tmp_path, {BOB: ["451 later at RCPT"], MIA: ["drop at DOT"]}) as here:
        here.send()
        here.news("trois")
        here.wait(2 * DAY)
        before = here.dump()
        seen = rehearsing.forecast(here.publication, "lettre")
        assert (seen.name, seen.readers, seen.articles) == ("lettre/2024-04-04", 4, 3)
        rehearsing.send_test(here.publication, "lettre", "staff@example.org")
        rehearsing.send_test(here.publication, "lettre", LEA)
        assert here.dump() == before
        here.relay.settle()
        stranger, lea = here.relay.messages[-2:]
        assert (stranger.recipient, lea.recipient) == ("staff@example.org", LEA)
        assert parse(stranger.data)["Subject"].startswith("[Test] ")
        assert told(lea) == {"trois"}
        assert here.send().books == EVERYONE
        assert not any(parse(message.data)["Subject"].startswith("[") for message in here.relay.messages[-4:])


def test_letters_that_do_not_fit_whole_are_counted(tmp_path):
    with office(tmp_path) as here:
        long = "Une présentation de quelques lignes, comme les rédige un centre de ressources. " * 4
        many = [replace(article(f"n{number}"), lead=long) for number in range(150)]
        add_articles(here.publication, many)
        sent = here.send()
        assert sent.shortened == 1, "four readers share a letter"
        assert any("1 different letter shortened" in line for line in as_lines(sent, UTC))
        assert sending.standing(here.publication, sent.issue).shortened == 0
