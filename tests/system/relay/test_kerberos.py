"""GSSAPI: logging on with a ticket of a Kerberos realm, through a Postfix that asks Dovecot."""

import os
import time

import pytest

from arrival import SENDER, envelopes, to
from certificates import make_certificate
from dovecot_server import User
from kerberos import REALM
from postern_program import DELIVERED, ONE_ATTEMPT, STILL_QUEUED
from postfix_server import postfix_sasl, postfix_tls
from processes import unavailable


GRACE = 10  # seconds for messages under way when the spooler is to end; the KDC gets 25


@pytest.fixture
def certificate(tmp_path):
    return make_certificate(tmp_path, name="localhost")


@pytest.fixture
def realm(make_kerberos):
    return make_kerberos("ann", "hunter2-secret", "smtp/localhost")


@pytest.fixture
def guarded(sink, make_postfix, make_dovecot, certificate, realm):
    if not os.path.exists("/usr/lib/dovecot/modules/auth/libmech_gssapi.so"):
        unavailable("dovecot-gssapi is not installed")
    dovecot = make_dovecot(User("ann"), auth_user="postfix", kerberos=realm)
    return make_postfix(sink.address, **postfix_tls(certificate), **postfix_sasl(dovecot))


def relay(postern, postfix, certificate, realm):
    postern.environment |= {name: realm.environment[name] for name in ("KRB5_CONFIG", "KRB5CCNAME")}
    return ["--relay", f"smtp://localhost:{postfix.port}", "--user", f"ann@{REALM}",
            "--auth", "GSSAPI", "--ca-file", certificate.certificate]


def send(postern, postfix, certificate, realm, *options):
    return postern.run("send", postern.sample(), "--store", postern.store, "--json",
                       *to("one@b.test"), *relay(postern, postfix, certificate, realm), *options)


def test_a_ticket_logs_on(postern, guarded, sink, certificate, realm, extensions):
    result = send(postern, guarded, certificate, realm)
    assert result.status == DELIVERED, result.stderr + guarded.log_text()
    assert "AUTH GSSAPI" in extensions("postfix", result)
    assert envelopes(sink.wait_for(1)) == [(SENDER, "one@b.test")]
    assert "sasl_method=GSSAPI, sasl_username=ann" in guarded.log_text()


def test_without_a_ticket_the_mail_stays_queued(postern, guarded, sink, certificate, realm):
    realm.forget_tickets()
    result = send(postern, guarded, certificate, realm, *ONE_ATTEMPT)
    assert result.status == STILL_QUEUED
    assert result.verdicts == {"one@b.test": "retry"}
    assert result.row("one@b.test")["stage"] == "auth"
    assert sink.messages() == []


def test_a_silent_kerberos_service_holds_up_nothing_but_its_own_session(
        postern, guarded, sink, certificate, realm):
    """libcurl asks it in a blocking call."""
    realm.fall_silent()
    assert postern.submit(postern.sample(), *to("one@b.test")).status == DELIVERED
    running = postern.start("spool", "--store", postern.store,
                            *relay(postern, guarded, certificate, realm))
    realm.wait_for_question()
    began = time.monotonic()
    running.terminate()
    _, stderr = running.communicate(timeout=120)
    assert running.returncode == DELIVERED, stderr
    assert time.monotonic() - began < GRACE + 4, "the spooler has waited for the Kerberos service"
    assert sink.messages() == []
