"""Each recipient gets its own verdict with the server's own words, and whoever failed is reported."""

import json
import pathlib

import pytest

from mail import addresses, attachments, digest, message_id, parse
from postern_program import DELIVERED, EX_USAGE, ONE_ATTEMPT, SOME_FAILED, STILL_QUEUED
from postfix_server import postfix_tls
from processes import LOOPBACK, Child, free_port, wait_until
from scripted_server import CLOSE, by_recipient, sequence

SENDER = "sender@a.test"
ACCEPTED, REFUSED, LATER = "accepted@b.test", "refused@b.test", "later@b.test"
REFUSAL = "550 5.1.1 No such user here"


def to(*recipients):
    """The options that address a message."""
    return [word for address in recipients for word in ("--to", address)] + ["--from", SENDER]


def deliveries(messages):
    """Every recipient the server has a message for, once for each time."""
    return sorted(address for message in messages for address in message.recipients)


def test_three_recipients_get_three_verdicts_and_nobody_gets_it_twice(postern, make_server):
    server = make_server({"RCPT": by_recipient({
        "refused": REFUSAL, "later": sequence("450 4.2.0 Greylisted, come back", None)})})
    result = postern.send(postern.sample(), server.relay, *to(ACCEPTED, REFUSED, LATER),
                          "--retry", "1s", "--wait", "30")
    assert result.status == SOME_FAILED, result.stderr
    assert result.verdicts == {ACCEPTED: "delivered", REFUSED: "failed", LATER: "delivered"}
    refused = result.row(REFUSED)
    assert (refused["stage"], refused["code"], refused["status"]) == ("rcpt", 550, "5.1.1")
    assert "No such user here" in refused["text"]
    assert result.row(LATER)["attempts"] == 2
    assert deliveries(server.taken()) == [ACCEPTED, LATER]
    identities = {message_id(message.content) for message in server.taken()}
    assert identities == {result.message["message_id"]}
    assert postern.queue() == []


def test_the_report_of_a_failed_recipient_names_the_cause_the_code_and_the_text(
        postern, make_server):
    server = make_server({"RCPT": by_recipient({"refused": REFUSAL})})
    sent = postern.send(postern.sample(), server.relay, *to(ACCEPTED, REFUSED))
    report, = postern.inbox()
    shown = json.dumps(postern.show(report["id"]))
    for wanted in (REFUSED, "550", "5.1.1", "No such user here"):
        assert wanted in shown
    assert ACCEPTED not in shown
    assert sent.status == SOME_FAILED


def test_a_recipient_put_off_stays_queued_until_a_spooler_delivers_it(
        postern, sink, make_postfix):
    postfix = make_postfix(sink.address, refusals={
        REFUSED: "550 5.1.1 Nobody here", LATER: "450 4.2.0 Try again"})
    sent = postern.send(postern.sample(), postfix.relay, *to(ACCEPTED, REFUSED, LATER),
                        "--retry", "1s", "--wait", "3")
    assert sent.status == STILL_QUEUED, sent.stderr
    assert sent.verdicts == {ACCEPTED: "delivered", REFUSED: "failed", LATER: "retry"}
    assert sent.row(LATER)["code"] == 450
    assert "Try again" in sent.row(LATER)["text"]
    queued, = postern.queue()
    assert queued["id"] == sent.message["id"]

    postfix.refuse({})
    assert postern.spool_until_empty(postfix.relay).status == DELIVERED
    assert postern.queue() == []
    assert deliveries(sink.wait_for(2)) == [ACCEPTED, LATER]


# Where smtp-sink refuses or hangs up, what it does there, and what becomes of the recipient.
SINK_FAULTS = [
    ("-f", "RCPT", SOME_FAILED, "failed", "rcpt"),
    ("-f", "MAIL", SOME_FAILED, "failed", "mail"),
    ("-f", "DATA", SOME_FAILED, "failed", "data"),
    ("-f", ".", SOME_FAILED, "failed", "end"),
    ("-r", "MAIL", STILL_QUEUED, "retry", "mail"),
    ("-r", "RCPT", STILL_QUEUED, "retry", "rcpt"),
    ("-r", "DATA", STILL_QUEUED, "retry", "data"),
    ("-r", ".", STILL_QUEUED, "retry", "end"),
    ("-q", "EHLO", STILL_QUEUED, "retry", None),
    ("-q", "MAIL", STILL_QUEUED, "retry", None),
    ("-q", "DATA", STILL_QUEUED, "retry", None),
    ("-q", ".", STILL_QUEUED, "unknown", "end"),
    ("-Q", "CONNECT", STILL_QUEUED, "retry", None),
    ("-Q", "RCPT", STILL_QUEUED, "retry", None),
]


@pytest.mark.parametrize("flag, command, status, verdict, stage", SINK_FAULTS)
def test_a_server_that_refuses_or_hangs_up_settles_the_recipient(
        postern, make_sink, flag, command, status, verdict, stage):
    sink = make_sink(flag, command)
    result = postern.send(postern.sample(), sink.relay, *to(ACCEPTED), *ONE_ATTEMPT)
    assert result.status == status, result.stderr
    row = result.row(ACCEPTED)
    assert row["verdict"] == verdict
    if stage:
        assert row["stage"] == stage
    assert len(postern.queue()) == (1 if status == STILL_QUEUED else 0)
    assert len(postern.inbox()) == (1 if status == SOME_FAILED else 0)


def test_no_recipient_is_offered_again_when_the_link_breaks_after_the_first_message(
        postern, make_server):
    server = make_server({"MAIL": sequence(None, CLOSE, None)})
    files = [postern.sample("first.msg"), postern.sample("second.msg")]
    result = postern.send(files, server.relay, *to(ACCEPTED), "--retry", "1s", "--wait", "30",
                          "--sessions", "1")
    assert result.status == DELIVERED, result.stderr
    assert [message_id(message.content) for message in server.taken()] == [
        message["message_id"] for message in result.messages]


def test_a_message_too_big_for_the_server_fails_before_it_is_sent(postern, sink, make_postfix):
    postfix = make_postfix(sink.address, message_size_limit="10240")
    result = postern.send(postern.sample("big.msg", "--attachment-size", "100000"), postfix.relay,
                          *to(ACCEPTED))
    assert result.status == SOME_FAILED, result.stderr
    assert result.row(ACCEPTED)["verdict"] == "failed"
    assert result.row(ACCEPTED)["status"] == "5.3.4"
    assert sink.messages() == []


def test_bcc_recipients_get_the_message_and_stay_unseen(postern, sink):
    result = postern.send(postern.sample(), sink.relay, "--from", SENDER, "--to", "to@b.test",
                          "--cc", "cc@b.test", "--bcc", "bcc@b.test")
    assert result.status == DELIVERED, result.stderr
    types = {row["address"]: row["type"] for row in result.message["recipients"]}
    assert types == {"to@b.test": "to", "cc@b.test": "cc", "bcc@b.test": "bcc"}
    received = sink.wait_for(1)
    assert deliveries(received) == ["bcc@b.test", "cc@b.test", "to@b.test"]
    for message in received:
        # Boundaries and base64 are free to hold these three letters.
        assert b"\nbcc:" not in message.content.lower()
        assert b"bcc@b.test" not in message.content
        assert addresses(parse(message.content), "To") == ["to@b.test"]
        assert addresses(parse(message.content), "Cc") == ["cc@b.test"]


@pytest.mark.parametrize("level", ["may", "encrypt", "verify"])
def test_a_verified_relay_gets_the_message_by_tls(postern, sink, make_postfix, certificate, level):
    postfix = make_postfix(sink.address, **postfix_tls(certificate))
    result = postern.send(postern.sample(), postfix.relay, *to(ACCEPTED), "--tls", level,
                          "--ca-file", certificate.certificate)
    assert result.status == DELIVERED, result.stderr
    assert b"using TLSv1.3" in sink.wait_for(1)[0].content


def test_the_operator_reads_why_a_route_is_left_alone_and_when_mail_goes_again(
        postern, make_sink):
    sink = make_sink()
    sink.child.stop()
    postern.submit(postern.sample(), *to(ACCEPTED))
    spool = postern.start("spool", "--relay", sink.relay, "--store", postern.store,
                          "--retry", "1s", "--until-empty")
    said = spool.stderr.readline()
    assert said.startswith(f"postern: {sink.relay}: nothing is sent until "), said
    assert "cannot be reached" in said
    make_sink(port=sink.port)
    stdout, stderr = spool.communicate(timeout=60)
    assert spool.returncode == DELIVERED, stderr
    assert stderr.splitlines()[-1] == f"postern: {sink.relay}: mail goes again."
    assert stdout.count("delivered " + ACCEPTED) == 1, stdout


def test_messages_beyond_a_rate_wait_and_all_go(postern, sink):
    files = [postern.sample(f"{number}.msg") for number in range(4)]
    result = postern.send(files, sink.relay, *to(ACCEPTED),
                          "--message-rate", "2/1s")
    assert result.status == DELIVERED, result.stderr
    assert len(sink.wait_for(4)) == 4


@pytest.mark.parametrize("rate", ["0/1s", "5", "5/", "5/0s", "x/1s", "-1/1s", "5/1s/1s"])
def test_a_rate_that_is_none_is_a_sentence(postern, rate):
    result = postern.send(postern.sample(), "smtp://localhost:1", f"--message-rate={rate}")
    assert result.status == EX_USAGE
    assert f"'{rate}' is no rate" in result.stderr


def test_a_password_is_given_only_inside_tls_and_never_shown(
        postern, make_server, server_tls, certificate):
    server = make_server(tls=server_tls, auth="PLAIN")
    password = postern.directory / "password"
    password.write_text("hunter2-secret\n")
    password.chmod(0o600)
    result = postern.send(
        postern.sample(), f"smtp://user@{server.address}", *to(ACCEPTED),
        "--ca-file", certificate.certificate, "--password-file", password)
    assert result.status == DELIVERED, result.stderr
    assert "hunter2-secret" not in result.stdout + result.stderr
    starttls = server.commands.index("STARTTLS")
    assert all(not command.startswith("AUTH") for command in server.commands[:starttls])
    assert any(command.startswith("AUTH PLAIN") for command in server.commands[starttls:])
    transcript = postern.show(result.message["id"])["transcript"]
    assert "C: AUTH PLAIN …" in transcript and "C: DATA" in transcript, transcript
    assert any(line.startswith("S: 250") for line in transcript[transcript.index("C: DATA"):])
    assert password.read_text().strip() not in str(transcript)
    store = pathlib.Path(postern.store).read_bytes()
    assert password.read_bytes().strip() not in store


def test_the_token_command_does_not_get_the_password(postern, make_server, server_tls, certificate):
    server = make_server(tls=server_tls, auth="XOAUTH2")
    environment = postern.directory / "environment"
    postern.environment["POSTERN_PASSWORD"] = "hunter2-secret"
    postern.send(postern.sample(), f"smtp://user@{server.address}", *to(ACCEPTED), *ONE_ATTEMPT,
                 "--ca-file", certificate.certificate,
                 "--token-command", f"env > {environment}; echo token")
    inherited = environment.read_text()
    assert "HOME=" in inherited
    assert "hunter2-secret" not in inherited


def test_one_relay_may_have_a_tls_policy_of_its_own(postern, make_server):
    first, second = make_server(), make_server()
    result = postern.send(postern.sample(), f"smtp://{first.address}", *to(ACCEPTED),
                          "--relay", f"smtp://{second.address}",
                          "--tls-for", f"smtp://{first.address}=encrypt")
    assert result.status == DELIVERED, result.stderr
    assert first.received == [] and len(second.received) == 1
    refused = postern.send(postern.sample(), f"smtp://{first.address}", "--tls-for", "b.test=odd")
    assert refused.status == EX_USAGE and "'odd' is no TLS policy" in refused.stderr


def test_no_password_goes_to_a_relay_without_tls(postern, make_server):
    server = make_server(auth="PLAIN LOGIN")
    password = postern.directory / "password"
    password.write_text("hunter2-secret\n")
    password.chmod(0o600)
    result = postern.send(postern.sample(), f"smtp://user@{server.address}", *to(ACCEPTED),
                          "--password-file", password, *ONE_ATTEMPT)
    assert result.status == STILL_QUEUED, result.stderr
    assert server.taken() == []
    assert not any(command.startswith(("AUTH", "MAIL")) for command in server.commands)


def test_the_catcher_keeps_messages_and_plays_refusals_by_name(postern):
    port, directory = free_port(), postern.directory / "caught"
    directory.mkdir()
    catcher = Child([postern.program, "catch", "--listen", f"{LOOPBACK}:{port}",
                     "--directory", directory], postern.directory / "catch.log")
    try:
        catcher.wait_for_port(port)
        sample = postern.sample("sample.msg", "--attachment-size", "5000")
        result = postern.send(
            sample, f"smtp://{LOOPBACK}:{port}",
            *to(ACCEPTED, "refuse-550@b.test", "greylist@b.test"), "--retry", "1s", "--wait", "30")
        assert result.status == SOME_FAILED, result.stderr
        assert result.verdicts == {
            ACCEPTED: "delivered", "refuse-550@b.test": "failed", "greylist@b.test": "delivered"}
        refused_late = postern.send(sample, f"smtp://{LOOPBACK}:{port}",
                                    *to("refuse-data-554@b.test"))
        assert refused_late.row("refuse-data-554@b.test")["code"] == 554
        wait_until(lambda: len(list(directory.glob("*.json"))) >= 2, "two caught messages")
    finally:
        catcher.stop()
    caught = sorted(directory.glob("*.eml"))
    assert [path.name for path in caught] == ["000001.eml", "000002.eml"]
    assert [path.name for path in sorted(directory.glob("*.json"))] == [
        "000001.json", "000002.json"]
    digests = {digest(part) for path in caught for part in attachments(parse(path.read_bytes()))}
    assert len(digests) == 1
