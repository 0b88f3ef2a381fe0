"""A Postfix of the test's own: its configuration, queue and data lie in a temporary directory.

It takes mail on a loopback port and relays all of it to one other server, as Debian installs it
otherwise (/usr/share/postfix/main.cf.debian). Postfix's master must be started by root.
"""

import os
import pathlib
import pwd
import re
import shutil
import subprocess
import time

from processes import (LOOPBACK, Child, OnLoopback, children_of, find_program, make_directory,
                       on_free_ports, unavailable, wait_until)

DEBIAN_MAIN_CF = pathlib.Path("/usr/share/postfix/main.cf.debian")

# Debian's services for mail that comes by SMTP and leaves by SMTP, out of its chroot jail: the
# jail is a copy of /etc that only Debian's start script makes.
MASTER_CF = """\
{listen}   inet  n       -       n       -       -       smtpd
cleanup    unix  n       -       n       -       0       cleanup
qmgr       unix  n       -       n       300     1       qmgr
tlsmgr     unix  -       -       n       1000?   1       tlsmgr
rewrite    unix  -       -       n       -       -       trivial-rewrite
bounce     unix  -       -       n       -       0       bounce
defer      unix  -       -       n       -       0       bounce
trace      unix  -       -       n       -       0       bounce
verify     unix  -       -       n       -       1       verify
flush      unix  n       -       n       1000?   0       flush
proxymap   unix  -       -       n       -       -       proxymap
proxywrite unix  -       -       n       -       1       proxymap
smtp       unix  -       -       n       -       -       smtp
relay      unix  -       -       n       -       -       smtp
showq      unix  n       -       n       -       -       showq
error      unix  -       -       n       -       -       error
retry      unix  -       -       n       -       -       error
discard    unix  -       -       n       -       -       discard
anvil      unix  -       -       n       -       1       anvil
scache     unix  -       -       n       -       1       scache
postlog    unix-dgram n  -       n       -       1       postlogd
"""


def postfix_tls(certificate):
    """Parameters for a Postfix that asks for STARTTLS and notes it in Received."""
    return {
        "smtpd_tls_security_level": "encrypt",
        "smtpd_tls_cert_file": certificate.certificate,
        "smtpd_tls_key_file": certificate.key,
        "smtpd_tls_received_header": "yes",
    }


def write_settled(path, text):
    """Writes a file as if a while ago: Postfix's programs wait for one that may still be changing."""
    path.write_text(text)
    os.utime(path, (time.time() - 60,) * 2)


def postfix_sasl(dovecot):
    """Parameters for a Postfix that takes mail only from those whom Dovecot knows, inside TLS."""
    return {
        "smtpd_sasl_auth_enable": "yes",
        "smtpd_sasl_type": "dovecot",
        "smtpd_sasl_path": f"unix:{dovecot.auth_socket}",
        "smtpd_tls_auth_only": "yes",
        "smtpd_relay_restrictions": "permit_sasl_authenticated, reject",
        "smtpd_recipient_restrictions": "permit_sasl_authenticated, reject",
    }


class Postfix(OnLoopback):
    """A running Postfix that relays to `relay_to` ("host:port"); `parameters` go to main.cf.

    `refusals` maps recipients to what they are refused with, as in access(5).
    """

    def __init__(self, relay_to, parent=None, refusals=None, **parameters):
        if os.geteuid() != 0:
            unavailable("Postfix can only be started by root")
        self.program = find_program("postfix")
        self.directory = make_directory() if parent is None else pathlib.Path(parent)
        self.configuration = self.directory / "etc"
        self.log = self.directory / "postfix.log"
        self._make_directories()
        self._write_refusals(refusals or {})
        on_free_ports(lambda port: self._start(port, relay_to, parameters))

    def _make_directories(self):
        owner = pwd.getpwnam("postfix")
        self.configuration.mkdir(parents=True)
        (self.directory / "queue").mkdir()
        (self.directory / "data").mkdir()
        os.chown(self.directory / "data", owner.pw_uid, owner.pw_gid)

    def _write_configuration(self, relay_to, parameters):
        host, _, port = relay_to.rpartition(":")
        if not DEBIAN_MAIN_CF.exists():
            unavailable(f"{DEBIAN_MAIN_CF} is not there: Postfix is not Debian's")
        own = {
            "queue_directory": self.directory / "queue",
            "data_directory": self.directory / "data",
            "maillog_file_prefixes": self.directory,
            "maillog_file": self.log,
            "myhostname": "postfix.test",
            "mydestination": "",
            "alias_maps": "",
            "alias_database": "",
            "mynetworks": "127.0.0.0/8",
            "inet_interfaces": LOOPBACK,
            "inet_protocols": "ipv4",
            "relayhost": f"[{host}]:{port}",
            "smtpd_recipient_restrictions":
                f"check_recipient_access texthash:{self.configuration}/refusals",
            **parameters,
        }
        # Of a parameter that is given twice each of its programs complains, postlogd to itself: with
        # many complaints behind a reload it waited for itself for ever.
        text = re.sub(rf"^({'|'.join(own)}) *=.*\n", "", DEBIAN_MAIN_CF.read_text(), flags=re.MULTILINE)
        text += "".join(f"{name} = {value}\n" for name, value in own.items() if value is not None)
        write_settled(self.configuration / "main.cf", text)
        listen = f"{LOOPBACK}:{self.port}"
        (self.configuration / "master.cf").write_text(MASTER_CF.format(listen=listen))

    def _start(self, port, relay_to, parameters):
        self.port = port
        self._write_configuration(relay_to, parameters)
        # "check" makes what is missing below the queue directory; master itself does not.
        subprocess.run([self.program, "-c", self.configuration, "check"],
                       check=True, capture_output=True)
        # A session of its own: master ends the processes of its group with itself.
        self.child = Child([find_program("master"), "-c", self.configuration, "-s"],
                           self.directory / "master.log", start_new_session=True)
        self.child.wait_for_port(self.port)

    def refuse(self, refusals):
        """Changes what recipients are refused with."""
        self._write_refusals(refusals)
        reloads = self.log_text().count(": reload -- ")
        before = children_of(self.child.pid)
        subprocess.run([self.program, "-c", self.configuration, "reload"],
                       check=True, capture_output=True)
        wait_until(lambda: self.log_text().count(": reload -- ") > reloads, "Postfix's reload")
        # An idle smtpd of before may still take the next connection, until it hears of it.
        end = time.monotonic() + 5
        while children_of(self.child.pid) & before and time.monotonic() < end:
            time.sleep(0.02)

    def _write_refusals(self, refusals):
        lines = [f"{recipient} {action}\n" for recipient, action in refusals.items()]
        write_settled(self.configuration / "refusals", "".join(lines))

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def queue_files(self):
        """The files of messages that are in the queue."""
        folders = [self.directory / "queue" / name
                   for name in ("maildrop", "incoming", "active", "deferred", "hold")]
        return [path for folder in folders for path in folder.rglob("*") if path.is_file()]

    def stop(self):
        self.child.stop()
        shutil.rmtree(self.directory)
