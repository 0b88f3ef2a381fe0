"""How many submissions a second a store takes, beside what its disk can do: bench/queue
--submissions.

The contenders take turns: a file to which the octets of one message after the other are appended,
each with an fdatasync of its own; the same file with one fdatasync for all threads that wait; and
Postern's store, alone and by the same number of threads, with nothing sent meanwhile. A first round
of each is not counted."""

import pathlib
import shutil
import statistics
import subprocess
import tempfile

CONTENDERS = {
    "append, fdatasync": ["--file", "appended", "--threads", 1],
    "append, together": ["--file", "together", "--together"],
    "postern, 1 thread": ["--store", "store", "--threads", 1],
    "postern": ["--store", "store"],
}


def seconds_of(options, directory, words):
    kind, name, *others = words
    threads = [] if "--threads" in others else ["--threads", options.submitters]
    command = [options.build / "bench" / "submit_postern", kind, directory / name, *others,
               *threads, "--messages", options.messages, "--octets", options.octets]
    done = subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE)
    return float(done.stdout)


def measure(options):
    """Name to the median of messages a second."""
    rounds = {name: [] for name in CONTENDERS}
    for number in range(options.rounds + 1):
        for name, words in CONTENDERS.items():
            directory = pathlib.Path(tempfile.mkdtemp(prefix="postern-bench-",
                                                      dir=options.directory))
            try:
                seconds = seconds_of(options, directory, words)
            finally:
                shutil.rmtree(directory, ignore_errors=True)
            if number:
                rounds[name].append(options.messages / seconds)
    return {name: round(statistics.median(figures), 1) for name, figures in rounds.items()}


def print_table(options, figures):
    print(f"{options.messages} messages of {options.octets} octets, {options.submitters} threads, "
          f"median of {options.rounds} rounds, messages a second")
    reference = figures["append, fdatasync"]
    for name, figure in figures.items():
        print(f"{name:20}{figure:>10}{figure / reference:>8.2f}")
