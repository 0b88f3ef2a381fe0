"""A 1 GiB attachment arrives whole, and does not show in the program's memory."""

import binascii
import hashlib
import os
import shutil

import pytest

from compound_file import CompoundFile
from memory import measured
from postern_program import DELIVERED

ATTACHMENT_OCTETS = 1 << 30
PEAK_LIMIT = 48 << 20
DISK_NEEDED = 6 << 30  # the sample, the stored message, the received one in base64, and air
BLOCK = 8 << 20


def test_a_gibibyte_arrives_whole_and_takes_little_memory(postern, sink):
    if os.environ.get("POSTERN_SANITIZE"):
        pytest.skip("a sanitizer's own memory is many times the limit")
    if shutil.disk_usage(postern.directory).free < DISK_NEEDED:
        pytest.skip(f"less than {DISK_NEEDED >> 30} GiB of disk are free")
    sample = postern.sample("large.msg", "--attachment-size", ATTACHMENT_OCTETS)
    run = measured([postern.program, "send", sample, "--relay", sink.relay,
                    "--store", postern.store, "--from", "sender@a.test", "--to", "b@b.test"])
    assert run.status == DELIVERED, run.stderr
    dump, = sink.dumps()
    with CompoundFile(sample) as file:
        size, blocks = file.largest_stream()
        assert size == ATTACHMENT_OCTETS
        assert digest(attachment_content(dump)) == digest(blocks)
    assert run.peak_octets < PEAK_LIMIT, f"{run.peak_octets / (1 << 20):.1f} MiB at the peak"


def digest(blocks):
    """Octets and SHA-256 of what the blocks hold together."""
    total, sha256 = 0, hashlib.sha256()
    for block in blocks:
        total += len(block)
        sha256.update(block)
    return total, sha256.hexdigest()


def attachment_content(path):
    """The decoded blocks of the message's only attachment."""
    with path.open("rb") as message:
        skip_to_attachment(message)
        while lines := message.readlines(BLOCK):
            ends = [number for number, line in enumerate(lines) if line.startswith(b"--")]
            yield binascii.a2b_base64(b"".join(lines[:ends[0]] if ends else lines))
            if ends:
                return


def skip_to_attachment(message):
    """Leaves the file at the first line of the attachment's content."""
    attachment = False
    while line := message.readline().lower():
        attachment |= line.startswith(b"content-disposition: attachment")
        if attachment and line == b"\n":
            return
    pytest.fail("no attachment in the received message")
