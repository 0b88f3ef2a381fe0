"""A Dovecot of the test's own: LMTP into maildirs, and authentication for a Postfix (SASL).

Its configuration, state and users lie in a temporary directory; no address is listened on but the
LMTP port, and no protocol is spoken but LMTP.
"""

import dataclasses
import os
import pwd
import shutil

from maildir import Maildir
from processes import (LOOPBACK, Child, find_program, make_directory, on_free_ports, unavailable,
                       wait_until)

MAIL_OWNER = "nobody"

CONFIGURATION = """\
base_dir = {directory}/run
state_dir = {directory}/state
log_path = {directory}/dovecot.log
listen = 127.0.0.1
protocols = lmtp
ssl = no
auth_mechanisms = plain login
auth_failure_delay = 0
auth_username_format = %Ln
mail_location = maildir:{directory}/mail/%n
mail_plugins = quota
recipient_delimiter = +
lmtp_rcpt_check_quota = yes
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
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {port}
  }}
  unix_listener {directory}/lmtp {{
    mode = 0666
  }}
}}
"""

KERBEROS_CONFIGURATION = """\
auth_mechanisms = gssapi
auth_gssapi_hostname = localhost
auth_krb5_keytab = {keytab}
import_environment = TZ KRB5_CONFIG={krb5}
"""


@dataclasses.dataclass(frozen=True)
class User:
    """A local part that exists; `quota` is in octets."""
    name: str
    password: str = "unused"
    quota: int = None


class Dovecot:
    """A running Dovecot. A message that does not fit is refused behind the content, but one that is
    too big by less than `grace` still goes in, and RCPT is refused from then on. With a Kerberos
    realm, GSSAPI is the only way to authenticate."""

    def __init__(self, *users, grace="0", auth_user="root", kerberos=None):
        if os.geteuid() != 0:
            unavailable("Dovecot changes to its own users, which only root may do")
        program = find_program("dovecot")
        if not os.path.exists("/usr/lib/dovecot/lmtp"):
            unavailable("dovecot-lmtpd is not installed")
        self.directory = make_directory()
        self.owner = pwd.getpwnam(MAIL_OWNER)
        self._write_users(users)
        self.kerberos = kerberos
        (self.directory / "mail").mkdir()
        os.chown(self.directory / "mail", self.owner.pw_uid, self.owner.pw_gid)
        on_free_ports(lambda port: self._start(port, program, auth_user, grace))

    def _start(self, port, program, auth_user, grace):
        self.port = port
        configuration = self.directory / "dovecot.conf"
        configuration.write_text(CONFIGURATION.format(
            directory=self.directory, port=port, auth_user=auth_user, grace=grace))
        if self.kerberos:
            with configuration.open("a") as file:
                file.write(KERBEROS_CONFIGURATION.format(
                    keytab=self.kerberos.keytab, krb5=self.kerberos.environment["KRB5_CONFIG"]))
        self.child = Child([program, "-F", "-c", configuration],
                           self.directory / "dovecot.output", start_new_session=True)
        self.child.wait_for_port(port)
        wait_until(self.auth_socket.exists, "Dovecot's socket for authentication")

    def _write_users(self, users):
        lines = []
        for user in users:
            quota = f"userdb_quota_rule=*:storage={user.quota}B" if user.quota else ""
            lines.append(f"{user.name}:{user.password}:{self.owner.pw_uid}:{self.owner.pw_gid}::"
                         f"{self.directory}/mail/{user.name}::{quota}\n")
        path = self.directory / "users"
        path.write_text("".join(lines))
        path.chmod(0o644)

    @property
    def auth_socket(self):
        return self.directory / "auth"

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
