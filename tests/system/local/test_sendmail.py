"""`postern sendmail`, and a link called sendmail: a mail from standard input is queued."""

import base64
import os
import subprocess

import pytest

from arrival import to
from memory import measured
from postern_program import DELIVERED, EX_DATAERR, EX_NOINPUT, EX_TEMPFAIL, EX_USAGE
from small_disk import fill, mounted

LETTER = ("From: Ann Writer <ann@a.test>\n"
          "To: Bob <bob@b.test>, carl@c.test\n"
          "Cc: Dörte <doerte@d.test>\n"
          "Bcc: hidden@h.test\n"
          "Date: Tue, 01 Jul 2025 10:00:00 +0200\n"
          "Message-ID: <letter-1@a.test>\n"
          "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n"
          "X-Loop: yes\n"
          "\n"
          "Schöne Grüße\n"
          ".\n"
          "behind the dot\n").encode()
SHOWN = {"From": "Ann Writer <ann@a.test>", "To": "Bob <bob@b.test>, carl@c.test",
         "Cc": "Dörte <doerte@d.test>"}
PEAK_LIMIT = 64 << 20


def test_the_command_line_names_the_envelope(local_mail):
    result = local_mail.submit(LETTER, "-i", "-f", "bounces@a.test", "--", "carl@c.test",
                               "eve@e.test, Fay <fay@f.test>")
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")
    mail = local_mail.only()
    assert mail.sender == "bounces@a.test"
    assert mail.recipients == ["carl@c.test", "eve@e.test", "fay@f.test"]
    assert mail.address_fields() == SHOWN
    assert mail.text == "Schöne Grüße\n.\nbehind the dot\n"
    assert mail.mail["Subject"] == "Grüße"
    assert mail.mail["Date"] == "Tue, 01 Jul 2025 10:00:00 +0200"
    assert mail.mail["Message-ID"] == "<letter-1@a.test>"
    assert mail.mail["X-Loop"] == "yes"


def test_the_header_names_the_envelope(local_mail):
    assert local_mail.submit(LETTER, "-ti", "eve@e.test", "bob@b.test").returncode == 0
    mail = local_mail.only()
    assert mail.sender == "ann@a.test"
    assert mail.recipients == ["bob@b.test", "carl@c.test", "doerte@d.test", "hidden@h.test",
                               "eve@e.test"]
    assert mail.address_fields() == SHOWN


def test_programs_open_a_pipe(local_mail):
    """PHP's mail() ends lines with CRLF, and so do scripts that follow the standard too closely."""
    for command in (f"{local_mail.sendmail} -t -i", f"{local_mail.postern.program} sendmail -oi -t"):
        crlf = LETTER.replace(b"\n", b"\r\n")
        with subprocess.Popen(command, shell=True, stdin=subprocess.PIPE,
                              env=local_mail.environment) as pipe:
            pipe.stdin.write(crlf)
        assert pipe.returncode == 0
    for mail in local_mail.received(2):
        assert mail.text == "Schöne Grüße\n.\nbehind the dot\n"
        assert mail.address_fields() == SHOWN


def test_a_lone_dot_ends_the_mail(local_mail):
    assert local_mail.submit(LETTER, "bob@b.test").returncode == 0
    assert local_mail.only().text == "Schöne Grüße\n"


@pytest.mark.parametrize("mail, text", [(b"only a text\n", "only a text\n"),
                                        (b"\nBcc: eve@e.test\n", "Bcc: eve@e.test\n"),
                                        (b"", "")])
def test_what_the_mail_lacks_is_made(local_mail, mail, text):
    assert local_mail.submit(mail, "-F", "A Script", "bob@b.test").returncode == 0
    received = local_mail.only()
    assert received.recipients == ["bob@b.test"]
    assert received.text == text
    assert received.mail["From"].startswith("A Script <") and received.sender in received.mail["From"]
    assert received.mail["Date"] and received.mail["Message-ID"]
    assert received.address_fields().keys() == {"From", "To"}
    assert received.mail["To"] == "undisclosed-recipients:;"


def test_nobody_hears_of_the_failures_of_the_null_sender(local_mail):
    assert local_mail.submit(LETTER, "-i", "-f<>", "bob@b.test").returncode == 0
    mail = local_mail.only()
    assert (mail.sender, mail.mail["From"]) == ("", "Ann Writer <ann@a.test>")


def test_failures_are_mailed_to_the_envelopes_sender(local_mail):
    """The catcher takes everybody but those with the names that it refuses."""
    assert local_mail.submit(LETTER, "-i", "-f", "bounces@a.test", "refuse-550@b.test",
                             "bob@b.test").returncode == 0
    letter, report = local_mail.received(1, with_reports=1)
    assert letter.recipients == ["bob@b.test"]
    assert (report.sender, report.recipients) == ("", ["bounces@a.test"])
    assert report.mail.get_content_type() == "multipart/report"
    assert "refuse-550@b.test" in report.text and "carl@c.test" not in report.text


@pytest.mark.parametrize("words", [["bob@b.test\nBcc: eve@e.test"], ["-f", "a@a.test\r\nX: y", "b@b.test"],
                                   ["--", "-t"], ["bob@b.test", "-t"], [], ["-bs"], ["-q"], ["-Z"]])
def test_what_makes_no_sense_is_refused(local_mail, words):
    result = local_mail.submit(LETTER, *words)
    assert result.returncode == EX_USAGE
    assert result.stderr.count(b"\n") == 1
    assert not local_mail.postern.store.exists()


def test_no_word_becomes_a_field(local_mail):
    name = "Eve\r\nBcc: eve@e.test\r\n\r\ninjected"
    assert local_mail.submit(b"Subject: x\n\ntext\n", "-F", name, "bob@b.test").returncode == 0
    mail = local_mail.only()
    assert mail.recipients == ["bob@b.test"]
    assert mail.mail["Bcc"] is None
    assert mail.text == "text\n"


def test_a_sender_that_is_killed_has_queued_nothing(local_mail):
    with subprocess.Popen([local_mail.sendmail, "-t", "-i"], stdin=subprocess.PIPE,
                          env=local_mail.environment) as process:
        process.stdin.write(LETTER + b"more\n" * 100_000)
        process.stdin.flush()
        process.kill()
        process.wait()
    result = local_mail.submit(LETTER, "-t")
    assert result.returncode == 0
    assert len(local_mail.postern.queue()) == 1


@pytest.mark.parametrize("closed, status", [("<&-", EX_NOINPUT), (">&-", 0), ("2>&-", 0),
                                            (">&- 2>&- <&-", EX_NOINPUT)])
def test_closed_descriptors_become_no_files(local_mail, closed, status):
    """What is printed would go into the store, or the mail would be read from it."""
    result = local_mail.run("sh", "-c", f'"$0" -t -i {closed}', local_mail.sendmail, mail=LETTER)
    assert result.returncode == status
    if status == 0:
        assert local_mail.only().text == "Schöne Grüße\n.\nbehind the dot\n"


def test_a_store_that_cannot_be_written_is_a_matter_of_time(local_mail):
    local_mail.environment["POSTERN_STORE"] = str(local_mail.postern.directory)
    result = local_mail.submit(LETTER, "-t")
    assert result.returncode == EX_TEMPFAIL
    assert result.stderr.count(b"\n") == 1 and b"not queued" in result.stderr


@pytest.mark.parametrize("variable", ["TMPDIR", "POSTERN_STORE"])
def test_so_is_a_full_disk(local_mail, variable):
    with mounted("size=1m") as directory:
        value = directory / "store" if variable == "POSTERN_STORE" else directory
        local_mail.environment[variable] = str(value)
        fill(directory)
        result = local_mail.submit(LETTER, "-t")
    assert result.returncode == EX_TEMPFAIL
    assert result.stderr.count(b"\n") == 1


def large_mail(path, octets):
    with path.open("wb") as file:
        file.write(b"From: ann@a.test\nTo: bob@b.test\nMIME-Version: 1.0\n"
                   b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n"
                   b"--b\nContent-Type: application/x-data\nContent-Transfer-Encoding: base64\n"
                   b"Content-Disposition: attachment; filename=large.bin\n\n")
        block = base64.encodebytes(bytes(range(256)) * 57 * 16)
        while file.tell() < octets:
            file.write(block)
        file.write(b"--b--\n")


def test_a_large_mail_takes_little_memory(local_mail):
    if os.environ.get("POSTERN_SANITIZE"):
        pytest.skip("a sanitizer's own memory is many times the limit")
    path = local_mail.postern.directory / "large.eml"
    large_mail(path, 50_000_000)
    os.environ["POSTERN_STORE"] = str(local_mail.postern.store)
    try:
        with path.open("rb") as file:
            run = measured([local_mail.sendmail, "-t", "-i"], stdin=file)
    finally:
        del os.environ["POSTERN_STORE"]
    assert run.status == 0, run.stderr
    assert run.peak_octets < PEAK_LIMIT, f"{run.peak_octets / (1 << 20):.1f} MiB at the peak"
    part, = local_mail.only().mail.iter_attachments()
    assert part.get_content()[:256] == bytes(range(256))


def test_other_commands_read_standard_input(local_mail):
    postern = local_mail.postern
    words = ["--store", postern.store, *to("eve@e.test")]
    submitted = local_mail.run(postern.program, "submit", "-", *words, mail=LETTER)
    assert submitted.returncode == DELIVERED, submitted.stderr
    assert local_mail.only().recipients == ["eve@e.test"]
    sent = local_mail.run(postern.program, "send", "-", *words, "--relay",
                          local_mail.catcher.relay, mail=LETTER)
    assert sent.returncode == DELIVERED, sent.stderr
    nothing = local_mail.run(postern.program, "submit", "-", *words, mail=b"")
    assert nothing.returncode == EX_DATAERR and b"standard input" in nothing.stderr
    outlook = local_mail.run(postern.program, "submit", "-", *words,
                             mail=postern.sample_file.read_bytes())
    assert outlook.returncode == EX_DATAERR and b"by its name" in outlook.stderr
