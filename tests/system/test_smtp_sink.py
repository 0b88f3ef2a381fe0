"""Mail gets through a smtp-sink that offers little, is slow or speaks LMTP; what it breaks off or
refuses stays queued or is reported, and goes to the next server once."""

import pytest

from arrival import assert_arrived, envelopes, to
from eight_bit import eight_bit_letter, is_the_letter
from postern_program import DELIVERED, ONE_ATTEMPT, SOME_FAILED, STILL_QUEUED

SENDER = "sender@a.test"
RECIPIENTS = ("one@b.test", "two@b.test")
ALWAYS = {"PIPELINING", "DSN", "ENHANCEDSTATUSCODES"}

# What it leaves out or how it takes its time, and what is not used then.
MANNERS = [
    ((), set()),
    (("-p",), {"PIPELINING"}),
    (("-N",), {"DSN"}),
    (("-E",), {"ENHANCEDSTATUSCODES"}),
    (("-e",), ALWAYS),
    (("-P",), ALWAYS),
    (("-f", "EHLO"), ALWAYS),
    (("-w", "1"), set()),
    (("-H", "1", "-T", "2000"), set()),
]


@pytest.mark.parametrize("flags, unused", MANNERS)
def test_mail_arrives_by_whatever_is_offered(postern, make_sink, extensions, flags, unused):
    sink = make_sink(*flags)
    file = postern.sample("sample.msg", "--attachment-size", "200000")
    result = postern.send(file, sink.relay, *to(*RECIPIENTS))
    assert result.status == DELIVERED, result.stderr
    assert extensions("smtp-sink", result) == ALWAYS - unused
    received, = sink.wait_for(1)
    assert envelopes([received]) == [(SENDER, address) for address in RECIPIENTS]
    assert_arrived(received.content, result.message, postern.convert(file))


# Where it refuses or hangs up, and what becomes of the recipients: exit status, verdict, stage.
FAULTS = [
    ("-f", "CONNECT", STILL_QUEUED, "retry", "greeting"),
    ("-r", "CONNECT", STILL_QUEUED, "retry", "greeting"),
    ("-q", "CONNECT", STILL_QUEUED, "retry", "greeting"),
    ("-f", "EHLO,HELO", STILL_QUEUED, "retry", "ehlo"),
    ("-Q", "EHLO", STILL_QUEUED, "retry", "ehlo"),
    ("-Q", "MAIL", STILL_QUEUED, "retry", "mail"),
    ("-q", "RCPT", STILL_QUEUED, "retry", "rcpt"),
    ("-Q", "DATA", STILL_QUEUED, "retry", "data"),
    ("-Q", ".", STILL_QUEUED, "retry", "end"),
    ("-A", "1", SOME_FAILED, "failed", "end"),
    ("-f", "QUIT", DELIVERED, "delivered", "end"),
    ("-q", "QUIT", DELIVERED, "delivered", "end"),
]


@pytest.mark.parametrize("flag, value, status, verdict, stage", FAULTS)
def test_what_a_server_does_not_take_the_next_one_gets_once(
        postern, make_sink, extensions, flag, value, status, verdict, stage):
    result = postern.send(postern.sample(), make_sink(flag, value).relay, *to(*RECIPIENTS),
                          *ONE_ATTEMPT)
    assert result.status == status, result.stderr
    for address in RECIPIENTS:
        row = result.row(address)
        assert (row["verdict"], row["stage"], row["attempts"]) == (verdict, stage, 1)
    assert len(postern.queue()) == (status == STILL_QUEUED)
    assert len(postern.inbox()) == (status == SOME_FAILED)

    healthy = make_sink()
    assert postern.spool_until_empty(healthy.relay).status == DELIVERED
    assert extensions("smtp-sink", result) <= ALWAYS
    expected = [(SENDER, address) for address in RECIPIENTS] if status == STILL_QUEUED else []
    assert envelopes(healthy.wait_for(1 if expected else 0)) == expected


@pytest.mark.parametrize("flags, status, verdict, reply", [
    (("-f", "RCPT", "-B", "554 5.7.1 Not from you"), SOME_FAILED, "failed", (554, "5.7.1")),
    (("-f", ".", "-B", "552 5.3.4 Far too long"), SOME_FAILED, "failed", (552, "5.3.4")),
    (("-r", "MAIL", "-b", "452 4.3.1 The disk is full"), STILL_QUEUED, "retry", (452, "4.3.1")),
    (("-r", ".", "-b", "451 4.7.1 Come back at night"), STILL_QUEUED, "retry", (451, "4.7.1")),
])
def test_a_refusal_is_told_in_the_servers_words(
        postern, make_sink, extensions, flags, status, verdict, reply):
    result = postern.send(postern.sample(), make_sink(*flags).relay, *to(*RECIPIENTS), *ONE_ATTEMPT)
    assert result.status == status, result.stderr
    words = flags[-1].split(maxsplit=2)[2]
    for address in RECIPIENTS:
        row = result.row(address)
        assert (row["verdict"], row["code"], row["status"]) == (verdict, *reply)
        assert words in row["text"]
    # Refusals imply -p.
    assert extensions("smtp-sink", result) == ALWAYS - {"PIPELINING"}


def lmtp(sink):
    return f"lmtp://{sink.address}"


@pytest.mark.parametrize("flags, unused", [((), set()), (("-p",), {"PIPELINING"})])
def test_mail_arrives_by_lmtp(postern, make_sink, extensions, flags, unused):
    sink = make_sink("-L", *flags)
    file = postern.sample("sample.msg", "--attachment-size", "200000")
    result = postern.send(file, lmtp(sink), *to(*RECIPIENTS))
    assert result.status == DELIVERED, result.stderr
    assert extensions("smtp-sink lmtp", result) == ALWAYS - unused
    received, = sink.wait_for(1)
    assert b"X-Client-Proto: LMTP" in sink.dumps()[0].read_bytes()
    assert envelopes([received]) == [(SENDER, address) for address in RECIPIENTS]
    assert_arrived(received.content, result.message, postern.convert(file))


@pytest.mark.parametrize("flag, command, status, verdict, stage", [
    ("-f", "RCPT", SOME_FAILED, "failed", "rcpt"),
    ("-r", "DATA", STILL_QUEUED, "retry", "data"),
    ("-f", ".", SOME_FAILED, "failed", "end"),
    ("-r", ".", STILL_QUEUED, "retry", "end"),
    ("-q", "DATA", STILL_QUEUED, "retry", "data"),
    ("-q", ".", STILL_QUEUED, "unknown", "end"),
])
def test_lmtp_refusals_and_losses_settle_every_recipient(
        postern, make_sink, extensions, flag, command, status, verdict, stage):
    sink = make_sink("-L", flag, command)
    result = postern.send(postern.sample(), lmtp(sink), *to(*RECIPIENTS), *ONE_ATTEMPT)
    assert result.status == status, result.stderr
    for address in RECIPIENTS:
        assert (result.row(address)["verdict"], result.row(address)["stage"]) == (verdict, stage)
    assert extensions("smtp-sink lmtp", result) <= ALWAYS


@pytest.mark.parametrize("flags, status, verdict, used", [
    ((), DELIVERED, "delivered", ALWAYS | {"8BITMIME"}), (("-8",), SOME_FAILED, "failed", set())])
def test_a_letter_in_eight_bits_goes_by_8bitmime_or_not_at_all(
        postern, make_sink, extensions, flags, status, verdict, used):
    sink = make_sink(*flags)
    result = postern.send(eight_bit_letter(postern.directory), sink.relay, *to("one@b.test"))
    assert result.status == status, result.stderr
    assert result.verdicts == {"one@b.test": verdict}
    assert extensions("smtp-sink", result) == used
    expected = [True] if status == DELIVERED else []
    assert [is_the_letter(message.content) for message in sink.wait_for(len(expected))] == expected
