"""A maildev of the test's own, from npm, below build/maildev.

It keeps whatever it gets; its HTTP API tells the envelope and gives the octets and attachments.
"""

import json
import shutil
import urllib.parse
import urllib.request

from processes import (LOOPBACK, Child, OnLoopback, find_program, make_directory, on_free_ports,
                       wait_until)
from smtp_sink import Received
from unpacked import unpacked


class MailDev(OnLoopback):
    """A running maildev; `options` are those of its command line."""

    def __init__(self, *options):
        program = unpacked("maildev/node_modules/maildev/bin/maildev", "--maildev")
        node = find_program("node")
        self.directory = make_directory()
        on_free_ports(lambda *ports: self._start(ports, [node, program], options), count=2)

    def _start(self, ports, program, options):
        self.port, self.web_port = ports
        self.child = Child(
            [*program, "--ip", LOOPBACK, "--smtp", self.port, "--web", self.web_port,
             "--mail-directory", self.directory / "mail", *options],
            self.directory / "log")
        self.child.wait_for_port(self.port)
        self.child.wait_for_port(self.web_port)

    def mails(self):
        """What the API says of each message, oldest first."""
        return json.loads(self._get("/email"))

    def wait_for(self, count):
        """The API's words, as soon as there are `count` messages or more."""
        wait_until(lambda: len(self.mails()) >= count, f"{count} messages at maildev")
        return self.mails()

    def received(self, mail):
        """One of `mails` with its envelope and octets."""
        envelope = mail["envelope"]
        return Received(envelope["from"]["address"], [to["address"] for to in envelope["to"]],
                        self._get(f"/email/{mail['id']}/source"))

    def attachment(self, mail, name):
        return self._get(f"/email/{mail['id']}/attachment/{urllib.parse.quote(name)}")

    def _get(self, path):
        with urllib.request.urlopen(f"http://{LOOPBACK}:{self.web_port}{path}", timeout=20) as answer:
            return answer.read()

    def stop(self):
        self.child.stop()
        shutil.rmtree(self.directory)
