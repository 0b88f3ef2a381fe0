"""What others' readers of TNEF (Debian's tnef and ytnef) find in the winmail.dat that is sent."""

import subprocess

import pytest

from corpus import corpus_file
from mail import attachments, octets, parse
from postern_program import DELIVERED
from processes import find_program

# Files with attachments, HTML and RTF, and named properties. ytnef gives up at names of properties
# longer than 50 characters, and writes no file without a name, so it reads the sample alone.
FILES = ["note-rtfhtml-emailwith2attachments.msg", "note-rtfhtml-cyril.msg",
         "note-rtfhtml-anemail.msg"]


def winmail(content):
    """The octets of the winmail.dat in a mail, whose form is looked at too."""
    mail = parse(content)
    assert mail.get_content_type() == "multipart/mixed"
    assert mail["X-MS-TNEF-Correlator"] == mail["Message-ID"]
    text, tnef = mail.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert (tnef.get_content_type(), tnef.get_filename()) == ("application/ms-tnef", "winmail.dat")
    return octets(tnef)


def converted(postern, path):
    result = subprocess.run([postern.program, "convert", "--tnef", path], capture_output=True,
                            timeout=120)
    assert result.returncode == 0, result.stderr
    return result.stdout


def extracted(stream, directory, program, *options):
    """What the program makes of the stream: names and octets, its own names for bodies left out."""
    command = find_program(program)
    directory.mkdir()
    file = directory.parent / "winmail.dat"
    file.write_bytes(stream)
    subprocess.run([command, *options, directory, *(["-f"] if program == "tnef" else []), file],
                   check=True, timeout=60, stdout=subprocess.DEVNULL)
    return {path.name: path.read_bytes() for path in directory.iterdir()
            if not path.name.startswith("message.")}


def sent_files(content):
    return {part.get_filename(): octets(part) for part in attachments(parse(content))}


@pytest.mark.parametrize("name", FILES)
def test_tnef_finds_the_attachments_of_real_messages(postern, tmp_path, name):
    path = corpus_file(name)
    expected = sent_files(postern.convert(path))
    assert expected
    assert extracted(winmail(converted(postern, path)), tmp_path / "found", "tnef", "-C") == expected


@pytest.mark.parametrize("program, option", [("tnef", "-C"), ("ytnef", "-f")])
def test_both_find_the_attachment_of_the_sample(postern, tmp_path, program, option):
    path = postern.sample("sample.msg", "--attachment-size", "100000")
    expected = sent_files(postern.convert(path))
    assert expected
    assert extracted(winmail(converted(postern, path)), tmp_path / "found", program,
                     option) == expected


def test_it_is_sent_at_once_and_through_the_queue(postern, sink):
    path = postern.sample()
    assert postern.send(path, sink.relay, "--tnef").status == DELIVERED
    sink.wait_for(1)
    postern.submit(path, "--tnef")
    assert postern.spool_until_empty(sink.relay).status == DELIVERED
    sink.wait_for(2)
    for message in sink.messages():
        assert winmail(message.content).startswith(b"\x78\x9f\x3e\x22")
