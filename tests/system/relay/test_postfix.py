"""A Postfix takes what is sent to it with whichever of its extensions it offers, and its refusals
are told in its own words."""

import re

import pytest

from arrival import SENDER, assert_arrived, envelopes, password_file, to
from dovecot_server import User
from eight_bit import eight_bit_letter, is_the_letter
from postern_program import DELIVERED, ONE_ATTEMPT, SOME_FAILED, STILL_QUEUED
from postfix_server import postfix_sasl, postfix_tls
from processes import wait_until
from transcript import exchanges, parameters

ALWAYS = {"PIPELINING", "CHUNKING", "SIZE", "DSN", "ENHANCEDSTATUSCODES"}
PASSWORD = "hunter2-secret"


@pytest.fixture
def guarded(sink, make_postfix, make_dovecot, certificate):
    """A Postfix that takes mail only by TLS and only from those whom Dovecot knows."""
    dovecot = make_dovecot(User("ann", PASSWORD), auth_user="postfix")
    return make_postfix(sink.address, **postfix_tls(certificate), **postfix_sasl(dovecot))


def send_as_ann(postern, postfix, certificate, password, *options):
    return postern.send(
        postern.sample(), f"smtp://ann@{postfix.address}", *to("one@b.test", "two@b.test"),
        "--bcc", "three@b.test", "--ca-file", certificate.certificate,
        "--password-file", password_file(postern.directory, password), *options)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_mail_goes_by_tls_from_a_user_dovecot_knows(
        postern, guarded, sink, certificate, extensions, mechanism):
    result = send_as_ann(postern, guarded, certificate, PASSWORD, "--auth", mechanism)
    assert result.status == DELIVERED, result.stderr
    assert extensions("postfix", result) == ALWAYS | {"STARTTLS", f"AUTH {mechanism}"}
    received = sink.wait_for(1)
    assert envelopes(received) == [
        (SENDER, f"{name}@b.test") for name in ("one", "three", "two")]
    assert_arrived(received[0].content, result.message, postern.convert(postern.sample()))
    assert b"using TLSv1.3" in received[0].content
    assert f"sasl_method={mechanism}, sasl_username=ann" in guarded.log_text()
    assert PASSWORD not in str(postern.show(result.message["id"]))


def test_a_wrong_password_leaves_the_mail_queued_until_it_is_right(
        postern, guarded, sink, certificate, extensions):
    result = send_as_ann(postern, guarded, certificate, "wrong-secret", *ONE_ATTEMPT)
    assert result.status == STILL_QUEUED
    assert set(result.verdicts.values()) == {"retry"}
    row = result.row("one@b.test")
    assert (row["stage"], row["code"], row["status"]) == ("auth", 535, "5.7.8")
    assert "authentication failed" in row["text"]
    assert "needs attention" in result.stderr
    assert "wrong-secret" not in result.stdout + result.stderr
    assert extensions("postfix", result) == {"STARTTLS", "ENHANCEDSTATUSCODES"}
    assert sink.messages() == []
    assert postern.inbox() == []

    right = postern.spool_until_empty(
        f"smtp://ann@{guarded.address}", "--ca-file", certificate.certificate,
        "--password-file", password_file(postern.directory, PASSWORD))
    assert right.status == DELIVERED, right.stderr
    assert len(envelopes(sink.wait_for(1))) == 3


def test_a_certificate_that_nobody_vouches_for_gets_no_mail(
        postern, sink, make_postfix, certificate, extensions):
    postfix = make_postfix(sink.address, **postfix_tls(certificate))
    result = postern.send(postern.sample(), postfix.relay, *to("one@b.test"), "--tls", "verify",
                          *ONE_ATTEMPT)
    assert result.status == STILL_QUEUED
    assert result.row("one@b.test")["stage"] == "starttls"
    assert "certificate" in result.row("one@b.test")["text"]
    assert extensions("postfix", result) == {"STARTTLS", "ENHANCEDSTATUSCODES"}
    assert sink.messages() == []


def test_what_is_wanted_of_reports_is_passed_on(postern, sink, make_postfix, extensions):
    postfix = make_postfix(sink.address)
    result = postern.send(postern.sample(), postfix.relay, *to("one@b.test", "a+b=c@b.test"))
    assert result.status == DELIVERED, result.stderr
    assert extensions("postfix", result) == ALWAYS
    received, = sink.wait_for(1)
    envelope_id = re.search(r"ENVID=([0-9A-F]{32})\b", received.mail_parameters)
    assert envelope_id and "RET=HDRS" in received.mail_parameters
    said = [parameters(exchange.command)
            for exchange in exchanges(postern.show(result.message["id"])["transcript"])
            if exchange.verb == "MAIL"]
    assert [envelope_id[0] in text for text in said] == [True]
    asked = dict(zip(received.recipients, map(str.split, received.rcpt_parameters)))
    assert {address: sorted(words) for address, words in asked.items()} == {
        "one@b.test": ["NOTIFY=FAILURE,DELAY", "ORCPT=rfc822;one@b.test"],
        "a+b=c@b.test": ["NOTIFY=FAILURE,DELAY", "ORCPT=rfc822;a+2Bb+3Dc@b.test"]}


@pytest.mark.parametrize(
    "options, local", [((), []), (("--local-delivery-reports",), ["Delivered: "])])
def test_a_delivery_that_postfix_reports_is_reported_here_only_on_request(
        postern, sink, make_postfix, options, local):
    postfix = make_postfix(sink.address, smtp_discard_ehlo_keywords="dsn")  # it reports by itself
    letter = postern.sample("asks.msg", "--delivery-report")
    result = postern.send(letter, postfix.relay, *to("one@b.test"), *options)
    assert result.status == DELIVERED, result.stderr
    report, = (mail for mail in sink.wait_for(2) if mail.recipients == [SENDER])
    assert report.sender == "" and b"report-type=delivery-status" in report.content
    assert [row["subject"][:len("Delivered: ")] for row in postern.inbox()] == local


# What Postfix leaves out of its offer, and what is not used then.
WITHOUT = [
    ("", set()),
    ("chunking", {"CHUNKING"}),
    ("pipelining, chunking", {"PIPELINING", "CHUNKING"}),
    ("dsn, size", {"DSN", "SIZE"}),
    ("pipelining, chunking, size, etrn, enhancedstatuscodes, 8bitmime, dsn, smtputf8", ALWAYS),
]


@pytest.mark.parametrize("keywords, unused", WITHOUT, ids=[row[0] or "all" for row in WITHOUT])
def test_big_and_small_mail_arrives_by_whatever_is_offered(
        postern, sink, make_postfix, extensions, keywords, unused):
    postfix = make_postfix(sink.address, smtpd_discard_ehlo_keywords=keywords)
    files = [postern.sample(),
             postern.sample("big.msg", "--attachment-size", "1500000")]
    result = postern.send(files, postfix.relay, *to("one@b.test", "two@b.test"))
    assert result.status == DELIVERED, result.stderr
    assert extensions("postfix", result) == ALWAYS - unused
    received = sink.wait_for(2)
    assert envelopes(received) == [(SENDER, "one@b.test")] * 2 + [(SENDER, "two@b.test")] * 2
    received.sort(key=lambda message: len(message.content))
    for message, file, told in zip(received, files, result.messages):
        assert_arrived(message.content, told, postern.convert(file))


def test_an_address_beyond_ascii_goes_by_smtputf8(postern, make_server, make_postfix, extensions):
    behind = make_server()
    postfix = make_postfix(behind.address)
    result = postern.send(postern.sample(), postfix.relay, "--from", "jürgen@a.test",
                          "--to", "jörg@b.test", "--to", "one@b.test")
    assert result.status == DELIVERED, result.stderr
    assert extensions("postfix", result) == ALWAYS | {"SMTPUTF8"}
    wait_until(behind.taken, "a message behind Postfix")
    transaction, = behind.taken()
    assert sorted(transaction.recipients) == ["jörg@b.test", "one@b.test"]
    assert transaction.sender == "jürgen@a.test"
    assert "SMTPUTF8" in transaction.mail_parameters
    header = transaction.content.partition(b"\r\n\r\n")[0].decode()
    assert "From: jürgen@a.test\r\n" in header and "To: jörg@b.test, one@b.test\r\n" in header, header
    assert_arrived(transaction.content, result.message, postern.convert(postern.sample()))


def test_an_address_beyond_ascii_fails_where_smtputf8_is_not_offered(
        postern, sink, make_postfix, extensions):
    postfix = make_postfix(sink.address, smtputf8_enable="no")
    result = postern.send(postern.sample(), postfix.relay, *to("jörg@b.test", "one@b.test"))
    assert result.status == SOME_FAILED, result.stderr
    assert result.verdicts == {"jörg@b.test": "failed", "one@b.test": "delivered"}
    assert result.row("jörg@b.test")["status"] == "5.6.7"
    assert extensions("postfix", result) == ALWAYS
    copy, = sink.wait_for(1)
    assert envelopes([copy]) == [(SENDER, "one@b.test")]
    header = copy.content.partition(b"\n\n")[0].decode("ascii")
    assert "one@b.test\n" in header, header

    result = postern.send(postern.sample(), postfix.relay, "--from", "jürgen@a.test",
                          "--to", "one@b.test")
    assert (result.status, result.row("one@b.test")["status"]) == (SOME_FAILED, "5.6.7")


def test_a_postfix_that_cannot_pass_an_address_on_reports_to_the_sender(
        postern, sink, make_postfix, extensions):
    postfix = make_postfix(sink.address)
    result = postern.send(postern.sample(), postfix.relay, *to("jörg@b.test"))
    assert result.status == DELIVERED, result.stderr
    assert extensions("postfix", result) == ALWAYS | {"SMTPUTF8"}
    report, = sink.wait_for(1)
    assert envelopes([report]) == [("", SENDER)]
    assert b"Status: 5.6.7" in report.content


def test_postfixs_refusals_are_the_recipients_verdicts_in_its_words(
        postern, sink, make_postfix, extensions):
    postfix = make_postfix(
        sink.address, refusals={"later@b.test": "450 4.2.0 Greylisted, come back"},
        mynetworks="", relay_domains="b.test",
        smtpd_relay_restrictions="reject_unauth_destination",
        relay_recipient_maps="inline:{ one@b.test=x, later@b.test=x }")
    addresses = ["one@b.test", "nobody@b.test", "one@elsewhere.test", "later@b.test"]
    result = postern.send(postern.sample(), postfix.relay, *to(*addresses), *ONE_ATTEMPT)
    assert result.status == STILL_QUEUED, result.stderr
    told = {address: [result.row(address)[key] for key in ("verdict", "stage", "code", "status")]
            for address in addresses}
    assert told == {
        "one@b.test": ["delivered", "end", 250, "2.0.0"],
        "nobody@b.test": ["failed", "rcpt", 550, "5.1.1"],
        "one@elsewhere.test": ["failed", "rcpt", 554, "5.7.1"],
        "later@b.test": ["retry", "rcpt", 450, "4.2.0"]}
    for address, text in [
            ("one@b.test", "Ok:"),
            ("nobody@b.test", "<nobody@b.test>: Recipient address rejected: User unknown"),
            ("one@elsewhere.test", "<one@elsewhere.test>: Relay access denied"),
            ("later@b.test", "<later@b.test>: Recipient address rejected: Greylisted, come back")]:
        assert text in result.row(address)["text"]
    assert extensions("postfix", result) == ALWAYS
    assert envelopes(sink.wait_for(1)) == [(SENDER, "one@b.test")]


def test_a_letter_in_eight_bits_arrives_octet_for_octet(postern, sink, make_postfix, extensions):
    postfix = make_postfix(sink.address)
    result = postern.send(eight_bit_letter(postern.directory), postfix.relay, *to("one@b.test"))
    assert result.status == DELIVERED, result.stderr
    assert extensions("postfix", result) == ALWAYS | {"8BITMIME"}
    received, = sink.wait_for(1)
    assert "BODY=8BITMIME" in received.mail_parameters
    assert is_the_letter(received.content)


def test_a_letter_in_eight_bits_fails_where_8bitmime_is_not_offered(
        postern, sink, make_postfix, extensions):
    postfix = make_postfix(sink.address, smtpd_discard_ehlo_keywords="8bitmime")
    result = postern.send(eight_bit_letter(postern.directory), postfix.relay, *to("one@b.test"))
    assert result.status == SOME_FAILED, result.stderr
    assert result.row("one@b.test")["status"] == "5.6.3"
    assert extensions("postfix", result) == set()
    assert sink.messages() == []
