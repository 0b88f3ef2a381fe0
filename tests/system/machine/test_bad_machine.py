"""The machine itself is bad: its clock jumps, or its disk takes long for everything. No mail is
lost, sent twice, bounced or forgotten."""

import collections
import concurrent.futures
import os
import pathlib
import random
import struct
import time

import pytest

from arrival import to
from copies import copies_of, counts_of
from postern_program import DELIVERED
from processes import find_program, unavailable, wait_until
from scripted_server import sequence

pytestmark = pytest.mark.skipif(bool(os.environ.get("POSTERN_SANITIZE")),
                                reason="a sanitizer wants to be loaded before anything else")
HOUR, DAY = 3600, 86400
SEED = int(os.environ.get("POSTERN_CLOCK_SEED", "1"))
JUMPS = int(os.environ.get("POSTERN_CLOCK_JUMPS", "40"))
SUBMITTERS, MESSAGES, ADDRESS = 4, 100, "one@b.test"
SYNC_SECONDS = 0.1


class Clock:
    """The wall clock of the programs that are started from now on."""

    def __init__(self, postern, directory):
        library = pathlib.Path(postern.program).parent / "tests" / "system" / "libclock_offset.so"
        if not library.exists():
            unavailable(f"{library} is not built")
        self._file = directory / "clock-offset"
        self.set(0)
        postern.environment |= {"LD_PRELOAD": str(library), "CLOCK_OFFSET_FILE": str(self._file)}

    def set(self, seconds):
        """So much is it wrong from now on."""
        with open(self._file, "r+b" if self._file.exists() else "wb") as file:
            file.write(struct.pack("=q", seconds))


@pytest.fixture
def clock(postern, tmp_path):
    return Clock(postern, tmp_path)


@pytest.fixture
def catcher(postern, make_catcher):
    return make_catcher(postern.program, postern.directory)


@pytest.fixture
def spool(postern):
    """Starts a spooler, which is stopped and has not failed at the end."""
    started = []

    def start(relay, *options):
        log = open(postern.directory / "spool.log", "w+", encoding="utf-8")
        started.append((postern.start("spool", "--relay", relay, "--store", postern.store,
                                      "--tls", "none", *options, stdout=log, stderr=log), log))

    yield start
    for process, log in started:
        assert process.poll() is None, log.read()
        process.terminate()
        assert process.wait(60) == 0
        log.close()


def submit(postern, address):
    """The message's Message-ID."""
    result = postern.submit([postern.sample_file], *to(address))
    assert result.status == DELIVERED, result.stderr
    return result.message["message_id"]


def settle(postern, seconds=60):
    """Until nothing is queued; no report came."""
    wait_until(lambda: not postern.queue(), "an empty queue", seconds=seconds)
    assert not postern.inbox()


@pytest.fixture
def server_of_a_held_message(postern, make_server, spool):
    """A server that has refused a message once, which is held until its next attempt."""
    def hold(retry):
        server = make_server({"RCPT": sequence("451 4.3.0 Later", None)})
        spool(server.relay, "--retry", retry)
        submit(postern, ADDRESS)
        wait_until(lambda: postern.queue()[0].get("next_attempt"), "the end of the first attempt")
        return server

    return hold


def test_the_programs_see_the_clock_that_is_set(postern, clock):
    clock.set(-1000 * DAY)
    submit(postern, "one@b.test")
    row = postern.queue()[0]
    assert row["submitted"][:4] <= time.strftime("%Y", time.gmtime(time.time() - 900 * DAY)), row


def test_mail_does_not_wait_for_a_clock_that_was_set_back(postern, clock, server_of_a_held_message):
    server = server_of_a_held_message("2s")
    clock.set(-DAY)
    submit(postern, "two@b.test")
    wait_until(lambda: len(server.received) == 2, "both messages", seconds=45)
    settle(postern)
    assert sorted(one.recipients[0] for one in server.received) == [ADDRESS, "two@b.test"]


def test_mail_is_sent_once_its_time_has_come_by_the_clock(postern, clock, server_of_a_held_message):
    server = server_of_a_held_message("1h")
    clock.set(2 * HOUR)
    wait_until(lambda: len(server.received) == 1, "the second attempt", seconds=45)
    settle(postern)


def test_every_message_arrives_once_however_the_clock_jumps(postern, clock, catcher, spool):
    spool(catcher.relay, "--retry", "1s")
    with concurrent.futures.ThreadPoolExecutor(SUBMITTERS + 1) as pool:
        jumps = pool.submit(jump, clock)
        expected = set(pool.map(lambda number: (submit(postern, ADDRESS), ADDRESS),
                                range(MESSAGES)))
        jumps.result()
    settle(postern, seconds=20)  # in half a minute the queue is looked at in any case
    assert len(expected) == MESSAGES
    assert counts_of(copies_of(catcher)) == collections.Counter(expected)


def jump(clock):
    chance = random.Random(SEED)
    for _ in range(JUMPS):
        clock.set(chance.choice((1, -1)) * chance.randrange(DAY))
        time.sleep(0.2 * chance.random())


def test_a_slow_disk_slows_everything_and_breaks_nothing(postern, catcher, tmp_path, spool):
    assert postern.sample_file  # is made by a program beside the one under test
    own, postern.program = postern.program, slowed(postern.program, tmp_path)
    spool(catcher.relay)
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(SUBMITTERS) as pool:
        expected = set(pool.map(lambda number: (submit(postern, ADDRESS), ADDRESS), range(8)))
    assert time.monotonic() - began > SYNC_SECONDS, "the disk is not slow"
    postern.program = own
    settle(postern)
    assert len(expected) == 8
    assert counts_of(copies_of(catcher)) == collections.Counter(expected)


def slowed(program, directory):
    """The program on a disk that takes long to make anything durable."""
    strace = find_program("strace")
    slow = directory / "slow-postern"
    slow.write_text(
        f"#!/bin/sh\nexec {strace} -D -f -qq -o /dev/null -e trace=fsync,fdatasync "
        f"-e inject=fsync,fdatasync:delay_enter={int(SYNC_SECONDS * 1e6)} {program} \"$@\"\n",
        encoding="ascii")
    slow.chmod(0o755)
    return slow
