"""`postern bench` measures a disk and a relay, leaves both as they were, and says in one sentence what
is wrong where it cannot."""

import base64
import json
import shutil
import signal
import time

import pytest

from mail import message_id
from postern_program import (DELIVERED, EX_IOERR, EX_NOINPUT, EX_NOPERM, EX_TEMPFAIL, EX_USAGE,
                             SOME_FAILED)
from processes import LOOPBACK, free_port, wait_until
from scripted_server import SILENCE, sequence
from small_disk import fill, mounted

SHORT = ("--seconds", "0.1")
INTERRUPTED = SOME_FAILED
FIGURES = {"count", "per_second", "median_ms", "p99_ms"}


@pytest.fixture
def place(postern):
    """The directory of a store with a message in it."""
    postern.store = postern.directory / "place" / "store.sqlite"
    postern.store.parent.mkdir()
    assert postern.submit(postern.sample(), "--from", "a@a.test", "--to",
                          "b@b.test").status == DELIVERED
    return postern.store.parent


def contents(directory):
    """Every file that is there, with its octets."""
    return {path.relative_to(directory): path.is_file() and path.read_bytes()
            for path in directory.rglob("*")}


def bench(postern, *words):
    return postern.run("bench", *words)


def measured(postern, *words):
    """The figures of a run that measured everything."""
    result = bench(postern, "--json", *words)
    assert (result.status, result.stderr) == (DELIVERED, ""), result
    return result.message


def assert_figures(figures, at_least=1):
    assert FIGURES <= figures.keys(), figures
    assert figures["count"] >= at_least and figures["per_second"] > 0, figures
    assert 0 < figures["median_ms"] <= figures["p99_ms"], figures


def assert_one_sentence(result, *names):
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].endswith("."), result.stderr
    assert all(str(name) in lines[0] for name in names), result.stderr


def test_a_directory_is_measured_and_left_as_it_was(postern, place):
    before = contents(place)
    result = bench(postern, "--store", place, *SHORT)
    assert (result.status, result.stderr) == (DELIVERED, ""), result
    assert contents(place) == before
    for row in ("append and sync", "submission, 1 thread ", "submission, 10 threads "):
        assert f"\n{row}" in result.stdout, result.stdout
    conclusion = result.stdout.splitlines()[-1]
    assert " limits" in conclusion and conclusion.endswith("from submission to verdict.")


def test_the_figures_are_one_object_of_json(postern, place):
    found = measured(postern, "--store", place, "--octets", "100", *SHORT)
    assert (found["seconds"], found["octets"]) == (0.1, 100)
    store = found["store"]
    assert (store["place"], store["kind"]) == (str(place), "file")
    assert_figures(store["sync"])
    assert [row["threads"] for row in store["submissions"]] == [1, 10]
    for row in store["submissions"]:
        assert_figures(row)
    assert found["limit"] in ("disk", "processor")
    assert found["store_carries_per_second"] == store["submissions"][1]["per_second"] / 2
    assert found["conclusion"].endswith(".")
    assert "relay" not in found


def test_a_store_is_measured_where_it_lies_and_a_link_where_it_leads(postern, place):
    link = postern.directory / "link.sqlite"
    link.symlink_to(postern.store)
    before = contents(place)
    for store in (postern.store, link):
        assert measured(postern, "--store", store, *SHORT)["store"]["place"] == str(place)
    absent = place / "absent.sqlite"
    assert measured(postern, "--store", absent, *SHORT)["store"]["place"] == str(place)
    assert contents(place) == before


def test_a_relay_is_looked_at_without_a_mail(postern, make_server):
    server = make_server()
    found = measured(postern, "--no-store", "--relay", f"{LOOPBACK}:{server.port}")
    relay = found["relay"]
    assert relay["relay"] == f"smtp://{LOOPBACK}:{server.port}"
    assert [name for name, offered in relay["offers"].items() if not offered] == [
        "CHUNKING", "STARTTLS"]
    assert_figures(relay["connection"], at_least=5)
    assert_figures(relay["round_trip"], at_least=40)
    assert "store" not in found and "sent" not in relay
    assert {command.split()[0] for command in server.commands} == {"EHLO", "RSET", "QUIT"}


# How each is made that refuses the most as its makers deliver it.
STRICT = {
    "make_postfix": lambda make, sink: make(sink.address),
    "make_exim": lambda make, sink: make(smtp_accept_max_nonmail="10"),
    "make_opensmtpd": lambda make, sink: make(),
}


@pytest.mark.parametrize("name", STRICT)
def test_no_server_takes_the_look_for_abuse(postern, request, sink, name):
    server = STRICT[name](request.getfixturevalue(name), sink)
    found = measured(postern, "--no-store", "--relay", server.relay, "--tls", "none")
    assert_figures(found["relay"]["round_trip"], at_least=40)


def test_messages_are_sent_only_to_whom_they_are_asked_for(postern, sink, place):
    found = measured(postern, "--store", place, *SHORT, "--relay", sink.relay, "--send",
                     "me@b.test", "--count", "30", "--sessions", "3", "--octets", "5000")
    sent = found["relay"]["sent"]
    assert_figures(sent, at_least=30)
    assert (sent["begun"], sent["sessions"], sent["to"]) == (30, 3, "me@b.test")
    assert found["relay_carries_per_second"] == sent["per_second"]
    messages = sink.wait_for(30)
    assert len(messages) == 30
    assert {(message.sender, *message.recipients) for message in messages} == {
        ("me@b.test", "me@b.test")}
    assert len({message_id(message.content) for message in messages}) == 30
    assert all(5000 < len(message.content) < 6000 for message in messages)


def test_the_first_refusal_is_told_in_the_relays_words_and_ends_it(postern, make_server):
    said = "550 5.1.1 <me@b.test>: we know nobody of that name"
    server = make_server({"RCPT": sequence(None, None, said)})
    result = bench(postern, "--no-store", "--relay", server.relay, "--send", "me@b.test",
                   "--from", "you@a.test", "--count", "1000", "--sessions", "1", "--json")
    assert result.status == SOME_FAILED
    assert_one_sentence(result, said, "took 2 of 1000 messages")
    sent = result.message["relay"]["sent"]
    assert sent["count"] == 2 and sent["begun"] <= 4
    assert sent["refusal"]["code"] == 550 and sent["refusal"]["text"] == said.partition(" ")[2]
    assert {taken.sender for taken in server.received} == {"you@a.test"}


def test_a_relay_that_is_away_is_named_after_what_was_measured(postern, place):
    port = free_port()
    result = bench(postern, "--store", place, *SHORT, "--relay", f"{LOOPBACK}:{port}")
    assert result.status == EX_TEMPFAIL
    assert_one_sentence(result, f"smtp://{LOOPBACK}:{port}", "refused")
    assert "append and sync" in result.stdout and "from submission to verdict" in result.stdout


def test_a_relay_that_refuses_is_told_in_its_words(postern, make_server):
    server = make_server({"connect": "554 5.7.1 go away"})
    result = bench(postern, "--no-store", "--relay", server.relay)
    assert result.status == EX_TEMPFAIL
    assert_one_sentence(result, "5.7.1 go away")
    assert result.stdout == ""


def test_a_password_is_never_shown(postern, make_server):
    for script, status in (({}, DELIVERED), ({"AUTH": "535 5.7.8 no"}, EX_NOPERM)):
        server = make_server(script, auth="PLAIN")
        relay = f"smtp://ann:very-secret@{LOOPBACK}:{server.port}"
        result = bench(postern, "--no-store", "--relay", relay, "--tls", "none", "--json")
        assert result.status == status, result
        assert any(command.startswith("AUTH") for command in server.commands)
        for secret in ("very-secret", base64.b64encode(b"\0ann\0very-secret").decode()):
            assert secret not in result.stdout + result.stderr


@pytest.mark.parametrize("words", [
    ("--no-store",),
    ("--send", "me@b.test", "--count", "3"),
    ("--relay", "mail.invalid", "--send", "me@b.test"),
    ("--relay", "mail.invalid", "--count", "3"),
    ("--relay", "mail.invalid", "--send", "nobody", "--count", "3"),
    ("--relay", "gopher://mail.invalid"),
    ("--octets", "0"),
    ("--store", "postgresql://ann:secret@db.invalid/mail"),
])
def test_what_does_not_make_sense_is_one_sentence(postern, words):
    result = bench(postern, *words)
    assert result.status == EX_USAGE and result.stdout == ""
    assert_one_sentence(result)
    assert "secret" not in result.stderr


def test_a_directory_that_is_not_there_is_named(postern):
    absent = postern.directory / "absent"
    result = bench(postern, "--store", absent / "store.sqlite")
    assert result.status == EX_NOINPUT
    assert_one_sentence(result, f"'{absent}'")
    assert not absent.exists()


def test_a_directory_that_cannot_be_written_is_named(postern, read_only_directory):
    result = bench(postern, "--store", read_only_directory)
    assert result.status == EX_NOPERM
    assert_one_sentence(result, f"'{read_only_directory}'")


def test_a_full_disk_is_named_and_left_as_it_was(postern):
    with mounted("size=1m") as directory:
        fill(directory)
        result = bench(postern, "--store", directory, *SHORT)
        assert result.status == EX_IOERR
        assert_one_sentence(result, directory, "full")
        assert [path.name for path in directory.iterdir()] == ["filling"]


def test_a_disk_too_small_for_such_messages_is_named(postern):
    with mounted("size=80m") as directory:
        result = bench(postern, "--store", directory, "--octets", 1 << 20)
        assert result.status == EX_IOERR
        assert_one_sentence(result, directory, "too full", "MiB")
        assert list(directory.iterdir()) == []


def test_no_more_than_a_quarter_of_a_disk_is_taken(postern):
    with mounted("size=80m") as directory:
        running = postern.start("bench", "--store", directory, "--seconds", "1", "--json")
        most = 0
        while running.poll() is None:
            most = max(most, shutil.disk_usage(directory).used)
            time.sleep(0.005)
        stdout, stderr = running.communicate()
        assert (running.returncode, stderr) == (DELIVERED, "")
        assert_figures(json.loads(stdout)["store"]["submissions"][1])
        assert 0 < most <= 20 << 20
        assert list(directory.iterdir()) == []


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("file, seconds", [("appended", "60"), ("store.sqlite", "2")])
def test_one_that_is_interrupted_leaves_nothing(postern, place, by, file, seconds):
    before = contents(place)
    running = postern.start("bench", "--store", place, "--seconds", seconds, "--json")
    wait_until(lambda: list(place.glob(f"postern-bench-*/{file}")), "the measurement")
    running.send_signal(by)
    stdout, stderr = running.communicate(timeout=30)
    assert (running.returncode, stdout) == (INTERRUPTED, "")
    assert stderr == "postern: interrupted; nothing is left behind.\n"
    assert contents(place) == before


def test_one_that_is_interrupted_while_it_sends_ends_soon(postern, make_server):
    server = make_server({"dot": SILENCE})
    running = postern.start("bench", "--no-store", "--relay", server.relay, "--send", "me@b.test",
                            "--count", "1000000")
    wait_until(lambda: len(server.received) == 10, "a message by each session")
    running.send_signal(signal.SIGINT)
    _, stderr = running.communicate(timeout=30)
    assert running.returncode == INTERRUPTED and "interrupted" in stderr
    assert len(server.received) == 10


def test_the_help_shows_how_it_is_used(postern):
    result = bench(postern, "--help")
    assert result.status == DELIVERED
    assert result.stdout.count("\n  postern bench --") >= 3
    assert "--send ADDRESS" in result.stdout
