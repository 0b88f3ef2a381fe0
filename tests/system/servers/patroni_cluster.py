"""Three machines, each a network namespace with etcd, Patroni and PostgreSQL as Debian has them, and
a fourth one for those that use the database; the cable of each machine can be pulled out.

Replication is synchronous: what is committed is on the disks of two machines."""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import time

from postgresql_server import NotInstalled, program_directory
from postern_program import REPOSITORY
from processes import find_program, make_directory, unavailable

CLIENT_ADDRESS = "198.18.4.100"
NODES = 3
START_SECONDS = 120

# A primary that is not heard of for so long is one no more. Patroni asks for 20 in production.
SECONDS_TO_LIVE = 8
PASSWORD = "a password of the cluster"
SECONDS_TO_FOLLOW = 30


def address_of(number):
    return f"198.18.4.{number + 1}"


class Node:
    """One machine, which runs docker/cluster/node; its processes are ended by their ids."""

    def __init__(self, cluster, number):
        self.cluster, self.number = cluster, number
        self.name, self.address = f"n{number}", address_of(number)
        self.namespace = f"postern-{os.getpid()}-{self.name}"
        self.directory = cluster.directory / self.name
        self.directory.mkdir()
        owner = pwd.getpwnam("postgres")
        os.chown(self.directory, owner.pw_uid, owner.pw_gid)
        self._process = None

    def start(self):
        nodes = ",".join(f"n{number}={address_of(number)}" for number in range(NODES))
        environment = {"PATH": os.environ.get("PATH", "") + ":/usr/bin", "LC_ALL": "C.UTF-8",
                       "HOME": "/nonexistent", "NODE": self.name, "NODES": nodes,
                       "NETWORK": "198.18.4.0/24", "PASSWORD": PASSWORD,
                       "DIRECTORY": str(self.directory), "SECONDS_TO_LIVE": str(SECONDS_TO_LIVE)}
        command = [find_program("ip"), "netns", "exec", self.namespace, find_program("setpriv"),
                   "--reuid=postgres", "--regid=postgres", "--clear-groups", sys.executable,
                   "-B", REPOSITORY / "docker" / "cluster" / "node"]
        with open(self.directory / "log", "ab") as log:
            self._process = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd="/", env=environment, start_new_session=True)

    def postmaster(self):
        """Its process id, or None."""
        try:
            pid = int((self.directory / "data" / "postmaster.pid").read_text().split()[0])
            command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return None
        return pid if str(self.directory).encode() in command else None

    def kill_postgresql(self):
        pid = self.postmaster()
        if pid:
            os.kill(pid, signal.SIGKILL)

    def kill(self):
        """As if its power were cut, but for what the disk has not."""
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self.kill_postgresql()
        end = time.monotonic() + 10
        while self.postmaster() and time.monotonic() < end:
            time.sleep(0.02)

    def log(self):
        return (self.directory / "log").read_text(errors="replace")

    def is_primary(self):
        return self._asked("/primary")

    def _asked(self, path):
        code = ("import urllib.request,sys\n"
                f"try: urllib.request.urlopen('http://{self.address}:8008{path}', timeout=1)\n"
                "except Exception: sys.exit(1)")
        return self.cluster.on_client([sys.executable, "-c", code]).returncode == 0

    def is_synchronous(self):
        """Whether it may take over: it has all that was acknowledged."""
        return self._asked("/synchronous")

    def standbys(self):
        """The names of those that follow this primary."""
        code = ("import json,urllib.request\n"
                f"said = json.load(urllib.request.urlopen('http://{self.address}:8008', timeout=1))\n"
                "print(*(one['application_name'] for one in said.get('replication', [])\n"
                "        if one['state'] == 'streaming'))")
        asked = self.cluster.on_client([sys.executable, "-c", code])
        return set(asked.stdout.split())

    def make_anew(self):
        """Another copy of the primary, in place of what cannot follow it any more."""
        self.kill()
        shutil.rmtree(self.directory / "data")
        self.start()


class PatroniCluster:
    """Running from its making on."""

    def __init__(self):
        for name in ("etcd", "patroni", "setpriv"):
            find_program(name)
        try:
            program_directory()
        except NotInstalled as why:
            unavailable(str(why))
        self._ip = find_program("ip")
        self.made_anew = 0
        self.directory = make_directory()
        self.client = f"postern-{os.getpid()}-client"
        self.nodes = [Node(self, number) for number in range(NODES)]
        try:
            self._connect()
            for node in self.nodes:
                node.start()
            self.wait_until_whole()
        except subprocess.CalledProcessError as error:
            self.stop()
            unavailable(f"network namespaces cannot be made here: {error.stderr.strip()}")
        except BaseException:
            self.stop()
            raise

    def _connect(self):
        self._run("netns", "add", self.client)
        self._run("-n", self.client, "link", "set", "lo", "up")
        self._run("-n", self.client, "link", "add", "switch", "type", "bridge")
        self._run("-n", self.client, "address", "add", f"{CLIENT_ADDRESS}/24", "dev", "switch")
        self._run("-n", self.client, "link", "set", "switch", "up")
        for node in self.nodes:
            self._run("netns", "add", node.namespace)
            self._run("-n", node.namespace, "link", "set", "lo", "up")
            self._run("-n", self.client, "link", "add", node.name, "type", "veth", "peer", "name",
                      "cable", "netns", node.namespace)
            self._run("-n", self.client, "link", "set", node.name, "master", "switch", "up")
            self._run("-n", node.namespace, "address", "add", f"{node.address}/24", "dev", "cable")
            self._run("-n", node.namespace, "link", "set", "cable", "up")

    def _run(self, *words):
        subprocess.run([self._ip, *words], check=True, capture_output=True, text=True)

    def on_client(self, words):
        return subprocess.run([self._ip, "netns", "exec", self.client, *words],
                              capture_output=True, text=True)

    def program(self, program, directory):
        """A program that runs this one on the client's machine, with the same process id."""
        wrapper = directory / "on_client"
        wrapper.write_text(f"#!/bin/sh\nexec '{self._ip}' netns exec {self.client} '{program}' "
                           "\"$@\"\n")
        wrapper.chmod(0o755)
        return wrapper

    @property
    def url(self):
        hosts = ",".join(node.address for node in self.nodes)
        return f"postgresql://postern@{hosts}/postgres"

    def primary(self):
        return next((node for node in self.nodes if node.is_primary()), None)

    def can_acknowledge(self):
        """Whether there is a primary that another one follows."""
        return any(node.is_primary() for node in self.nodes) and any(
            node.is_synchronous() for node in self.nodes)

    def wait_until_whole(self):
        """The primary, once there is one and both others follow it. What was primary for a moment
        only, in which nobody could follow it, may have gone a way of its own: as an operator would,
        it is made anew."""
        end = time.monotonic() + START_SECONDS
        patience, anew = time.monotonic() + SECONDS_TO_FOLLOW, set()
        while time.monotonic() < end:
            primary = self.primary()
            others = {node for node in self.nodes if node is not primary}
            behind = {node for node in others if primary and node.name not in primary.standbys()}
            if primary and not behind and any(node.is_synchronous() for node in others):
                return primary
            if primary and time.monotonic() > patience:
                for node in behind - anew:  # a copy that is under way is left to come to its end
                    node.make_anew()
                    self.made_anew += 1
                anew |= behind
                patience = time.monotonic() + SECONDS_TO_FOLLOW
            time.sleep(0.2)
        logs = "\n".join(node.log()[-2000:] for node in self.nodes)
        raise RuntimeError(f"the cluster has no primary: {logs}")

    def cut_off(self, node):
        self._run("-n", self.client, "link", "set", node.name, "down")

    def join_again(self, node):
        self._run("-n", self.client, "link", "set", node.name, "up")

    def cut_off_etcd(self, node):
        """From those of the other machines, which everything else on this one may reach."""
        self._rule_for_etcd(node, "add")

    def join_etcd_again(self, node):
        self._rule_for_etcd(node, "delete")

    def _rule_for_etcd(self, node, what):
        for port in ("sport", "dport"):
            self._run("-n", node.namespace, "rule", what, "ipproto", "tcp", port, "2380", "prohibit")

    def stop(self):
        for node in self.nodes:
            node.kill()
        for namespace in (self.client, *(node.namespace for node in self.nodes)):
            subprocess.run([self._ip, "netns", "delete", namespace], capture_output=True)
        subprocess.run(["rm", "-rf", self.directory], check=False)
