"""smtp-sink, Postfix's own test server: takes mail and writes each transaction to a file.

Its flags play refusals and disconnections (see smtp-sink(1)): -f COMMANDS answers 5xx, -r 4xx,
-q closes without a reply, -Q answers 421 and closes; "." stands for the end of the content.
"""

import dataclasses
import getpass
import os
import shutil

from processes import Child, OnLoopback, find_program, make_directory, on_free_ports, wait_until


@dataclasses.dataclass(frozen=True)
class Received:
    """One message as a server got it."""
    sender: str
    recipients: list
    content: bytes
    mail_parameters: str = ""
    rcpt_parameters: tuple = ()


def read_dump(path):
    """Reads one dump file: smtp-sink's own header lines, then the message, then an empty line."""
    header, arguments = 0, {"X-Mail-Args": [], "X-Rcpt-Args": []}
    data = path.read_bytes()
    while (end := data.index(b"\n", header)) and data[header:end].startswith(b"X-"):
        name, _, value = data[header:end].decode("utf-8", "surrogateescape").partition(": ")
        arguments.setdefault(name, []).append(value.strip())
        header = end + 1
    split = [argument.partition(">") for argument in arguments["X-Rcpt-Args"]]
    mail, _, mail_parameters = arguments["X-Mail-Args"][0].partition(">")
    return Received(
        sender=mail.lstrip("<"),
        recipients=[path.lstrip("<") for path, _, _ in split],
        content=data[header:-1],
        mail_parameters=mail_parameters.strip(),
        rcpt_parameters=tuple(parameters.strip() for _, _, parameters in split))


class SmtpSink(OnLoopback):
    """A running smtp-sink; `flags` are handed on. Dumps are kept unless `keep` is False."""

    def __init__(self, *flags, keep=True, port=None):
        self.directory = make_directory()
        self.dump_directory = self.directory / "dump"
        self.dump_directory.mkdir()
        program = find_program("smtp-sink")
        if os.geteuid() == 0:  # smtp-sink refuses to run as root unless it is told to
            flags += ("-u", getpass.getuser())
        if keep:
            flags += ("-d", f"{self.dump_directory}/%Y%m%d%H%M%S.")
        if port is not None:
            self._start(port, program, flags)
        else:
            on_free_ports(lambda free: self._start(free, program, flags))

    def _start(self, port, program, flags):
        self.port = port
        self.child = Child([program, *flags, self.address, "128"], self.directory / "log")
        self.child.wait_for_port(port)

    def dumps(self):
        """The files of finished transactions, oldest first."""
        finished = [path for path in self.dump_directory.iterdir() if ends_with_empty_line(path)]
        return sorted(finished, key=lambda path: path.stat().st_mtime_ns)

    def messages(self):
        return [read_dump(path) for path in self.dumps()]

    def wait_for(self, count, seconds=60):
        """The messages, as soon as there are `count` of them or more."""
        wait_until(lambda: len(self.dumps()) >= count, f"{count} messages at smtp-sink", seconds)
        return self.messages()

    def stop(self):
        self.child.stop()
        shutil.rmtree(self.directory)


def ends_with_empty_line(path):
    with path.open("rb") as dump:
        size = dump.seek(0, os.SEEK_END)
        dump.seek(max(0, size - 2))
        return dump.read() == b"\n\n"
