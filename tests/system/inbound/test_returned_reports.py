"""What `postern read-report` says of bounces, read receipts and complaints, and where `postern bounce`
puts them.

The corpus of real ones lies beside the repository; each file is also read by Python's own parser,
whose fields are what is expected.
"""

import email
import email.policy
import json
import re

import pytest

from arrival import SENDER, to
from postern_program import DELIVERED, EX_DATAERR, EX_NOINPUT, REPOSITORY, SOME_FAILED

DIRECTORY = REPOSITORY.parent / "shared" / "corpus" / "dsn"
ABSENT = f"the corpus of returned reports is not there: {DIRECTORY}"
KINDS = {"delivery-status": "delivery", "global-delivery-status": "delivery",
         "disposition-notification": "disposition", "feedback-report": "feedback"}

# Bounces without fields for programs in one of the forms that are certain: who failed, with which
# status. All other mails without such fields are `none`.
CERTAIN = {
    "lhost-exim-54.eml": {("kijitora@example.org", None)},
    "lhost-gmail-10.eml": {("kijitora@6jo.example.co.jp", None)},
    "lhost-gmail-11.eml": {("kijitora@example.com", None)},
    "lhost-googlegroups-14.eml": {("libsisimai@googlegroups.com", None)},
    "lhost-mailru-07.eml": {
        ("otsu-sakaba-hunter-neko-nyaaaaaaan@ezweb.ne.jp", None)},
    "lhost-qmail-04.eml": {("kijitora@example.net", "5.0.0")},
    "lhost-qmail-10.eml": {("kijitora@neko2.example.co.jp", None)},
}


def files():
    paths = sorted(DIRECTORY.glob("*.eml")) if DIRECTORY.is_dir() else []
    return paths or [pytest.param(None, marks=pytest.mark.skip(reason=ABSENT))]


def parse(octets):
    return email.message_from_bytes(octets, policy=email.policy.compat32)


def without_type(value):
    """`rfc822; <ann@example.com>` -> `ann@example.com`"""
    value = value.split(";", 1)[-1].strip()
    return value.removeprefix("<").removesuffix(">")


def one_line(value):
    return None if value is None else re.sub(r"[\r\n]", "", value).strip()


class Report:
    """What Python's parser finds in the machine-readable part of a mail."""

    def __init__(self, mail):
        parts = [part for part in mail.walk() if part.get_content_type().partition("/")[2] in KINDS
                 and part.get_content_maintype() == "message"]
        self.kind = KINDS[parts[0].get_content_subtype()] if parts else None
        self.groups = parts[0].get_payload() if parts else []

    def field(self, name):
        return next((group[name] for group in self.groups if group[name]), None)

    @property
    def recipients(self):
        if self.kind == "feedback":
            return [{"address": without_type(address)} for group in self.groups
                    for address in group.get_all("Original-Rcpt-To", [])]
        return [self.recipient(group) for group in self.groups
                if group["Final-Recipient"] or group["Original-Recipient"] or group["Action"]]

    @staticmethod
    def recipient(group):
        def text(name, change):
            return change(group[name]) if group[name] else None
        return {"address": text("Final-Recipient", without_type),
                "original_address": text("Original-Recipient", without_type),
                "action": text("Action", lambda value: value.split()[0].lower()),
                "status": text("Status", lambda value: value.split()[0]),
                "diagnostic": text("Diagnostic-Code", one_line)}


def returned_message_id(mail):
    """Of the message that came back with the report, or its headers."""
    for part in mail.walk():
        if part is mail:
            continue
        if part.get_content_type() == "message/rfc822":
            return one_line(part.get_payload(0)["Message-ID"])
        if part.get_content_type() == "text/rfc822-headers":
            return one_line(email.message_from_string(part.get_payload())["Message-ID"])
    return None


def read(postern, path):
    result = postern.run("read-report", path, "--json")
    assert result.stderr == ""
    assert result.status == (1 if result.message["kind"] == "none" else 0)
    return result.message


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name if path else "absent")
def test_of_the_corpus_says_what_its_fields_say(postern, path):
    mail = parse(path.read_bytes())
    expected = Report(mail)
    report = read(postern, path)
    if expected.kind is None:
        failed = {(row["address"], row["status"]) for row in report["recipients"]}
        assert failed == CERTAIN.get(path.name, set())
        assert all(row["action"] == "failed" for row in report["recipients"])
        assert report["kind"] == ("delivery" if path.name in CERTAIN else "none")
        return
    assert report["kind"] == expected.kind
    assert report["envelope_id"] == expected.field("Original-Envelope-Id")
    assert [{key: row[key] for key in wanted} for row, wanted
            in zip(report["recipients"], expected.recipients, strict=True)] == expected.recipients
    named = expected.field("Original-Message-ID") or expected.field("X-Original-Message-ID")
    assert report["original_message_id"] == (named or returned_message_id(mail))


REPORT = b"""\
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Original-Envelope-Id: 4711
Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; ann@example.com
Action: failed
Status: 5.1.1
Remote-MTA: dns; mail.example.com
Diagnostic-Code: smtp; 550 5.1.1 no such \x1b[31muser

--b--
"""


def fed(postern, octets, *arguments):
    """The program with these octets on its standard input."""
    path = postern.directory / "mail.eml"
    path.write_bytes(octets)
    with path.open("rb") as stdin:
        process = postern.start(*arguments, stdin=stdin)
        stdout, stderr = process.communicate(timeout=60)
    return process.returncode, stdout, stderr


@pytest.mark.parametrize("name", [[], ["-"]], ids=["no file", "-"])
def test_the_mail_may_come_on_standard_input(postern, name):
    status, stdout, stderr = fed(postern, REPORT, "read-report", "--json", *name)
    assert (status, stderr) == (0, "")
    assert stdout.count("\n") == 1
    assert json.loads(stdout) == {
        "kind": "delivery", "envelope_id": "4711", "original_message_id": None,
        "reporting_mta": "mx.example.net", "disposition": None, "feedback_type": None,
        "recipients": [{"address": "ann@example.com", "original_address": None, "action": "failed",
                        "status": "5.1.1", "diagnostic": "smtp; 550 5.1.1 no such ?[31muser",
                        "remote_host": "mail.example.com", "last_attempt": None,
                        "will_retry_until": None}]}


def test_people_get_a_table(postern):
    status, stdout, _ = fed(postern, REPORT, "read-report")
    assert status == 0
    assert "ann@example.com" in stdout and "5.1.1" in stdout and "4711" in stdout
    assert "\x1b" not in stdout


def test_what_is_no_report_ends_with_1(postern):
    status, stdout, _ = fed(postern, b"Subject: x\n\nHello\n", "read-report")
    assert (status, stdout.count("\n")) == (1, 1)


@pytest.mark.parametrize("name", ["absent.eml", "."])
def test_a_file_that_cannot_be_read_is_named(postern, name):
    path = postern.directory / name
    result = postern.run("read-report", path)
    assert (result.status, result.stdout) == (EX_NOINPUT, "")
    assert str(path) in result.stderr and result.stderr.count("\n") == 1


def test_octets_that_are_no_mail_are_no_report(postern):
    noise = bytes(range(256)) * 4000
    status, stdout, _ = fed(postern, noise, "read-report", "--json")
    assert (status, json.loads(stdout)["kind"]) == (1, "none")


def bounce_of(message_id="<none@x.test>", envelope_id="none", action="failed", own_id="<b@mx.test>"):
    """A delivery status notification about alice@a.test."""
    return f"""\
Message-ID: {own_id}
Subject: =?utf-8?Q?R=C3=BCckl=C3=A4ufer?=
From: "Mail System" <mailer-daemon@mx.test>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Original-Envelope-Id: {envelope_id}
Reporting-MTA: dns; mx.test

Original-Recipient: rfc822;alice@a.test
Final-Recipient: rfc822;alice@inside.a.test
Action: {action}
Status: 5.2.2
Remote-MTA: dns; inside.a.test
Diagnostic-Code: smtp; 552 5.2.2 mailbox full

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}

--b--
""".encode()


def taken(postern, octets):
    status, stdout, stderr = fed(postern, octets, "bounce", "--store", postern.store)
    assert stdout.count("\n") <= 1
    return status, stdout, stderr


def test_a_bounce_becomes_a_report_in_the_inbox_once(postern, sent):
    octets = bounce_of(message_id=sent["message_id"])
    status, stdout, stderr = taken(postern, octets)
    assert (status, stderr) == (0, "")
    report, = postern.inbox()
    assert f"Message {sent['id']}" in stdout and f"report {report['id']}" in stdout
    assert report["class"] == "REPORT.IPM.Note.NDR"
    shown = postern.show(report["id"])
    row, = shown["recipients"]
    assert (row["address"], row["verdict"], row["status"], row["code"], row["host"]) == (
        "alice@a.test", "failed", "5.2.2", 552, "inside.a.test")
    assert "mailbox full" in shown["body"]
    assert [attachment["name"] for attachment in shown["attachments"]] == [
        f"message: {sent['subject']}"]
    assert taken(postern, octets)[0] == 0
    assert len(postern.inbox()) == 1


def test_a_delay_and_a_failure_later_are_two_reports(postern, sent):
    taken(postern, bounce_of(sent["message_id"], action="delayed", own_id="<1@mx.test>"))
    taken(postern, bounce_of(sent["message_id"], own_id="<2@mx.test>"))
    assert [report["class"] for report in postern.inbox()] == [
        "REPORT.IPM.Note.Delayed.DR", "REPORT.IPM.Note.NDR"]


def test_a_mail_without_a_message_id_is_taken_once_too(postern, sent):
    octets = bounce_of(sent["message_id"]).split(b"\n", 1)[1]
    assert [taken(postern, octets)[0] for _ in range(2)] == [0, 0]
    assert len(postern.inbox()) == 1


@pytest.mark.parametrize("octets", [bounce_of(), b"Subject: Out of office\n\nBack on Monday.\n"],
                         ids=["of another message", "no report"])
def test_what_concerns_no_message_is_kept(postern, sent, octets):
    assert [taken(postern, octets)[0] for _ in range(2)] == [SOME_FAILED, SOME_FAILED]
    kept, = postern.inbox()
    assert kept["class"] == "IPM.Note"
    assert kept["subject"] in ("Rückläufer", "Out of office")
    attachment, = postern.show(kept["id"])["attachments"]
    assert attachment == {"name": "mail.eml", "size": len(octets)}


def test_no_mail_at_all_is_said(postern, sent):
    status, stdout, stderr = taken(postern, b"")
    assert (status, stdout) == (EX_DATAERR, "")
    assert "empty" in stderr
    assert postern.inbox() == []


def test_postfixs_bounces_find_the_very_submission(postern, make_postfix, make_catcher):
    """One file is submitted twice; what its next hop refuses, Postfix returns to the sender."""
    catcher = make_catcher(postern.program, postern.directory)
    postfix = make_postfix(catcher.address)
    file = postern.sample()
    ids = []
    for count in (1, 2):
        result = postern.send(file, postfix.relay, *to("refuse-550+x@b.test"))
        assert result.status == DELIVERED, result.stderr
        ids.append(result.message["id"])
        caught = catcher.wait_for(count)
        assert [row["address"] for row in caught[-1][0]["recipients"]] == [SENDER]
    for identity, (_, octets) in zip(ids, caught):
        status, stdout, _ = taken(postern, octets)
        assert status == 0
        assert stdout.startswith(f"Message {identity}, found by its envelope id: non-delivery")
    for report in postern.inbox():
        row, = postern.show(report["id"])["recipients"]
        assert (row["address"], row["code"], row["status"]) == ("refuse-550+x@b.test", 550, "5.1.1")
