"""Killed, stopped, out of disk and locked out of its store by others, Postern loses nothing, and
sends nothing twice but what was in the air when a sender was killed.

POSTERN_TROUBLES says how many kills there are, and how many stops; 300 take about twelve minutes.
"""

import contextlib
import os
import random
import signal
import sqlite3
import threading
import time

import pytest

from arrival import to
from copies import copies_of, counts_of, repeated_transactions
from crowd import Crowd
from postern_program import (
    DELIVERED, EX_CANTCREAT, EX_IOERR, EX_TEMPFAIL, STILL_QUEUED, Postern)
from small_disk import fill, mounted

TROUBLES = int(os.environ.get("POSTERN_TROUBLES", "8"))
SEED = int(os.environ.get("POSTERN_TROUBLES_SEED", "1"))
LONGEST_STOP, LONGEST_LOCK, LONGEST_FULL, LONGEST_REST = 3.0, 4.0, 3.0, 1.0  # seconds
SUBMITTERS = 10
SESSIONS = 10
LAG = 2.0  # seconds after a kill in which the server may still read what was sent
ADDRESSES = ("one@b.test", "two@b.test")


@pytest.fixture
def disk():
    with mounted("size=256m") as directory:
        yield directory


class StoreTroubles:
    """Locks the store and fills its disk at random instants, until it is told to end."""

    def __init__(self, store, disk):
        self._store, self._disk = store, disk
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.locks = self.fillings = 0
        self._thread.start()

    def _run(self):
        chance = random.Random(SEED + 1000)
        while not self._over.wait(LONGEST_REST * chance.random()):
            if chance.random() < 0.5:
                with contextlib.suppress(sqlite3.OperationalError):
                    self._lock(LONGEST_LOCK * chance.random())
            else:
                filling = fill(self._disk)
                self._over.wait(LONGEST_FULL * chance.random())
                filling.unlink()
                self.fillings += 1

    def _lock(self, seconds):
        with contextlib.closing(sqlite3.connect(self._store, timeout=5,
                                                isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            self._over.wait(seconds)
            other.execute("ROLLBACK")
            self.locks += 1

    def stop(self):
        self._over.set()
        self._thread.join()


def trouble_all(deliverers, submitters):
    """The times at which a deliverer was killed."""
    chance, kills, killed, stopped = random.Random(SEED), [], 0, 0
    while killed < TROUBLES or stopped < TROUBLES:
        time.sleep(LONGEST_REST * chance.random())
        crowd = chance.choice([*deliverers, submitters])
        if chance.random() < 0.5 and killed < TROUBLES:
            if crowd.kill_one(chance):
                killed += 1
                if crowd is not submitters:
                    kills.append(time.time())
        elif stopped < TROUBLES:
            stopped += crowd.hold_one(chance, LONGEST_STOP * chance.random())
    return kills


def test_no_trouble_of_the_machine_loses_mail_or_sends_it_twice(tmp_path, disk, make_catcher):
    postern = Postern(tmp_path)
    postern.store = disk / "store"
    catcher = make_catcher(postern.program, tmp_path)
    sample = postern.sample()
    common = ("--store", postern.store, "--relay", catcher.relay, "--sessions", str(SESSIONS),
              "--retry", "1s")
    assert postern.submit(sample, *to(*ADDRESSES)).status == DELIVERED
    crowds = []

    def crowd(count, *words, **options):
        crowds.append(Crowd(postern, count, SEED + 100 * len(crowds), *words, **options))
        return crowds[-1]

    refused = (DELIVERED, EX_CANTCREAT, EX_IOERR, EX_TEMPFAIL)
    try:
        submitters = crowd(SUBMITTERS, "submit", sample, "--json", "--store", postern.store,
                           *to(*ADDRESSES), may_end_with=refused)
        spoolers = crowd(1, "spool", *common, "--flush", may_end_with=refused)
        senders = crowd(2, "send", sample, "--json", *common, *to(*ADDRESSES),
                        may_end_with=(*refused, STILL_QUEUED))
        troubles = StoreTroubles(postern.store, disk)
        try:
            kills = trouble_all([spoolers, senders], submitters)
        finally:
            troubles.stop()
        for ended in (submitters, senders):
            ended.stop()
        spoolers.signal_all(signal.SIGTERM)
        spoolers.stop()
        last = postern.run("spool", *common, "--flush", "--until-empty", seconds=600)
        assert last.status == DELIVERED, last.stderr
        assert (postern.queue(), postern.inbox()) == ([], [])
        copies = copies_of(catcher)
    finally:
        for ended in crowds:
            ended.signal_all(signal.SIGKILL)
            ended.stop()
        postern.stop()

    arrived = counts_of(copies)
    repeated = repeated_transactions(copies, kills, LAG)
    acknowledged = set().union(*(crowd.acknowledged for crowd in crowds))
    print(f"{len(kills)} kills of senders; {troubles.locks} locks and {troubles.fillings} fillings; "
          f"{len(acknowledged)} messages acknowledged, {len(arrived)} pairs arrived, "
          f"{sum(repeated.values())} transactions repeated, "
          f"at most {max(repeated.values(), default=0)} behind one kill")
    assert [crowd.faults for crowd in crowds] == [[], [], []]
    missing = {(identity, address) for identity in acknowledged for address in ADDRESSES}
    assert not missing - set(arrived)
    # Two of each session's messages at most: one in the air, and one whose verdict is being saved.
    assert max(repeated.values(), default=0) <= 2 * SESSIONS
