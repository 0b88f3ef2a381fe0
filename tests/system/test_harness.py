"""The servers the other tests rely on do what those tests believe they do."""

import re
import smtplib
import socket
import ssl
import subprocess
import sys
import uuid

import pytest

from mail import parse
from memory import measured
from postfix_server import postfix_tls
from postern_program import program
from processes import LOOPBACK, find_program
from scripted_server import CLOSE, by_recipient, sequence

CONTENT = b"Subject: proof\r\nMessage-ID: <1@a.test>\r\n\r\n.dot\r\nline\r\n..\r\nlast line\r\n"


def client(server, **options):
    return smtplib.SMTP(LOOPBACK, server.port, timeout=20, **options)


def test_smtp_sink_keeps_the_envelope_and_the_content(sink):
    with client(sink) as smtp:
        smtp.sendmail("a@a.test", ["b@b.test", "c@c.test"], CONTENT, mail_options=["BODY=8BITMIME"])
    received, = sink.wait_for(1)
    assert received.sender == "a@a.test"
    assert received.recipients == ["b@b.test", "c@c.test"]
    assert received.mail_parameters == "BODY=8BITMIME"
    message = parse(received.content)
    assert message["Subject"] == "proof"
    assert message.get_payload() == ".dot\nline\n..\nlast line\n"


@pytest.mark.parametrize("flag, code", [("-f", 500), ("-r", 450)])
def test_smtp_sink_refuses_what_its_flags_say(make_sink, flag, code):
    with client(make_sink(flag, "RCPT")) as smtp:
        smtp.ehlo()
        smtp.mail("a@a.test")
        assert smtp.rcpt("b@b.test")[0] == code


def test_postfix_relays_everything_to_the_sink(sink, make_postfix):
    with client(make_postfix(sink.address)) as smtp:
        smtp.sendmail("a@a.test", ["b@b.test", "c@c.test"], CONTENT)
    received, = sink.wait_for(1)
    assert sorted(received.recipients) == ["b@b.test", "c@c.test"]
    assert parse(received.content)["Message-ID"] == "<1@a.test>"


def test_postfix_offers_starttls_with_our_certificate(sink, make_postfix, certificate):
    postfix = make_postfix(sink.address, **postfix_tls(certificate))
    with client(postfix) as smtp:
        smtp.starttls(context=ssl.create_default_context(cafile=certificate.certificate))
        smtp.sendmail("a@a.test", ["b@b.test"], CONTENT)
    received, = sink.wait_for(1)
    assert b"using TLSv1.3" in received.content


def test_postfix_refuses_recipients_by_its_map_until_the_map_changes(sink, make_postfix):
    postfix = make_postfix(sink.address, refusals={
        "refused@b.test": "550 5.1.1 Nobody", "later@b.test": "450 4.2.0 Later"})
    with client(postfix) as smtp:
        smtp.ehlo()
        smtp.mail("a@a.test")
        assert smtp.rcpt("welcome@b.test")[0] == 250
        assert smtp.rcpt("refused@b.test") == (
            550, b"5.1.1 <refused@b.test>: Recipient address rejected: Nobody")
        assert smtp.rcpt("later@b.test")[0] == 450
    postfix.refuse({})
    with client(postfix) as smtp:
        smtp.ehlo()
        smtp.mail("a@a.test")
        assert smtp.rcpt("later@b.test")[0] == 250


def test_postfix_refuses_what_is_too_big_when_it_is_announced(sink, make_postfix):
    with client(make_postfix(sink.address, message_size_limit="10240")) as smtp:
        smtp.ehlo()
        assert smtp.mail("a@a.test", ["SIZE=20000"])[0] == 552


def test_a_scripted_server_follows_its_script_by_recipient_and_by_occurrence(make_server):
    server = make_server({"RCPT": by_recipient({
        "refused": "550 5.1.1 No such user",
        "later": sequence("450 4.2.0 Greylisted", None)})})
    with client(server) as smtp:
        smtp.ehlo()
        smtp.mail("a@a.test")
        codes = [smtp.rcpt(f"{name}@b.test")[0] for name in ("refused", "later", "later", "other")]
        assert codes == [550, 450, 250, 250]
        assert smtp.data(CONTENT)[0] == 250
    transaction, = server.taken()
    assert transaction.recipients == ["later@b.test", "other@b.test"]
    assert transaction.refused == ["refused@b.test", "later@b.test"]
    assert transaction.content == CONTENT


@pytest.mark.parametrize("point", ["connect", "EHLO", "MAIL", "RCPT", "DATA", "content", "dot"])
def test_a_scripted_server_closes_where_its_script_says(make_server, point):
    server = make_server({point: CLOSE})
    with pytest.raises((smtplib.SMTPException, ConnectionError)):
        with client(server) as smtp:
            smtp.sendmail("a@a.test", ["b@b.test"], CONTENT)
            smtp.ehlo()
    taken = [(transaction.reply, transaction.content) for transaction in server.taken()]
    assert taken == ([(None, CONTENT)] if point == "dot" else [])


def test_a_scripted_server_reads_no_further_than_the_octets_its_script_wants(make_server):
    seen = []
    def note_and_close_at_half(event):
        seen.append(event.octets)
        return CLOSE if event.octets > 500_000 else None
    server = make_server({"content": note_and_close_at_half})
    with pytest.raises((smtplib.SMTPException, ConnectionError)):
        client(server).sendmail("a@a.test", ["b@b.test"], b"x: y\r\n\r\n" + b"z" * 70 + b"\r\n" * 500_000)
    assert 500_000 < seen[-1] < 600_000
    assert server.received == []


def test_a_scripted_server_speaks_tls_and_asks_for_a_password(make_server, server_tls, certificate):
    server = make_server({"AUTH": sequence("535 5.7.8 Wrong", None)}, tls=server_tls, auth="PLAIN")
    with client(server) as smtp:
        smtp.ehlo()
        assert not smtp.has_extn("auth")
        smtp.starttls(context=ssl.create_default_context(cafile=certificate.certificate))
        with pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login("user", "secret")
        smtp.login("user", "secret")
        smtp.sendmail("a@a.test", ["b@b.test"], CONTENT)
    assert len(server.taken()) == 1


def test_pipelined_commands_behind_the_content_are_read_as_commands(make_server):
    server = make_server()
    with socket.create_connection((LOOPBACK, server.port), timeout=20) as connection:
        connection.sendall(b"EHLO a.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\n"
                           + CONTENT + b".\r\nMAIL FROM:<c@a.test>\r\nQUIT\r\n")
        with connection.makefile("rb") as replies:
            last = replies.readlines()[-1]
    assert last.startswith(b"221")
    assert server.commands[-2:] == ["MAIL FROM:<c@a.test>", "QUIT"]


def test_the_peak_of_a_child_is_its_own_and_not_that_of_the_tests(tmp_path):
    ballast = bytearray(100 << 20)
    script = "import sys; block = bytearray(int(sys.argv[1]) << 20); sys.exit(3)"
    for size in (1, 200):
        run = measured([sys.executable, "-I", "-S", "-c", script, str(size)])
        assert run.status == 3
        assert size << 20 < run.peak_octets < (size + 40) << 20
    assert len(ballast) == 100 << 20


def test_the_acceptance_scenarios_are_listed_by_number():
    build = program().parent
    if not (build / "tests" / "acceptance" / "acceptance_test").exists():
        pytest.skip("the unit tests are not built beside the program")
    listed = subprocess.run([find_program("ctest"), "-N", "-L", "acceptance", "--test-dir", build],
                            check=True, capture_output=True, text=True).stdout
    assert {int(number) for number in re.findall(r"Scenario(\d+)_\w+/\w+Store", listed)} \
        == set(range(1, 26))


def test_mailhog_answers_what_was_sent_to_it(mailhog):
    address = f"harness-{uuid.uuid4().hex}@b.test"
    host, _, port = mailhog.relay.removeprefix("smtp://").rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=20) as smtp:
        smtp.sendmail("a@a.test", [address], CONTENT)
    received, = mailhog.messages_to(address)
    assert (received.sender, received.recipients) == ("a@a.test", [address])
    assert parse(received.content)["Subject"] == "proof"
