"""An OpenSMTPD of the test's own, from Debian's package unpacked below build/servers.

It takes mail for b.test on a loopback port and delivers it to a maildir for each local part. The
paths of its queue, its socket and its delivery programs are compiled in: it runs in a directory of
the test's that it takes for the root (chroot). The network is the machine's.
"""

import os
import pathlib
import pwd
import re
import shutil
import stat
import subprocess

from maildir import Maildir
from processes import (LOOPBACK, Child, OnLoopback, find_program, make_directory, on_free_ports,
                       unavailable)
from unpacked import unpacked

MAIL_OWNER = "nobody"
USERS = ("opensmtpd", "opensmtpq")

CONFIGURATION = """\
table users file:/users
listen on {address} port {port} hostname opensmtpd.test
action "deliver" maildir "%{{user.directory}}" userbase <users>
match from any for domain "b.test" action "deliver"
"""

PROGRAM = "/usr/sbin/smtpd"
DELIVERY_PROGRAM = "/usr/libexec/opensmtpd/mail.maildir"
SHELL = "/bin/sh"  # starts it
DIRECTORIES = {"/var/spool/smtpd": 0o711, "/var/lib/opensmtpd/empty": 0o755, "/var/run": 0o755,
               "/tmp": 0o1777, "/mail": 0o755}


def libraries(program):
    """The paths of the libraries that a program loads, and of what loads them."""
    found = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return re.findall(r"(/\S+) \(0x", found)


class Root:
    """A directory that is to be a root."""

    def __init__(self, directory):
        self.directory = directory

    def path(self, absolute):
        return self.directory / absolute.lstrip("/")

    def make_directory(self, absolute, mode=0o755):
        path = self.path(absolute)
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)

    def copy(self, source, absolute=None):
        """Where it stands in the system, unless another place is named."""
        to = self.path(absolute or str(source))
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, to)

    def copy_program(self, source, absolute=None):
        self.copy(source, absolute)
        for library in libraries(source):
            self.copy(library)

    def make_null_device(self):
        self.make_directory("/dev")
        null = self.path("/dev/null")
        try:
            os.mknod(null, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        except PermissionError:
            null.touch()  # empty to read from, which is what it is for
        null.chmod(0o666)


class OpenSmtpd(OnLoopback):
    """A running OpenSMTPD that knows these local parts; others are refused.

    It offers no TLS: the handshakes of version 6.8 fail with OpenSSL 3.
    """

    def __init__(self, *users):
        if os.geteuid() != 0:
            unavailable("OpenSMTPD can only be started by root")
        self.program = unpacked("servers/usr/sbin/smtpd", "--servers")
        self._check_users()
        self.directory = make_directory()
        self.root = Root(self.directory)
        self._fill_root()
        self._make_mailboxes(users)
        on_free_ports(self._start)

    def _check_users(self):
        for user in USERS:
            try:
                pwd.getpwnam(user)
            except KeyError:
                unavailable(f"there is no user {user}: scripts/install-dependencies.sh --servers")

    def _fill_root(self):
        for path, mode in DIRECTORIES.items():
            self.root.make_directory(path, mode)
        self.root.make_null_device()
        for file in ("/etc/passwd", "/etc/group"):
            self.root.copy(file)
        self.root.copy_program(pathlib.Path(SHELL))
        self.root.copy_program(self.program, PROGRAM)
        self.root.copy_program(self.program.parents[2] / DELIVERY_PROGRAM.lstrip("/"),
                               DELIVERY_PROGRAM)

    def _make_mailboxes(self, users):
        owner = pwd.getpwnam(MAIL_OWNER)
        for user in users:
            self.mailbox(user).make(owner)
        lines = [f"{user} {owner.pw_uid}:{owner.pw_gid}:/mail/{user}\n" for user in users]
        self.root.path("/users").write_text("".join(lines))

    def _start(self, port):
        self.port = port
        configuration = self.root.path("/smtpd.conf")
        configuration.write_text(CONFIGURATION.format(address=LOOPBACK, port=port))
        self.child = Child(
            [find_program("chroot"), self.directory, PROGRAM, "-d", "-f", "/smtpd.conf"],
            self.directory / "smtpd.output", start_new_session=True)
        self.child.wait_for_port(port)

    def mailbox(self, user):
        return Maildir(self.root.path(f"/mail/{user}"))

    def stop(self):
        self.child.kill_session()
        shutil.rmtree(self.directory)
