"""Processes of one command that are started again and again at random instants, to be disturbed."""

import contextlib
import json
import random
import signal
import threading
import time

from postern_program import DELIVERED


def acknowledged_in(printed):
    """A line that was cut short by a kill promises nothing; a message that was refused has no id."""
    lines = [line for line in printed.splitlines(keepends=True)
             if line.startswith("{") and line.endswith("\n")]
    return {json.loads(line)["message_id"] for line in lines} - {""}


class Crowd:
    """So many processes at once; what they were told with --json is kept. `at_end`: called with the
    one that has ended, before the next one starts in its place."""

    def __init__(self, postern, count, seed, *words, may_end_with=(DELIVERED,), longest_pause=1.0,
                 at_end=lambda process: None):
        self._postern = postern
        self._words = words
        self._longest_pause = longest_pause
        self._may_end_with = (*may_end_with, -signal.SIGKILL)
        self._at_end = at_end
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._running = set()
        self.acknowledged = set()
        self.faults = []
        self._threads = [threading.Thread(target=self._run, args=(random.Random(seed + number),))
                         for number in range(count)]
        for thread in self._threads:
            thread.start()

    def _run(self, chance):
        while not self._over.wait(self._longest_pause * chance.random()):
            with self._lock:
                process = self._postern.start(*self._words)
                self._running.add(process)
            printed, said = process.communicate()
            with self._lock:
                self._running.discard(process)
                self.acknowledged |= acknowledged_in(printed)
                if process.returncode not in self._may_end_with:
                    self.faults.append((process.returncode, said))
            self._at_end(process)

    def some(self, chance):
        """One of those that run, or None."""
        with self._lock:
            running = sorted(self._running, key=lambda process: process.pid)
        return chance.choice(running) if running else None

    def kill_one(self, chance):
        """Whether there was one."""
        process = self.some(chance)
        if process is not None:
            process.kill()
        return process is not None

    def hold_one(self, chance, seconds):
        """Stops one, and continues it after so many seconds. Whether there was one."""
        process = self.some(chance)
        if process is None:
            return False
        process.send_signal(signal.SIGSTOP)
        with contextlib.ExitStack() as stack:
            stack.callback(process.send_signal, signal.SIGCONT)
            time.sleep(seconds)
        return True

    def signal_all(self, number):
        with self._lock:
            for process in self._running:
                process.send_signal(number)

    def stop(self):
        """Waits for those that run."""
        self._over.set()
        for thread in self._threads:
            thread.join()
