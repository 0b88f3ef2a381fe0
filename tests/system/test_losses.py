"""What a message loses when it is read and composed is kept with it, and shown."""

import pytest

from mail import parse
from msg_file import linked_note
from postern_program import DELIVERED, SOME_FAILED

LINK = {"kind": "substituted", "part": "attachment 'Budget.xlsx'",
        "sentence": "the attachment 'Budget.xlsx' is a link to 'H:\\Budget.xlsx'; the link is sent, "
                    "not the file"}
SUBJECT = {"kind": "substituted", "part": "message",
           "sentence": "the subject holds what cannot be read as characters; U+FFFD stands in its "
                       "place"}


@pytest.fixture
def lossy(postern):
    """A message whose subject is damaged and whose attachment is a link."""
    path = postern.directory / "lossy.msg"
    path.write_bytes(linked_note("Half \ud83d", "Budget.xlsx", "H:\\Budget.xlsx"))
    return path


def send(postern, file, relay, *who):
    recipients = [word for address in who for word in ("--to", address)]
    return postern.send(file, relay, "--from", "sender@a.test", *recipients, "--retry", "1s",
                        "--wait", "30")


def shown(postern, identity):
    return postern.run("show", identity, "--store", postern.store).stdout


def test_convert_lists_what_was_lost(postern, lossy, tmp_path):
    result = postern.run("convert", lossy, "--output", tmp_path / "out", "--json")
    assert result.status == DELIVERED, result.stderr
    nobody = {"kind": "dropped", "part": "header From",
              "sentence": "the message has no sender; From is left out"}
    assert result.message["losses"] == [SUBJECT, nobody, LINK]
    assert "warnings" not in result.message


def test_a_sent_message_keeps_each_loss_once_whatever_the_attempts(postern, lossy, make_catcher):
    catcher = make_catcher(postern.program, postern.directory)
    result = send(postern, lossy, catcher.relay, "ann@b.test", "greylist@b.test")
    assert result.status == DELIVERED, result.stderr
    assert LINK["sentence"] in result.stderr
    assert len(catcher.wait_for(2)) == 2, "there were two attempts"
    identity = result.message["id"]
    assert postern.show(identity)["losses"] == [SUBJECT, LINK]
    lines = shown(postern, identity).splitlines()
    assert [line.split() for line in lines if "LOST OR CHANGED" in line] == [
        ["PART", "KIND", "LOST", "OR", "CHANGED"]]
    assert sum(LINK["sentence"] in line for line in lines) == 1


def test_what_is_lost_stays_in_the_store(postern, lossy, make_catcher):
    catcher = make_catcher(postern.program, postern.directory)
    send(postern, lossy, catcher.relay, "ann@b.test", "refuse-550@b.test")
    (_, content), = catcher.wait_for(1)
    assert b"stands in its place" not in content and parse(content)["Subject"] == "Half \ufffd"
    report, = postern.inbox()
    assert postern.show(report["id"])["losses"] == []


def test_a_resent_message_tells_what_its_own_composing_has_lost(postern, lossy, make_catcher):
    catcher = make_catcher(postern.program, postern.directory)
    result = send(postern, lossy, catcher.relay, "ann@b.test", "refuse-550@b.test")
    assert result.status == SOME_FAILED
    again = postern.run("resend", result.message["id"], "--to", "bob@b.test", "--json", "--store",
                        postern.store)
    assert again.status == DELIVERED, again.stderr
    assert postern.show(again.message["id"])["losses"] == []
    postern.spool_until_empty(catcher.relay)
    assert postern.show(again.message["id"])["losses"] == [LINK]


def test_a_message_that_lost_nothing_shows_no_table(postern, make_catcher):
    catcher = make_catcher(postern.program, postern.directory)
    result = send(postern, postern.sample(), catcher.relay, "ann@b.test")
    assert postern.show(result.message["id"])["losses"] == []
    assert "LOST OR CHANGED" not in shown(postern, result.message["id"])
