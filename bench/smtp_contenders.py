"""Who sends in bench/smtp: each takes a Task and returns its seconds and processor seconds."""

import concurrent.futures
import dataclasses
import pathlib
import sys
import time

from bench_processes import Failed, find_program, run_sender, run_whole

SENDER, RECIPIENT = "sender@a.test", "recipient@b.test"


@dataclasses.dataclass(frozen=True)
class Message:
    """Exactly so many octets; every eighth line begins with a dot."""
    octets: int
    crlf: pathlib.Path
    lf: pathlib.Path     # the same for programs that write CRLF for each line of their input
    dots: int            # to be stuffed


@dataclasses.dataclass(frozen=True)
class Task:
    build: pathlib.Path
    port: int
    message: Message
    messages: int
    sessions: int
    certificate: pathlib.Path = None  # STARTTLS, verified against it


def make_message(directory, octets):
    """Writes both files."""
    head = [f"From: <{SENDER}>", f"To: <{RECIPIENT}>", "Subject: A message of the SMTP benchmark",
            "Date: Mon, 01 Jan 2024 00:00:00 +0000", "Message-ID: <1@bench.test>", ""]
    text = "Sphinx of black quartz, judge my vow; pack my box with five dozen jugs."
    lines, left = list(head), octets - sum(len(line) + 2 for line in head)
    while left > 2 * (len(text) + 2):
        line = "." + text[1:] if len(lines) % 8 == 0 else text
        lines.append(line)
        left -= len(line) + 2
    lines.append("x" * (left - 2))
    made = Message(octets, directory / f"{octets}.crlf", directory / f"{octets}.lf",
                   sum(line.startswith(".") for line in lines))
    made.crlf.write_bytes("".join(line + "\r\n" for line in lines).encode())
    made.lf.write_bytes("".join(line + "\n" for line in lines).encode())
    return made


def sender_words(task):
    words = ["--port", task.port, "--message", task.message.crlf,
             "--messages", task.messages, "--sessions", task.sessions]
    return words + (["--ca-file", task.certificate] if task.certificate else [])


def postern(mode):
    """The engine, held to a mode."""
    def send(task):
        return run_sender([task.build / "bench" / "smtp_postern", "--mode", mode,
                           *sender_words(task)])
    return send


def libcurl(task):
    return run_sender([task.build / "bench" / "curl_sender", *sender_words(task)])


def smtplib(task):
    program = pathlib.Path(__file__).with_name("smtplib_sender.py")
    return run_sender([sys.executable, program, *sender_words(task)])


def installed(name):
    program = find_program(name)
    if program is None:
        raise Failed(f"{name} is not installed: scripts/install-dependencies.sh --bench")
    return program


def smtp_source(task):
    return run_whole([installed("smtp-source"), "-d", "-s", task.sessions, "-m", task.messages,
                      "-F", task.message.lf, "-f", SENDER, "-t", RECIPIENT,
                      f"127.0.0.1:{task.port}"])


def msmtp(task):
    command = [installed("msmtp"), "--host=127.0.0.1", f"--port={task.port}", "--tls=off",
               "--auth=off", "--domain=bench.test", f"--from={SENDER}", RECIPIENT]

    def send_one(_):
        with task.message.lf.open("rb") as message:
            return run_whole(command, message)[1]

    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(task.sessions) as pool:
        cpu = sum(pool.map(send_one, range(task.messages)))
    return time.monotonic() - start, cpu


@dataclasses.dataclass(frozen=True)
class Contender:
    """`share` and `delayed_share` of a scenario's messages keep its rounds as short as others'."""
    send: object
    share: float
    delayed_share: float
    extra_octets: int = 0  # it adds to each message


CONTENDERS = {
    "lock-step": Contender(postern("lock-step"), 0.5, 0.25),
    "pipelined": Contender(postern("pipelined"), 1, 0.5),
    "grouped": Contender(postern("grouped"), 1, 1),
    "chunked": Contender(postern("chunked"), 1, 1),
    "overlapped": Contender(postern("overlapped"), 4, 6),
    "libcurl": Contender(libcurl, 0.5, 0.25),
    "smtp-source": Contender(smtp_source, 0.5, 0.25, extra_octets=2),  # an empty line at the end
    "smtplib": Contender(smtplib, 0.25, 0.25),
    "msmtp": Contender(msmtp, 0.004, 0.05),
}
