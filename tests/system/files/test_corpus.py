"""Every .msg file of the corpus arrives as independent readers say it was written.

Each file is sent as it is first. Only where that cannot be (a draft without recipients, an
appointment without a sender) it is sent again with what it lacks.
"""

import collections
import dataclasses

import pytest

from corpus import ABSENT, DIRECTORY, Facts, for_each_file
from mail import addresses, attachments, defects, digest, message_id, one_space, parse
from postern_program import DELIVERED, Postern
from postfix_server import Postfix
from processes import wait_until
from smtp_sink import SmtpSink, read_dump

DEFAULT_TO, DEFAULT_FROM = "default-to@b.test", "default-from@a.test"
SECONDS = 300


@dataclasses.dataclass(frozen=True)
class Delivery:
    """How one file fared: what Postern said, what it was told, and what arrived."""
    facts: Facts
    report: dict
    options: tuple
    received: list

    @property
    def delivered(self):
        return {row["address"].lower() for row in self.report.get("recipients", [])
                if row["verdict"] == "delivered"}

    @property
    def message(self):
        assert self.received, f"nothing arrived of {self.report}"
        return parse(self.received[0].content)

    @property
    def from_address(self):
        return DEFAULT_FROM if "--from" in self.options else self.facts.from_address

    @property
    def to(self):
        return {DEFAULT_TO} if "--to" in self.options else self.facts.to

    @property
    def cc(self):
        return set() if "--to" in self.options else self.facts.cc

    @property
    def envelope(self):
        return {DEFAULT_TO} if "--to" in self.options else self.facts.envelope


class Sender:
    """Sends files through one way and matches what arrives to them, by Message-ID."""

    def __init__(self, postern, relay, sink, settled):
        self.postern = postern
        self.relay = relay
        self.sink = sink
        self.settled = settled  # whether everything that is on its way has arrived
        self.read = set()       # dumps that were looked at
        self.deliveries = {}
        self.strays = []        # Message-IDs that arrived and that Postern did not name
        self.complaints = ""

    def send_all(self, names):
        self.send(names)
        lacking = [name for name in self.undelivered(names) if not Facts(name).envelope]
        self.send(lacking, "--to", DEFAULT_TO)
        for name in self.undelivered(names):
            to = () if Facts(name).envelope else ("--to", DEFAULT_TO)
            self.send([name], "--from", DEFAULT_FROM, *to)

    def undelivered(self, names):
        return [name for name in names if not self.deliveries[name].delivered]

    def send(self, names, *options):
        """Some files share a Message-ID; no wave has two of them, so that each can be told."""
        for wave in waves(names):
            result = self.postern.send([DIRECTORY / name for name in wave], self.relay, *options,
                                       "--wait", "60", seconds=SECONDS)
            self.complaints += result.stderr
            assert len(result.messages) == len(wave), result.stderr
            sent = {name: Delivery(Facts(name), report, options, [])
                    for name, report in zip(wave, result.messages)}
            self.match(sent)
            if all(delivery.delivered == delivery.envelope for delivery in sent.values()):
                assert result.status == DELIVERED, result.stderr
            else:
                assert result.status != DELIVERED

    def match(self, sent):
        arrived = self.arrivals()
        for name, delivery in sent.items():
            delivery.received.extend(arrived.pop(delivery.report.get("message_id"), []))
            self.deliveries[name] = delivery
        self.strays += arrived

    def arrivals(self):
        """What came to the sink since one last asked: Message-ID to messages."""
        wait_until(self.settled, "the last delivery to smtp-sink", SECONDS)
        found = collections.defaultdict(list)
        for path in self.sink.dumps():
            if path not in self.read:
                self.read.add(path)
                received = read_dump(path)
                found[message_id(received.content)].append(received)
        return found


def waves(names):
    """Parts the files so that no part holds a Message-ID twice."""
    parts, count = [], collections.Counter()
    for name in names:
        identity = Facts(name).message_id or name
        if count[identity] == len(parts):
            parts.append([])
        parts[count[identity]].append(name)
        count[identity] += 1
    return parts


@pytest.fixture(scope="module", params=["smtp-sink", "postfix"])
def sender(request, tmp_path_factory):
    """The whole corpus, sent straight to smtp-sink or through Postfix."""
    if not DIRECTORY.exists():
        pytest.skip(ABSENT)
    postern = Postern(tmp_path_factory.mktemp("corpus"))
    sink = SmtpSink()
    request.addfinalizer(sink.stop)
    relay, settled = sink.relay, lambda: True
    if request.param == "postfix":
        # Postfix rewrites address headers and drops what exceeds its limit: one file has 1321
        # recipients.
        postfix = Postfix(sink.address, header_address_token_limit="50000")
        request.addfinalizer(postfix.stop)
        relay, settled = postfix.relay, lambda: not postfix.queue_files()
    request.addfinalizer(postern.stop)
    sent = Sender(postern, relay, sink, settled)
    sent.send_all([entry.name for entry in sorted(DIRECTORY.glob("*.msg"))])
    return sent


@pytest.fixture
def delivery(sender, name):
    """One file's; a damaged file may have been refused instead, by name."""
    delivery = sender.deliveries[name]
    if delivery.facts.is_damaged and not delivery.delivered:
        assert delivery.report["error"]
        assert name in sender.complaints
        pytest.skip(f"{name} is damaged and was refused: {delivery.report['error']}")
    return delivery


def test_every_message_arrives_under_the_message_id_that_was_reported(sender):
    assert sender.deliveries
    assert sender.strays == []


@for_each_file("name")
def test_every_recipient_of_the_file_gets_it_once(delivery):
    got = [address.lower() for message in delivery.received for address in message.recipients]
    assert sorted(got) == sorted(delivery.delivered)
    assert delivery.delivered == delivery.envelope


@for_each_file("name")
def test_a_file_arrives_as_mail_a_strict_reader_has_nothing_against(delivery):
    for received in delivery.received:
        assert defects(parse(received.content)) == []


@for_each_file("name")
def test_subject_sender_and_recipients_are_those_of_the_file(delivery):
    message, facts = delivery.message, delivery.facts
    if facts.subject is not None:
        assert one_space(message["Subject"]) == one_space(facts.subject)
    if delivery.from_address is not None:
        assert addresses(message, "From") == [delivery.from_address]
    assert set(addresses(message, "To")) == delivery.to
    assert set(addresses(message, "Cc")) == delivery.cc
    assert message["Bcc"] is None


@for_each_file("name")
def test_every_attachment_of_the_file_arrives_octet_for_octet(delivery):
    facts, parts = delivery.facts, attachments(delivery.message)
    if facts.attachments is None:
        pytest.skip("the readers disagree about this file's attachments")
    if facts.is_smime:
        assert delivery.message.get_content_type() in (
            "multipart/signed", "application/pkcs7-mime", "application/x-pkcs7-mime")
        return
    if facts.is_contact:  # its card is Postern's own addition (mapi-to-mime §7.1)
        parts = [part for part in parts if part.get_content_type() != "text/vcard"]
    assert len(parts) == len(facts.attachments) + facts.embedded_messages + facts.ole_objects
    # A delivery status is attached as such and taken apart by the parser, not handed out whole.
    files = [part for part in parts if part.get_content_maintype() != "message"]
    missing = (collections.Counter(sha256 for _, sha256 in facts.attachments)
               - collections.Counter(map(digest, files)))
    statuses = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    assert missing.total() == len(statuses)
