"""What the DKIM signer signs, other people's verifiers take; what is changed afterwards, they do
not."""

import os
import random
import re
import subprocess

import pytest

from dkim_tools import (DOMAIN, FORMS, Keys, dkimpy_verifies, mail_dkim_results, sign,
                        sign_command, wire_form)
from memory import measured
from postern_program import example

MESSAGES = 60  # for each pair of canonicalizations
LARGE_OCTETS = 256 << 20
PEAK_LIMIT = 24 << 20

HEADER = (b"Received: from a by b; Fri, 11 Jul 2003 21:00:37 -0700\r\n"
          b"From: Joe  <joe@example.org>\r\nTo: Suzie <suzie@b.test>,\r\n\t\"Q\" <q@b.test>\r\n"
          b"Subject: Is  dinner\r\n ready? \r\nDate: Fri, 11 Jul 2003 21:00:37 -0700\r\n"
          b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n")
LETTER = HEADER + b"\r\nHi \t there. \r\n\r\n.We lost the game.\r\n\r\n\r\n"

ODD_BODIES = [
    b"", b"\r\n", b"\r\n\r\n\r\n", b"\n\n", b"\r", b" ", b" \t \r\n", b"\t\r\n\r\n \r\n",
    b"no line end", b"bare\nline\nfeeds\n", b"bare\rreturns\r", b"mixed\r\r\n\n\r\nends\n\r",
    b"trailing \t \r\nblanks  \r\n  \r\n\r\n", b" leading\r\n\t\tblanks", b".\r\n..\r\n.dots.\r\n.",
    b"x" * 100_000, b"x " * 50_000 + b"\r\n", b"\r\n" * 50_000 + b"end", b"\r\n" * 50_000,
    b"\xff\x00\x80 \x00\r\n", "Grüße\r\n".encode(), b"From: no header\r\n\r\n",
]


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("keys"))


def blanks(source):
    return bytes(source.choices(b" \t", k=source.randrange(4)))


def random_field(source, name):
    """A field with white space, folds and line ends of all kinds."""
    value = b""
    for _ in range(source.randrange(5)):
        fold = source.choice([b"\r\n ", b"\n\t", b"\r  ", b"", b""])
        value += fold + blanks(source) + source.choice(["word", "a;b=c", "Grüße", ":", ""]).encode()
    name = source.choice([name, name.upper(), name.lower()])
    return name.encode() + b":" + blanks(source) + value + blanks(source)


def random_message(source):
    names = ["From"] + source.choices(
        ["To", "Cc", "Subject", "Received", "List-Id", "Date", "X-Odd!name", "DKIM-Signature"],
        k=source.randrange(8))
    source.shuffle(names)
    ends = source.choice([[b"\r\n"], [b"\n"], [b"\r\n", b"\n", b"\r"]])
    header = b"".join(random_field(source, name) + source.choice(ends) for name in names)
    pieces = [b"word", b".", b" ", b"\t", b"\r\n", b"\n", b"\r", b"\r\n\r\n", "ß".encode()]
    body = b"".join(source.choices(pieces, k=source.randrange(60)))
    return header + b"\r\n" + body


def assert_both_take(messages, keys, directory):
    """`messages` bear an RSA signature and below it an Ed25519 one; their line ends are repaired."""
    for message in messages:
        assert dkimpy_verifies(message, keys.dns, 0), message
        assert dkimpy_verifies(message, keys.dns, 1), message
    results = mail_dkim_results(messages, keys, directory)
    assert len(results) == len(messages)
    for message, result in zip(messages, results):
        assert result == "pass", message


@pytest.mark.parametrize("forms", FORMS)
def test_any_message_verifies(forms, keys, tmp_path):
    source = random.Random(6376)
    messages = [random_message(source) for _ in range(MESSAGES)]
    assert_both_take([wire_form(sign(message, forms, keys, tmp_path)) for message in messages],
                     keys, tmp_path)


@pytest.mark.parametrize("forms", FORMS)
def test_odd_bodies_verify(forms, keys, tmp_path):
    messages = [HEADER + b"\r\n" + body for body in ODD_BODIES] + [HEADER, HEADER[:-2]]
    assert_both_take([wire_form(sign(message, forms, keys, tmp_path)) for message in messages],
                     keys, tmp_path)


@pytest.mark.parametrize("forms", FORMS)
@pytest.mark.parametrize("selector", ["rsa", "ed25519"])
def test_any_flipped_octet_breaks_the_signature(selector, forms, keys, tmp_path):
    """But for b= itself, line ends (verifiers differ in how they forgive them) and the Received
    field."""
    def any_name_has_the_key(_name, timeout):
        return keys.records[selector].encode()

    letter = bytearray(sign(LETTER, forms, keys, tmp_path, [selector]))
    assert dkimpy_verifies(bytes(letter), any_name_has_the_key)
    signature = range(re.search(rb"\bb=", letter).end(), letter.index(b"Received:"))
    received = range(signature.stop, letter.index(b"From: Joe"))
    survived = []
    for position, octet in enumerate(letter):
        if octet in b"\r\n" or position in signature or position in received:
            continue
        letter[position] = octet ^ 1
        if dkimpy_verifies(bytes(letter), any_name_has_the_key):
            survived.append((position, chr(octet)))
        letter[position] = octet
    assert survived == []


@pytest.mark.parametrize("field", ["From", "To", "Cc", "Subject", "Reply-To", "Date",
                                   "Content-Type"])
def test_a_further_field_that_readers_see_breaks_the_signature(field, keys, tmp_path):
    letter = sign(LETTER, FORMS[0], keys, tmp_path)
    forged = f"{field}: forged@evil.test\r\n".encode() + letter
    assert not dkimpy_verifies(forged, keys.dns, 0)
    assert not dkimpy_verifies(forged, keys.dns, 1)


@pytest.mark.parametrize("field", ["Received", "Message-ID", "Sender", "Return-Path", "X-Spam"])
def test_what_servers_add_does_not_break_the_signature(field, keys, tmp_path):
    letter = f"{field}: added\r\n".encode() + sign(LETTER, FORMS[0], keys, tmp_path)
    assert dkimpy_verifies(letter, keys.dns, 0)
    assert dkimpy_verifies(letter, keys.dns, 1)


def test_text_added_to_the_body_breaks_the_signature(keys, tmp_path):
    letter = sign(LETTER, FORMS[0], keys, tmp_path)
    assert not dkimpy_verifies(letter + b"more\r\n", keys.dns)
    assert mail_dkim_results([letter + b"more\r\n"], keys, tmp_path) != ["pass"]


@pytest.mark.parametrize("forms", FORMS)
def test_a_message_sent_through_a_server_verifies_there(forms, keys, sink, tmp_path):
    """The engine repairs the line ends after the signing."""
    letter = tmp_path / "signed.eml"
    letter.write_bytes(sign(LETTER.replace(b"\r\n", b"\n").rstrip(), forms, keys, tmp_path))
    subprocess.run([example("send"), sink.relay, f"a@{DOMAIN}", "b@b.test", letter],
                   check=True, capture_output=True)
    received, = sink.wait_for(1)
    assert_both_take([wire_form(received.content)], keys, tmp_path)


def test_a_large_message_takes_little_memory(keys, tmp_path):
    if os.environ.get("POSTERN_SANITIZE"):
        pytest.skip("a sanitizer's own memory is many times the limit")
    letter = tmp_path / "large.eml"
    with letter.open("wb") as file:
        file.write(HEADER + b"\r\n")
        for _ in range(LARGE_OCTETS >> 20):
            file.write(b"x \t" * 25 + b"\r\n" + b"y" * ((1 << 20) - 77))
    command = sign_command(letter, FORMS[0], keys, ["rsa", "ed25519"])
    run = measured(["/bin/sh", "-c", 'exec "$@" >/dev/null', "sh", *command])
    assert run.status == 0, run.stderr
    assert run.peak_octets < PEAK_LIMIT, f"{run.peak_octets / (1 << 20):.1f} MiB at the peak"


@pytest.mark.parametrize("letter, why", [
    (b"To: a\r\n\r\nFrom: b\r\n", "it has 0 From fields where it needs one"),
    (b"From: a\r\nFrom: b\r\n\r\n", "it has 2 From fields where it needs one"),
    (b"From: a\r\nno field\r\n\r\n", "line 2 of its header is no header field"),
])
def test_what_cannot_be_signed_is_one_sentence_and_no_octet(letter, why, keys, tmp_path):
    path = tmp_path / "letter.eml"
    path.write_bytes(letter)
    run = subprocess.run(sign_command(path, FORMS[0], keys, ["rsa"]), capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr.startswith(f"the message cannot be signed: {why}")
    assert run.stderr.count("\n") == 1
