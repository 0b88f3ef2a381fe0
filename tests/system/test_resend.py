"""Resending: only those who failed get the message, and they see it as the others did."""

from mail import addresses, message_id, parse
from postern_program import (DELIVERED, EX_DATAERR, EX_NOINPUT, EX_USAGE, ONE_ATTEMPT,
                             SOME_FAILED)
from scripted_server import by_recipient, sequence

SENDER = "sender@a.test"
ANN, BOB, CARL = "ann@b.test", "bob@b.test", "carl@b.test"
REFUSAL = "550 5.1.1 No such user here"
# What a reader sees; Date is when the message was submitted.
SHOWN = ("From", "To", "Cc", "Subject", "Message-ID", "Content-Type")


def refuse_once(*names):
    """A server's answers to RCPT: these recipients are refused the first time."""
    return {"RCPT": by_recipient({name: sequence(REFUSAL, None) for name in names})}


def send(postern, server):
    return postern.send(postern.sample(), server.relay, "--to", ANN, "--to", BOB, "--cc", CARL,
                        "--from", SENDER, *ONE_ATTEMPT)


def resend(postern, identity, *options):
    return postern.run("resend", identity, "--json", "--store", postern.store, *options)


def headers(message):
    """Without the boundary, which is drawn anew."""
    fields = parse(message.content)
    shown = {name: fields[name] for name in SHOWN}
    shown["Content-Type"] = shown["Content-Type"].split(";")[0]
    return shown


def test_a_report_is_resent_to_those_who_failed_with_the_same_headers(postern, make_server):
    server = make_server(refuse_once("bob", "carl"))
    assert send(postern, server).status == SOME_FAILED
    report, = postern.inbox()
    result = resend(postern, report["id"])
    assert result.status == DELIVERED, result.stderr
    assert [row["address"] for row in result.message["recipients"]] == [BOB, CARL]
    assert postern.spool_until_empty(server.relay).status == DELIVERED
    first, second = server.taken()
    assert first.recipients == [ANN]
    assert sorted(second.recipients) == [BOB, CARL]
    assert headers(second) == headers(first)
    assert addresses(parse(second.content), "To") == [ANN, BOB]
    assert len(postern.inbox()) == 1, "nobody is reported again"


def test_the_sent_message_is_resent_as_often_as_it_takes(postern, make_server):
    server = make_server({"RCPT": by_recipient({
        "bob": sequence(REFUSAL, REFUSAL, None), "carl": sequence(REFUSAL, None)})})
    sent = send(postern, server).message["id"]
    again = resend(postern, sent).message["id"]
    postern.spool_until_empty(server.relay)
    rows = {row["address"]: row["verdict"] for row in postern.show(again)["recipients"]}
    assert (rows[BOB], rows[CARL]) == ("failed", "delivered")
    assert resend(postern, again).status == DELIVERED
    postern.spool_until_empty(server.relay)
    assert [sorted(message.recipients) for message in server.taken()] == [[ANN], [CARL], [BOB]]
    assert len({message_id(message.content) for message in server.taken()}) == 1


def test_a_corrected_address_gets_it_instead(postern, make_server):
    server = make_server({"RCPT": by_recipient({"bob": REFUSAL})})
    sent = send(postern, server).message["id"]
    result = resend(postern, sent, "--to", "Robert <robert@b.test>")
    assert result.status == DELIVERED, result.stderr
    postern.spool_until_empty(server.relay)
    first, second = server.taken()
    assert (sorted(first.recipients), second.recipients) == ([ANN, CARL], ["robert@b.test"])
    assert headers(second) == headers(first)


def test_what_cannot_be_resent_is_said(postern, make_server):
    server = make_server()
    delivered = send(postern, server).message["id"]
    queued = postern.submit(postern.sample(), "--to", ANN, "--from", SENDER).message["id"]
    for identity, options, status, words in (
            (delivered, (), EX_DATAERR, "failed to reach"),
            (queued, (), EX_DATAERR, "queued"),
            ("4711", (), EX_NOINPUT, "4711"),
            (delivered, ("--to", "bob"), EX_USAGE, "bob")):
        result = resend(postern, identity, *options)
        assert result.status == status, result.stderr
        assert words in result.stderr
    assert len(postern.queue()) == 1
