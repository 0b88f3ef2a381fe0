"""A Kerberos realm of the test's own: its KDC on a loopback port, its database, tickets and keys in
a temporary directory (Debian's krb5-kdc, krb5-admin-server and krb5-user)."""

import os
import shutil
import socket
import subprocess

from processes import LOOPBACK, Child, find_program, make_directory, on_free_ports

REALM = "POSTERN.TEST"

CLIENT_CONFIGURATION = """\
[libdefaults]
default_realm = {realm}
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
udp_preference_limit = 1
[realms]
{realm} = {{
  kdc = {host}:{port}
}}
"""

SERVER_CONFIGURATION = """\
[realms]
{realm} = {{
  database_name = {directory}/principal
  key_stash_file = {directory}/stash
  acl_file = {directory}/acl
  kdc_listen = {host}:{port}
  kdc_tcp_listen = {host}:{port}
}}
"""


class Kerberos:
    """A running KDC that knows one user, and one service with its key in `keytab`."""

    def __init__(self, user, password, service):
        self.directory = make_directory()
        self.keytab = self.directory / "keytab"
        self.environment = {
            "PATH": os.environ.get("PATH", ""),
            "KRB5_CONFIG": str(self.directory / "krb5.conf"),
            "KRB5_KDC_PROFILE": str(self.directory / "kdc.conf"),
            "KRB5CCNAME": f"FILE:{self.directory}/tickets",
        }
        self._silent = self._asked = None
        program = find_program("krb5kdc")
        self._configure(0)
        self._run("kdb5_util", "create", "-s", "-r", REALM, "-P", "master")
        self._administer(f"addprinc -pw {password} {user}")
        self._administer(f"addprinc -randkey {service}")
        self._administer(f"ktadd -k {self.keytab} {service}")
        self.keytab.chmod(0o644)
        on_free_ports(lambda port: self._start(port, program))
        self._run("kinit", user, text=password + "\n")

    def _configure(self, port):
        values = {"realm": REALM, "host": LOOPBACK, "port": port, "directory": self.directory}
        (self.directory / "krb5.conf").write_text(CLIENT_CONFIGURATION.format(**values))
        (self.directory / "kdc.conf").write_text(SERVER_CONFIGURATION.format(**values))

    def _start(self, port, program):
        self.port = port
        self._configure(port)
        self.child = Child([program, "-n", "-r", REALM], self.directory / "kdc.output",
                           env=self.environment)
        self.child.wait_for_port(port)

    def _administer(self, command):
        self._run("kadmin.local", "-r", REALM, "-q", command)

    def _run(self, name, *words, text=None):
        subprocess.run([find_program(name), *words], env=self.environment, input=text, text=True,
                       check=True, capture_output=True)

    def forget_tickets(self):
        self._run("kdestroy")

    def fall_silent(self):
        """From now on something listens in the KDC's place, and never answers."""
        self.child.stop()
        self._silent = socket.create_server((LOOPBACK, self.port))

    def wait_for_question(self):
        """Keeps the connection, so that an answer is waited for."""
        self._silent.settimeout(30)
        self._asked, _ = self._silent.accept()

    def stop(self):
        self.child.stop()
        for connection in (self._silent, self._asked):
            if connection:
                connection.close()
        shutil.rmtree(self.directory)
