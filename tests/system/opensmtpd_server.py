"""An OpenSMTPD of the test's own, from Debian's package unpacked below build/servers.

It takes mail for b.test on a loopback port and delivers it to a maildir for each local part. The
paths of its queue, its socket and its delivery programs are compiled in: it runs in a mount
namespace of its own in which those are directories of the test. The network is the machine's.
"""

import os
import pwd
import shutil
import subprocess

from maildir import Maildir
from processes import (LOOPBACK, Child, OnLoopback, find_program, make_directory, on_free_ports,
                       unavailable)
from unpacked import unpacked

MAIL_OWNER = "nobody"
USERS = ("opensmtpd", "opensmtpq")

CONFIGURATION = """\
table users file:{directory}/users
listen on {address} port {port} hostname opensmtpd.test
action "deliver" maildir "%{{user.directory}}" userbase <users>
match from any for domain "b.test" action "deliver"
"""

# What it looks for below fixed paths, and the directories that stand there instead.
MOUNTS = {"/usr/libexec": "libexec", "/var/spool": "spool", "/var/lib": "lib", "/run": "run"}
IN_A_NAMESPACE = """\
set -e
program=$1 configuration=$2
shift 2
while [ $# != 0 ]; do
  mount --bind "$1" "$2"
  shift 2
done
exec "$program" -d -f "$configuration"
"""


class OpenSmtpd(OnLoopback):
    """A running OpenSMTPD that knows these local parts; others are refused.

    It offers no TLS: the handshakes of version 6.8 fail with OpenSSL 3.
    """

    def __init__(self, *users):
        if os.geteuid() != 0:
            unavailable("OpenSMTPD can only be started by root")
        self.program = unpacked("servers/usr/sbin/smtpd", "--servers")
        self._check_system()
        self.directory = make_directory()
        self._make_directories(users)
        on_free_ports(self._start)

    def _check_system(self):
        for user in USERS:
            try:
                pwd.getpwnam(user)
            except KeyError:
                unavailable(f"there is no user {user}: scripts/install-dependencies.sh --servers")
        self.unshare = find_program("unshare")
        if subprocess.run([self.unshare, "--mount", "true"], capture_output=True).returncode != 0:
            unavailable("OpenSMTPD needs a mount namespace, which this system does not allow")

    def _make_directories(self, users):
        for name in MOUNTS.values():
            (self.directory / name).mkdir()
        shutil.copytree(self.program.parents[1] / "libexec" / "opensmtpd",
                        self.directory / "libexec" / "opensmtpd")
        (self.directory / "spool" / "smtpd").mkdir(mode=0o711)
        (self.directory / "lib" / "opensmtpd" / "empty").mkdir(parents=True)
        owner = pwd.getpwnam(MAIL_OWNER)
        (self.directory / "mail").mkdir()
        for user in users:
            Maildir(self.directory / "mail" / user).make(owner)
        lines = [f"{user} {owner.pw_uid}:{owner.pw_gid}:{self.directory}/mail/{user}\n"
                 for user in users]
        (self.directory / "users").write_text("".join(lines))

    def _start(self, port):
        self.port = port
        configuration = self.directory / "smtpd.conf"
        configuration.write_text(CONFIGURATION.format(
            directory=self.directory, address=LOOPBACK, port=port))
        mounts = [word for path, name in MOUNTS.items() for word in (self.directory / name, path)]
        self.child = Child(
            [self.unshare, "--mount", "sh", "-c", IN_A_NAMESPACE, "sh", self.program, configuration,
             *mounts],
            self.directory / "smtpd.output", start_new_session=True)
        self.child.wait_for_port(port)

    def mailbox(self, user):
        return Maildir(self.directory / "mail" / user)

    def stop(self):
        self.child.kill_session()
        shutil.rmtree(self.directory)
