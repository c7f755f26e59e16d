"""`issues resolve --from-log`: letters in doubt are settled by what the relay's log proves, and by nothing else."""

import gzip
import sys
from datetime import UTC, datetime, timedelta
from io import BufferedReader, BytesIO, TextIOWrapper
from pathlib import Path

import pytest
import sqlalchemy as sa

from newsletter.pipeline import sending
from tests.flows.office import BOB, LEA, MIA, TODAY, office
from tests.flows.test_issues import Desk

HOUR = timedelta(hours=1)


@pytest.fixture
def desk(tmp_path, monkeypatch, capsys):
    with office(tmp_path) as here:
        here.relay.script[BOB] = "drop at DOT"
        made = Desk(here, monkeypatch, capsys)
        assert made("send", "lettre", "--yes")[0] == 1
        yield made


def ids(desk):
    query = "SELECT p.address, d.message_id FROM delivery d JOIN subscription s ON s.id = d.subscription"
    with desk.here.publication.store.read() as connection:
        found = connection.exec_driver_sql(f"{query} JOIN subscriber p ON p.id = s.subscriber")
        return dict(map(tuple, found))


def taken(entry, message_id, *more):
    said = [f"cleanup[1]: {entry}: message-id=<{message_id}>", f"qmgr[2]: {entry}: from=<x>, size=1 (queue active)"]
    return [*said, *more]


def written(desk, *said, first=timedelta(days=-1200), last=timedelta(days=2), stamp=datetime.isoformat):
    """Write a log that begins and ends with other mail, an instant before now and one after."""
    now = datetime.now(UTC)
    other = [f"cleanup[1]: AAAA{number}AAA: message-id=<{number}@x>" for number in (1, 2)]
    times = [now + first, *([now] * len(said)), now + last]
    lines = zip(times, [other[0], *said, other[1]], strict=True)
    path = desk.here.root / "mail.log"
    path.write_text("".join(f"{stamp(at)} relay postfix/{text}\n" for at, text in lines), encoding="utf-8")
    return str(path)


def resolve(desk, log):
    return desk("issues", "resolve", TODAY, "--from-log", log)


def others(desk):
    """What the log says of the letters that were answered."""
    return [
        line
        for number, (address, message_id) in enumerate(ids(desk).items())
        if address != BOB
        for line in taken(f"BBBBBB{number}", message_id)
    ]


def test_what_the_relay_took_is_sent(desk):
    code, out, _ = resolve(desk, written(desk, *taken("C0FFEE1", ids(desk)[BOB])))
    assert (code, desk.here.state(BOB)) == (0, "sent")
    assert f"{TODAY}: of 1 letter in doubt, the relay's log proves 1 sent\n" in out
    assert f"{TODAY}: audience 4 = sent 4\n  closed\n" in out


def test_a_bounce_proves_sent_and_its_words_are_kept(desk):
    bounced = (
        f"smtp[3]: C0FFEE1: to=<{BOB}>, relay=mx[::1]:25, delay=1, dsn=5.1.1, status=bounced"
        " (host mx said: 550 5.1.1 nobody)"
    )
    code, out, _ = resolve(desk, written(desk, *taken("C0FFEE1", ids(desk)[BOB], bounced)))
    assert (code, desk.here.state(BOB)) == (0, "sent")
    assert f"  {BOB}: taken, then bounced: host mx said: 550 5.1.1 nobody\n" in out
    with desk.here.publication.store.read() as connection:
        last = connection.execute(sa.text("SELECT outcome, code, enhanced, text FROM attempt ORDER BY id DESC")).first()
    words = "the relay's log: bounced: host mx said: 550 5.1.1 nobody"
    assert tuple(last) == ("bounced", 550, "5.1.1", words)
    assert desk("issues", "resolve", TODAY, "--from-log", written(desk))[1].startswith(f"{TODAY}: of 0 letters")


def test_a_message_that_was_only_begun_stays_in_doubt(desk):
    code, out, _ = resolve(desk, written(desk, f"cleanup[1]: C0FFEE1: message-id=<{ids(desk)[BOB]}>", *others(desk)))
    assert (code, desk.here.state(BOB)) == (1, "uncertain")
    assert f"  {BOB}: the relay began to receive it; the log does not say whether it kept it\n" in out
    assert "is safe" not in out


def test_what_a_whole_log_does_not_know_was_not_taken(desk):
    code, out, _ = resolve(desk, written(desk, *others(desk)))
    assert (code, desk.here.state(BOB)) == (1, "uncertain")
    assert f"the relay did not take them, so `newsletter issues resolve {TODAY} --resend` is safe\n" in out
    desk("issues", "resolve", TODAY, "--resend")
    desk.here.relay.script.clear()
    assert desk("issues", "retry", TODAY)[0] == 0
    assert desk.here.recipients().count(BOB) == 1


@pytest.mark.parametrize("odd", [{"first": HOUR}, {"last": timedelta(minutes=-1)}, {"last": HOUR / 2}])
def test_a_log_that_does_not_go_through_that_time_proves_nothing(desk, odd):
    code, out, _ = resolve(desk, written(desk, *others(desk), **odd))
    assert (code, desk.here.state(BOB)) == (1, "uncertain")
    assert "1 not found, which proves nothing: the log has a gap; it must begin well before 2024-04-02" in out


def test_a_log_that_lacks_letters_which_were_taken_proves_nothing(desk):
    out = resolve(desk, written(desk, *others(desk)[2:]))[1]
    assert "it lacks 1 of 3 letters taken at that time, so it is not whole or not the relay's" in out


def test_stamps_without_a_zone_need_a_day_more(desk):
    desk.here.wait(datetime.now(UTC) + HOUR - desk.here.now)
    with desk.here.publication.store.write() as connection:  # sent today
        connection.exec_driver_sql("UPDATE sender SET started = (SELECT max(lease) FROM delivery)")
        connection.exec_driver_sql("UPDATE delivery SET at = (SELECT max(lease) FROM delivery)")

    def told(first, last):
        days = (timedelta(days=first), timedelta(days=last))
        stamp = "{:%b %d %H:%M:%S}".format
        return resolve(desk, written(desk, *others(desk), first=days[0], last=days[1], stamp=stamp))[1]

    assert "must begin well before" in told(-1, 1)
    assert "must begin well before" in told(-2, 1)
    assert "is safe" in told(-2, 1.2)


def test_a_packed_log_and_standard_input_are_read(desk, monkeypatch):
    packed = gzip.compress(Path(written(desk, *taken("C0FFEE1", ids(desk)[BOB]))).read_bytes())
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BufferedReader(BytesIO(packed))))
    assert resolve(desk, "-")[0] == 0


def test_a_damaged_log_is_one_line_and_settles_nothing(desk):
    path = desk.here.root / "mail.log.gz"
    path.write_bytes(gzip.compress("\n".join(taken("C0FFEE1", ids(desk)[BOB])).encode())[:-5])
    code, _, err = resolve(desk, str(path))
    assert (code, err.count("\n"), desk.here.state(BOB)) == (2, 1, "uncertain")


def test_how_to_resolve_is_said_once(desk):
    assert desk("issues", "resolve", TODAY)[0] == 2
    assert desk("issues", "resolve", TODAY, "--resend", "--from-log", written(desk))[0] == 2


def test_a_letter_in_doubt_keeps_the_lease_that_ends_its_time(tmp_path):
    """Without it a log could not be told to be long enough."""
    with office(tmp_path) as here:
        here.relay.script |= {BOB: "drop at DOT", MIA: "drop at DOT"}
        began = datetime.now(UTC)
        here.send()
        with here.publication.store.read() as connection:
            query = sa.text("SELECT count(*) FROM delivery WHERE state = 'uncertain' AND lease > :began")
            assert connection.scalar(query, {"began": int(began.timestamp() * 1e6)}) == 2
        assert len(sending.doubts(here.publication, sending.find(here.publication, TODAY).issue)) == 2
        assert here.state(LEA) == "sent"
