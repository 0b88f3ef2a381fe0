"""The project's own catcher, postern catch, and what it has caught."""

import json
import re

from processes import LOOPBACK, Child, OnLoopback, wait_until


class Catcher(OnLoopback):
    """Keeps what it gets as files; recipients with the names it knows are refused."""

    def __init__(self, program, directory):
        self.directory = directory / "caught"
        self.directory.mkdir()
        self._child = Child([program, "catch", "--listen", f"{LOOPBACK}:0", "--directory",
                             self.directory], directory / "catch.log")
        try:
            self.port = int(wait_until(self._said_port, "the catcher's port"))
        except BaseException:
            self.stop()
            raise

    def _said_port(self):
        said = re.search(r"listening on port (\d+)\n", self._child.output())
        assert said or self._child.running(), self._child.output()
        return said and said[1]

    def wait_for(self, count):
        """So many messages, each as its envelope (an object) and its octets."""
        envelopes = wait_until(lambda: self._envelopes(count), f"{count} caught messages")
        return [(json.loads(path.read_text()), path.with_suffix(".eml").read_bytes())
                for path in envelopes]

    def _envelopes(self, count):
        paths = sorted(self.directory.glob("*.json"))
        return paths if len(paths) >= count else None

    def stop(self):
        self._child.stop()
