"""A message that becomes a mail, and that a message again, says what it said."""

import hashlib
import re

import pytest

import msg_reader
from corpus import ABSENT, DIRECTORY
from mail import one_space
from message_files import converted, gather
from postern_program import Postern

SUBJECT, CLIENT_SUBMIT_TIME, BODY = 0x0037, 0x0039, 0x1000
RECIPIENT_TYPE, SMTP_ADDRESS, EMAIL_ADDRESS = 0x0C15, 0x39FE, 0x3003
ATTACH_METHOD, ATTACH_DATA = 0x3705, 0x3701
BY_VALUE = 1


@pytest.fixture(scope="module")
def journey(tmp_path_factory):
    """Folders of one journey: message, mail, the mail's mail; the mail's message and its mail."""
    directory = tmp_path_factory.mktemp("journey")
    postern = Postern(directory)
    found = {"message": {path.stem: path for path in gather(directory / "files").iterdir()},
             "mail": converted(postern, directory / "files", directory / "mail")}
    found["mail of mail"] = converted(postern, directory / "mail", directory / "mail-of-mail")
    found["message of mail"] = converted(postern, directory / "mail", directory / "again",
                                         "--to", "msg")
    found["mail of message"] = converted(postern, directory / "again", directory / "last")
    yield found
    postern.stop()


def without_boundaries(path):
    """Boundaries, which are new each time, as their numbers."""
    octets, names = path.read_bytes(), {}
    return re.sub(rb"=_[0-9a-f]{32}",
                  lambda found: b"=_%d" % names.setdefault(found.group(), len(names)), octets)


@pytest.mark.parametrize("again", ["mail of mail", "mail of message"])
def test_a_mail_of_ours_is_read_and_written_octet_for_octet(journey, again):
    assert journey["mail"].keys() == journey[again].keys() and journey["mail"]
    different = {name for name, path in journey["mail"].items()
                 if without_boundaries(path) != without_boundaries(journey[again][name])}
    assert different == set()


def people(message):
    """Type and SMTP address of each recipient that has one."""
    rows = [row.properties for row in message.recipients]
    found = [(row.get(RECIPIENT_TYPE, 1) & 0xF, row.get(SMTP_ADDRESS) or row.get(EMAIL_ADDRESS, ""))
             for row in rows]
    return {(kind, address.lower()) for kind, address in found
            if kind in (1, 2) and re.fullmatch(r"[!-~]+@[a-zA-Z0-9.-]+\.[a-z]+", address)}


def files(message):
    """The digest of each attachment that holds octets; of an attached message its subject."""
    found = []
    for attachment in message.attachments:
        properties = attachment.properties
        method, data = properties.get(ATTACH_METHOD), properties.get(ATTACH_DATA)
        if method == BY_VALUE and isinstance(data, bytes) and data:
            found.append(hashlib.sha256(data).hexdigest())
        elif attachment.embedded:
            found.append("message: " + one_space(attachment.embedded.properties.get(SUBJECT)))
    return found


def is_ordinary(message):
    """Neither of a class that its mail says in other ways, nor 8-bit in an unknown page."""
    kind = message.properties.get(0x001A, "IPM.Note").upper()
    return kind in ("IPM.NOTE", "IPM.POST") and (
        message.properties.get(0x340D, 0) & 0x40000 or "utf" in message.page)


def pairs(journey):
    """The ordinary messages of the corpus, each with what became of it."""
    for name, path in journey["message"].items():
        if name.startswith(("note-", "post-", "vault-")) and "broken" not in name:
            before = msg_reader.read(path)
            if is_ordinary(before):
                yield name, before, msg_reader.read(journey["message of mail"][name])


def test_there_are_ordinary_messages(journey):
    found = len(list(pairs(journey)))
    if not DIRECTORY.exists():
        pytest.skip(ABSENT)
    assert found > 50


def test_subject_people_and_dates_are_kept(journey):
    lost = []
    for name, before, after in pairs(journey):
        if one_space(before.properties.get(SUBJECT)) != one_space(after.properties.get(SUBJECT)):
            lost.append((name, "subject"))
        if not people(before) <= people(after):
            lost.append((name, "people", people(before) - people(after)))
        submitted = before.properties.get(CLIENT_SUBMIT_TIME, 0) // 10**7
        if submitted and after.properties.get(CLIENT_SUBMIT_TIME, 0) // 10**7 != submitted:
            lost.append((name, "date"))
    assert lost == []


def test_texts_and_attachments_are_kept(journey):
    lost = []
    for name, before, after in pairs(journey):
        text = one_space(before.properties.get(BODY))
        if text and text != one_space(after.properties.get(BODY)):
            lost.append((name, "text", text[:60], one_space(after.properties.get(BODY))[:60]))
        missing = set(files(before)) - set(files(after))
        if missing:
            lost.append((name, missing))
    assert lost == []
