"""A Dovecot of the test's own: LMTP into maildirs, IMAP if a test asks for it, and authentication for a
Postfix (SASL).

Its configuration, state and users lie in a temporary directory; no address is listened on but 127.0.0.1.
"""

import dataclasses
import os
import pwd
import shutil
import subprocess

from maildir import Maildir
from processes import (LOOPBACK, Child, find_program, make_directory, on_free_ports, unavailable,
                       wait_until)

MAIL_OWNER = "nobody"

# What Dovecot 2.3 (Debian 12) and 2.4 (Debian 13) say in different words.
MAIL_2_3 = """\
auth_username_format = %Ln
mail_location = maildir:{directory}/mail/%n
mail_plugins = quota
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%Ln {directory}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%Ln {directory}/users
}}
plugin {{
  quota = count:mailbox
  quota_vsizes = yes
  quota_grace = {grace}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {port}
  }}
}}
"""

MAIL_2_4 = """\
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
auth_username_format = %{{user | username | lower}}
mail_driver = maildir
mail_path = {directory}/mail/%{{user | username}}
mail_plugins {{
  quota = yes
}}
passdb passwd-file {{
  default_password_scheme = plain
  passwd_file_path = {directory}/users
}}
userdb passwd-file {{
  passwd_file_path = {directory}/users
}}
quota mailbox {{
  driver = count
}}
quota_storage_grace = {grace}
service lmtp {{
  inet_listener lmtp {{
    listen = 127.0.0.1
    port = {port}
  }}
}}
"""

COMMON = """\
base_dir = {directory}/run
state_dir = {directory}/state
log_path = {directory}/dovecot.log
listen = 127.0.0.1
protocols = {protocols}
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
recipient_delimiter = +
lmtp_rcpt_check_quota = yes
service auth {{
  unix_listener {directory}/auth {{
    mode = 0600
    user = {auth_user}
  }}
}}
# Nor is who gave a wrong password made to wait.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service lmtp {{
  unix_listener {directory}/lmtp {{
    mode = 0666
  }}
}}
"""

IMAP = """\
service imap-login {{
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
ssl = yes
"""

# It hands mail on to another server; only LOGIN is offered, and without TLS, which a connection from
# this very machine may do without.
SUBMISSION = """\
hostname = dovecot.test
submission_relay_host = {host}
submission_relay_port = {port}
service submission-login {{
  inet_listener submission {{
    port = {submission_port}
  }}
}}
"""

CERTIFICATE_2_3 = """\
ssl_cert = <{certificate}
ssl_key = <{key}
"""

CERTIFICATE_2_4 = """\
ssl_server_cert_file = {certificate}
ssl_server_key_file = {key}
"""

KERBEROS_2_3 = """\
auth_gssapi_hostname = localhost
auth_krb5_keytab = {keytab}
import_environment = TZ KRB5_CONFIG={krb5}
"""

KERBEROS_2_4 = """\
auth_gssapi_hostname = localhost
auth_krb5_keytab = {keytab}
import_environment {{
  KRB5_CONFIG = {krb5}
}}
"""


@dataclasses.dataclass(frozen=True)
class Dialect:
    """How one version of Dovecot is told what it is to do; `quota` is a field of a user's line."""
    mail: str
    certificate: str
    kerberos: str
    quota: str


DIALECTS = {
    "2.3": Dialect(MAIL_2_3, CERTIFICATE_2_3, KERBEROS_2_3, "userdb_quota_rule=*:storage={}B"),
    "2.4": Dialect(MAIL_2_4, CERTIFICATE_2_4, KERBEROS_2_4, "userdb_quota_storage_size={}B"),
}


def dialect_of(program):
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
    return DIALECTS[".".join(version.stdout.split(".")[:2])]


@dataclasses.dataclass(frozen=True)
class User:
    """A local part that exists; `quota` is in octets."""
    name: str
    password: str = "unused"
    quota: int = None


class Dovecot:
    """A running Dovecot. A message that does not fit is refused behind the content, but one that is
    too big by less than `grace` still goes in, and RCPT is refused from then on. With a Kerberos
    realm, GSSAPI is the only way to authenticate. With a certificate, it speaks IMAP too. With a server
    to hand it on to (HOST:PORT), it takes mail by submission, and LOGIN is the only mechanism."""

    def __init__(self, *users, grace="0", auth_user="root", kerberos=None, certificate=None,
                 submits_to=None):
        if os.geteuid() != 0:
            unavailable("Dovecot changes to its own users, which only root may do")
        program = find_program("dovecot")
        if not os.path.exists("/usr/lib/dovecot/lmtp"):
            unavailable("dovecot-lmtpd is not installed")
        if certificate and not os.path.exists("/usr/lib/dovecot/imap"):
            unavailable("dovecot-imapd is not installed")
        self.dialect = dialect_of(program)
        self.directory = make_directory()
        self.owner = pwd.getpwnam(MAIL_OWNER)
        self._write_users(users)
        if submits_to and not os.path.exists("/usr/lib/dovecot/submission"):
            unavailable("dovecot-submissiond is not installed")
        self.kerberos = kerberos
        self.submits_to = submits_to
        self.certificate = certificate
        (self.directory / "mail").mkdir()
        os.chown(self.directory / "mail", self.owner.pw_uid, self.owner.pw_gid)
        self.program = program
        on_free_ports(lambda *ports: self._start(*ports, auth_user, grace), count=3)

    def _start(self, port, imap_port, imaps_port, auth_user, grace):
        self.port, self.imap_port, self.imaps_port = port, imap_port, imaps_port
        mechanisms = "gssapi" if self.kerberos else "login" if self.submits_to else "plain login"
        protocols = "lmtp"
        if self.certificate:
            protocols += " imap"
        if self.submits_to:
            protocols += " submission"
        text = (self.dialect.mail + COMMON).format(
            directory=self.directory, port=port, auth_user=auth_user, grace=grace,
            mechanisms=mechanisms, protocols=protocols)
        if self.certificate:
            text += (IMAP + self.dialect.certificate).format(
                imap_port=imap_port, imaps_port=imaps_port,
                certificate=self.certificate.certificate, key=self.certificate.key)
        else:
            text += "ssl = no\n"
        if self.submits_to:
            host, _, relay_port = self.submits_to.rpartition(":")
            text += SUBMISSION.format(host=host, port=relay_port, submission_port=imap_port)
        if self.kerberos:
            text += self.dialect.kerberos.format(
                keytab=self.kerberos.keytab, krb5=self.kerberos.environment["KRB5_CONFIG"])
        configuration = self.directory / "dovecot.conf"
        configuration.write_text(text)
        self.launch()

    def launch(self):
        """Starts it, anew if its session was killed."""
        self.child = Child([self.program, "-F", "-c", self.directory / "dovecot.conf"],
                           self.directory / "dovecot.output", start_new_session=True)
        ports = (self.port, self.imap_port, self.imaps_port) if self.certificate else (self.port,)
        if self.submits_to:
            ports += (self.imap_port,)
        for port in ports:
            self.child.wait_for_port(port)
        wait_until(self.auth_socket.exists, "Dovecot's socket for authentication")

    def _write_users(self, users):
        lines = []
        for user in users:
            quota = self.dialect.quota.format(user.quota) if user.quota else ""
            lines.append(f"{user.name}:{user.password}:{self.owner.pw_uid}:{self.owner.pw_gid}::"
                         f"{self.directory}/mail/{user.name}::{quota}\n")
        path = self.directory / "users"
        path.write_text("".join(lines))
        path.chmod(0o644)

    @property
    def auth_socket(self):
        return self.directory / "auth"

    @property
    def submission_port(self):
        return self.imap_port

    @property
    def relay(self):
        return f"lmtp://{LOOPBACK}:{self.port}"

    @property
    def socket_relay(self):
        return f"lmtp://{self.directory}/lmtp"

    def mailbox(self, user):
        return Maildir(self.directory / "mail" / user)

    def stop(self):
        self.child.kill_session()
        shutil.rmtree(self.directory)
