"""Folders of .msg files become folders of .eml files; one that fails stops no other."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

from corpus import ABSENT, DIRECTORY
from postern_program import DELIVERED, EX_USAGE, REPOSITORY, SOME_FAILED
from processes import wait_until

CASES = REPOSITORY.parent / "shared" / "corpus" / "cases"


@pytest.fixture
def archive(postern, tmp_path):
    """Messages at several depths, one with another extension, and what is none."""
    folder = tmp_path / "archive"
    (folder / "deep" / "er").mkdir(parents=True)
    for place in ("a.msg", "deep/b.msg", "deep/er/c.oft", "a.oft"):
        shutil.copy(postern.sample(), folder / place)
    (folder / "notes.txt").write_text("no message")
    (folder / "broken.msg").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no more")
    return folder


def plain(mail):
    """Without its boundaries, which are new each time."""
    return re.sub(rb"=_[0-9a-f]+", b"=_", mail)


def outputs(directory):
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*")
                  if path.is_file())


def test_a_folder_becomes_the_same_tree(postern, archive, tmp_path):
    out = tmp_path / "out"
    result = postern.run("convert", archive, "--output", out, "--json")
    assert result.status == SOME_FAILED
    assert outputs(out) == ["a.eml", "a.oft.eml", "deep/b.eml", "deep/er/c.eml"]
    assert plain((out / "a.eml").read_bytes()) == plain(postern.convert(archive / "a.msg"))
    told = {pathlib.Path(row["file"]).name: row for row in result.messages}
    assert told.keys() == {"a.msg", "a.oft", "b.msg", "c.oft", "broken.msg"}
    assert told["a.msg"]["output"] == str(out / "a.eml") and told["a.msg"]["error"] is None
    assert told["broken.msg"]["output"] is None and "broken.msg" in told["broken.msg"]["error"]
    assert "4 files converted, 1 failed, 1 skipped" in result.stderr


def test_what_cannot_be_read_is_a_failure_and_no_other_file_suffers(postern, archive, tmp_path):
    (archive / "loop").symlink_to("loop")
    (archive / "empty.msg").touch()
    (archive / "No. 12").write_bytes(postern.sample().read_bytes())
    (archive / "No. 13").write_bytes(postern.sample().read_bytes())
    long_name = "x" * 246
    shutil.copy(postern.sample(), archive / f"{long_name}.msg")
    out = tmp_path / "out"
    result = postern.run("convert", archive, "--output", out)
    assert result.status == SOME_FAILED
    assert "empty.msg" in result.stderr and "7 files converted, 2 failed" in result.stderr
    assert {"No. 12.eml", "No. 13.eml", f"{long_name}.eml"} <= set(outputs(out))


def test_what_is_there_is_kept_unless_it_is_to_be_replaced(postern, archive, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.eml").write_text("mine")
    result = postern.run("convert", archive / "a.msg", archive / "deep", "--output", out)
    assert result.status == SOME_FAILED
    assert (out / "a.eml").read_text() == "mine" and "--overwrite" in result.stderr
    assert outputs(out) == ["a.eml", "b.eml", "er/c.eml"]
    assert postern.run("convert", archive / "a.msg", "--output", out,
                       "--overwrite").status == DELIVERED
    assert plain((out / "a.eml").read_bytes()) == plain(postern.convert(archive / "a.msg"))


def test_interrupted_it_leaves_whole_files_alone(postern, tmp_path):
    archive, out = tmp_path / "archive", tmp_path / "out"
    archive.mkdir()
    sample = postern.sample("large.msg", "--attachment-size", "3000000")
    for number in range(300):
        os.link(sample, archive / f"{number:03}.msg")
    whole = len(postern.convert(sample))
    running = postern.start("convert", archive, "--output", out, "--jobs", "2")
    wait_until(lambda: len(outputs(out)) > 3 if out.exists() else None, "some files")
    running.send_signal(signal.SIGINT)
    _, stderr = running.communicate(timeout=30)
    assert running.returncode == SOME_FAILED and "interrupted, with" in stderr, stderr
    assert 3 < len(outputs(out)) < 300
    assert {(out / name).stat().st_size for name in outputs(out)} == {whole}


@pytest.mark.parametrize("options", [["--json"], ["--overwrite"], ["--output", "x", "--outline"]])
def test_options_that_mean_nothing_are_named(postern, archive, options):
    result = postern.run("convert", archive / "a.msg", *options)
    assert result.status == EX_USAGE and "--output" in result.stderr


def test_blind_copies_are_written_if_asked(postern, tmp_path):
    mail = tmp_path / "letter.eml"
    mail.write_text("From: a@a.test\nTo: b@b.test\nBcc: hidden@c.test\nSubject: x\n\nText\n")
    result = postern.run("convert", mail)
    assert "blind cop" in result.stderr
    assert "\nBcc:" not in result.stdout
    assert "\nBcc: hidden@c.test" in postern.run("convert", mail, "--with-bcc").stdout


def test_every_file_of_the_corpus_converts_the_same_twice(postern, tmp_path):
    files = sorted(DIRECTORY.glob("*.msg"))
    if not files:
        pytest.skip(ABSENT)
    first, again = tmp_path / "first", tmp_path / "again"
    began = time.monotonic()
    for out in (first, again):
        result = postern.run("convert", *files, "--output", out, seconds=300)
        assert result.status == DELIVERED, result.stderr
    assert time.monotonic() - began < 300
    assert outputs(first) == outputs(again) and len(outputs(first)) == len(files)
    for name in outputs(first):
        assert plain((first / name).read_bytes()) == plain((again / name).read_bytes()), name


def test_the_situations_that_mail_programs_got_wrong(postern):
    checker = CASES / "check.py"
    if not checker.exists():
        pytest.skip("the cases are not there")
    checked = subprocess.run([sys.executable, checker, postern.program], capture_output=True,
                             text=True, timeout=600)
    assert checked.returncode == 0, checked.stdout
    assert json.loads((CASES / "EXPECTED.json").read_text())["files"]
