"""What a sender asks of the delivery (when, how urgently, how safely) is said to servers that know
of it, and is kept by Postern itself where they do not."""

import time

import pytest

from maildir import Maildir
from postern_program import DELIVERED, EX_USAGE, SOME_FAILED
from processes import wait_until
from scripted_server import CAPABILITIES

TERMS = (*CAPABILITIES, "FUTURERELEASE 3600 2099-01-01T00:00:00Z", "DELIVERBY 60", "MT-PRIORITY MIXER")
FROM, TO = ("--from", "sender@a.test"), ("--to", "ann@b.test")


def spool(postern, *routes):
    return postern.start("spool", "--store", postern.store, "--retry", "1s", *routes)


def test_a_server_that_knows_of_the_terms_is_told(postern, make_server):
    server = make_server(capabilities=TERMS)
    result = postern.send(postern.sample(), server.relay, *FROM, *TO, "--priority", "urgent",
                          "--deliver-by", "+2h", "--deliver-after", "+30m")
    assert result.status == DELIVERED, result.stderr
    words = dict(word.split("=") for word in server.taken()[0].mail_parameters.split()
                 if word.startswith(("HOLDFOR", "BY", "MT-PRIORITY")))
    assert words.keys() == {"HOLDFOR", "BY", "MT-PRIORITY"}
    assert 1700 < int(words["HOLDFOR"]) <= 1800
    seconds, _, mode = words["BY"].partition(";")
    assert 7100 < int(seconds) <= 7200 and mode == "N"
    assert words["MT-PRIORITY"] == "4"


def test_a_server_that_knows_nothing_gets_the_message_without(postern, make_server):
    server = make_server()
    result = postern.send(postern.sample(), server.relay, *FROM, *TO, "--priority", "non-urgent",
                          "--deliver-by", "+2h")
    assert result.status == DELIVERED, result.stderr
    assert "BY=" not in server.taken()[0].mail_parameters
    assert "PRIORITY" not in server.taken()[0].mail_parameters


@pytest.mark.parametrize("capabilities", [
    CAPABILITIES, (*CAPABILITIES, "FUTURERELEASE 1 2099-01-01T00:00:00Z")])
def test_what_no_server_holds_waits_here(postern, make_server, tmp_path, capabilities):
    server = make_server(capabilities=capabilities)
    drop = tmp_path / "drop"
    began = time.time()
    assert postern.submit(postern.sample(), *FROM, *TO, "--to", "bob@c.test", "--deliver-after",
                          "+6s").status == DELIVERED
    running = spool(postern, "--route", f"c.test=maildir://{drop}", "--relay", server.relay)
    wait_until(lambda: [message.get("state") for message in postern.queue()] == ["held"],
               "the message to wait")
    assert server.taken() == [] and not drop.exists()
    wait_until(lambda: not postern.queue(), "the message to be sent")
    assert time.time() - began >= 6
    assert len(server.taken()) == 1 and len(Maildir(drop).messages()) == 1
    running.terminate()
    _, stderr = running.communicate(timeout=30)
    assert running.returncode == DELIVERED, stderr
    assert postern.inbox() == [], "holding a message is no fault of anybody"


def test_what_requires_tls_goes_to_nobody_who_does_not_promise_it(postern, make_server):
    server = make_server()
    result = postern.send(postern.sample(), server.relay, *FROM, *TO, "--require-tls")
    assert result.status == SOME_FAILED
    row = result.row("ann@b.test")
    assert row["status"] == "5.7.30" and "REQUIRETLS" in row["text"]
    assert server.taken() == []


@pytest.mark.parametrize("options, words", [
    (["--deliver-by", "yesterday"], "--deliver-by"),
    (["--deliver-by", "2020-01-01 00:00"], "is past"),
    (["--deliver-after", "+2h", "--deliver-by", "+1h"], "--deliver-after"),
    (["--priority", "high"], "--priority"),
])
def test_terms_that_make_no_sense_are_named(postern, options, words):
    result = postern.submit(postern.sample(), *FROM, *TO, *options)
    assert result.status == EX_USAGE and words in result.stderr, result.stderr
    assert not postern.store.exists()
