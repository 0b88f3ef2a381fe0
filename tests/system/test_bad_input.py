"""Bad input is one clear sentence naming the thing, a telling exit status, and nothing half done."""

import contextlib
import sqlite3

import pytest

from certificates import make_certificate
from corpus import corpus_file
from mail import message_id
from postern_program import (
    DELIVERED, EX_CANTCREAT, EX_DATAERR, EX_IOERR, EX_NOINPUT, EX_NOPERM, EX_TEMPFAIL, EX_USAGE,
    ONE_ATTEMPT, STILL_QUEUED)
from processes import LOOPBACK, free_port, wait_until
from scripted_server import sequence
from small_disk import fill, mount, mounted

FROM, TO = ("--from", "sender@a.test"), ("--to", "recipient@b.test")


def assert_one_sentence(result, *names):
    """Standard error is one line that names the thing and ends like a sentence."""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, f"not one line: {result.stderr!r}"
    assert lines[0].rstrip().endswith("."), f"no sentence: {lines[0]!r}"
    for name in names:
        assert str(name) in lines[0], f"{name} is not named: {lines[0]!r}"


# What is in the file, and the status for it.
BAD_FILES = {
    "damaged.msg": lambda sample: sample[:512] + b"\xff" * (len(sample) - 512),
    "truncated.msg": lambda sample: sample[:700],
    "empty.msg": lambda sample: b"",
    "text.msg": lambda sample: b"Dear somebody,\n\nthis is no message.\n",
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_an_unreadable_file_is_named_and_nothing_is_sent(postern, make_server, name):
    server = make_server()
    path = postern.directory / name
    path.write_bytes(BAD_FILES[name](postern.sample().read_bytes()))
    result = postern.send(path, server.relay, *FROM, *TO)
    assert result.status == EX_DATAERR
    assert_one_sentence(result, name)
    assert result.message["error"]
    assert server.connections == 0


def test_a_file_that_is_not_there_is_named(postern, make_server):
    result = postern.send(postern.directory / "absent.msg", make_server().relay, *FROM, *TO)
    assert result.status == EX_NOINPUT
    assert_one_sentence(result, "absent.msg")


def test_an_unreadable_file_among_good_ones_is_named_and_the_others_go(postern, sink):
    bad = postern.directory / "bad.msg"
    bad.write_bytes(b"no compound file")
    files = [postern.sample("first.msg"), bad, postern.sample("last.msg")]
    result = postern.send(files, sink.relay, *FROM, *TO)
    assert result.status != DELIVERED
    assert_one_sentence(result, "bad.msg")
    assert ["error" in message for message in result.messages] == [False, True, False]
    assert len(sink.wait_for(2)) == 2


def test_a_file_without_recipients_is_named(postern, make_server):
    result = postern.send(corpus_file("note-nobody-blank.msg"), make_server().relay, *FROM)
    assert result.status == EX_DATAERR
    assert_one_sentence(result, "note-nobody-blank.msg", "recipient")


def test_a_file_without_a_sender_says_how_to_give_one(postern, make_server):
    path = corpus_file("note-html-chinese-traditional.msg")
    result = postern.send(path, make_server().relay, *TO)
    assert result.status == EX_DATAERR
    assert_one_sentence(result, "note-html-chinese-traditional.msg", "--from")
    converted = postern.run("convert", path)
    assert converted.status == DELIVERED, "converting is not sending"


BAD_ADDRESSES = ["no-at-sign", "@b.test", "nobody@", "a@b.test\r\nRCPT TO:<c@d.test>",
                 "a@b.test\nDATA", "two words@b.test", ""]


@pytest.mark.parametrize("address", BAD_ADDRESSES)
@pytest.mark.parametrize("option", ["--to", "--from"])
def test_an_address_that_is_none_is_refused_before_anything_is_sent(
        postern, make_server, option, address):
    server = make_server()
    others = {"--to": FROM, "--from": TO}[option]
    result = postern.send(postern.sample(), server.relay, option, address, *others)
    assert result.status == EX_USAGE
    assert_one_sentence(result)
    assert server.commands == []
    assert not postern.store.exists() or postern.queue() == []


@pytest.mark.parametrize("relay", [
    "gopher://127.0.0.1", "127.0.0.1:25", "smtp://", "smtp://127.0.0.1:notaport", ""])
def test_a_relay_that_is_none_is_named(postern, relay):
    result = postern.send(postern.sample(), relay, *FROM, *TO)
    assert result.status == EX_USAGE
    assert_one_sentence(result, relay)


def test_a_message_waits_while_the_relay_is_not_there(postern, sink):
    absent = f"{LOOPBACK}:{free_port()}"
    result = postern.send(postern.sample(), f"smtp://{absent}", *FROM, *TO, *ONE_ATTEMPT)
    assert result.status == STILL_QUEUED
    assert_one_sentence(result, absent)
    assert [queued["id"] for queued in postern.queue()] == [result.message["id"]]
    assert postern.spool_until_empty(sink.relay).status == DELIVERED
    assert result.message["message_id"].encode() in sink.wait_for(1)[0].content


def test_a_message_waits_while_the_certificate_is_not_trusted(
        postern, make_server, server_tls, tmp_path):
    server = make_server(tls=server_tls)
    (tmp_path / "other").mkdir()
    stranger = make_certificate(tmp_path / "other")
    result = postern.send(postern.sample(), server.relay, *FROM, *TO, *ONE_ATTEMPT,
                          "--tls", "verify", "--ca-file", stranger.certificate)
    assert result.status == STILL_QUEUED
    assert_one_sentence(result, server.address, "certificate")
    assert len(postern.queue()) == 1
    assert not any(command.startswith("MAIL") for command in server.commands)


def test_a_message_waits_while_the_relay_refuses_the_password(
        postern, make_server, server_tls, certificate):
    server = make_server({"AUTH": "535 5.7.8 Authentication failed"}, tls=server_tls, auth="PLAIN")
    password = postern.directory / "password"
    password.write_text("hunter2-secret\n")
    password.chmod(0o600)
    result = postern.send(
        postern.sample(), f"smtp://user@{server.address}", *FROM, *TO, *ONE_ATTEMPT,
        "--ca-file", certificate.certificate, "--password-file", password)
    assert result.status == STILL_QUEUED
    assert_one_sentence(result, server.address)
    assert "hunter2-secret" not in result.stdout + result.stderr
    assert len(postern.queue()) == 1
    assert postern.inbox() == [], "nobody is told of a failure that the operator can mend"
    assert not any(command.startswith("MAIL") for command in server.commands)


def test_a_store_has_one_spooler_at_a_time(postern, sink):
    postern.submit(postern.sample(), *FROM, *TO)
    first = postern.start("spool", "--relay", sink.relay, "--store", postern.store)
    wait_until(lambda: postern.queue() == [], "the first spooler's delivery")
    second = postern.run("spool", "--relay", sink.relay, "--store", postern.store)
    assert second.status == EX_TEMPFAIL
    assert_one_sentence(second, postern.store)
    first.terminate()
    assert first.wait(20) == DELIVERED
    assert len(sink.messages()) == 1


def test_a_store_that_cannot_be_written_is_named(postern, read_only_directory):
    store = read_only_directory / "store"
    result = postern.run("submit", postern.sample(), *FROM, *TO, "--store", store)
    assert result.status in (EX_CANTCREAT, EX_NOPERM)
    assert_one_sentence(result, store)


def test_a_full_disk_refuses_more_and_loses_nothing_it_promised(postern, sink, tiny_file_system):
    postern.store = tiny_file_system / "store"
    sample = postern.sample("sample.msg", "--attachment-size", "300000")
    promised = []
    for _ in range(100):
        result = postern.submit(sample, *FROM, *TO)
        if result.status != DELIVERED:
            break
        promised.append(result.message)
    assert result.status in (EX_CANTCREAT, EX_IOERR)
    assert_one_sentence(result, postern.store)
    assert promised, "not even one message fitted"
    assert [queued["id"] for queued in postern.queue()] == [message["id"] for message in promised]

    mount("remount,size=16m", tiny_file_system)
    assert postern.spool_until_empty(sink.relay).status == DELIVERED
    received = b"".join(message.content for message in sink.wait_for(len(promised)))
    assert all(message["message_id"].encode() in received for message in promised)


def test_a_disk_that_fills_while_sending_makes_nothing_go_twice(
        postern, make_server, tiny_file_system):
    """What the server has taken is recorded in space kept for it; nothing new is begun."""
    mount("remount,size=8m", tiny_file_system)
    postern.store = tiny_file_system / "store"
    files = [postern.sample(f"{number}.msg", "--attachment-size", "100000")
             for number in range(20)]
    assert postern.submit(files, *FROM, *TO).status == DELIVERED
    server = make_server({"dot": sequence(lambda event: fill(tiny_file_system) and None, None)})
    spooler = postern.start("spool", "--until-empty", "--relay", server.relay, "--sessions", "4",
                            "--store", postern.store)
    said = next(line for line in iter(spooler.stderr.readline, "") if "some mail waits: " in line)
    assert str(postern.store) in said
    assert 1 <= len(server.taken()) < 20

    server.script = {}
    (tiny_file_system / "filling").unlink()
    _, stderr = spooler.communicate(timeout=120)
    assert spooler.returncode == DELIVERED, stderr
    identities = [message_id(message.content) for message in server.taken()]
    assert len(identities) == len(set(identities)) == 20


def test_a_full_disk_makes_mail_for_its_maildirs_wait_and_no_other(
        postern, sink, tiny_file_system):
    drop = tiny_file_system / "drop"
    routes = ("--route", f"c.test=maildir://{drop}", "--relay", sink.relay)
    fill(tiny_file_system)
    sample = postern.sample("sample.msg", "--attachment-size", "100000")
    result = postern.run("send", sample, *FROM, "--to", "ann@c.test", *TO, *routes, "--json",
                         "--store", postern.store)
    assert result.status == STILL_QUEUED, result.stderr
    row = result.row("ann@c.test")
    assert (row["verdict"], row["status"]) == ("retry", "4.3.1")
    assert "No space left on device" in row["text"] and str(drop) in row["text"]
    assert sorted(result.verdicts.values()) == ["delivered", "retry"]

    (tiny_file_system / "filling").unlink()
    assert postern.run("spool", "--until-empty", "--flush", "--store", postern.store,
                       *routes).status == DELIVERED
    assert len(list((drop / "new").iterdir())) == 1
    assert list((drop / "tmp").iterdir()) == []
    assert len(sink.messages()) == 1


def test_what_is_wrong_with_the_store_decides_the_status_of_the_spooler(postern, sink):
    """Damage is no disk trouble."""
    assert postern.submit(postern.sample(), *FROM, *TO).status == DELIVERED
    with contextlib.closing(sqlite3.connect(postern.store)) as store, store:
        store.execute("UPDATE message SET recipients = X'FF'")
    assert postern.spool_until_empty(sink.relay).status == EX_DATAERR
    assert sink.messages() == []


@pytest.fixture
def tiny_file_system():
    """A file system with room for few messages."""
    with mounted("size=4m") as directory:
        yield directory
