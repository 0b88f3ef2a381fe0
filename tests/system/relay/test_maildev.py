"""What Postern sends to a maildev can be read back over its HTTP API."""

import hashlib

import pytest

from arrival import SENDER, assert_arrived, password_file, to
from eight_bit import eight_bit_letter, is_the_letter
from mail import addresses, attachments, digest, parse
from postern_program import DELIVERED, ONE_ATTEMPT, STILL_QUEUED

ALWAYS = {"PIPELINING"}
RECIPIENTS = [*to("one@b.test"), "--cc", "two@b.test", "--bcc", "three@b.test"]


@pytest.mark.parametrize("options", [(), ("--attachment-size", "300000")])
def test_a_message_is_read_back_with_its_attachments(postern, make_maildev, extensions, options):
    maildev = make_maildev()
    file = postern.sample("sample.msg", *options)
    result = postern.send(file, maildev.relay, *RECIPIENTS)
    assert result.status == DELIVERED, result.stderr
    assert extensions("maildev", result) == ALWAYS
    mail, = maildev.wait_for(1)
    assert mail["subject"] == result.message["subject"]
    assert "Grüße vom Burgtor" in mail["text"]
    received = maildev.received(mail)
    assert received.sender == SENDER
    assert sorted(received.recipients) == ["one@b.test", "three@b.test", "two@b.test"]
    message = parse(received.content)
    assert (addresses(message, "To"), addresses(message, "Cc")) == (["one@b.test"], ["two@b.test"])
    assert [blind["address"] for blind in mail["calculatedBcc"]] == ["three@b.test"]
    assert b"three@b.test" not in received.content
    assert_arrived(received.content, result.message, postern.convert(file))

    sent = {part.get_filename(): digest(part) for part in attachments(parse(postern.convert(file)))}
    assert sent
    assert {shown["fileName"]: hashlib.sha256(
                maildev.attachment(mail, shown["generatedFileName"])).hexdigest()
            for shown in mail["attachments"]} == sent


def test_an_address_beyond_ascii_goes_by_smtputf8(postern, make_maildev, extensions):
    maildev = make_maildev()
    result = postern.send(postern.sample(), maildev.relay, *to("jörg@b.test"))
    assert result.status == DELIVERED, result.stderr
    assert extensions("maildev", result) == ALWAYS | {"SMTPUTF8"}
    mail, = maildev.wait_for(1)
    assert mail["envelope"]["from"]["args"] == {"SMTPUTF8": True}
    assert maildev.received(mail).recipients == ["jörg@b.test"]


def test_a_password_is_asked_for_and_given(postern, make_maildev, extensions):
    maildev = make_maildev("--incoming-user", "ann", "--incoming-pass", "hunter2-secret")
    refused = postern.send(postern.sample(), maildev.relay, *to("one@b.test"), *ONE_ATTEMPT)
    assert refused.status == STILL_QUEUED
    row = refused.row("one@b.test")
    assert (row["verdict"], row["stage"], row["code"]) == ("retry", "mail", 530)
    assert maildev.mails() == []

    given = postern.spool_until_empty(
        f"smtp://ann@{maildev.address}", "--tls", "none",
        "--password-file", password_file(postern.directory, "hunter2-secret"))
    assert given.status == DELIVERED, given.stderr
    assert extensions("maildev", refused) == ALWAYS | {"AUTH PLAIN"}
    mail, = maildev.wait_for(1)
    assert_arrived(maildev.received(mail).content, refused.message,
                   postern.convert(postern.sample()))


def test_a_letter_in_eight_bits_arrives_octet_for_octet(postern, make_maildev, extensions):
    maildev = make_maildev()
    result = postern.send(eight_bit_letter(postern.directory), maildev.relay, *to("one@b.test"))
    assert result.status == DELIVERED, result.stderr
    assert extensions("maildev", result) == ALWAYS | {"8BITMIME"}
    mail, = maildev.wait_for(1)
    assert is_the_letter(maildev.received(mail).content)
