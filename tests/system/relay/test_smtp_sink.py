"""Mail gets through a smtp-sink that offers little, is slow or speaks LMTP; what it breaks off or
refuses stays queued or is reported, and goes to the next server once."""

import pytest

from arrival import SENDER, assert_arrived, envelopes, to
from eight_bit import eight_bit_letter, is_the_letter
from postern_program import DELIVERED, ONE_ATTEMPT, SOME_FAILED, STILL_QUEUED

RECIPIENTS = ("one@b.test", "two@b.test")
ALWAYS = {"PIPELINING", "DSN", "ENHANCEDSTATUSCODES"}

# What it leaves out or how it takes its time, and what is not used then.
MANNERS = {
    "": set(),
    "-p": {"PIPELINING"},
    "-N": {"DSN"},
    "-E": {"ENHANCEDSTATUSCODES"},
    "-e": ALWAYS,
    "-P": ALWAYS,
    "-f EHLO": ALWAYS,
    "-w 1": set(),
    "-H 1 -T 2000": set(),
}


@pytest.mark.parametrize("flags", MANNERS)
def test_mail_arrives_by_whatever_is_offered(postern, make_sink, extensions, flags):
    sink = make_sink(*flags.split())
    file = postern.sample("sample.msg", "--attachment-size", "200000")
    result = postern.send(file, sink.relay, *to(*RECIPIENTS))
    assert result.status == DELIVERED, result.stderr
    assert extensions("smtp-sink", result) == ALWAYS - MANNERS[flags]
    received, = sink.wait_for(1)
    assert envelopes([received]) == [(SENDER, address) for address in RECIPIENTS]
    assert_arrived(received.content, result.message, postern.convert(file))


LOCK_STEP = ALWAYS - {"PIPELINING"}  # refusals by -f and -r imply -p

# Where it refuses or hangs up; what becomes of the recipients: exit status, verdict and stage; and
# what had been used by then.
FAULTS = [
    ("-f CONNECT", STILL_QUEUED, "retry", "greeting", set()),
    ("-r CONNECT", STILL_QUEUED, "retry", "greeting", set()),
    ("-q CONNECT", STILL_QUEUED, "retry", "greeting", set()),
    ("-f EHLO,HELO", STILL_QUEUED, "retry", "ehlo", set()),
    ("-Q EHLO", STILL_QUEUED, "retry", "ehlo", set()),
    ("-Q MAIL", STILL_QUEUED, "retry", "mail", ALWAYS),
    ("-q RCPT", STILL_QUEUED, "retry", "rcpt", ALWAYS),
    ("-Q DATA", STILL_QUEUED, "retry", "data", ALWAYS),
    ("-Q .", STILL_QUEUED, "retry", "end", ALWAYS),
    ("-A 1", SOME_FAILED, "failed", "end", ALWAYS),
    ("-f QUIT", DELIVERED, "delivered", "end", LOCK_STEP),
    ("-q QUIT", DELIVERED, "delivered", "end", ALWAYS),
]


@pytest.mark.parametrize("flags, status, verdict, stage, used", FAULTS,
                         ids=[row[0] for row in FAULTS])
def test_what_a_server_does_not_take_the_next_one_gets_once(
        postern, make_sink, extensions, flags, status, verdict, stage, used):
    result = postern.send(postern.sample(), make_sink(*flags.split()).relay, *to(*RECIPIENTS),
                          *ONE_ATTEMPT)
    assert result.status == status, result.stderr
    for address in RECIPIENTS:
        row = result.row(address)
        assert (row["verdict"], row["stage"], row["attempts"]) == (verdict, stage, 1)
    assert len(postern.queue()) == (status == STILL_QUEUED)
    assert len(postern.inbox()) == (status == SOME_FAILED)
    assert extensions("smtp-sink", result) == used

    healthy = make_sink()
    assert postern.spool_until_empty(healthy.relay).status == DELIVERED
    expected = [(SENDER, address) for address in RECIPIENTS] if status == STILL_QUEUED else []
    assert envelopes(healthy.wait_for(1 if expected else 0)) == expected


REFUSALS = [
    ("-f RCPT -B", "554 5.7.1 Not from you", SOME_FAILED, "failed"),
    ("-f . -B", "552 5.3.4 Far too long", SOME_FAILED, "failed"),
    ("-r MAIL -b", "452 4.3.1 The disk is full", STILL_QUEUED, "retry"),
    ("-r . -b", "451 4.7.1 Come back at night", STILL_QUEUED, "retry"),
]


@pytest.mark.parametrize("flags, reply, status, verdict", REFUSALS, ids=[row[1] for row in REFUSALS])
def test_a_refusal_is_told_in_the_servers_words(
        postern, make_sink, extensions, flags, reply, status, verdict):
    sink = make_sink(*flags.split(), reply)
    result = postern.send(postern.sample(), sink.relay, *to(*RECIPIENTS), *ONE_ATTEMPT)
    assert result.status == status, result.stderr
    code, enhanced_status, words = reply.split(maxsplit=2)
    for address in RECIPIENTS:
        row = result.row(address)
        assert (row["verdict"], row["code"], row["status"]) == (verdict, int(code), enhanced_status)
        assert words in row["text"]
    assert extensions("smtp-sink", result) == LOCK_STEP


def lmtp(sink):
    return f"lmtp://{sink.address}"


@pytest.mark.parametrize("flags", ["", "-p"])
def test_mail_arrives_by_lmtp(postern, make_sink, extensions, flags):
    sink = make_sink("-L", *flags.split())
    file = postern.sample("sample.msg", "--attachment-size", "200000")
    result = postern.send(file, lmtp(sink), *to(*RECIPIENTS))
    assert result.status == DELIVERED, result.stderr
    assert extensions("smtp-sink lmtp", result) == ALWAYS - MANNERS[flags]
    received, = sink.wait_for(1)
    assert b"X-Client-Proto: LMTP" in sink.dumps()[0].read_bytes()
    assert envelopes([received]) == [(SENDER, address) for address in RECIPIENTS]
    assert_arrived(received.content, result.message, postern.convert(file))


LMTP_FAULTS = [
    ("-f RCPT", SOME_FAILED, "failed", "rcpt", LOCK_STEP),
    ("-r DATA", STILL_QUEUED, "retry", "data", LOCK_STEP),
    ("-f .", SOME_FAILED, "failed", "end", LOCK_STEP),
    ("-r .", STILL_QUEUED, "retry", "end", LOCK_STEP),
    ("-q DATA", STILL_QUEUED, "retry", "data", ALWAYS),
    ("-q .", STILL_QUEUED, "unknown", "end", ALWAYS),
]


@pytest.mark.parametrize("flags, status, verdict, stage, used", LMTP_FAULTS,
                         ids=[row[0] for row in LMTP_FAULTS])
def test_lmtp_refusals_and_losses_settle_every_recipient(
        postern, make_sink, extensions, flags, status, verdict, stage, used):
    sink = make_sink("-L", *flags.split())
    result = postern.send(postern.sample(), lmtp(sink), *to(*RECIPIENTS), *ONE_ATTEMPT)
    assert result.status == status, result.stderr
    for address in RECIPIENTS:
        assert (result.row(address)["verdict"], result.row(address)["stage"]) == (verdict, stage)
    assert extensions("smtp-sink lmtp", result) == used


@pytest.mark.parametrize("flags, status, verdict, used", [
    ("", DELIVERED, "delivered", ALWAYS | {"8BITMIME"}), ("-8", SOME_FAILED, "failed", set())],
    ids=["8BITMIME", "-8"])
def test_a_letter_in_eight_bits_goes_by_8bitmime_or_not_at_all(
        postern, make_sink, extensions, flags, status, verdict, used):
    sink = make_sink(*flags.split())
    result = postern.send(eight_bit_letter(postern.directory), sink.relay, *to("one@b.test"))
    assert result.status == status, result.stderr
    assert result.verdicts == {"one@b.test": verdict}
    assert extensions("smtp-sink", result) == used
    expected = [True] if status == DELIVERED else []
    assert [is_the_letter(message.content) for message in sink.wait_for(len(expected))] == expected


def test_a_session_ended_at_ehlo_is_told_in_the_servers_words(postern, make_sink, extensions):
    result = postern.send(postern.sample(), make_sink("-Q", "EHLO").relay, *to("one@b.test"),
                          *ONE_ATTEMPT)
    extensions("smtp-sink", result)
    row = result.row("one@b.test")
    assert (row["code"], row["status"]) == (421, "4.0.0")
    assert "Server closing connection" in row["text"]


def test_the_spooler_tells_a_delivery_once(postern, sink, extensions):
    submitted = postern.submit(postern.sample(), *to("one@b.test"))
    told = postern.spool_until_empty(sink.relay).stdout
    extensions("smtp-sink", submitted)
    assert told.count("delivered one@b.test") == 1
