"""Killed at any point and started again, Postern loses no message and skips no recipient.

A message may arrive twice only when the program died between the server's taking it and its own
noting so, and then under the same Message-ID.
"""

import collections
import json
import random
import subprocess
import threading
import time

import pytest

from mail import message_id
from postern_program import DELIVERED
from scripted_server import CAPABILITIES, CLOSE

RECIPIENTS = ["one@b.test", "two@b.test"]
ADDRESSED = ["--from", "sender@a.test", "--to", RECIPIENTS[0], "--to", RECIPIENTS[1]]
ATTACHMENT_OCTETS = 4 << 20  # far more than the sockets between program and server can hold
SUBMISSIONS = 10


class Victim:
    """The program, to be killed by the server's script: once, when `due` says so of an event."""

    def __init__(self, due):
        self.due = due
        self.killed = False
        self._process = None
        self._known = threading.Event()

    def is_process(self, process):
        self._process = process
        self._known.set()

    def act(self, event):
        """The action for the script."""
        if self.killed or not self.due(event):
            return None
        self.killed = True
        self._known.wait()
        self._process.kill()
        self._process.wait()
        return CLOSE


def at_once(event):
    return True


def with_one_recipient_accepted(event):
    return len(event.transaction.recipients) == 1


def in_the_middle(event):
    return event.octets > announced(event) // 2


def before_the_dot(event):
    return event.octets > announced(event) - 1000


def announced(event):
    """The size of the content as MAIL announced it."""
    parameters = dict(word.partition("=")[::2] for word in
                      event.transaction.mail_parameters.upper().split())
    return int(parameters["SIZE"])


# Where the program is killed, and whether the server may have the message by then.
POINTS = {
    "at EHLO": ("EHLO", at_once, False),
    "at MAIL": ("MAIL", at_once, False),
    "at the first RCPT": ("RCPT", at_once, False),
    "at the second RCPT": ("RCPT", with_one_recipient_accepted, False),
    "at DATA": ("DATA", at_once, False),
    "in the middle of the content": ("content", in_the_middle, False),
    "just before the dot": ("content", before_the_dot, False),
    "after the dot": ("dot", at_once, True),
    "after the final reply": ("done", at_once, True),
    "at QUIT": ("QUIT", at_once, True),
}
LOCK_STEP = tuple(word for word in CAPABILITIES if word != "PIPELINING")


@pytest.mark.parametrize("capabilities", [CAPABILITIES, LOCK_STEP], ids=["pipelined", "lock-step"])
@pytest.mark.parametrize("point", POINTS)
def test_a_killed_spooler_loses_nothing(postern, make_server, point, capabilities):
    where, due, may_be_taken = POINTS[point]
    victim = Victim(due)
    server = make_server({where: victim.act}, capabilities)
    files = [postern.sample(f"{number}.msg", "--attachment-size", ATTACHMENT_OCTETS)
             for number in range(2)]
    submitted = postern.submit(files, *ADDRESSED)
    assert submitted.status == DELIVERED, submitted.stderr
    identities = {message["message_id"] for message in submitted.messages}
    assert len(identities) == 2

    spooler = postern.start("spool", "--relay", server.relay, "--store", postern.store,
                            "--retry", "1s", "--sessions", "1", "--until-empty")
    victim.is_process(spooler)
    spooler.communicate(timeout=60)
    assert victim.killed, "the dialogue never came to the point"

    assert postern.spool_until_empty(server.relay).status == DELIVERED
    assert postern.queue() == []
    copies = copies_by_message_and_recipient(server)
    assert set(copies) == {(identity, address)
                           for identity in identities for address in RECIPIENTS}
    assert max(copies.values()) <= 2
    repeated = {identity for (identity, _), count in copies.items() if count > 1}
    assert len(repeated) <= (1 if may_be_taken else 0)


def copies_by_message_and_recipient(server):
    return collections.Counter(
        (message_id(transaction.content), address)
        for transaction in server.taken() for address in transaction.recipients)


@pytest.mark.parametrize("number", range(SUBMISSIONS))
def test_what_a_killed_submission_had_promised_arrives(postern, make_server, number):
    server = make_server()
    files = [postern.sample(f"{copy}.msg", "--attachment-size", "100000") for copy in range(20)]
    start = time.monotonic()
    whole = postern.submit(files, *ADDRESSED)
    duration = time.monotonic() - start
    assert whole.status == DELIVERED, whole.stderr

    process = postern.start("submit", *files, "--store", postern.store, "--json", *ADDRESSED)
    try:
        process.wait(duration * random.Random(number).random())
    except subprocess.TimeoutExpired:
        process.kill()
    printed, _ = process.communicate()
    # A line that was cut short by the kill promises nothing.
    promised = [line for line in printed.splitlines(keepends=True) if line.endswith("\n")]

    assert postern.spool_until_empty(server.relay).status == DELIVERED
    copies = copies_by_message_and_recipient(server)
    assert set(copies.values()) == {1}
    arrived = {identity for identity, _ in copies}
    assert {message["message_id"] for message in whole.messages} <= arrived
    assert all(identity in arrived for identity in map(message_id_of, promised))
    assert len(copies) == len(arrived) * len(RECIPIENTS)


def message_id_of(line):
    return json.loads(line)["message_id"]


def test_a_killed_send_leaves_its_message_in_the_queue(postern, make_server):
    """`postern send` promises as much as `postern submit`: the message is on disk first."""
    victim = Victim(at_once)
    server = make_server({"RCPT": victim.act})
    process = postern.start("send", postern.sample(), "--relay", server.relay,
                            "--store", postern.store, *ADDRESSED)
    victim.is_process(process)
    process.communicate(timeout=60)
    assert victim.killed
    assert len(postern.queue()) == 1
    assert postern.spool_until_empty(server.relay).status == DELIVERED
    copies = copies_by_message_and_recipient(server)
    assert sorted(address for _, address in copies) == sorted(RECIPIENTS)
    assert set(copies.values()) == {1}
