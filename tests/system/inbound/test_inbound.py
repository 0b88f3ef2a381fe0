"""Mail that comes back into a Maildir while `postern spool --bounces` runs: reports in the Inbox, and what
`postern show` tells of the message that was sent."""

import signal

import pytest

from postern_program import EX_USAGE
from processes import wait_until
from test_returned_reports import bounce_of


class Maildir:
    """Delivered to as a mail system does."""

    def __init__(self, directory):
        self.directory = directory
        for name in ("new", "cur", "tmp"):
            (directory / name).mkdir(parents=True)

    def deliver(self, name, octets):
        (self.directory / "tmp" / name).write_bytes(octets)
        (self.directory / "tmp" / name).rename(self.directory / "new" / name)

    def files(self, folder):
        return sorted(path.name for path in (self.directory / folder).iterdir())


@pytest.fixture
def maildir(tmp_path):
    return Maildir(tmp_path / "bounces")


@pytest.fixture
def spool(postern, sink, maildir):
    """Starts a spooler that looks into the Maildir; each is ended when the test ends."""
    running = []

    def start():
        running.append(postern.start("spool", "--relay", sink.relay, "--store", postern.store,
                                     "--bounces", maildir.directory))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


def test_a_bounce_becomes_a_report_and_the_message_tells_it(postern, sent, maildir, spool):
    spool()
    maildir.deliver("1.bounce", bounce_of(sent["message_id"]))
    wait_until(lambda: maildir.files("cur") == ["1.bounce:2,"], "the mail to be taken", seconds=60)
    assert maildir.files("new") == []
    report, = postern.inbox()
    assert report["class"] == "REPORT.IPM.Note.NDR"
    shown = postern.show(sent["id"])
    row, = shown["recipients"]
    assert (row["verdict"], row["code"], row["host"]) == ("failed", 552, "inside.a.test")
    assert any("A report came back from mx.test: alice@a.test failed" in line
               and "before: delivered" in line for line in shown["transcript"])


def test_a_bounce_that_comes_again_is_stored_once(postern, sent, maildir, spool):
    """As after a kill between the commit and the move into cur."""
    spool()
    for name in ("1.first", "2.again"):
        maildir.deliver(name, bounce_of(sent["message_id"]))
    wait_until(lambda: len(maildir.files("cur")) == 2, "the mail to be taken", seconds=60)
    assert len(postern.inbox()) == 1


def test_spoolers_that_are_killed_lose_no_bounce_and_store_none_twice(postern, sent, maildir,
                                                                      spool):
    count = 40
    for number in range(count):
        maildir.deliver(f"{number:03}", bounce_of(sent["message_id"], action="delayed",
                                                  own_id=f"<{number}@mx.test>"))
    for _ in range(4):
        process = spool()
        left = len(maildir.files("new"))
        wait_until(lambda: len(maildir.files("new")) < left or left == 0, "the mail to be taken", seconds=60)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
    spool()
    wait_until(lambda: maildir.files("new") == [], "the mail to be taken", seconds=60)
    assert len(postern.inbox()) == count
    assert len(maildir.files("cur")) == count


def test_what_cannot_be_taken_is_named_and_holds_up_no_other(postern, sent, maildir, spool):
    process = spool()
    maildir.deliver("1.empty", b"")
    maildir.deliver("2.bounce", bounce_of(sent["message_id"]))
    wait_until(lambda: maildir.files("cur") == ["2.bounce:2,"], "the mail to be taken", seconds=60)
    assert maildir.files("new") == ["1.empty"]
    process.terminate()
    _, stderr = process.communicate(timeout=60)
    assert stderr.count("1.empty") == 1 and "is empty" in stderr
    assert len(postern.inbox()) == 1


def test_a_mail_that_concerns_no_message_is_kept(postern, sent, maildir, spool):
    spool()
    maildir.deliver("1.mail", b"Subject: Out of office\n\nBack on Monday.\n")
    wait_until(lambda: maildir.files("cur") == ["1.mail:2,"], "the mail to be taken", seconds=60)
    kept, = postern.inbox()
    assert (kept["class"], kept["subject"]) == ("IPM.Note", "Out of office")


def test_a_directory_that_is_no_maildir_is_refused(postern, sent, tmp_path):
    result = postern.run("spool", "--store", postern.store, "--relay", "smtp://127.0.0.1:1",
                         "--bounces", tmp_path / "absent")
    assert result.status == EX_USAGE
    assert str(tmp_path / "absent") in result.stderr and result.stderr.count("\n") == 1
