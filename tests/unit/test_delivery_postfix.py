"""What Postfix's log proves, and what it does not. ``postfix.log`` was written by a real Postfix 3.7."""

import gzip
import io
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from newsletter.delivery.postfix import LONGEST, PostfixLog, instant, lines
from newsletter.errors import UsageError
from newsletter.store.moves import Answer

REAL = Path(__file__).with_name("postfix.log").read_bytes()
NAMES = "ok1 bounce2 defer3 body4 bodybig5 dot6 dot7 after8 hold9 disc10 rej11 never12"
IDS = [f"{name}@letters.example.org" for name in NAMES.split()]
NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)


def read(data, *wanted):
    log = PostfixLog(wanted or IDS)
    log.read(lines(io.BufferedReader(io.BytesIO(data))))
    return log


def line(said, program="cleanup", stamp="2024-04-02T09:00:01+02:00", relay="relay postfix", process=7):
    return f"{stamp} {relay}/{program}[{process}]: {said}\n".encode()


def named(entry, message_id="a@example.org", **more):
    return line(f"{entry}: message-id=<{message_id}>", **more)


def queued(entry, **more):
    return line(f"{entry}: from=<x@example.org>, size=1, nrcpt=1 (queue active)", "qmgr", **more)


def one(*parts, wanted="a@example.org"):
    return read(b"".join(parts), wanted).of(wanted)


def test_a_real_log_proves_what_the_relay_kept():
    log = read(REAL)
    kept = {message_id.partition("@")[0] for message_id in IDS if log.of(message_id).kept}
    assert kept == {"ok1", "bounce2", "defer3", "dot6", "dot7", "after8"}


def test_a_message_id_alone_is_no_proof():
    log = read(REAL)
    begun = {message_id.partition("@")[0] for message_id in IDS if log.of(message_id).begun}
    assert begun == {"hold9", "disc10", "rej11"}  # body4 and bodybig5 were broken off, which the log says


def test_the_last_words_are_kept():
    log = read(REAL)
    assert log.of(IDS[0]).verdict.answer == Answer(250, "2.0.0", "250 2.0.0 Ok: taken as 99")
    bounced = log.of(IDS[1]).verdict
    assert (bounced.status, bounced.answer.code, bounced.answer.enhanced) == ("bounced", 550, "5.1.1")
    assert bounced.answer.text.endswith("User unknown (in reply to RCPT TO command)")
    assert log.of(IDS[2]).verdict.status == "deferred"


@pytest.mark.parametrize("old", ["Dec 01 ", "Dec  1 "])
def test_old_and_new_stamps(old):
    assert read(REAL.replace(b"Dec 01 ", old.encode())).of(IDS[0]).kept
    assert read(REAL.replace(b"Dec 01 ", b"2026-12-01T").replace(b" relay", b".123456+00:00 relay")).of(IDS[0]).kept


def test_packed_logs_are_read():
    assert read(gzip.compress(REAL)).of(IDS[0]).kept
    with pytest.raises(UsageError, match="no whole gzip file"):
        read(gzip.compress(REAL)[:-9])


def test_a_queue_id_that_is_used_again_proves_nothing_of_the_first_message():
    assert not one(named("ABCDEF12"), named("ABCDEF12", "b@example.org"), queued("ABCDEF12")).kept
    assert not one(named("ABCDEF12"), named("ABCDEF12", ""), queued("ABCDEF12")).kept
    assert not one(named("ABCDEF12"), queued("ABCDEF12", relay="other postfix")).kept
    assert not one(named("ABCDEF12"), queued("ABCDEF12", relay="relay postfix-out")).kept


def test_a_queue_id_broken_off_and_used_again_proves_the_second_message():
    client, lost = (
        line("ABCDEF12: client=x[::1]", "smtpd"),
        line("lost connection after DATA (9 bytes) from x", "smtpd"),
    )
    assert not one(client, lost, named("ABCDEF12")).begun
    assert not one(client, named("ABCDEF12"), lost, queued("ABCDEF12")).kept
    assert one(client, lost, client, named("ABCDEF12"), queued("ABCDEF12")).kept


def test_a_lost_connection_after_the_end_of_the_message_leaves_it_open():
    client = line("ABCDEF12: client=x[::1]", "smtpd")
    assert one(client, named("ABCDEF12"), line("lost connection after END-OF-MESSAGE from x", "smtpd")).begun


def delivery(entry, status, words, program="smtp"):
    return line(f"{entry}: to=<b@example.org>, relay=x, delay=1, dsn=2.0.0, status={status} ({words})", program)


def test_what_a_filter_gives_back_is_followed():
    trace = one(
        named("4V8abCdz12"), queued("4V8abCdz12"), named("4V8abCdz34"), queued("4V8abCdz34"),
        delivery("4V8abCdz34", "bounced", "host mx said: 550 5.1.1 nobody"),
        delivery("4V8abCdz12", "sent", "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): queued as 4V8abCdz34", "lmtp"),
    )  # fmt: skip
    assert (trace.kept, trace.verdict.status, trace.verdict.answer.code) == (True, "bounced", 550)


def test_a_later_try_replaces_an_earlier_one():
    deferred, sent = delivery("ABCDEF12", "deferred", "450 later"), delivery("ABCDEF12", "sent", "250 ok")
    assert one(named("ABCDEF12"), queued("ABCDEF12"), deferred, sent).verdict.status == "sent"
    gone = line("ABCDEF12: from=<x@example.org>, status=expired, returned to sender", "qmgr")
    assert one(named("ABCDEF12"), queued("ABCDEF12"), deferred, gone).verdict.status == "expired"


def test_hostile_words_prove_nothing():
    hostile = (
        "host mx said: 550 5.0.0 Apr  2 09:00:01 relay postfix/qmgr[1]: ABCDEF12: from=<x>, dsn=2.0.0, status=sent"
    )
    trace = one(
        named("ABCDEF12"), delivery("99999999", "bounced", hostile),
        line("NOQUEUE: reject: RCPT from x: 550 message-id=<a@example.org>; from=<>", "smtpd"),
        line("BBBBBBBB: message-id=<x> message-id=<a@example.org>"), queued("BBBBBBBB"),
        line("ABCDEF12: removed", "postsuper"), b"\xff\xfe\x00 postfix/qmgr[1]: ABCDEF12: removed\n",
    )  # fmt: skip
    assert not trace.kept
    words = delivery("ABCDEF12", "bounced", "said: 550 \x1b[31m, dsn=2.0.0, status=sent (x")
    verdict = one(named("ABCDEF12"), words).verdict
    assert verdict.status == "bounced"
    assert "\x1b" not in verdict.answer.text


def test_a_line_without_end_costs_no_memory():
    class Endless(io.RawIOBase):
        left = 2000

        def readable(self):
            return True

        def readinto(self, buffer):
            self.left -= 1
            buffer[:] = b"x" * len(buffer) if self.left else b"\n" * len(buffer)
            return len(buffer) if self.left >= 0 else 0

    found = list(lines(io.BufferedReader(Endless())))
    assert max(map(len, found)) == LONGEST


def test_a_long_log_is_read_in_constant_memory():
    def log(count):
        for number in range(count):
            yield line(f"{number:010X}: client=x", "smtpd", process=number)
            yield named(f"{number:010X}", f"{number}@example.org")
            yield line("lost connection after DATA", "smtpd", process=number)

    def peak(count):
        tracemalloc.start()
        PostfixLog(["x@example.org"]).read(log(count))
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(60_000) < 1.2 * peak(30_000)


def test_stamps_without_a_year_are_never_of_tomorrow():
    zone = ZoneInfo("Europe/Paris")
    assert instant("Dec 31 23:59:59", zone, datetime(2024, 1, 2, tzinfo=UTC)).isoformat() == "2023-12-31T23:59:59+01:00"
    assert instant("Jan  1 00:00:01", zone, datetime(2024, 1, 2, tzinfo=UTC)).isoformat() == "2024-01-01T00:00:01+01:00"
    assert instant("Feb 29 10:00:00", zone, datetime(2026, 1, 2, tzinfo=UTC)).year == 2024


def test_a_log_covers_what_lies_well_inside():
    day = timedelta(days=1)
    first = datetime(2024, 4, 2, 7, 0, 1, tzinfo=UTC)
    log = read(named("A1A1A1") + named("B1B1B1", stamp="2024-04-02T15:00:01+02:00"), "a@example.org")
    assert log.covers(first + HOUR, first + 5 * HOUR, UTC, NOW)
    assert not log.covers(first + HOUR / 2, first + 5 * HOUR, UTC, NOW)
    assert not log.covers(first + HOUR, first + 6 * HOUR, UTC, NOW)
    old = read(named("A1A1A1", stamp="Apr  2 07:00:01") + named("B1B1B1", stamp="Apr  6 07:00:01"), "a@example.org")
    assert old.covers(first + 1.2 * day, first + 2 * day, UTC, first + 9 * day)
    assert not old.covers(first + day, first + 2 * day, UTC, first + 9 * day)
    assert not read(b"", "a@example.org").covers(first, first, UTC, NOW)
    assert not read(queued("A1A1A1"), "a@example.org").covers(first + HOUR, first + HOUR, UTC, NOW)
