"""Many files are submitted at once, and in their order; a list of them may still be growing."""

import json
import subprocess

from postern_program import DELIVERED, EX_DATAERR, EX_NOINPUT, EX_USAGE

FROM, TO = ("--from", "sender@a.test"), ("--to", "recipient@b.test")


def names(messages):
    return [message["file"] for message in messages]


def test_files_of_a_list_follow_those_of_the_command_line_in_their_order(postern):
    samples = [str(postern.sample(f"{number}.msg")) for number in range(80)]
    damaged = postern.directory / "damaged.msg"
    damaged.write_bytes(b"no message")
    listing = postern.directory / "list"
    listing.write_text("\n".join([*samples[1:40], "", str(damaged), *samples[40:]]))
    result = postern.submit(samples[0], "--files-from", listing, *FROM, *TO)
    assert result.status == EX_DATAERR
    assert str(damaged) in result.stderr and len(result.stderr.splitlines()) == 1
    assert names(result.messages) == [*samples[:40], str(damaged), *samples[40:]]
    queued = [message["id"] for message in result.messages if message["id"]]
    assert len(queued) == 80
    assert [row["id"] for row in postern.queue()] == queued


def test_each_file_of_a_growing_list_is_submitted_when_its_name_is_there(postern):
    samples = [str(postern.sample(f"{number}.msg")) for number in range(3)]
    process = postern.start("submit", "--files-from", "-", "--json", "--store", postern.store,
                            *FROM, *TO, stdin=subprocess.PIPE)
    for sample in samples:
        process.stdin.write(sample + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        assert answer["file"] == sample
        assert postern.queue()[-1]["id"] == answer["id"]
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == DELIVERED


def test_a_list_that_is_not_there_and_no_file_at_all_are_one_sentence(postern):
    missing = postern.submit([], "--files-from", postern.directory / "missing")
    assert (missing.status, len(missing.stderr.splitlines())) == (EX_NOINPUT, 1)
    assert "missing" in missing.stderr
    nothing = postern.submit([])
    assert nothing.status == EX_USAGE
    assert "--files-from" in nothing.stderr
