"""The servers and the program, as fixtures; each ends what it started."""

import os
import signal
import ssl

import pytest

from arrival import to
from catcher import Catcher
from certificates import make_certificate
from dns_stub import DnsStub
from dovecot_server import Dovecot
from kerberos import Kerberos
from exim_server import Exim
from local_mail import LocalMail
from maildev import MailDev
from mailhog import MailHog
from opensmtpd_server import OpenSmtpd
from postern_program import DELIVERED, Postern
from postfix_server import Postfix
from scripted_server import ScriptedServer
from small_disk import mounted
from smtp_sink import SmtpSink
from transcript import in_words, offered, used

# Which extensions each test made use of, a line for each.
EXTENSION_LINES = pytest.StashKey()


def pytest_configure(config):
    """A run that is told to end (by a time limit, say) still stops its servers."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("told to end", returncode=143))
    config.stash[EXTENSION_LINES] = []


def pytest_terminal_summary(terminalreporter, config):
    """What was really said shows in the log of a run that passed, too."""
    if config.stash[EXTENSION_LINES]:
        terminalreporter.section("extensions used")
    for line in config.stash[EXTENSION_LINES]:
        terminalreporter.write_line(line)


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
def make_exim():
    yield from factory(Exim)


@pytest.fixture
def make_opensmtpd():
    yield from factory(OpenSmtpd)


@pytest.fixture
def make_kerberos():
    yield from factory(Kerberos)


@pytest.fixture
def make_dovecot():
    yield from factory(Dovecot)


@pytest.fixture
def make_catcher():
    yield from factory(Catcher)


@pytest.fixture
def make_maildev():
    yield from factory(MailDev)


@pytest.fixture
def dns():
    stub = DnsStub()
    yield stub
    stub.stop()


@pytest.fixture
def mailhog():
    return MailHog()


@pytest.fixture
def sent(postern, sink):
    """A message that a relay took: what `show` says, its ENVID among it."""
    result = postern.send(postern.sample(), sink.relay, *to("alice@a.test"))
    assert result.status == DELIVERED, result.stderr
    return postern.show(result.message["id"])


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


@pytest.fixture
def read_only_directory(postern):
    """A directory in which nothing can be made, for root neither."""
    if os.geteuid() == 0:
        with mounted("size=64k,ro") as directory:
            yield directory
    else:
        directory = postern.directory / "read-only"
        directory.mkdir()
        directory.chmod(0o555)
        yield directory


@pytest.fixture
def local_mail(postern, make_catcher):
    return LocalMail(postern, make_catcher(postern.program, postern.directory))


@pytest.fixture
def extensions(postern, request):
    """A function that notes which extensions some messages used with a server, and returns them."""
    def note(server, *results):
        transcripts = [postern.show(message["id"])["transcript"]
                       for result in results for message in result.messages]
        names = set().union(*map(used, transcripts))
        line = f"{server}: {in_words(names)}  ({request.node.name})"
        request.config.stash[EXTENSION_LINES].append(line)
        # A session that goes on with another message does not say EHLO again.
        offers = set().union(*map(offered, transcripts))
        assert {name.split()[0] for name in names} <= offers, transcripts
        return names
    return note
