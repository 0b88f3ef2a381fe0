"""The suite itself: each expectation of each case can fail, each rule finds what breaks it, and what
the writers write is what [MS-CFB] and [MS-OXRTFCP] say."""

import copy
import json
import pathlib
import re
import struct
import subprocess
import sys
import zlib

import pytest

yaml = pytest.importorskip("yaml")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from suite import compound_file, compressed_rtf, content_lines, expectations, rules  # noqa: E402
from suite.mime_part import NotMime, Part  # noqa: E402
import run  # noqa: E402

CASES = [case for case in run.chosen_cases([]) if case.example.exists()]
# What is not to be there: another text is not there either.
NEGATIVE = {"lacks", "nowhere", "no_field", "warning", "may_fail", "any", "any_of", "at_most"}
LETTER = (b"From: Ann <ann@example.com>\r\nTo: bob@example.net\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"
          b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"
          b"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
          b"R3LDvMOfZQ==\r\n--b\r\nContent-Type: text/html; charset=us-ascii\r\n\r\n"
          b"<img src=\"cid:a@b\">\r\n"
          b"--b\r\nContent-Type: image/png; name=\"a.png\"\r\nContent-ID: <a@b>\r\n"
          b"Content-Transfer-Encoding: base64\r\nContent-Disposition: inline; filename=\"a.png\"\r\n\r\n"
          b"AAAA\r\n--b--\r\n")


def changed(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return value + "~" if not value.startswith("^") else "^there is no such text$"
    return "something" if value is None else value + 1


def wrong_ones(want, key=None):
    """Copies of the expectation, one leaf of each changed."""
    if key in NEGATIVE:
        return
    if isinstance(want, (dict, list)):
        for at in want if isinstance(want, dict) else range(len(want)):
            for other in wrong_ones(want[at], at):
                copied = copy.copy(want)
                copied[at] = other
                yield copied
    elif key not in ("data_of", "hex", "repeat", "times", "noise"):
        yield changed(want)


def differences(case, expect, root):
    try:
        return list(expectations.compared(root, expect, case.given))
    except NotMime as error:
        return [str(error)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.full_name)
def test_each_expectation_can_fail(case):
    root = Part(case.example.read_bytes())
    assert differences(case, case.expect, root) == []
    for wrong in wrong_ones(case.expect):
        assert differences(case, wrong, root), wrong


def test_every_case_says_what_it_is_about_and_asks_something():
    for case in run.chosen_cases([]):
        assert "§" in case.given["about"] and case.given["about"].endswith(").")
        assert case.expect.keys() - expectations.OF_THE_RUN or case.expect.get("may_fail")


def test_the_table_of_the_readme_counts_the_cases():
    text = (run.FOLDER / "README.md").read_text(encoding="utf-8")
    told = {section: int(count) for section, count in
            re.findall(r"^\| ([0-9][^ ]*) \| .* \| ([0-9]+) \|$", text, re.MULTILINE)}
    counted = {}
    for case in run.chosen_cases([]):
        counted[case.section] = counted.get(case.section, 0) + 1
    assert told == counted


def test_no_folder_is_too_full():
    for folder in run.CASES.iterdir():
        assert len(list(folder.iterdir())) <= 30, folder


def runner(*arguments):
    return subprocess.run([sys.executable, run.FOLDER / "run.py", *arguments], text=True,
                          capture_output=True, check=False)


def test_the_runner_tells_what_is_different():
    example = run.CASES / "3.1-headers" / "full-letter.eml"
    only = ("--only", "3.1-headers/full-letter")
    right = runner(*only, "--converter", f"cat {example}", "--examples")
    assert right.returncode == 0 and "1 of 1 cases are right" in right.stdout
    assert runner(*only, "--converter", f"cp {example} {{eml}}").returncode == 0
    other = runner(*only, "--converter", f"sed s/Lunch/Dinner/ {example}", "--json")
    assert other.returncode == 1
    assert any("Subject is" in each for each in json.loads(other.stdout)["differences"])
    assert "the converter failed" in runner(*only, "--converter", "false").stdout
    late = runner(*only, "--converter", "sleep 60", "--timeout", "0.2")
    assert late.returncode == 1 and "no end within" in late.stdout
    assert runner().returncode == 2


def test_the_object_as_json_has_its_values(tmp_path):
    assert runner("--only", "3.1-headers/full-letter", "--write", tmp_path).returncode == 0
    written = json.loads((tmp_path / "3.1-headers-full-letter.json").read_text())
    values = {each["property"]: each for each in written["properties"]}
    assert values["PR_SUBJECT"]["value"] == "Lunch on Friday"
    assert values["PR_SUBJECT"]["tag"] == "0x0037001F"
    assert values["PR_CLIENT_SUBMIT_TIME"]["value"] == 134223606150000000
    assert len(written["recipients"]) == 1 and written["attachments"] == []
    assert (tmp_path / "3.1-headers-full-letter.msg").read_bytes()[:4] == b"\xd0\xcf\x11\xe0"


def test_a_sound_message_breaks_no_rule():
    assert rules.broken_rules(LETTER, Part(LETTER)) == []


@pytest.mark.parametrize("sound, broken, said", [
    (b"Gr=C3=BC=C3=9Fe", b"Gr=C3=BC=C3", "are not utf-8"),
    (b"Subject:", b"Subject: x\r\nSubject:", "Subject stands 2 times"),
    (b"Subject:", b"Bcc: eve@example.org\r\nSubject:", "a Bcc field"),
    (b"Subject:", b"Subject", "a header line that is none"),
    (b"Subject: ", "Subject: ü".encode(), "not printable ASCII"),
    (b"MIME-Version: 1.0\r\n", b"", "no MIME-Version"),
    (b"--b--", b"--b", "not closed"),
    (b"R3LDvMOfZQ==", b"R3LDvMOfZQ=", "base64"),
    (b"R3LDvMOfZQ==", b"R3L8=", "are not utf-8"),
    (b"AAAA", b"AAAA\n", "not CRLF"),
    (b"AAAA", b"A" * 1000, "a line of 1000 octets"),
    (b"AAAA", b"\0", "a NUL"),
    (b"<a@b>", b"<a b@b>", "is no id"),
    (b"<a@b>", b"<c@b>", "is not there"),
    (b"filename=\"a.png\"", b"filename=\"..\"", "the file name"),
    (b"<img", b"<meta charset=gbk><img", "the HTML says gbk"),
    (b"Ann <", b"Ann, <", "From"),
    (b"utf-8?Q?", b"utf-8?Q?" + b"x" * 60, "an encoded word of"),
    (b"image/png; name", b"image/png; name=b; name", "stands twice"),
])
def test_a_rule_finds_what_breaks_it(sound, broken, said):
    assert sound in LETTER
    octets = LETTER.replace(sound, broken, 1)
    assert any(said in each for each in rules.broken_rules(octets, Part(octets)))


def test_a_name_in_sections_is_one_name():
    part = Part(b"Content-Disposition: attachment; filename*1=\"b.txt\"; filename*0*=utf-8''%C3%BC\r\n\r\n")
    assert part.name == "üb.txt" and part.faults == []


def test_local_times_are_instants_by_their_zone():
    text = (b"BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:Z\r\n"
            b"BEGIN:STANDARD\r\nDTSTART:16011028T030000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\n"
            b"TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n"
            b"BEGIN:DAYLIGHT\r\nDTSTART:16010325T020000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\n"
            b"TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
            b"BEGIN:VEVENT\r\nDTSTART;TZID=Z:20260504T100000\r\nDTEND;TZID=Z:20261104T100000\r\n"
            b"END:VEVENT\r\nEND:VCALENDAR\r\n")
    calendar = content_lines.read(text)
    event = calendar.of("VEVENT")[0]
    instants = [content_lines.instant(calendar, line) for line in event.lines]
    assert instants == ["2026-05-04T08:00:00Z", "2026-11-04T09:00:00Z"]


def decompressed(blob):
    size, raw_size, kind, crc = struct.unpack("<II4sI", blob[:16])
    content = blob[16:]
    assert size == len(content) + 12 and kind == b"LZFu"
    assert crc == zlib.crc32(content, 0xFFFFFFFF) ^ 0xFFFFFFFF
    window, out, at = bytearray(compressed_rtf.PRESET.ljust(4096, b"\0")), bytearray(), 0
    place = len(compressed_rtf.PRESET)
    while True:
        flags = content[at]
        at += 1
        for bit in range(8):
            if not flags >> bit & 1:
                run_of = [content[at]]
                at += 1
            else:
                word = int.from_bytes(content[at:at + 2], "big")
                at += 2
                if word >> 4 == place:
                    assert len(out) == raw_size and at == len(content)
                    return bytes(out)
                run_of = [window[(word >> 4) + step & 4095] for step in range((word & 15) + 2)]
            for octet in run_of:
                window[place] = octet
                place = place + 1 & 4095
                out.append(octet)


@pytest.mark.parametrize("source", ["", r"{\rtf1 hello}", r"{\rtf1 " + "WXYZ" * 5000 + "}",
                                    "".join(chr(32 + number * 7 % 90) for number in range(9000))])
def test_compressed_rtf_is_what_was_compressed(source):
    assert decompressed(compressed_rtf.make(source.encode(), {})) == source.encode()


def streams_of(file):
    """The tree of a compound file, read by its tables; checks order and colours of the entries."""
    head = struct.unpack("<8s16sHHHHH6sIIIIIIIII", file[:76])
    assert head[3] == 3 and len(file) % 512 == 0
    sector = lambda number: file[512 * (number + 1):512 * (number + 2)]  # noqa: E731
    places = [each for each in struct.unpack("<109I", file[76:512]) if each < 0xFFFFFFFA]
    following = head[15]
    while following < 0xFFFFFFFA:
        *more, following = struct.unpack("<128I", sector(following))
        places += [each for each in more if each < 0xFFFFFFFA]
    fat = [each for place in places for each in struct.unpack("<128I", sector(place))]
    assert len(places) == head[9]

    def chain(first, table, part):
        content = b""
        while first < 0xFFFFFFFA:
            content += part(first)
            first = table[first]
        return content

    directory = chain(head[10], fat, sector)
    rows = [struct.unpack("<64sHBBIII16sIQQIQ", directory[at:at + 128])
            for at in range(0, len(directory), 128)]
    mini_fat = struct.unpack(f"<{head[14] * 128}I", chain(head[13], fat, sector))
    mini_stream = chain(rows[0][11], fat, sector)
    mini_sector = lambda number: mini_stream[64 * number:64 * (number + 1)]  # noqa: E731

    def entry(number):
        row = rows[number]
        if row[2] == compound_file.STREAM:
            is_mini = row[12] < 4096
            return chain(row[11], mini_fat if is_mini else fat,
                         mini_sector if is_mini else sector)[:row[12]]
        return dict(siblings(row[6])[0])

    def siblings(number):
        if number == compound_file.NO_ENTRY:
            return [], 1
        row = rows[number]
        (left, depth), (right, depth_right) = siblings(row[4]), siblings(row[5])
        assert depth == depth_right, "not as many black entries on each way"
        is_red = row[3] == compound_file.RED
        assert not is_red or all(each == compound_file.NO_ENTRY or rows[each][3]
                                 for each in row[4:6]), "two red ones in a row"
        found = left + [(row[0][:row[1] - 2].decode("utf-16-le"), entry(number))] + right
        assert [name for name, _ in found] == sorted((name for name, _ in found),
                                                     key=compound_file.sort_key)
        return found, depth + (not is_red)

    return entry(0)


@pytest.mark.parametrize("tree", [
    {}, {"one": b"1"}, {"empty": b"", "edge": b"x" * 4096, "small": b"y" * 4095},
    {f"stream {number}": b"%d" % number * 30 for number in range(100)},
    {"a": {"b": {"c": b"deep"}, "d": b""}, "B": b"2"},
    {"big": bytes(8_000_000), "bigger": b"z" * 9_000_000},
], ids=["none", "one", "sizes", "many", "nested", "big"])
def test_a_compound_file_is_the_tree(tree):
    assert streams_of(compound_file.compound_file(tree)) == tree
