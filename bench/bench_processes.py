"""Programs under measurement: timed, held to their agreement, ended when they hang."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time

GIVE_UP_SECONDS = 120


def require_program(parser, build, name):
    """Ends the benchmark with a sentence where the program was not built."""
    if not (build / "bench" / name).exists():
        parser.error(f"{name} is not built: cmake --build {build} --target bench_programs")


class Failed(Exception):
    """A run that is no result; one sentence."""


class Run:
    """One run of a program: how long it took and the processor time it used, in seconds."""

    def __init__(self, command, stdin=None):
        self.name = pathlib.Path(command[0]).name
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [str(word) for word in command], text=True, bufsize=1,
            stdin=stdin or subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)
        self.guard = threading.Timer(GIVE_UP_SECONDS, self.process.kill)
        self.guard.start()

    def expect(self, word):
        if self.process.stdout.readline().strip() != word:
            self.end()
            raise Failed(f"{self.name} did not say {word}")

    def cpu_so_far(self):
        """Of its first thread; before it is told to go it has no other."""
        with open(f"/proc/{self.process.pid}/schedstat", encoding="ascii") as figures:
            return int(figures.read().split()[0]) / 1e9

    def end(self):
        """Waits for its end; the processor time of its whole life."""
        self.process.stdout.read()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.guard.cancel()
        if self.process.returncode != 0:
            self.errors.seek(0)
            said = self.errors.read().decode(errors="replace").strip().splitlines()
            raise Failed(said[-1] if said else
                         f"{self.name} ended with status {self.process.returncode}")
        return usage.ru_utime + usage.ru_stime


def run_sender(command):
    """A program of bench/sender.h, from "go" to "done"; returns seconds and processor seconds."""
    run = Run(command)
    run.expect("ready")
    before = run.cpu_so_far()
    start = time.monotonic()
    run.process.stdin.write("go\n")
    run.expect("done")
    seconds = time.monotonic() - start
    return seconds, run.end() - before


def run_whole(command, stdin=None):
    """Any other program, from its start to its end."""
    start = time.monotonic()
    cpu = Run(command, stdin).end()
    return time.monotonic() - start, cpu


def find_program(name):
    """Its path, or None; Debian's servers lie in /usr/sbin, often not in PATH."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
