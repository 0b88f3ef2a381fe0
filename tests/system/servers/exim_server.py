"""An Exim of the test's own, from Debian's package unpacked below build/servers.

It takes mail for b.test on a loopback port and delivers each recipient's copy to one maildir. All of
it runs as Exim's own user: privileges are dropped for delivery, so no program has to be set-uid.
"""

import os
import pathlib
import pwd
import shutil

from maildir import Maildir
from processes import Child, OnLoopback, make_directory, on_free_ports, unavailable
from unpacked import unpacked

USER = "Debian-exim"

# Settings a test may change.
SETTINGS = {
    "chunking_advertise_hosts": "*",
    "pipelining_advertise_hosts": "*",
    "dsn_advertise_hosts": "*",
    "smtputf8_advertise_hosts": "*",
    "acl_smtp_data": "accept",
    "smtp_accept_max_nonmail": "1000",
}

# The access list looks at two files: who is refused and who is put off, by local part.
CONFIGURATION = """\
exim_path = {directory}/exim4
primary_hostname = exim.test
domainlist local_domains = b.test
spool_directory = {directory}/spool
log_file_path = {directory}/log/%slog
pid_file_path = {directory}/log/exim.pid
exim_user = {user}
deliver_drop_privilege
keep_environment =
local_interfaces = 127.0.0.1.{port}
tls_certificate = {directory}/certificate.pem
tls_privatekey = {directory}/key.pem
acl_smtp_rcpt = check_recipient
{settings}

begin acl
check_recipient:
  deny   local_parts = lsearch;{directory}/refused
         message     = 5.1.1 <$local_part@$domain> is unknown here
  defer  local_parts = lsearch;{directory}/deferred
         message     = 4.2.1 <$local_part@$domain> may come back later
  accept domains     = +local_domains

begin routers
local:
  driver = accept
  domains = +local_domains
  transport = maildir

begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = {directory}/mail
  create_directory = false
  envelope_to_add
  return_path_add

begin authenticators
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${{if eq{{$auth1}}{{{account}}}{{{password}}}fail}}
  server_advertise_condition = ${{if def:tls_in_cipher}}
  server_set_id = $auth1
"""


class Exim(OnLoopback):
    """A running Exim; with a certificate it offers STARTTLS, and CRAM-MD5 behind it.

    `refused` and `deferred` are local parts; `settings` go to its main configuration.
    """

    def __init__(self, refused=(), deferred=(), certificate=None, account="", password="",
                 **settings):
        if os.geteuid() != 0:
            unavailable("Exim changes to its own user, which only root may do")
        program = unpacked("servers/usr/sbin/exim4", "--servers")
        try:
            self.owner = pwd.getpwnam(USER)
        except KeyError:
            unavailable(f"there is no user {USER}: scripts/install-dependencies.sh --servers")
        self.directory = make_directory()
        self._make_directories()
        # Its own user must be able to start it again, and not every path leads to build/.
        shutil.copyfile(program, self.directory / "exim4")
        (self.directory / "exim4").chmod(0o755)
        if certificate:
            self._own_copy(certificate.certificate, "certificate.pem")
            self._own_copy(certificate.key, "key.pem")
        self.refuse(refused)
        self.defer(deferred)
        settings = {**SETTINGS, "tls_advertise_hosts": "*" if certificate else "", **settings}
        on_free_ports(lambda port: self._start(port, settings, account, password))

    def _make_directories(self):
        for name in ("spool", "log"):
            (self.directory / name).mkdir()
            os.chown(self.directory / name, self.owner.pw_uid, self.owner.pw_gid)
        self.mailbox = Maildir(self.directory / "mail").make(self.owner)

    def _own_copy(self, path, name):
        copy = pathlib.Path(shutil.copyfile(path, self.directory / name))
        copy.chmod(0o600)
        os.chown(copy, self.owner.pw_uid, self.owner.pw_gid)

    def _write(self, path, text):
        path.write_text(text)
        path.chmod(0o644)

    def _start(self, port, settings, account, password):
        self.port = port
        self._write(self.directory / "exim.conf", CONFIGURATION.format(
            directory=self.directory, user=USER, port=port, account=account, password=password,
            settings="\n".join(f"{name} = {value}" for name, value in settings.items())))
        self.child = Child(
            [self.directory / "exim4", "-C", self.directory / "exim.conf", "-bdf"],
            self.directory / "exim.output", start_new_session=True)
        self.child.wait_for_port(port)

    def refuse(self, local_parts):
        """From now on these are refused, and no others."""
        self._list("refused", local_parts)

    def defer(self, local_parts):
        """From now on these are put off, and no others."""
        self._list("deferred", local_parts)

    def _list(self, name, local_parts):
        # One write of a new file: Exim may be reading the old one.
        path = self.directory / f"{name}.new"
        self._write(path, "".join(f"{local_part}\n" for local_part in local_parts))
        path.rename(self.directory / name)

    def log_text(self):
        return "".join(path.read_text(errors="replace")
                       for path in sorted((self.directory / "log").glob("*log")))

    def stop(self):
        self.child.kill_session()
        shutil.rmtree(self.directory)
