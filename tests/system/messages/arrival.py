"""What a server got is what was to be sent."""

from mail import defects, leaves, message_id, parse

SENDER = "sender@a.test"


def assert_arrived(content, message, expected):
    """`content` is a server's copy, `message` the program's words on it, `expected` the MIME that
    the program makes of the same file."""
    received = parse(content)
    assert defects(received) == []
    assert message_id(content) == message["message_id"]
    assert received["Subject"] == message["subject"] == parse(expected)["Subject"]
    assert leaves(content) == leaves(expected)


def assert_files_arrived(postern, copies, files, result):
    """The copies, in any order, are those of the files, which are sorted by size."""
    copies = sorted(copies, key=lambda copy: len(copy.content))
    for copy, file, told in zip(copies, files, result.messages, strict=True):
        assert_arrived(copy.content, told, postern.convert(file))


def envelopes(messages):
    """Sender and recipient of every copy, sorted: servers part and join recipients."""
    return sorted((message.sender, recipient)
                  for message in messages for recipient in message.recipients)


def to(*recipients):
    """The options that address a message."""
    return [word for address in recipients for word in ("--to", address)] + ["--from", SENDER]


def password_file(directory, password):
    path = directory / "password"
    path.write_text(f"{password}\n")
    path.chmod(0o600)
    return path
