"""An OpenSMTPD, which offers no PIPELINING, takes mail step by step and delivers it."""

from arrival import SENDER, assert_arrived, assert_files_arrived, envelopes, to
from eight_bit import eight_bit_letter, is_the_letter
from postern_program import DELIVERED, SOME_FAILED

ALWAYS = {"SIZE", "DSN", "ENHANCEDSTATUSCODES"}


def test_two_are_delivered_and_one_is_refused(postern, make_opensmtpd, extensions):
    server = make_opensmtpd("one", "two")
    result = postern.send(postern.sample(), server.relay,
                          *to("one@b.test", "nobody@b.test", "two@b.test"))
    assert result.status == SOME_FAILED, result.stderr
    assert result.verdicts == {
        "one@b.test": "delivered", "nobody@b.test": "failed", "two@b.test": "delivered"}
    assert "Message accepted for delivery" in result.row("one@b.test")["text"]
    refused = result.row("nobody@b.test")
    assert (refused["stage"], refused["code"], refused["status"]) == ("rcpt", 550, "5.1.1")
    assert "Invalid recipient: <nobody@b.test>" in refused["text"]
    assert extensions("opensmtpd", result) == ALWAYS
    for name in ("one", "two"):
        copies = server.mailbox(name).wait_for(1)
        assert envelopes(copies) == [(SENDER, f"{name}@b.test")]
        assert_arrived(copies[0].content, result.message, postern.convert(postern.sample()))
    report, = postern.inbox()
    assert "Invalid recipient: <nobody@b.test>" in str(postern.show(report["id"]))


def test_big_and_small_mail_arrives_in_one_session(postern, make_opensmtpd, extensions):
    server = make_opensmtpd("one")
    files = [postern.sample(), postern.sample("big.msg", "--attachment-size", "1500000")]
    result = postern.send(files, server.relay, *to("one@b.test"), "--sessions", "1")
    assert result.status == DELIVERED, result.stderr
    assert extensions("opensmtpd", result) == ALWAYS
    assert_files_arrived(postern, server.mailbox("one").wait_for(2), files, result)


def test_a_letter_in_eight_bits_arrives_octet_for_octet(postern, make_opensmtpd, extensions):
    server = make_opensmtpd("one")
    result = postern.send(eight_bit_letter(postern.directory), server.relay, *to("one@b.test"))
    assert result.status == DELIVERED, result.stderr
    assert extensions("opensmtpd", result) == ALWAYS | {"8BITMIME"}
    copy, = server.mailbox("one").wait_for(1)
    assert is_the_letter(copy.content)
