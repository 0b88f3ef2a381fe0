"""A PostgreSQL server of its own, on a socket in a directory, as Debian installs it."""

import glob
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

START_SECONDS = 60


class NotInstalled(Exception):
    """There is no PostgreSQL here."""


def program_directory():
    """That of the newest server."""
    found = glob.glob("/usr/lib/postgresql/*/bin/postgres")
    if not found:
        raise NotInstalled("PostgreSQL is not installed")
    return pathlib.Path(max(found, key=lambda path: int(path.split("/")[4]))).parent


def unprivileged():
    """How a child is started as a user that PostgreSQL accepts: it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class PostgresqlServer:
    """Runs from its making on. `data`: where its files lie, by default in a directory of its own;
    `settings`: of postgresql.conf."""

    def __init__(self, durable=True, data=None, settings=None):
        self._programs = program_directory()
        self._user = unprivileged()
        self._process = None
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="postern-postgresql-"))
        self._data = data or self.directory / "data"
        self._settings = {"listen_addresses": "", "unix_socket_directories": self.directory,
                          "fsync": "on" if durable else "off", **(settings or {})}
        for path in {self.directory, self._data.parent}:
            if self._user:
                os.chown(path, self._user["user"], self._user["group"])
        try:
            self._run("initdb", "--auth=trust", "--username=postern", "--encoding=UTF8",
                      "--no-locale", "--no-sync", "-D", self._data)
            self.start()
        except BaseException:
            self.remove()
            raise

    @property
    def url(self):
        return f"postgresql://postern@/postgres?host={self.directory}"

    def log(self):
        return (self.directory / "log").read_text(errors="replace")

    def start(self, **settings):
        words = [f"--{name}={value}" for name, value in {**self._settings, **settings}.items()]
        with open(self.directory / "log", "ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, *words], cwd="/",
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self._user)
        end = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if time.monotonic() > end or self._process.poll() is not None:
                raise RuntimeError(f"PostgreSQL does not start: {self.log()}")
            time.sleep(0.05)

    def is_ready(self):
        asked = subprocess.run([self._programs / "pg_isready", "-q", "-h", self.directory],
                               cwd="/", **self._user)
        return asked.returncode == 0

    def sql(self, statement):
        """What psql prints of it."""
        done = subprocess.run([self._programs / "psql", "-X", "-qAt", "-v", "ON_ERROR_STOP=1",
                               "-h", self.directory, "-U", "postern", "-d", "postgres",
                               "-c", statement],
                              capture_output=True, text=True, check=True, cwd="/", **self._user,
                              env={"PGOPTIONS": "-c default_transaction_read_only=off"})
        return done.stdout.strip()

    def end(self, how=signal.SIGINT):
        """SIGINT: in good order, SIGQUIT: as if its machine had crashed."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(START_SECONDS)

    def remove(self):
        self.end(signal.SIGQUIT)
        shutil.rmtree(self.directory, ignore_errors=True)

    stop = remove

    def _run(self, name, *words):
        done = subprocess.run([str(word) for word in (self._programs / name, *words)],
                              capture_output=True, text=True, cwd="/", **self._user)
        if done.returncode != 0:
            raise RuntimeError(f"{name}: {done.stdout}{done.stderr}")
