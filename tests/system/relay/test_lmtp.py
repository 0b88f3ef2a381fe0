"""A Dovecot answers by LMTP for each recipient behind the content, and delivers into maildirs."""

import pytest

from arrival import SENDER, assert_arrived, assert_files_arrived, to
from dovecot_server import User
from eight_bit import eight_bit_letter, is_the_letter
from postern_program import DELIVERED, SOME_FAILED

ALWAYS = {"PIPELINING", "ENHANCEDSTATUSCODES"}
# Too little for the message, which is 1.4 times as big.
QUOTA = 10_000
MESSAGE = ("--attachment-size", "10000")


def relay(dovecot, kind):
    return {"tcp": dovecot.relay, "socket": dovecot.socket_relay}[kind]


@pytest.mark.parametrize("kind", ["tcp", "socket"])
def test_each_recipient_has_an_answer_of_its_own(postern, make_dovecot, extensions, kind):
    dovecot = make_dovecot(User("one"), User("full", quota=QUOTA), User("two"))
    file = postern.sample("sample.msg", *MESSAGE)
    names = ("one", "nobody", "full", "two")
    result = postern.send(file, relay(dovecot, kind), *to(*(f"{name}@b.test" for name in names)))
    assert result.status == SOME_FAILED, result.stderr
    told = {row["address"]: (row["verdict"], row["stage"], row["code"], row["status"])
            for row in result.message["recipients"]}
    assert told == {"one@b.test": ("delivered", "end", 250, "2.0.0"),
                    "nobody@b.test": ("failed", "rcpt", 550, "5.1.1"),
                    "full@b.test": ("failed", "end", 552, "5.2.2"),
                    "two@b.test": ("delivered", "end", 250, "2.0.0")}
    assert "<one@b.test>" in result.row("one@b.test")["text"]
    assert "<two@b.test>" in result.row("two@b.test")["text"]
    assert "User doesn't exist: nobody@b.test" in result.row("nobody@b.test")["text"]
    assert "Quota exceeded" in result.row("full@b.test")["text"]
    assert extensions("dovecot lmtp", result) == ALWAYS
    for name in ("one", "two"):
        copy, = dovecot.mailbox(name).wait_for(1)
        assert copy.sender == SENDER
        assert_arrived(copy.content, result.message, postern.convert(file))
    assert dovecot.mailbox("full").messages() == []
    report, = postern.inbox()
    assert "Quota exceeded" in str(postern.show(report["id"]))


def test_a_mailbox_filled_by_one_message_is_refused_before_the_next(
        postern, make_dovecot, extensions):
    dovecot = make_dovecot(User("one"), User("full", quota=QUOTA), grace="1M")
    file = postern.sample("sample.msg", *MESSAGE)
    first = postern.send(file, dovecot.relay, *to("full@b.test", "one@b.test"))
    assert first.status == DELIVERED, first.stderr
    second = postern.send(file, dovecot.relay, *to("full@b.test", "one@b.test"))
    assert second.verdicts == {"full@b.test": "failed", "one@b.test": "delivered"}
    row = second.row("full@b.test")
    assert (row["stage"], row["code"], row["status"]) == ("rcpt", 552, "5.2.2")
    assert extensions("dovecot lmtp", first, second) == ALWAYS
    assert len(dovecot.mailbox("full").wait_for(1)) == 1
    assert len(dovecot.mailbox("one").wait_for(2)) == 2


def test_big_and_small_mail_arrives_in_one_session(postern, make_dovecot, extensions):
    dovecot = make_dovecot(User("one"))
    files = [postern.sample(), postern.sample("big.msg", "--attachment-size", "1500000")]
    result = postern.send(files, dovecot.relay, *to("one@b.test"), "--sessions", "1")
    assert result.status == DELIVERED, result.stderr
    assert extensions("dovecot lmtp", result) == ALWAYS
    copies = dovecot.mailbox("one").wait_for(2)
    assert all(copy.recipients == ["one@b.test"] for copy in copies)
    assert_files_arrived(postern, copies, files, result)


def test_a_letter_in_eight_bits_arrives_octet_for_octet(postern, make_dovecot, extensions):
    dovecot = make_dovecot(User("one"))
    result = postern.send(eight_bit_letter(postern.directory), dovecot.relay, *to("one@b.test"))
    assert result.status == DELIVERED, result.stderr
    assert extensions("dovecot lmtp", result) == ALWAYS | {"8BITMIME"}
    copy, = dovecot.mailbox("one").wait_for(1)
    assert is_the_letter(copy.content)
