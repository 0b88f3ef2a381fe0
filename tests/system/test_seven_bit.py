"""Messages re-encoded to 7 bits say to Python's mail parser what they said before."""

import random
import re
import subprocess

import pytest

from mail import octets, parse
from postern_program import example
from random_mail import RandomMail

MESSAGES_OF_A_SEED = 50


def seven_bit(message, directory):
    """The message in 7 bits."""
    file = directory / "message.eml"
    file.write_bytes(message)
    run = subprocess.run([example("seven_bit"), file], capture_output=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


def parts(message):
    """Of every part, the fields that are not to change, and the decoded content of leaves; text
    with one kind of line ends."""
    for part in parse(message).walk():
        fields = [(name, value) for name, value in part.raw_items()
                  if name.lower() not in ("content-transfer-encoding", "mime-version")]
        content = None if part.is_multipart() else octets(part)
        if part.get_content_maintype() == "text":
            content = re.sub(b"\r\n|\r|\n", b"\n", content)
        yield fields, content


@pytest.mark.parametrize("seed", range(12))
def test_random_messages_decode_to_the_same_content(seed, tmp_path):
    mail = RandomMail(random.Random(seed))
    changed = 0
    for _ in range(MESSAGES_OF_A_SEED):
        message = mail.message()
        result = seven_bit(message, tmp_path)
        assert result.isascii()
        assert list(parts(result)) == list(parts(message)), message
        changed += result != message
    assert changed > MESSAGES_OF_A_SEED / 3
