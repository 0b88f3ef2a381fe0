"""Two machines in one: a network namespace in which the program runs, and one for the servers that
it reaches, joined by a cable. What the program sends to the servers' machine for addresses that
nobody has is lost without a word, as in a broken network."""

import ctypes
import json
import os
import subprocess
import threading

from processes import find_program, unavailable

CLIENT, SERVER = "198.18.0.1", "198.18.0.2"
# Sent to the servers' machine, which it is not an address of; in the order of RFC 6724 it is as near as
# SERVER, so that a resolver keeps the order it finds them in.
NOBODY = "198.18.0.3"
CLONE_NEWNET = 0x40000000


class TwoMachines:
    def __init__(self, directory):
        self._ip = find_program("ip")
        self._nsenter = find_program("nsenter")
        self._directory = directory
        self.client, self.server = (f"postern-{os.getpid()}-{side}" for side in "cs")
        self._made = []
        try:
            self._connect()
        except subprocess.CalledProcessError as error:
            self.stop()
            unavailable(f"network namespaces cannot be made here: {error.stderr.strip()}")

    def _connect(self):
        for namespace in (self.client, self.server):
            self._run("netns", "add", namespace)
            self._made.append(namespace)
            self._run("-n", namespace, "link", "set", "lo", "up")
        self._run("link", "add", "cable", "netns", self.client, "type", "veth", "peer", "name",
                  "cable", "netns", self.server)
        for namespace, address in ((self.client, CLIENT), (self.server, SERVER)):
            self._run("-n", namespace, "address", "add", f"{address}/16", "dev", "cable")
            self._run("-n", namespace, "link", "set", "cable", "up")
        link = json.loads(self._run("-n", self.server, "-json", "link", "show", "cable"))[0]
        self._run("-n", self.client, "neighbour", "add", NOBODY, "lladdr", link["address"], "dev",
                  "cable")

    def _run(self, *words):
        return subprocess.run([self._ip, *words], check=True, capture_output=True,
                              text=True).stdout

    def add_address(self, address):
        """One more of the servers' machine."""
        self._run("-n", self.server, "address", "add", f"{address}/16", "dev", "cable")

    def on_servers_machine(self, make):
        """What `make` returns; sockets that it opens are the servers' machine's."""
        made = []

        def enter_and_make():
            with open(f"/run/netns/{self.server}", encoding="ascii") as namespace:
                library = ctypes.CDLL(None, use_errno=True)
                assert library.setns(namespace.fileno(), CLONE_NEWNET) == 0
            made.append(make())

        thread = threading.Thread(target=enter_and_make)
        thread.start()
        thread.join()
        return made[0]

    def program(self, program, **files):
        """A program that runs this one on the client's machine, where /etc has these files."""
        mounts = []
        for name, text in files.items():
            file = self._directory / name
            file.write_text(text)
            mounts.append(f"mount --bind '{file}' '/etc/{name}' &&")
        wrapper = self._directory / "on_client"
        wrapper.write_text(
            f"#!/bin/sh\nexec '{self._nsenter}' '--net=/run/netns/{self.client}' unshare --mount "
            f"/bin/sh -c \"{' '.join(mounts)} exec '{program}' \\\"\\$@\\\"\" postern \"$@\"\n")
        wrapper.chmod(0o755)
        return wrapper

    def stop(self):
        for namespace in self._made:
            subprocess.run([self._ip, "netns", "delete", namespace], check=False,
                           capture_output=True)
        self._made.clear()
