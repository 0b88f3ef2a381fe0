"""The program under test: build/postern, or wherever POSTERN_PROGRAM says."""

import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess

from processes import unavailable

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]

# What the exit statuses mean; from 64 up they are those of sysexits(3).
DELIVERED, SOME_FAILED, STILL_QUEUED = 0, 1, 2
EX_USAGE, EX_DATAERR, EX_NOINPUT, EX_UNAVAILABLE = 64, 65, 66, 69
EX_CANTCREAT, EX_IOERR, EX_TEMPFAIL, EX_NOPERM, EX_CONFIG = 73, 74, 75, 77, 78

# Options of `postern send` for one attempt and no second one.
ONE_ATTEMPT = ("--retry", "1h")


def program():
    path = pathlib.Path(os.environ.get("POSTERN_PROGRAM", REPOSITORY / "build" / "postern"))
    if not path.exists():
        unavailable(f"{path} is not built")
    return path


def example(name):
    """An example program of examples/, built beside the program under test."""
    path = program().parent / "examples" / name / f"{name}_example"
    if not path.exists():
        unavailable(f"{path} is not built")
    return path


@dataclasses.dataclass(frozen=True)
class Result:
    """How one run of the program ended."""
    status: int
    stdout: str
    stderr: str

    @property
    def messages(self):
        """With --json: one object a line, one line a message."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def message(self):
        """The only message."""
        messages = self.messages
        assert len(messages) == 1, f"expected one line, got: {self.stdout!r} {self.stderr!r}"
        return messages[0]

    @property
    def verdicts(self):
        """Address to verdict, for the only message."""
        return {row["address"]: row["verdict"] for row in self.message["recipients"]}

    def row(self, address):
        """What is said of one recipient of the only message."""
        rows = [row for row in self.message["recipients"] if row["address"] == address]
        assert len(rows) == 1, f"{address} is not there once: {self.message}"
        return rows[0]


class Postern:
    """The program with a store of its own; its children are ended when the test ends."""

    def __init__(self, directory):
        self.program = program()
        self.directory = directory
        self.store = directory / "store"
        self.environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(directory),
                            "LC_ALL": "C.UTF-8"}
        self._running = []

    def start(self, *arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
              stderr=subprocess.PIPE, **options):
        """Starts the program; the caller waits for it."""
        process = subprocess.Popen(
            [str(word) for word in (self.program, *arguments)], env=self.environment,
            stdin=stdin, stdout=stdout, stderr=stderr,
            text=True, errors="surrogateescape", **options)
        self._running.append(process)
        return process

    def start_elsewhere(self, program, *arguments, **options):
        """Starts another program in place of this one, on another machine say."""
        own, self.program = self.program, program
        try:
            return self.start(*arguments, **options)
        finally:
            self.program = own

    @property
    def sample_file(self):
        """A message, which is made once."""
        path = self.directory / "sample.msg"
        return path if path.exists() else self.sample()

    def run(self, *arguments, seconds=120):
        process = self.start(*arguments)
        stdout, stderr = process.communicate(timeout=seconds)
        assert process.returncode >= 0, (
            f"postern died of {signal.Signals(-process.returncode).name}: {stderr}")
        return Result(process.returncode, stdout, stderr)

    def send(self, files, relay, *options, seconds=120):
        return self.run("send", *listed(files), "--relay", relay, "--store", self.store, "--json",
                        *options, seconds=seconds)

    def send_by_mx(self, files, dns, *options, seconds=120):
        return self.run("send", *listed(files), "--mx", "--dns-server", dns.address, "--store",
                        self.store, "--json", *options, seconds=seconds)

    def submit(self, files, *options):
        return self.run("submit", *listed(files), "--store", self.store, "--json", *options)

    def spool_until_empty(self, relay, *options, seconds=120):
        return self.run("spool", "--relay", relay, "--store", self.store, "--retry", "1s",
                        "--until-empty", "--flush", *options, seconds=seconds)

    def queue(self):
        return self._listing("queue")

    def inbox(self):
        return self._listing("inbox")

    def show(self, identity):
        result = self.run("show", identity, "--json", "--store", self.store)
        assert result.status == 0, result.stderr
        return json.loads(result.stdout)

    def _listing(self, what):
        result = self.run(what, "--json", "--store", self.store)
        assert result.status == 0, result.stderr
        return result.messages

    def sample(self, name="sample.msg", *options):
        """A .msg file made by the program's companion."""
        path = self.directory / name
        companion = self.program.with_name("postern-sample")
        if not companion.exists():
            unavailable(f"{companion} is not built")
        subprocess.run([str(word) for word in (companion, path, *options)], check=True,
                       capture_output=True)
        return path

    def convert(self, path):
        """The MIME it makes of a file, in octets."""
        run = subprocess.run([str(word) for word in (self.program, "convert", path)],
                             capture_output=True, timeout=120)
        assert run.returncode == 0, run.stderr
        return run.stdout

    def stop(self):
        """Ends what still runs and removes the directory: some tests fill gigabytes."""
        for process in self._running:
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()
        shutil.rmtree(self.directory, ignore_errors=True)


def listed(files):
    return files if isinstance(files, (list, tuple)) else [files]
