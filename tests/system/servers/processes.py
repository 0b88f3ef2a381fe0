"""Children of the tests: found where Debian puts them, waited for, and ended by their own pid.

A server that a test needs and that is not installed fails the test where everything has to be
there (CI=true) and skips it with one clear line elsewhere.
"""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pytest

LOOPBACK = "127.0.0.1"
START_SECONDS = 20
START_TRIES = 3


class DidNotStart(Exception):
    """A child ended, or never listened, during its start."""


def unavailable(what):
    """Ends the test because something it needs is missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}; with CI=true everything the tests need must be there", pytrace=False)
    pytest.skip(what)


def find_program(name):
    """The path of an installed program; Debian's servers lie in /usr/sbin, often not in PATH."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/lib/postfix/sbin")
    if path is None:
        unavailable(f"the program {name} is not installed")
    return path


class OnLoopback:
    """A server that listens at `port` of the loopback address."""

    port = None

    @property
    def address(self):
        return f"{LOOPBACK}:{self.port}"

    @property
    def relay(self):
        return f"smtp://{self.address}"


def free_port():
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def on_free_ports(start, count=1):
    """What `start` makes of free ports, tried again: another program may take one before it does."""
    for _ in range(START_TRIES - 1):
        try:
            return start(*(free_port() for _ in range(count)))
        except DidNotStart:
            pass
    return start(*(free_port() for _ in range(count)))


def wait_until(condition, what, seconds=30):
    """The first true value of `condition`; fails the test naming `what` when it never comes."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            pytest.fail(f"after {seconds} s still waiting for {what}")
        time.sleep(0.02)
    return value


def children_of(pid):
    """The pids of a process's children."""
    return {int(child) for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children")
            for child in task.read_text().split()}


def is_connected(port):
    """Whether somebody is still talking to the server at a port, or has left what it has not read."""
    established, half_closed = "01", "08"
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(row[1].endswith(f":{port:04X}") and row[3] in (established, half_closed)
               for row in rows)


def make_directory():
    """A new directory that servers running under other users can reach, unlike pytest's own."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="postern-test-"))
    path.chmod(0o755)
    return path


class Child:
    """A running program whose output goes to a file; ended by its pid."""

    def __init__(self, command, log, **options):
        self.command = [str(word) for word in command]
        self.log = log
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **options)

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process.poll() is None

    def output(self):
        return self.log.read_text(errors="replace")

    def wait_for_port(self, port):
        """Returns once the child listens on the port; where it never does, it is ended."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.running():
            with socket.socket() as probe:
                if probe.connect_ex((LOOPBACK, port)) == 0:
                    return
            time.sleep(0.02)
        self.stop()
        raise DidNotStart(f"{' '.join(self.command)}: {self.output()}")

    def stop(self, seconds=20):
        """Asks the child to end, and insists after a while; returns its exit status."""
        if self.running():
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode

    def kill_session(self):
        """SIGKILL for all that a child with a session of its own has started, and for itself."""
        if self.running():
            os.killpg(self.pid, signal.SIGKILL)
            self.process.wait()

    def kill(self):
        """SIGKILL; returns when the child is gone."""
        self.process.kill()
        self.process.wait()
