"""An Exim takes mail by BDAT and by DATA, small and big, and its refusals are told in its words."""

import pytest

from arrival import SENDER, assert_arrived, envelopes, password_file, to
from eight_bit import eight_bit_letter, is_the_letter
from postern_program import DELIVERED, ONE_ATTEMPT, SOME_FAILED, STILL_QUEUED

ALWAYS = {"PIPELINING", "CHUNKING", "SIZE", "DSN"}


@pytest.mark.parametrize("size", [0, 1_500_000])
def test_one_is_delivered_one_refused_and_one_put_off_until_later(
        postern, make_exim, extensions, size):
    exim = make_exim(refused=["nobody"], deferred=["later"])
    file = postern.sample("sample.msg", *(["--attachment-size", size] if size else []))
    sent = postern.send(file, exim.relay, *to("one@b.test", "nobody@b.test", "later@b.test"),
                        *ONE_ATTEMPT)
    assert sent.status == STILL_QUEUED, sent.stderr
    told = {row["address"]: (row["verdict"], row["stage"], row["code"], row["status"])
            for row in sent.message["recipients"]}
    assert told == {"one@b.test": ("delivered", "end", 250, "2.0.0"),
                    "nobody@b.test": ("failed", "rcpt", 550, "5.1.1"),
                    "later@b.test": ("retry", "rcpt", 451, "4.2.1")}
    assert "OK id=" in sent.row("one@b.test")["text"]
    assert "<nobody@b.test> is unknown here" in sent.row("nobody@b.test")["text"]
    assert "<later@b.test> may come back later" in sent.row("later@b.test")["text"]

    exim.defer([])
    assert postern.spool_until_empty(exim.relay).status == DELIVERED
    assert extensions("exim", sent) == ALWAYS
    copies = exim.mailbox.wait_for(2)
    assert envelopes(copies) == [(SENDER, "later@b.test"), (SENDER, "one@b.test")]
    for copy in copies:
        assert_arrived(copy.content, sent.message, postern.convert(file))
    report, = postern.inbox()
    assert "<nobody@b.test> is unknown here" in str(postern.show(report["id"]))


# A setting of Exim's, and what is not used with it.
WITHOUT = [
    ("chunking_advertise_hosts", {"CHUNKING"}),
    ("pipelining_advertise_hosts", {"PIPELINING", "CHUNKING"}),
    ("dsn_advertise_hosts", {"DSN"}),
]


@pytest.mark.parametrize("setting, unused", WITHOUT, ids=[row[0] for row in WITHOUT])
def test_big_and_small_mail_arrives_by_whatever_is_offered(
        postern, make_exim, extensions, setting, unused):
    exim = make_exim(**{setting: ""})
    files = [postern.sample(), postern.sample("big.msg", "--attachment-size", "1500000")]
    result = postern.send(files, exim.relay, *to("one@b.test", "two@b.test"))
    assert result.status == DELIVERED, result.stderr
    assert extensions("exim", result) == ALWAYS - unused
    copies = exim.mailbox.wait_for(4)
    assert envelopes(copies) == [(SENDER, "one@b.test")] * 2 + [(SENDER, "two@b.test")] * 2
    copies.sort(key=lambda copy: len(copy.content))
    for position, copy in enumerate(copies):
        assert_arrived(copy.content, result.messages[position // 2],
                       postern.convert(files[position // 2]))


def test_mail_goes_by_tls_with_a_password_that_is_never_said(
        postern, make_exim, certificate, extensions):
    exim = make_exim(certificate=certificate, account="ann", password="hunter2-secret")
    result = postern.send(
        postern.sample(), f"smtp://ann@{exim.address}", *to("one@b.test"),
        "--ca-file", certificate.certificate, "--auth", "CRAM-MD5",
        "--password-file", password_file(postern.directory, "hunter2-secret"))
    assert result.status == DELIVERED, result.stderr
    assert extensions("exim", result) == ALWAYS | {"STARTTLS", "AUTH CRAM-MD5"}
    copy, = exim.mailbox.wait_for(1)
    assert_arrived(copy.content, result.message, postern.convert(postern.sample()))
    assert " A=cram:ann " in exim.log_text()


def test_a_refusal_behind_the_content_is_every_recipients(postern, make_exim, extensions):
    exim = make_exim(acl_smtp_data="deny message = 5.7.1 no letters today")
    result = postern.send(postern.sample(), exim.relay, *to("one@b.test", "two@b.test"))
    assert result.status == SOME_FAILED, result.stderr
    for address in ("one@b.test", "two@b.test"):
        row = result.row(address)
        assert (row["verdict"], row["stage"], row["code"], row["status"]) == (
            "failed", "end", 550, "5.7.1")
        assert "no letters today" in row["text"]
    # BDAT was said but did not work out.
    assert extensions("exim", result) == ALWAYS - {"CHUNKING"}
    assert exim.mailbox.messages() == []


def test_an_address_beyond_ascii_goes_by_smtputf8(postern, make_exim, extensions):
    exim = make_exim()
    result = postern.send(postern.sample(), exim.relay, *to("jörg@b.test", "one@b.test"))
    assert result.status == DELIVERED, result.stderr
    assert extensions("exim", result) == ALWAYS | {"SMTPUTF8"}
    copies = exim.mailbox.wait_for(2)
    assert envelopes(copies) == [(SENDER, "jörg@b.test"), (SENDER, "one@b.test")]
    for copy in copies:
        assert_arrived(copy.content, result.message, postern.convert(postern.sample()))


def test_a_letter_in_eight_bits_arrives_octet_for_octet(postern, make_exim, extensions):
    exim = make_exim()
    result = postern.send(eight_bit_letter(postern.directory), exim.relay, *to("one@b.test"))
    assert result.status == DELIVERED, result.stderr
    assert extensions("exim", result) == ALWAYS | {"8BITMIME"}
    copy, = exim.mailbox.wait_for(1)
    assert is_the_letter(copy.content)
