"""What others' programs find in the calendars and vCards that we write: libical and npm's ical.js
the same events and occurrences, vobject the same contacts, and nothing wrong."""

import json
import re
import subprocess

import pytest

from mail import octets, parse
from message_files import converted, gather
from postern_program import Postern, program
from processes import find_program, unavailable
from unpacked import unpacked

# What RFC 5546 does not allow and the objects want: appointments that nobody has called, the
# people of an appointment (mapi-to-mime §7.2), an answer of nobody, no subject.
TOLERATED = re.compile(r"Failed iTIP restrictions for ((ORGANIZER|SUMMARY) property. Expected 1 .*"
                       r" got 0"
                       r"|ATTENDEE property. Expected (0 .*|1 .* got 0))")


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """{media type: {name: path}} of the calendars and vCards in everything converted."""
    directory = tmp_path_factory.mktemp("calendars")
    postern = Postern(directory)
    mails = converted(postern, gather(directory / "files"), directory / "out")
    found = {"text/calendar": {}, "text/vcard": {}}
    for name, path in mails.items():
        for number, part in enumerate(parse(path.read_bytes()).walk()):
            kind = part.get_content_type()
            if kind in found:
                file = directory / f"{name}-{number}.txt"
                file.write_bytes(octets(part))
                found[kind][file.stem] = file
    yield found
    postern.stop()


def run(files, command, **options):
    """What the reader says, one JSON object a line, by name."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          input="".join(f"{path}\n" for path in files.values()), timeout=60,
                          **options)
    assert done.returncode == 0, done.stderr[-2000:]
    found = [json.loads(line) for line in done.stdout.split("\n") if line]
    return dict(zip(files, found, strict=True))


def by_ical_js(files, request):
    module = unpacked("mail-readers/node_modules/ical.js/package.json", "--mail-readers")
    script = request.config.rootpath / "readers" / "ical_js.mjs"
    return run(files, [find_program("node"), script], cwd=module.parents[2])


def by_libical(files):
    reader = program().parent / "tests" / "system" / "libical_reader"
    if not reader.exists():
        unavailable(f"{reader} is not built")
    return run(files, [reader])


def test_libical_finds_nothing_wrong(parts):
    found = by_libical(parts["text/calendar"])
    wrong = {name: [each for each in calendar["problems"] if not TOLERATED.fullmatch(each)]
             for name, calendar in found.items()}
    assert found and {name: problems for name, problems in wrong.items() if problems} == {}


def comparable(event):
    """The parts of a rule have no order."""
    return event | {"rule": sorted(event["rule"].split(";"))}


def test_both_find_the_same_events_and_occurrences(parts, request):
    ours, theirs = by_libical(parts["text/calendar"]), by_ical_js(parts["text/calendar"], request)
    for name, calendar in ours.items():
        assert theirs[name]["problems"] == [], name
        assert [comparable(event) for event in calendar["events"]] == [
            comparable(event) for event in theirs[name]["events"]], name
    assert any(len(event["occurrences"]) == 50 for calendar in ours.values()
               for event in calendar["events"])


def test_both_find_the_same_contacts(parts, request):
    vobject = pytest.importorskip("vobject")
    cards = parts["text/vcard"]
    found = by_ical_js(cards, request)
    for name, path in cards.items():
        card = vobject.readOne(path.read_bytes().decode(), validate=True)
        assert found[name] == {"problems": [], "name": card.fn.value}, name
    assert cards
