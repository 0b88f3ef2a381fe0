"""Killed again and again while ten processes submit and two transports deliver, Postern loses nothing.

POSTERN_KILLS says how often; 500 take about ten minutes: POSTERN_KILLS=500 pytest test_kill_busy.py
"""

import collections
import os
import random
import subprocess
import time

from arrival import to
from copies import copies_of, counts_of, repeated_transactions
from crowd import Crowd
from maildir import Maildir
from mail import message_id
from postern_program import DELIVERED
from processes import is_connected, wait_until

KILLS = int(os.environ.get("POSTERN_KILLS", "12"))
SEED = int(os.environ.get("POSTERN_KILLS_SEED", "1"))
SUBMITTERS = 10
SESSIONS = 10
BY_SMTP = ("one@b.test", "two@b.test")
BY_MAILDIR = ("ann@c.test", "bob@c.test")
LONGEST_LIFE = 1.0  # seconds


def kill_again_and_again(start, submitters, port):
    """The times at which the spooler was killed and the server had read what it had sent, and how
    many submitters were killed beside."""
    chance, kills, killed_submitters = random.Random(SEED), [], 0
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
            killed_submitters += submitters.kill_one(chance)
    return kills, killed_submitters


def test_nothing_acknowledged_is_lost_however_often_the_spooler_is_killed(postern, make_catcher):
    catcher = make_catcher(postern.program, postern.directory)
    mail = postern.directory / "mail"
    mail.mkdir()
    words = ("spool", "--store", postern.store, "--retry", "1s", "--flush",
             "--sessions", str(SESSIONS), "--route", f"b.test={catcher.relay}",
             "--route", f"c.test=maildir://{mail}/drop")
    submitters = Crowd(postern, SUBMITTERS, SEED, "submit", postern.sample(), "--json", "--store",
                       postern.store, *to(*BY_SMTP, *BY_MAILDIR))
    try:
        kills, killed_submitters = kill_again_and_again(lambda: postern.start(*words), submitters,
                                                        catcher.port)
    finally:
        submitters.stop()
    assert submitters.faults == []
    last = postern.run(*words, "--until-empty", seconds=600)
    assert last.status == DELIVERED, last.stderr
    assert (postern.queue(), postern.inbox()) == ([], [])

    copies = copies_of(catcher)
    by_smtp = counts_of(copies)
    by_maildir = collections.Counter((message_id(copy.content), copy.recipients[0])
                                     for copy in Maildir(mail / "drop").messages())
    arrived = {identity for identity, _ in by_maildir}
    repeated = repeated_transactions(copies, kills)
    print(f"{len(kills)} kills of the spooler, {killed_submitters} of submitters; "
          f"{len(submitters.acknowledged)} messages acknowledged, {len(arrived)} arrived, "
          f"{sum(by_smtp.values())} copies by SMTP, {sum(by_maildir.values())} in Maildirs; "
          f"{sum(repeated.values())} transactions repeated, "
          f"at most {max(repeated.values(), default=0)} behind one kill")
    assert submitters.acknowledged and submitters.acknowledged <= arrived
    assert set(by_smtp) == {(identity, address) for identity in arrived for address in BY_SMTP}
    assert by_maildir == dict.fromkeys(
        ((identity, address) for identity in arrived for address in BY_MAILDIR), 1)
    # Two of each session's messages at most: one in the air, and one whose verdict is being saved.
    assert max(repeated.values(), default=0) <= 2 * SESSIONS
