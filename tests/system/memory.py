"""The peak memory of a program.

The kernel counts what a process held before its exec() into its peak, and a child of the tests
begins as their copy, some 50 MB big. So the program is started by a small Python that has little
to copy and that reports what wait4(2) says; run as a script, this file is that small Python.
"""

import dataclasses
import os
import subprocess
import sys


@dataclasses.dataclass(frozen=True)
class Measured:
    status: int
    peak_octets: int
    stdout: bytes
    stderr: bytes


def measured(command, seconds=600, stdin=subprocess.DEVNULL):
    """Runs a program to its end and measures it, with the children it waited for."""
    read_end, write_end = os.pipe()
    launcher = [sys.executable, "-I", "-S", __file__, str(write_end), *map(str, command)]
    with subprocess.Popen(launcher, stdin=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, pass_fds=[write_end]) as process:
        os.close(write_end)
        stdout, stderr = process.communicate(timeout=seconds)
    with os.fdopen(read_end) as report:
        status, peak_kib = map(int, report.read().split())
    return Measured(status, peak_kib * 1024, stdout, stderr)


def launch(report, command):
    child = os.posix_spawn(command[0], command, os.environ,
                           file_actions=[(os.POSIX_SPAWN_CLOSE, report)])
    _, wait_status, usage = os.wait4(child, 0)
    os.write(report, f"{os.waitstatus_to_exitcode(wait_status)} {usage.ru_maxrss}".encode())


if __name__ == "__main__":
    launch(int(sys.argv[1]), sys.argv[2:])
