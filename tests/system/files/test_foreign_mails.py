"""Mails that others wrote, odd ones too: what Python's email finds in them is in what is written of
them, and each takes little time and memory."""

import email
import os
import pathlib
import resource
import subprocess
import time

import pytest

from corpus import ABSENT, DIRECTORY
from mail import octets, parse
from postern_program import DELIVERED, EX_DATAERR, program

# Python's own test data (Debian's libpython3.*-testsuite), where it is installed.
OF_PYTHON = pathlib.Path(email.__file__).parents[1] / "test" / "test_email" / "data"
# Each takes a hundredth of this; other tests run beside.
MOST_SECONDS, MOST_MEMORY = 10, 64 << 20
# Bodies without a header, and no mails.
NO_MAILS = {"msg_19.txt"}


def mails():
    found = sorted(DIRECTORY.parent.joinpath("dsn").glob("*.eml")) + sorted(
        OF_PYTHON.glob("msg_*.txt"))
    return found or [pytest.param(None, marks=pytest.mark.skip(reason=ABSENT))]


def text_of(part):
    """Its words as the charset says, or whatever it is."""
    try:
        return part.get_payload(decode=True).decode(part.get_content_charset("ascii")).split()
    except (UnicodeDecodeError, LookupError):
        return None


def contents(mail):
    """Words of texts and of other leaves; texts of which the charset lies left out."""
    leaves = [part for part in mail.walk() if not part.is_multipart()]
    texts = [text_of(part) for part in leaves if part.get_content_maintype() == "text"]
    files = [octets(part).split() for part in leaves if part.get_content_maintype() != "text"]
    return [text for text in texts if text] + [file for file in files if file]


def names(mail):
    return {part.get_filename() for part in mail.walk() if part.get_filename()}


@pytest.mark.parametrize("path", mails(), ids=lambda path: path.name if path else "none")
def test_what_python_finds_in_a_mail_is_in_what_is_written_of_it(path):
    began = time.monotonic()
    done = subprocess.run([program(), "convert", path], capture_output=True, timeout=20)
    assert time.monotonic() - began < MOST_SECONDS
    if path.name in NO_MAILS:
        assert done.returncode == EX_DATAERR and done.stderr.count(b"\n") == 1
        return
    assert done.returncode == DELIVERED, done.stderr
    before, after = parse(path.read_bytes()), parse(done.stdout)
    found = contents(after)
    assert [each for each in contents(before) if each not in found] == []
    assert names(before) <= names(after)


def test_none_takes_much_memory():
    """The biggest child so far."""
    if os.environ.get("POSTERN_SANITIZE"):
        pytest.skip("sanitizers take memory of their own")
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 <= MOST_MEMORY
