"""The servers and the program, as fixtures; each ends what it started."""

import signal
import ssl

import pytest

from certificates import make_certificate
from mailhog import MailHog
from postern_program import Postern
from postfix_server import Postfix
from scripted_server import ScriptedServer
from smtp_sink import SmtpSink


def pytest_configure():
    """A run that is told to end (by a time limit, say) still stops its servers."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("told to end", returncode=143))


def factory(make):
    """Yields a function that makes and remembers; afterwards everything made is stopped."""
    made = []

    def make_and_remember(*arguments, **options):
        made.append(make(*arguments, **options))
        return made[-1]

    yield make_and_remember
    for thing in reversed(made):
        thing.stop()


@pytest.fixture
def make_sink():
    yield from factory(SmtpSink)


@pytest.fixture
def sink(make_sink):
    return make_sink()


@pytest.fixture
def make_postfix():
    yield from factory(Postfix)


@pytest.fixture
def make_server():
    yield from factory(ScriptedServer)


@pytest.fixture
def mailhog():
    return MailHog()


@pytest.fixture
def certificate(tmp_path):
    return make_certificate(tmp_path)


@pytest.fixture
def server_tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    return context


@pytest.fixture
def postern(tmp_path):
    program = Postern(tmp_path)
    yield program
    program.stop()
