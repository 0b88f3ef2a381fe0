"""Out of descriptors, threads or disk, the program pauses, says why and goes on by itself: it never
ends of it, and nobody's mail is bounced."""

import collections
import concurrent.futures
import json
import os
import pathlib
import resource
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest

from dkim_tools import Keys
from mail import message_id
from postern_program import DELIVERED, STILL_QUEUED, Postern
from processes import (LOOPBACK, Child, OnLoopback, free_port, make_directory,
                       on_free_ports, wait_until)
from scripted_server import sequence
from small_disk import fill, mounted

ADDRESSED = ["--from", "sender@a.test", "--to", "ann@b.test"]
MESSAGES = 12
LOCK_SECONDS = float(os.environ.get("POSTERN_LOCK_SECONDS", "40"))
EX_OSERR = 71
NOBODY_ELSES = 61_235  # a user without any other process: the limit of threads counts them all
AT_ONCE = 4  # programs under test; most of their time they rest


class Catcher(OnLoopback):
    """`postern catch`, and what it has caught."""

    def __init__(self, program, port=None):
        self.directory = make_directory()
        self.caught = self.directory / "caught"
        self.caught.mkdir()
        start = lambda free: self._start(program, free)
        start(port) if port else on_free_ports(start)

    def _start(self, program, port):
        self.port = port
        self.child = Child([program, "catch", "--listen", f"{LOOPBACK}:{port}", "--directory",
                            self.caught], self.directory / "log")
        self.child.wait_for_port(port)

    def message_ids(self):
        return sorted(message_id(path.read_bytes()) for path in self.caught.glob("*.eml"))

    def stop(self):
        self.child.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


@pytest.fixture
def catcher(postern):
    server = Catcher(postern.program)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def dkim_options(tmp_path_factory):
    key = Keys(tmp_path_factory.mktemp("keys")).files["ed25519"]
    return ["--dkim", f"a.test:mail:{key}"]


def lowered(which, limit):
    """For Popen: the soft limit, which can be raised again."""
    return lambda: resource.setrlimit(which, (limit, resource.getrlimit(which)[1]))


def ended(process, seconds):
    """Waits so long, then asks the program to end; what it said, and how it ended."""
    try:
        stdout, stderr = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.terminate()
        stdout, stderr = process.communicate(timeout=60)
    return process.returncode, stdout, stderr


def send(postern, relay, limit, options):
    """How it ended, and the Message-IDs of what was submitted."""
    process = postern.start(
        "send", *[postern.sample()] * MESSAGES, "--relay", relay, "--store", postern.store,
        "--json", "--retry", "1s", "--wait", "1", *ADDRESSED, *options,
        preexec_fn=lowered(resource.RLIMIT_NOFILE, limit))
    end = ended(process, 60)
    rows = [json.loads(line) for line in end[1].splitlines()]
    return end, [row["message_id"] for row in rows if row["id"]]


def spool(postern, relay, limit, options):
    submitted = postern.submit([postern.sample()] * MESSAGES, *ADDRESSED)
    assert submitted.status == DELIVERED, submitted.stderr
    process = postern.start(
        "spool", "--relay", relay, "--store", postern.store, "--retry", "1s", "--until-empty",
        *options, preexec_fn=lowered(resource.RLIMIT_NOFILE, limit))
    return ended(process, 1.5), [row["message_id"] for row in submitted.messages]


def play(command, limit, catcher, options, directory):
    """One run under the limit and one without; what is wrong with them, as text."""
    directory.mkdir()
    postern = Postern(directory)
    try:
        (status, stdout, stderr), submitted = command(postern, catcher.relay, limit, options)
        if status not in (DELIVERED, STILL_QUEUED, EX_OSERR):
            return f"{limit}: status {status}: {stderr}"
        if "failed" in stdout or (status == EX_OSERR and "ulimit -n" not in stderr):
            return f"{limit}: {stdout} {stderr}"
        again = postern.spool_until_empty(catcher.relay, *options)
        if again.status != DELIVERED or postern.queue() != [] or postern.inbox() != []:
            return f"{limit}: afterwards {again.stdout} {again.stderr} {postern.inbox()}"
        arrived = collections.Counter(catcher.message_ids())
        if any(arrived[one] != 1 for one in submitted):
            return f"{limit}: arrived {[arrived[one] for one in submitted]} times"
        return None
    finally:
        postern.stop()


@pytest.mark.parametrize("signed", [False, True], ids=["plain", "signed"])
@pytest.mark.parametrize("command", [send, spool], ids=["send", "spool"])
def test_no_limit_of_descriptors_ends_the_program_or_fails_a_recipient(
        catcher, tmp_path, dkim_options, command, signed):
    options = dkim_options if signed else []
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        runs = [pool.submit(play, command, limit, catcher, options, tmp_path / str(limit))
                for limit in range(12 + signed, 61, 3)]
        wrong = [run.result() for run in runs if run.result()]
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def dns_of_b(dns):
    dns.mx("b.example", "mx.b.example")
    dns.a("mx.b.example", "192.0.2.1")
    dns.txt("_mta-sts.b.example", "v=STSv1; id=1;")
    return dns


def send_by_mx(postern, dns, **limits):
    """To a domain whose policy, kept from an earlier run, lets nobody connect to its host."""
    policies = postern.directory / "policies"
    policies.mkdir()
    policies.chmod(0o777)  # another user may run the program
    lines = ["version: STSv1", "mode: enforce", "mx: other.b.example", "max_age: 86400", ""]
    (policies / "b.example.json").write_text(
        json.dumps({"id": "1", "fetched": int(time.time()), "policy": "\n".join(lines)}))
    return ended(postern.start(
        "send", *[postern.sample()] * 3, "--mx", "--dns-server", dns.address, "--mta-sts-cache",
        policies, "--store", postern.store, "--json", "--wait", "1", "--from", "sender@a.example",
        "--to", "ann@b.example", **limits), 60)


def test_no_limit_of_descriptors_makes_a_domain_unreachable_for_good(dns_of_b, tmp_path):
    def play_by_mx(limit):
        (tmp_path / str(limit)).mkdir()
        postern = Postern(tmp_path / str(limit))
        try:
            status, stdout, stderr = send_by_mx(
                postern, dns_of_b, preexec_fn=lowered(resource.RLIMIT_NOFILE, limit))
            good = status in (STILL_QUEUED, EX_OSERR) and "failed" not in stdout
            return None if good else f"{limit}: status {status}: {stdout} {stderr}"
        finally:
            postern.stop()

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = list(filter(None, pool.map(play_by_mx, range(12, 50))))
    assert not wrong, "\n".join(wrong)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start programs as another user")
@pytest.mark.parametrize("threads", range(2, 7))
def test_without_a_thread_for_the_resolver_there_is_a_sentence(dns_of_b, threads):
    postern = Postern(make_directory())
    try:
        postern.directory.chmod(0o777)
        status, stdout, stderr = send_by_mx(
            postern, dns_of_b, user=NOBODY_ELSES - threads,
            preexec_fn=lowered(resource.RLIMIT_NPROC, threads))
        assert status in (STILL_QUEUED, EX_OSERR) and "failed" not in stdout, stderr
        assert "ulimit -u" in stderr
    finally:
        postern.stop()


def test_a_running_spooler_says_once_what_is_missing_and_goes_on(postern, catcher):
    running = postern.start("spool", "--relay", catcher.relay, "--store", postern.store)
    assert "sending from" in running.stdout.readline()
    wait_until(postern.store.with_name("store.socket").exists, "the socket for the operator")
    descriptors = pathlib.Path(f"/proc/{running.pid}/fd")
    used = 1 + max(int(entry.name) for entry in descriptors.iterdir())
    usual = resource.prlimit(running.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(running.pid, resource.RLIMIT_NOFILE, (used, usual[1]))
    submitted = postern.submit([postern.sample()] * MESSAGES, *ADDRESSED)
    assert submitted.status == DELIVERED
    said = running.stderr.readline()
    assert said.startswith("postern: some mail waits: "), said
    assert f"no file descriptor is left (the limit is {used})" in said and "ulimit -n" in said
    with pytest.raises(subprocess.TimeoutExpired):
        running.wait(3)  # and sessions try again meanwhile
    assert catcher.message_ids() == []
    resource.prlimit(running.pid, resource.RLIMIT_NOFILE, usual)
    wait_until(lambda: postern.queue() == [], "the mail to go on by itself", 90)
    running.send_signal(signal.SIGTERM)
    stdout, stderr = running.communicate(timeout=60)
    assert running.returncode == DELIVERED, stderr
    assert stderr == "postern: no mail waits for that any more.\n"
    assert stdout.count("delivered ann@b.test") == MESSAGES
    assert postern.inbox() == []
    assert catcher.message_ids() == sorted(row["message_id"] for row in submitted.messages)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start programs as another user")
@pytest.mark.parametrize("threads", range(1, 9))
def test_works_with_the_threads_that_there_are(catcher, threads):
    directory = make_directory()
    postern = Postern(directory)
    try:
        assert postern.submit([postern.sample()] * 4, *ADDRESSED).status == DELIVERED
        for path in (directory, *directory.rglob("*")):
            os.chown(path, NOBODY_ELSES + threads, -1)
        process = postern.start(
            "spool", "--relay", catcher.relay, "--store", postern.store, "--sessions", "100",
            "--until-empty", user=NOBODY_ELSES + threads,
            preexec_fn=lowered(resource.RLIMIT_NPROC, threads))
        status, stdout, stderr = ended(process, 60)
        assert "ulimit -u" in stderr
        if status == EX_OSERR:
            assert threads < 4, stderr  # the program's own, the engine's, the store's, a session's
        else:
            assert status == DELIVERED, stderr
            assert f"only {threads - 3} of 10 threads work" in stderr
            assert stdout.count("delivered ann@b.test") == 4
    finally:
        postern.stop()


@pytest.fixture
def small_disk():
    with mounted("size=24m") as directory:
        yield directory


def test_a_full_disk_is_waited_out_and_no_message_is_sent_twice(small_disk):
    postern = Postern(small_disk)
    port = free_port()
    try:
        submitted = postern.submit([postern.sample()] * MESSAGES, *ADDRESSED)
        assert submitted.status == DELIVERED
        running = postern.start("spool", "--relay", f"smtp://{LOOPBACK}:{port}", "--store",
                                postern.store, "--retry", "1s")
        assert "nothing is sent until" in running.stderr.readline()
        filling = fill(small_disk)
        lines = iter(running.stderr.readline, "")
        said = next(line for line in lines if "some mail waits: " in line)
        assert "free some space" in said, said
        catcher = Catcher(postern.program, port)
        try:
            filling.unlink()
            wait_until(lambda: postern.queue() == [], "the mail to go on by itself", 120)
            running.send_signal(signal.SIGTERM)
            _, stderr = running.communicate(timeout=60)
            assert running.returncode == DELIVERED, stderr
            assert postern.inbox() == []
            assert catcher.message_ids() == sorted(
                message["message_id"] for message in submitted.messages)
        finally:
            catcher.stop()
    finally:
        postern.stop()


class Locker:
    """Somebody else who writes to the store, a backup say."""

    def __init__(self, store):
        self._store = store
        self._other = None

    def lock(self):
        self._other = sqlite3.connect(self._store, timeout=30, isolation_level=None,
                                      check_same_thread=False)
        self._other.execute("BEGIN IMMEDIATE")

    def unlock(self):
        self._other.execute("ROLLBACK")
        self._other.close()


def test_a_locked_store_is_waited_out_and_no_message_is_sent_twice(postern, make_server):
    """Longer than the program waits for one lock (30 s); what the server said is kept meanwhile."""
    locker = Locker(postern.store)
    assert postern.submit([postern.sample()] * MESSAGES, *ADDRESSED).status == DELIVERED
    server = make_server({"dot": sequence(lambda event: locker.lock(), None)})
    running = postern.start("spool", "--relay", server.relay, "--store", postern.store,
                            "--retry", "1s", "--sessions", "2")
    locked_at = wait_until(lambda: server.taken() and time.monotonic(), "the first message")
    said = running.stderr.readline()
    assert "some mail waits: " in said and "held by another process" in said, said
    time.sleep(max(0.0, locked_at + LOCK_SECONDS - time.monotonic()))
    # What was open already, twice as many messages as sessions.
    assert len(server.taken()) <= 4, "new mail was begun though nothing could be written"
    locker.unlock()
    wait_until(lambda: postern.queue() == [], "the mail to go on by itself", 120)
    running.send_signal(signal.SIGTERM)
    _, stderr = running.communicate(timeout=60)
    assert running.returncode == DELIVERED, stderr
    identities = collections.Counter(message_id(mail.content) for mail in server.taken())
    assert (len(identities), set(identities.values())) == (MESSAGES, {1})
    assert postern.inbox() == []
