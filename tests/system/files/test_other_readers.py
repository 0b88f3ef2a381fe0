"""What others' programs find in the mails that we write: Python's email, GMime, Perl's MIME::Parser
and npm's mailparser find the same, and nothing wrong."""

import hashlib
import json
import re
import subprocess

import pytest

from corpus import Facts, facts
from mail import defects, one_space, parse
from message_files import converted, gather
from postern_program import Postern, program
from processes import find_program, unavailable
from unpacked import unpacked

READERS = "readers"


@pytest.fixture(scope="module")
def mails(tmp_path_factory):
    """{name: path} of everything converted."""
    directory = tmp_path_factory.mktemp("mails")
    postern = Postern(directory)
    yield converted(postern, gather(directory / "files"), directory / "out")
    postern.stop()


@pytest.fixture(scope="module")
def by_python(mails):
    return {name: parse(path.read_bytes()) for name, path in mails.items()}


def run(mails, command, **options):
    """What the reader says, one JSON object a line, by name."""
    paths = "".join(f"{path}\n" for path in mails.values())
    done = subprocess.run([str(word) for word in command], input=paths, capture_output=True,
                          text=True, timeout=60, **options)
    assert done.returncode == 0, done.stderr[-2000:]
    found = [json.loads(line) for line in done.stdout.split("\n") if line]
    return dict(zip(mails, found, strict=True))


@pytest.fixture(scope="module")
def by_gmime(mails):
    reader = program().parent / "tests" / "system" / "gmime_reader"
    if not reader.exists():
        unavailable(f"{reader} is not built")
    return run(mails, [reader])


@pytest.fixture(scope="module")
def by_perl(mails, request):
    perl = find_program("perl")
    if subprocess.run([perl, "-MMIME::Parser", "-e", "1"], capture_output=True).returncode:
        unavailable("Perl's MIME::Parser (libmime-tools-perl) is not installed")
    return run(mails, [perl, request.config.rootpath / READERS / "mime_parser.pl"])


@pytest.fixture(scope="module")
def by_node(mails, request):
    module = unpacked("mail-readers/node_modules/mailparser/package.json", "--mail-readers")
    script = request.config.rootpath / READERS / "mailparser.mjs"
    return run(mails, [find_program("node"), script], cwd=module.parents[2])


def digest(octets):
    return hashlib.sha256(octets).hexdigest()


def tree(part):
    """As the readers give it: reports are leaves, whose fields some read as parts."""
    kind = part.get_content_type()
    if kind == "message/rfc822" or part.get_content_maintype() == "multipart":
        return {"type": kind, "parts": [tree(each) for each in part.get_payload()]}
    if kind.startswith("message/"):
        return {"type": kind}
    octets = part.get_payload(decode=True)
    return {"type": kind, "name": part.get_filename() or "", "sha256": digest(octets),
            "lines": digest(octets.replace(b"\r", b"").rstrip(b"\n"))}


def without_octets(node):
    """Text in 7 bits is compared by its lines, which some readers end in their own way."""
    kept = {key: value for key, value in node.items() if key in ("type", "name", "lines")}
    if "parts" in node:
        kept["parts"] = [without_octets(part) for part in node["parts"]]
    return kept


def leaf_files(node):
    """Names and digests of what has a name, not within attached messages."""
    if node["type"].startswith("multipart/"):
        return [file for part in node["parts"] for file in leaf_files(part)]
    return [(node["name"], node["sha256"])] if node.get("name") else []


def plain_addresses(found):
    """Without quotation marks, A-labels as what they stand for."""
    return sorted(re.sub(r"xn--([a-z0-9-]+)", lambda label: label[1].encode().decode("punycode"),
                         address.replace('"', "").lower()) for address in found)


def addresses_of(mail, field):
    return plain_addresses(address.addr_spec for value in mail.get_all(field, [])
                           for address in value.addresses if address.domain)


def test_python_finds_no_defects(by_python):
    assert {name: found for name, mail in by_python.items() if (found := defects(mail))} == {}


@pytest.mark.parametrize("reader", ["by_gmime", "by_perl", "by_node"])
def test_the_reader_finds_nothing_wrong(reader, request):
    found = request.getfixturevalue(reader)
    assert {name: mail["problems"] for name, mail in found.items() if mail["problems"]} == {}


@pytest.mark.parametrize("reader", ["by_gmime", "by_perl", "by_node"])
def test_the_reader_finds_the_same_subject(reader, by_python, request):
    found = request.getfixturevalue(reader)
    different = {name: (one_space(found[name]["subject"]), one_space(mail["Subject"]))
                 for name, mail in by_python.items()}
    assert {name: pair for name, pair in different.items() if pair[0] != pair[1]} == {}


@pytest.mark.parametrize("reader", ["by_gmime", "by_node"])
def test_the_reader_finds_the_same_people(reader, by_python, request):
    found = request.getfixturevalue(reader)
    different = [(name, field) for name, mail in by_python.items() for field in ("from", "to", "cc")
                 if plain_addresses(found[name][field]) != addresses_of(mail, field)]
    assert different == []


@pytest.mark.parametrize("reader", ["by_gmime", "by_perl"])
def test_the_reader_finds_the_same_parts(reader, by_python, request):
    found = request.getfixturevalue(reader)
    assert [name for name, mail in by_python.items()
            if without_octets(found[name]["tree"]) != without_octets(tree(mail))] == []


def test_mailparser_finds_the_same_files(by_python, by_node):
    """It shows what is text and inline as text, and takes what is named .eml for a message."""
    different = []
    for name, mail in by_python.items():
        found = {(file["name"], file["sha256"]) for file in by_node[name]["files"]}
        shown = {part.get_filename() for part in mail.walk()
                 if part.get_content_maintype() == "text"
                 and part.get_content_disposition() == "inline"}
        wanted = {(file, octets) for file, octets in leaf_files(tree(mail)) if file not in shown}
        if not wanted <= found:
            different.append((name, wanted - found))
    assert different == []


@pytest.mark.parametrize("reader", ["by_gmime", "by_perl"])
def test_the_reader_finds_what_others_find_in_the_message(reader, request):
    """FACTS.json: most readers of .msg files on the subject and the attachments' octets."""
    found, different = request.getfixturevalue(reader), []
    for name in facts():
        mail, expected = found[name.removesuffix(".msg")], Facts(name)
        if expected.is_damaged or expected.is_smime:
            continue
        if expected.subject is not None and one_space(mail["subject"]) != one_space(
                expected.subject):
            different.append((name, "subject"))
        attached = {sha256 for _, sha256 in expected.attachments or []}
        missing = attached - {sha256 for _, sha256 in leaf_files(mail["tree"])}
        reports = [part for part in mail["tree"].get("parts", [])
                   if part["type"] == "message/delivery-status"]
        if len(missing) > len(reports):
            different.append((name, missing))
    assert different == []
