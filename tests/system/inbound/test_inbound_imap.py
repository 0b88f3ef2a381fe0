"""Mail that comes back into a folder of an IMAP server while `postern spool --bounces` runs: a Dovecot,
and a server that answers as it is told."""

import imaplib
import signal
import socket
import ssl
import time

import pytest

from arrival import to
from dovecot_server import User
from postern_program import EX_USAGE
from processes import LOOPBACK, wait_until
from test_returned_reports import bounce_of

USER = User("bounces", password="a \"secret\" \\ of theirs")
MAIL = b"Subject: Out of office\r\n\r\nBack on Monday.\r\n"


class Folder:
    """One folder of the user's, as another IMAP client sees it."""

    def __init__(self, dovecot, certificate, name):
        context = ssl.create_default_context(cafile=certificate.certificate)
        self.name = name
        self.client = imaplib.IMAP4_SSL(LOOPBACK, dovecot.imaps_port, ssl_context=context)
        self.client.login(USER.name, USER.password)
        if name != "INBOX":
            assert self.client.create(name)[0] == "OK"

    def deliver(self, octets):
        status, answer = self.client.append(self.name, None, None, octets.replace(b"\n", b"\r\n"))
        assert status == "OK", answer

    def count(self, criterion):
        self.client.select(self.name)
        _, (numbers,) = self.client.search(None, criterion)
        self.client.close()
        return len(numbers.split())

    def wait_until_seen(self, count):
        wait_until(lambda: self.count("SEEN") == count, f"{count} mails that are marked as seen")


@pytest.fixture
def dovecot(make_dovecot, certificate):
    return make_dovecot(USER, certificate=certificate)


@pytest.fixture
def make_folder(dovecot, certificate):
    made = []

    def make(name):
        made.append(Folder(dovecot, certificate, name))
        return made[-1]

    yield make
    for each in made:
        each.client.shutdown()


@pytest.fixture
def folder(make_folder):
    return make_folder("INBOX")


@pytest.fixture
def mailbox(tmp_path, dovecot, certificate):
    """What is said to --bounces."""
    secret = tmp_path / "password"
    secret.write_text(USER.password + "\n")

    def url(folder="", scheme="imaps", settings=f"&ca-file={certificate.certificate}",
            password=secret):
        port = dovecot.imaps_port if scheme == "imaps" else dovecot.imap_port
        return (f"{scheme}://{USER.name}@{LOOPBACK}:{port}/{folder}?password-file={password}"
                f"&interval=200ms{settings}")

    return url


class Spooler:
    """`postern spool`; what it says on stderr goes to a file."""

    def __init__(self, postern, relay, url, log):
        self.log = log
        with open(log, "wb") as stderr:
            self.process = postern.start("spool", "--relay", relay, "--store", postern.store,
                                         "--bounces", url, stderr=stderr)

    def said(self):
        return self.log.read_text()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=30)

    def end(self):
        self.process.terminate()
        self.process.communicate(timeout=60)
        return self.said()


@pytest.fixture
def spool(postern, sink, mailbox, tmp_path):
    """Starts a spooler that looks into the folder; each is ended when the test ends."""
    running = []

    def start(url=None):
        log = tmp_path / f"stderr-{len(running)}"
        running.append(Spooler(postern, sink.relay, url or mailbox(), log))
        return running[-1]

    yield start
    for spooler in running:
        if spooler.process.poll() is None:
            spooler.kill()


def test_a_bounce_becomes_a_report_and_is_marked_as_seen(postern, sent, folder, spool):
    spooler = spool()
    folder.deliver(bounce_of(sent["message_id"]))
    folder.wait_until_seen(1)
    report, = postern.inbox()
    assert report["class"] == "REPORT.IPM.Note.NDR"
    row, = postern.show(sent["id"])["recipients"]
    assert (row["verdict"], row["code"], row["host"]) == ("failed", 552, "inside.a.test")
    stderr = spooler.end()
    assert "secret" not in stderr and stderr == ""


@pytest.mark.parametrize("scheme, settings", [("imap", None), ("imap", "&tls=none")])
def test_the_password_goes_by_starttls_unless_it_is_said_otherwise(
        postern, sent, folder, spool, mailbox, scheme, settings):
    spool(mailbox(scheme=scheme, **({"settings": settings} if settings else {})))
    folder.deliver(MAIL)
    folder.wait_until_seen(1)
    kept, = postern.inbox()
    assert (kept["class"], kept["subject"]) == ("IPM.Note", "Out of office")


def test_a_folder_may_have_any_name(postern, sent, make_folder, spool, mailbox):
    other = make_folder('"R&APw-ck &- l"')
    other.deliver(MAIL)
    spool(mailbox("R%C3%BCck%20%26%20l"))
    other.wait_until_seen(1)
    assert len(postern.inbox()) == 1


def test_what_is_seen_already_is_not_taken(postern, sent, folder, spool):
    folder.client.append("INBOX", r"(\Seen)", None, MAIL)
    folder.deliver(bounce_of(sent["message_id"]))
    spool()
    folder.wait_until_seen(2)
    report, = postern.inbox()
    assert report["class"] == "REPORT.IPM.Note.NDR"


def test_spoolers_that_are_killed_lose_no_bounce_and_store_none_twice(postern, sent, folder, spool):
    count = 40
    for number in range(count):
        folder.deliver(bounce_of(sent["message_id"], action="delayed",
                                 own_id=f"<{number}@mx.test>"))
    for _ in range(4):
        left = folder.count("UNSEEN")
        spooler = spool()
        wait_until(lambda: folder.count("UNSEEN") < left or left == 0, "a mail that is taken")
        spooler.kill()
    spool()
    folder.wait_until_seen(count)
    assert len(postern.inbox()) == count


def test_a_server_that_is_gone_for_a_while_is_named_once_and_read_later(
        postern, sent, folder, dovecot, spool, mailbox):
    folder.deliver(bounce_of(sent["message_id"]))
    dovecot.child.kill_session()
    spooler = spool()
    time.sleep(1)
    assert postern.inbox() == []
    dovecot.launch()
    wait_until(postern.inbox, "the report")
    stderr = spooler.end()
    assert stderr.count("cannot be read") == 1 and "bounces at 127.0.0.1" in stderr


@pytest.mark.parametrize("fault, words", [
    ("password", "refuses the user or the password"),
    ("certificate", "certificate"),
    ("folder", "doesn't exist"),
])
def test_what_is_refused_is_said_and_mail_is_sent_nevertheless(
        postern, sink, sent, tmp_path, dovecot, spool, mailbox, fault, words):
    wrong = tmp_path / "wrong"
    wrong.write_text("another\n")
    spooler = spool({"password": mailbox(password=wrong), "certificate": mailbox(settings=""),
                     "folder": mailbox("Absent")}[fault])
    queued = postern.submit(postern.sample(), *to("bob@b.test"))
    assert queued.status == 0, queued.stderr
    wait_until(lambda: not postern.queue(), "the message to be sent")
    wait_until(lambda: words in spooler.said().lower(), words)
    stderr = spooler.end()
    assert stderr.count("mail that came back waits") == 1
    assert USER.password not in stderr


def test_a_server_that_says_nothing_holds_up_nothing(postern, sink, sent, spool, mailbox):
    with socket.create_server((LOOPBACK, 0)) as silent:
        port = silent.getsockname()[1]
        url = mailbox().split("?")[1]
        spooler = spool(f"imap://{USER.name}@{LOOPBACK}:{port}/?{url}")
        connection, _ = silent.accept()
        with connection:
            queued = postern.submit(postern.sample(), *to("bob@b.test"))
            assert queued.status == 0, queued.stderr
            wait_until(lambda: not postern.queue(), "the message to be sent")
            begun = time.monotonic()
            assert spooler.end() == ""
            assert time.monotonic() - begun < 20, "it waits for the server's time-out"


@pytest.mark.parametrize("url, words", [
    ("imaps://bounces:secret@mail.example", "there is a password in it"),
    ("imaps://mail.example?password-file={file}", "there is no user"),
    ("imaps://a@mail.example", "there is no password"),
    ("imaps://a@mail.example?colour=red", "no setting"),
    ("imaps://a@mail.example?tls=maybe", "no value"),
    ("pop3://a@mail.example", "neither a directory nor"),
])
def test_a_mailbox_that_cannot_be_meant_is_refused(postern, sent, tmp_path, url, words):
    file = tmp_path / "password"
    file.write_text("x\n")
    result = postern.run("spool", "--store", postern.store, "--relay", "smtp://127.0.0.1:1",
                         "--bounces", url.format(file=file))
    assert result.status == EX_USAGE
    assert words in result.stderr and result.stderr.count("\n") == 1
    assert "secret" not in result.stderr
