"""Killed again and again while ten processes submit and two transports deliver, Postern loses nothing.

POSTERN_KILLS says how often; 500 take about ten minutes: POSTERN_KILLS=500 pytest test_kill_busy.py
"""

import collections
import dataclasses
import json
import os
import pathlib
import random
import subprocess
import threading
import time

from arrival import to
from maildir import Maildir
from mail import message_id
from postern_program import DELIVERED
from processes import wait_until

KILLS = int(os.environ.get("POSTERN_KILLS", "12"))
SEED = int(os.environ.get("POSTERN_KILLS_SEED", "1"))
SUBMITTERS = 10
SESSIONS = 10
BY_SMTP = ("one@b.test", "two@b.test")
BY_MAILDIR = ("ann@c.test", "bob@c.test")
LONGEST_LIFE, LONGEST_PAUSE = 1.0, 1.0  # seconds


class Submitters:
    """Processes that submit one message after the other; what they were told is kept."""

    def __init__(self, postern, file):
        self._postern = postern
        self._words = ("submit", file, "--store", postern.store, "--json",
                       *to(*BY_SMTP, *BY_MAILDIR))
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._running = set()
        self.acknowledged = set()
        self.killed = 0
        self.faults = []
        self._threads = [threading.Thread(target=self._submit, args=(random.Random(SEED + number),))
                         for number in range(SUBMITTERS)]
        for thread in self._threads:
            thread.start()

    def _submit(self, chance):
        while not self._over.wait(LONGEST_PAUSE * chance.random()):
            with self._lock:
                process = self._postern.start(*self._words)
                self._running.add(process)
            printed, said = process.communicate()
            with self._lock:
                self._running.discard(process)
                # A line that was cut short by a kill promises nothing.
                self.acknowledged |= {json.loads(line)["message_id"]
                                      for line in printed.splitlines(keepends=True)
                                      if line.endswith("\n")}
                if process.returncode not in (DELIVERED, -9):
                    self.faults.append(said)

    def kill_one(self, chance):
        with self._lock:
            if self._running:
                chance.choice(sorted(self._running, key=lambda process: process.pid)).kill()
                self.killed += 1

    def stop(self):
        self._over.set()
        for thread in self._threads:
            thread.join()


@dataclasses.dataclass(frozen=True)
class Copy:
    """One transaction that the server has taken."""
    identity: str
    recipients: tuple
    time: float


def copies_of(catcher):
    paths = sorted(catcher.directory.glob("*.json"))
    return [Copy(message_id(path.with_suffix(".eml").read_bytes()),
                 tuple(row["address"] for row in json.loads(path.read_text())["recipients"]),
                 path.stat().st_mtime)
            for path in paths]


def is_connected(port):
    """Whether somebody is still talking to the server at a port, or has left what it has not read."""
    established, half_closed = "01", "08"
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(row[1].endswith(f":{port:04X}") and row[3] in (established, half_closed)
               for row in rows)


def kill_again_and_again(start, submitters, port):
    """The times at which the spooler was killed and the server had read what it had sent."""
    chance, kills = random.Random(SEED), []
    while len(kills) < KILLS:
        spooler = start()
        try:
            _, said = spooler.communicate(timeout=LONGEST_LIFE * chance.random())
            raise AssertionError(f"the spooler ended by itself: {said}")
        except subprocess.TimeoutExpired:
            spooler.kill()
        spooler.communicate()
        wait_until(lambda: not is_connected(port), "the server's end of the dead connections")
        kills.append(time.time())
        if chance.random() < 0.2:
            submitters.kill_one(chance)
    return kills


def repeated_transactions(copies, kills):
    """How many transactions were repeated behind each kill. A recipient gets a second copy only from
    a spooler that was started after the kill of the one that sent the first."""
    repeated, last = collections.Counter(), {}
    for copy in copies:
        life = sum(kill < copy.time for kill in kills)
        before = {last.get((copy.identity, address)) for address in copy.recipients} - {None}
        assert life not in before, f"{copy} was sent twice by one spooler"
        for earlier in before:
            repeated[earlier] += 1
        last.update({(copy.identity, address): life for address in copy.recipients})
    return repeated


def test_nothing_acknowledged_is_lost_however_often_the_spooler_is_killed(postern, make_catcher):
    catcher = make_catcher(postern.program, postern.directory)
    mail = postern.directory / "mail"
    mail.mkdir()
    words = ("spool", "--store", postern.store, "--retry", "1s", "--flush",
             "--sessions", str(SESSIONS), "--route", f"b.test={catcher.relay}",
             "--route", f"c.test=maildir://{mail}/drop")
    submitters = Submitters(postern, postern.sample())
    try:
        kills = kill_again_and_again(lambda: postern.start(*words), submitters, catcher.port)
    finally:
        submitters.stop()
    assert submitters.faults == []
    last = postern.run(*words, "--until-empty", seconds=600)
    assert last.status == DELIVERED, last.stderr
    assert (postern.queue(), postern.inbox()) == ([], [])

    copies = copies_of(catcher)
    by_smtp = collections.Counter((copy.identity, address) for copy in copies
                                  for address in copy.recipients)
    by_maildir = collections.Counter((message_id(copy.content), copy.recipients[0])
                                     for copy in Maildir(mail / "drop").messages())
    arrived = {identity for identity, _ in by_maildir}
    repeated = repeated_transactions(copies, kills)
    print(f"{len(kills)} kills of the spooler, {submitters.killed} of submitters; "
          f"{len(submitters.acknowledged)} messages acknowledged, {len(arrived)} arrived, "
          f"{sum(by_smtp.values())} copies by SMTP, {sum(by_maildir.values())} in Maildirs; "
          f"{sum(repeated.values())} transactions repeated, "
          f"at most {max(repeated.values(), default=0)} behind one kill")
    assert submitters.acknowledged and submitters.acknowledged <= arrived
    assert set(by_smtp) == {(identity, address) for identity in arrived for address in BY_SMTP}
    assert by_maildir == dict.fromkeys(
        ((identity, address) for identity in arrived for address in BY_MAILDIR), 1)
    # What was in the air when the spooler died: a transaction for each session, and no more.
    assert max(repeated.values(), default=0) <= SESSIONS
