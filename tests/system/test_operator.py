"""What an operator does to a queue, and to the spooler that works on it, from another process."""

import contextlib
import signal
import socket
import sqlite3
import stat
import time

import pytest

from postern_program import DELIVERED, EX_NOINPUT, EX_UNAVAILABLE, EX_USAGE, SOME_FAILED
from processes import LOOPBACK, free_port, wait_until

# Far more than the sockets between program and server hold: it has not wholly left.
LARGE = ("--attachment-size", str(8 << 20))
DONE, NOT_DONE = DELIVERED, SOME_FAILED
# Far longer than a test takes: only an operator makes the next attempt come sooner.
PATIENT = ("--retry", "1h")


class Operator:
    """The program's commands at one store."""

    def __init__(self, postern):
        self.postern = postern
        self._spooler = None

    def do(self, *words):
        return self.postern.run(*words, "--store", self.postern.store)

    def submit(self, *recipients, options=(), sample=()):
        words = [word for address in recipients for word in ("--to", address)]
        result = self.postern.submit(self.postern.sample("sample.msg", *sample), "--from",
                                     "sender@a.test", *words, *options)
        assert result.status == DONE, result.stderr
        return result.message["id"]

    def spool(self, relay, *options):
        self._spooler = self.postern.start("spool", "--relay", relay, "--store",
                                           self.postern.store, *(options or PATIENT))
        socket_path = self.postern.store.with_name("store.socket")
        wait_until(lambda: socket_path.exists() and self.status()["spooler"],
                   "the spooler's answer")
        return self._spooler

    def stop(self, by=signal.SIGTERM):
        self._spooler.send_signal(by)
        return self._spooler.communicate(timeout=60)

    def status(self):
        result = self.do("status", "--json")
        assert result.status == DONE, result.stderr
        return result.message

    def state(self, identity):
        """What a queued message waits for; None once it has left the queue."""
        states = {row["id"]: row["state"] for row in self.postern.queue()}
        return states.get(identity)

    def wait_for(self, identity, state):
        wait_until(lambda: self.state(identity) == state, f"message {identity} to be {state}")


def recipients(catcher, count):
    """Of so many caught messages, each one's."""
    return [[row["address"] for row in envelope["recipients"]]
            for envelope, _ in catcher.wait_for(count)]


@pytest.fixture
def operator(postern):
    return Operator(postern)


@pytest.fixture
def catcher(postern, make_catcher):
    return make_catcher(postern.program, postern.directory)


def test_a_message_is_cancelled_while_it_is_being_sent(operator, catcher):
    operator.spool(catcher.relay)
    identity = operator.submit("slow-5@b.test", sample=LARGE)
    operator.wait_for(identity, "sending")
    result = operator.do("cancel", identity)
    assert result.status == DONE, result.stderr
    assert f"message {identity} is cancelled" in result.stdout
    shown = operator.postern.show(identity)
    assert shown["state"] == "draft"
    assert "draft" in shown["story"][-1]["text"]
    assert not operator.postern.queue()
    assert operator.do("cancel", identity).status == NOT_DONE
    # The spooler goes on with the others, and nobody has got this one.
    operator.submit("bob@b.test")
    assert recipients(catcher, 1)[0] == ["bob@b.test"]


def test_what_was_sent_cannot_be_cancelled_or_held(operator, catcher):
    identity = operator.submit("bob@b.test")
    operator.spool(catcher.relay)
    catcher.wait_for(1)
    operator.wait_for(identity, None)
    for command in ("cancel", "hold", "release", "retry"):
        result = operator.do(command, identity)
        assert result.status == NOT_DONE, (command, result)
        assert result.stderr.count("\n") == 1 and f"message {identity}" in result.stderr
    story = [step["text"] for step in operator.postern.show(identity)["story"]]
    assert story[0] == "submitted"
    assert "delivered to bob@b.test" in story[1] and "250" in story[1]
    assert "final verdict" in story[-1]


def test_a_message_that_is_sent_by_postern_send_cannot_be_called_back(operator, catcher):
    postern = operator.postern
    sending = postern.start("send", postern.sample(), "--relay", catcher.relay, "--store",
                            postern.store, "--from", "sender@a.test", "--to", "slow-10@b.test")
    rows = wait_until(lambda: postern.store.exists() and postern.queue(), "the message")
    operator.wait_for(rows[0]["id"], "sending")
    result = operator.do("cancel", rows[0]["id"])
    assert result.status == EX_UNAVAILABLE, result
    sending.communicate(timeout=60)
    assert sending.returncode == DELIVERED


def test_postern_send_does_not_wait_for_what_somebody_has_cancelled(operator, catcher):
    postern = operator.postern
    files = [postern.sample(f"{number}.msg") for number in range(2)]
    sending = postern.start("send", *files, "--relay", catcher.relay, "--store", postern.store,
                            "--sessions", "1", "--from", "sender@a.test", "--to", "slow-3@b.test")
    wait_until(lambda: postern.store.exists() and len(postern.queue()) == 2, "both messages")
    rows = postern.queue()
    operator.wait_for(rows[0]["id"], "sending")
    assert operator.do("cancel", rows[1]["id"]).status == DONE
    sending.communicate(timeout=30)
    assert len(catcher.wait_for(1)) == 1
    assert postern.queue() == []


def test_a_hold_lasts_over_restarts_of_the_spooler_until_it_is_released(operator, catcher):
    identity = operator.submit("held@b.test")
    assert operator.do("hold", identity).status == DONE
    for _ in range(2):
        operator.spool(catcher.relay, "--flush", *PATIENT)
        other = operator.submit("bob@b.test")
        operator.wait_for(other, None)
        assert operator.state(identity) == "on_hold"
        for command in (("retry",), ("flush",)):
            assert operator.do(*command).status == DONE
        operator.stop()
    assert operator.do("retry", identity).status == NOT_DONE
    operator.spool(catcher.relay)
    result = operator.do("release", identity)
    assert result.status == DONE and "ready" in result.stdout, result
    assert recipients(catcher, 3)[2] == ["held@b.test"]
    operator.wait_for(identity, None)


def test_what_is_put_on_hold_while_it_is_sent_is_held_after_the_attempt(operator, catcher):
    operator.spool(catcher.relay, "--retry", "1s")
    identity = operator.submit("slow-3@b.test", "refuse-450@b.test")
    operator.wait_for(identity, "sending")
    result = operator.do("hold", identity)
    assert result.status == DONE and "being sent" in result.stdout
    catcher.wait_for(1)
    operator.wait_for(identity, "on_hold")
    time.sleep(2)
    rows = {row["address"]: row for row in operator.postern.show(identity)["recipients"]}
    assert rows["slow-3@b.test"]["verdict"] == "delivered"
    assert rows["refuse-450@b.test"]["attempts"] == 1
    result = operator.do("cancel", identity)
    assert result.status == DONE and "1 of 2 recipients have it" in result.stdout


def test_retry_and_flush_do_not_wait_out_the_pause(operator, catcher):
    operator.spool(catcher.relay)
    first, second, third = (operator.submit(f"greylist.{name}@b.test") for name in "abc")
    for identity in (first, second, third):
        operator.wait_for(identity, "held")
    assert operator.status()["queue"]["held"] == 3
    result = operator.do("retry", first)
    assert result.status == DONE and "no spooler" not in result.stdout
    operator.wait_for(first, None)
    assert [operator.state(second), operator.state(third)] == ["held", "held"]
    assert operator.do("flush").status == DONE
    operator.wait_for(second, None)
    operator.wait_for(third, None)
    assert len(catcher.wait_for(3)) == 3


def test_retry_without_a_spooler_is_remembered_for_the_next(operator, catcher):
    operator.spool(catcher.relay)
    identity = operator.submit("greylist@b.test")
    operator.wait_for(identity, "held")
    story = [step["text"] for step in operator.postern.show(identity)["story"]]
    assert "attempt 1 was in vain for greylist@b.test" in story[1] and "450" in story[1]
    assert "tried again at" in story[-1]
    operator.stop()
    result = operator.do("retry")
    assert result.status == DONE and "no spooler runs" in result.stdout
    operator.spool(catcher.relay)
    operator.wait_for(identity, None)
    catcher.wait_for(1)


def test_a_deferred_message_is_sent_at_its_time_and_can_be_cancelled_until_then(operator, catcher):
    operator.spool(catcher.relay)
    later = operator.submit("later@b.test", options=["--at", "+1h"])
    soon = operator.submit("soon@b.test", options=["--at", "+4s"])
    begun = time.monotonic()
    assert [operator.state(later), operator.state(soon)] == ["deferred", "deferred"]
    for command in ("retry", "release"):
        assert operator.do(command, later).status == NOT_DONE
    assert operator.do("flush").status == DONE
    assert recipients(catcher, 1)[0] == ["soon@b.test"]
    assert time.monotonic() - begun > 1
    assert "its sender has set" in operator.postern.show(later)["story"][-1]["text"]
    assert operator.do("cancel", later).status == DONE
    assert operator.state(later) is None


@pytest.mark.parametrize("time_text", ["tomorrow", "2026-02-30 08:00", "2001-01-01 08:00", ""])
def test_a_time_that_is_none_or_past_is_a_sentence(operator, time_text):
    postern = operator.postern
    result = postern.submit(postern.sample(), "--from", "a@a.test", "--to", "b@b.test", "--at",
                            time_text)
    assert result.status == EX_USAGE and "--at" in result.stderr
    assert not postern.store.exists()


def test_status_tells_why_nothing_is_sent_and_until_when(operator, catcher):
    dead = f"smtp://{LOOPBACK}:{free_port()}"
    operator.spool(dead)
    operator.submit("bob@b.test")
    route = wait_until(lambda: operator.status()["routes"], "the route's suspension")[0]
    assert dead.removeprefix("smtp://") in route["name"] and route["state"] == "offline"
    assert "refused" in route["reason"] and route["until"].endswith("Z")
    shown = operator.do("status").stdout
    assert route["reason"] in shown and "held for retry" in shown
    operator.stop()
    operator.spool(catcher.relay, "--flush", *PATIENT)
    catcher.wait_for(1)
    wait_until(lambda: not any(operator.status()["queue"].values()), "an empty queue")
    status = operator.status()
    assert status["routes"] == [] and status["spooler"]["state"] == "available"
    assert [row["state"] for row in status["transports"]] == ["available"]


def test_status_has_a_row_for_each_transport_in_the_order_they_are_asked(operator, catcher):
    drop = operator.postern.directory / "drop"
    dead = f"smtp://{LOOPBACK}:{free_port()}"
    operator.spool(catcher.relay, "--route", f"c.test=maildir://{drop}?name=drop",
                   "--route", f"d.test={dead}?name=backup", *PATIENT)
    transports = operator.status()["transports"]
    assert [row["name"] for row in transports] == ["drop", "backup", catcher.relay]
    assert {row["state"] for row in transports} == {"available"}
    operator.submit("dora@d.test")
    route = wait_until(lambda: operator.status()["routes"], "the route's suspension")[0]
    assert dead.removeprefix("smtp://") in route["name"]
    shown = operator.do("status").stdout
    assert shown.count("transport ") == 3 and "drop" in shown and "backup" in shown


def test_without_a_spooler_the_queue_is_counted_and_changed_all_the_same(operator):
    held, cancelled, ready, deferred = (
        operator.submit("bob@b.test", options=options)
        for options in ((), (), (), ("--at", "2100-01-01T00:00Z")))
    assert operator.do("hold", held).status == DONE
    assert operator.do("cancel", cancelled).status == DONE
    status = operator.status()
    assert status["spooler"] is None
    assert status["queue"] == {"sending": 0, "on_hold": 1, "kept": 0, "deferred": 1, "held": 0,
                               "ready": 1}
    assert "No spooler runs" in operator.do("status").stdout
    result = operator.do("flush")
    assert result.status == EX_UNAVAILABLE and "postern spool" in result.stderr
    result = operator.do("release", held, ready, "999", deferred)
    assert result.status == EX_NOINPUT, result
    assert operator.state(held) == "ready"
    assert operator.do("cancel", "x").status == EX_USAGE


@pytest.mark.parametrize("words", [("cancel", "1"), ("hold", "1"), ("release", "1"), ("retry",),
                                   ("flush",), ("status",)])
def test_every_command_says_that_there_is_no_store_and_teaches(operator, words):
    result = operator.do(*words)
    assert result.status == EX_NOINPUT and "no message store" in result.stderr, result
    assert not operator.postern.store.exists()
    help_text = operator.postern.run(words[0], "--help")
    assert help_text.status == DONE and "Exit status" in help_text.stdout


def connect(path):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(20)
    client.connect(str(path))
    return client


def test_garbage_at_the_socket_stops_neither_mail_nor_answers(operator, catcher):
    operator.spool(catcher.relay)
    path = operator.postern.store.with_name("store.socket")
    mode = stat.S_IMODE(operator.postern.store.stat().st_mode)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.stat().st_uid == operator.postern.store.stat().st_uid
    silent = [connect(path) for _ in range(8)]
    for garbage in (b"\0" * 100 + b"\n", b"x" * 100_000, b"cancel 1\ncancel 2\n", b"\xff\xfe\n",
                    b"cancel " + b"9" * 200 + b"\n", b"status", b"cancel 1;flush\n"):
        client = connect(path)
        try:
            client.sendall(garbage)
            client.shutdown(socket.SHUT_WR)
            while client.recv(4096):
                pass
        except (BrokenPipeError, ConnectionResetError):
            pass
        client.close()
    operator.submit("bob@b.test")
    catcher.wait_for(1)
    assert operator.status()["spooler"]["state"] == "available"
    for client in silent:
        assert client.recv(1) == b""
        client.close()
    _, stderr = operator.stop()
    assert not path.exists()
    assert stderr == ""


def test_a_killed_spoolers_socket_is_replaced(operator, catcher):
    operator.spool(catcher.relay)
    operator.stop(signal.SIGKILL)
    path = operator.postern.store.with_name("store.socket")
    assert path.exists()
    assert operator.status()["spooler"] is None
    assert operator.do("flush").status == EX_UNAVAILABLE
    operator.spool(catcher.relay)
    assert operator.do("flush").status == DONE
    second = operator.postern.run("spool", "--relay", catcher.relay, "--store",
                                  operator.postern.store)
    assert second.status != DONE and path.exists()
    assert operator.status()["spooler"]


def test_a_store_whose_path_is_too_long_for_a_socket_is_reached_too(operator, catcher):
    directory = operator.postern.directory / ("d" * 120)
    directory.mkdir()
    operator.postern.store = directory / "store"
    operator.spool(catcher.relay)
    assert operator.do("flush").status == DONE
    operator.stop()
    operator.postern.store = directory / ("s" * 120)
    spooler = operator.postern.start("spool", "--relay", catcher.relay, "--store",
                                     operator.postern.store, "--until-empty")
    _, stderr = spooler.communicate(timeout=60)
    assert spooler.returncode == DELIVERED
    assert "shorter file name" in stderr


def test_a_machine_is_told_which_texts_of_the_queue_are_cut(operator):
    short = operator.submit("bob@b.test")
    long = operator.submit(*(f"user{number}@b.test" for number in range(40)))
    rows = {row["id"]: row for row in operator.postern.queue()}
    assert "cut" not in rows[short]
    assert rows[long]["cut"] == ["to"]
    assert len(operator.postern.show(long)["recipients"]) == 40


def test_a_damaged_message_stops_no_other_and_can_be_taken_out(operator, catcher):
    _, damaged, _ = (operator.submit("bob@b.test") for _ in range(3))
    with contextlib.closing(sqlite3.connect(operator.postern.store)) as store, store:
        store.execute("UPDATE message SET properties = x'01FF' WHERE id = ?",
                      (int(damaged),))
    operator.spool(catcher.relay)
    assert len(catcher.wait_for(2)) == 2
    wait_until(lambda: set(row["id"] for row in operator.postern.queue()) == {damaged},
               "the others to leave the queue")
    wait_until(lambda: operator.state(damaged) != "sending", "the damaged one to be given back")
    assert operator.do("hold", damaged).status == DONE
    assert operator.state(damaged) == "on_hold"
    assert operator.do("release", damaged).status == DONE
    assert operator.do("cancel", damaged).status == DONE
    assert operator.postern.queue() == []
    _, said = operator.stop()
    assert damaged in said and "damaged" in said
