"""The servers of bench/smtp, each able to prove how much it got, and the relay that delays."""

import json
import subprocess
import time

from bench_processes import Failed

SETTLE_SECONDS = 10  # for a server to count what it has answered already
POLL_SECONDS = 0.002
# What commands may take on smtp-sink's wire besides the content, of a message with its own session.
COMMAND_OCTETS = 500
# By how much a round may differ from another because a session more or less was opened.
SESSION_OCTETS = 1000


class PipedServer:
    """A server of bench/control.h: says "listening PORT", ends when its standard input does."""

    def __init__(self, *command):
        self.process = subprocess.Popen(
            [str(word) for word in command], text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        word, _, port = self.process.stdout.readline().partition(" ")
        if word != "listening":
            raise Failed(f"{command[0]} does not listen")
        self.port = int(port)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        return self.process.stdout.readline()

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


class FastSink(PipedServer):
    """bench/fast_sink.cpp."""

    def __init__(self, build, certificate=None):
        tls = ["--certificate", certificate.certificate, "--key", certificate.key] \
            if certificate else []
        super().__init__(build / "bench" / "fast_sink", *tls)

    def report(self):
        return json.loads(self.ask("report"))

    def begin(self, _):
        self.ask("reset")

    def verify(self, messages, octets, _):
        """Its report, once every session is over; raises Failed unless all of it arrived."""
        end = time.monotonic() + SETTLE_SECONDS
        while (report := self.report())["open"] and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
        if (report["messages"], report["octets"]) != (messages, octets):
            raise Failed(f"{report['messages']} messages of {report['octets']} octets arrived "
                         f"instead of {messages} of {octets}")
        return report


class DelayRelay(PipedServer):
    """bench/delay_relay.cpp."""

    def __init__(self, build, port, milliseconds):
        super().__init__(build / "bench" / "delay_relay", "--to", port, "--delay", milliseconds)


class SmtpSink:
    """One smtp-sink. With -c it counts messages; octets are what the kernel saw it read."""

    def __init__(self, *flags):
        from smtp_sink import SmtpSink as Program  # of tests/system
        self.program = Program(*flags, keep=False)

    def count(self):
        """The counter it wrote last: "sess=1 quit=1 mesg=5" and a carriage return."""
        with self.program.child.log.open("rb") as log:
            log.seek(max(0, log.seek(0, 2) - 200))
            _, _, last = log.read().rpartition(b"mesg=")
        return int(last.split()[0]) if last.strip() else 0

    def octets_read(self):
        with open(f"/proc/{self.program.child.pid}/io", encoding="ascii") as figures:
            return int(figures.readline().split()[1])


class SmtpSinkPair:
    """Two smtp-sinks: one that counts, which costs it a tenth of its speed, and one that does not.

    A contender's first round goes to the one that counts. How many octets that one read is the
    measure for the rounds that go to the other: what is said is the same each time, and one
    message that is missing would show.
    """

    def __init__(self):
        self.counting, self.fast = SmtpSink("-c"), SmtpSink()
        self.expected = {}

    def begin(self, contender):
        self.sink = self.fast if contender in self.expected else self.counting
        self.port = self.sink.program.port
        self.contender = contender
        self.counted, self.read = self.sink.count(), self.sink.octets_read()

    def verify(self, messages, _, stuffed_octets):
        """Raises Failed unless all of it arrived; the octets of the content with stuffed dots."""
        if self.sink is self.counting:
            self.expected[self.contender] = self.measure(messages, stuffed_octets)
            return {}
        slack = min(SESSION_OCTETS, stuffed_octets // messages // 2)
        expected, end = self.expected[self.contender], time.monotonic() + SETTLE_SECONDS
        while (read := self.sink.octets_read() - self.read) < expected - slack \
                and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
        if abs(read - expected) > slack:
            raise Failed(f"{read} octets of dialogue arrived instead of {expected}")
        return {}

    def measure(self, messages, stuffed_octets):
        """How many octets of dialogue the counted messages took."""
        end = time.monotonic() + SETTLE_SECONDS
        while (counted := self.sink.count() - self.counted) < messages and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
        read = self.sink.octets_read() - self.read
        if counted != messages or not 0 <= read - stuffed_octets <= messages * COMMAND_OCTETS:
            raise Failed(f"{counted} messages in {read} octets of dialogue arrived instead of "
                         f"{messages} in {stuffed_octets} and some commands")
        return read

    def stop(self):
        self.counting.program.stop()
        self.fast.program.stop()
