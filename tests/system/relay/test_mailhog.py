"""What Postern sends to a MailHog can be read back from it."""

import uuid

from mail import addresses, attachments, defects, message_id, parse
from postern_program import DELIVERED


def test_a_message_sent_to_mailhog_is_read_back(mailhog, postern, extensions):
    to, bcc = (f"{name}-{uuid.uuid4().hex}@b.test" for name in ("to", "bcc"))
    result = postern.send(
        postern.sample("sample.msg", "--attachment-size", "5000"), mailhog.relay,
        "--from", "sender@a.test", "--to", to, "--bcc", bcc)
    assert result.status == DELIVERED, result.stderr
    assert extensions("mailhog", result) == {"PIPELINING"}
    received, = mailhog.messages_to(to)
    assert received.sender == "sender@a.test"
    assert sorted(received.recipients) == sorted([to, bcc])
    message = parse(received.content)
    assert defects(message) == []
    assert addresses(message, "To") == [to]
    assert bcc.encode() not in received.content
    assert message_id(received.content) == result.message["message_id"]
    assert len(attachments(message)) == 1
