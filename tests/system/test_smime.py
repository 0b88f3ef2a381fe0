"""Signed and encrypted mail on the whole way: what arrives is read by the openssl command."""

import pytest

from mail import leaves, parse
from maildir import Maildir
from postern_program import DELIVERED, EX_USAGE, SOME_FAILED
from smime_tools import People

ALICE, BOB, CAROL, DAVE = (f"{name}@example.org" for name in ("alice", "bob", "carol", "dave"))
FROM = ("--from", f"Alice <{ALICE}>")


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    made = People(tmp_path_factory.mktemp("people"))
    made.add(ALICE, sends=True)
    for address in (BOB, CAROL):
        made.add(address)
    return made


def plain_leaves(postern, sample):
    return leaves(postern.convert(sample))


@pytest.mark.parametrize("asked", ["--sign", "--encrypt"])
def test_what_asks_for_security_is_never_sent_without_it(asked, postern, sink):
    result = postern.send(postern.sample(), sink.relay, *FROM, "--to", BOB, asked)
    assert result.status == SOME_FAILED
    assert result.row(BOB)["status"] == "5.7.4"
    assert "configure S/MIME" in result.row(BOB)["text"]
    assert sink.messages() == []
    assert len(postern.inbox()) == 1


@pytest.mark.parametrize("option", ["--smime-identities", "--smime-certificates"])
def test_a_directory_that_is_not_there_is_named(option, postern, sink, tmp_path):
    result = postern.send(postern.sample(), sink.relay, *FROM, "--to", BOB, option,
                          tmp_path / "absent")
    assert result.status == EX_USAGE
    assert option in result.stderr and "absent" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_signed_message_verifies_and_keeps_its_headers(people, postern, sink):
    sample = postern.sample()
    result = postern.send(sample, sink.relay, *FROM, "--to", BOB, "--sign", *people.options())
    assert result.status == DELIVERED, result
    received, = sink.wait_for(1)
    content = people.verified(received.content)
    assert content is not None
    assert leaves(content) == plain_leaves(postern, sample)
    original, arrived = parse(postern.convert(sample)), parse(received.content)
    assert arrived["Subject"] == original["Subject"]
    assert arrived.get_content_type() == "multipart/signed"


def test_each_reads_what_was_encrypted_and_nobody_learns_of_the_others(people, postern, sink):
    sample = postern.sample()
    result = postern.send(sample, sink.relay, *FROM, "--to", BOB, "--to", DAVE, "--bcc", CAROL,
                          "--sign", "--encrypt", *people.options())
    assert result.status == SOME_FAILED
    assert result.verdicts == {BOB: "delivered", DAVE: "failed", CAROL: "delivered"}
    assert result.row(DAVE)["status"] == "5.7.5"
    assert DAVE in result.row(DAVE)["text"]
    for received in sink.wait_for(2):
        reader, = received.recipients
        other = CAROL if reader == BOB else BOB
        assert people.recipient_infos(received.content) == 2  # with the sender
        assert people.decrypted(received.content, other) is None
        assert CAROL.encode() not in received.content
        for who in (reader, ALICE):
            signed = people.decrypted(received.content, who)
            assert leaves(people.verified(signed)) == plain_leaves(postern, sample)
    assert len(postern.inbox()) == 1


def test_the_unsigned_original_stays_in_sent_items(people, postern, sink):
    sample = postern.sample()
    result = postern.send(sample, sink.relay, *FROM, "--to", BOB, "--sign", *people.options())
    assert result.status == DELIVERED, result
    plain = postern.send(sample, sink.relay, *FROM, "--to", BOB)
    signed_copy, plain_copy = (postern.show(each.message["id"]) for each in (result, plain))
    assert signed_copy["attachments"] == plain_copy["attachments"] != []


def test_keys_under_a_passphrase_are_read_from_pkcs12(postern, sink, tmp_path):
    people = People(tmp_path / "people")
    people.add(ALICE, sends=True, passphrase="open it")
    (tmp_path / "passphrase").write_text("open it\n")
    result = postern.send(postern.sample(), sink.relay, *FROM, "--to", BOB, "--sign",
                          "--smime-identities", people.identities, "--smime-passphrase-file",
                          tmp_path / "passphrase")
    assert result.status == DELIVERED, result
    received, = sink.wait_for(1)
    assert people.verified(received.content) is not None


def test_a_maildir_gets_what_each_reader_can_open_and_no_clear_text(people, postern):
    sample, drop = postern.sample(), postern.directory / "drop"
    words = (*FROM, "--to", BOB, "--bcc", CAROL, "--encrypt", "--route",
             f"maildir://{drop}/{{domain}}/{{local}}", "--store", postern.store, "--json")
    drop.mkdir()
    result = postern.run("send", sample, *words, *people.options())
    assert result.status == DELIVERED, result
    for reader, other in ((BOB, CAROL), (CAROL, BOB)):
        copy, = Maildir(drop / "example.org" / reader.split("@")[0]).messages()
        assert copy.recipients == [reader]
        assert people.decrypted(copy.content, other) is None
        assert leaves(people.decrypted(copy.content, reader)) == plain_leaves(postern, sample)
    refused = postern.run("send", sample, *words)
    assert refused.status == SOME_FAILED
    assert len(Maildir(drop / "example.org" / "bob").messages()) == 1


def test_a_message_that_asks_for_nothing_is_not_preprocessed(people, postern, sink):
    result = postern.send(postern.sample(), sink.relay, *FROM, "--to", BOB, *people.options())
    assert result.status == DELIVERED, result
    story = postern.show(result.message["id"])
    assert "preprocessed" not in str(story)
    assert parse(sink.wait_for(1)[0].content).get_content_type() != "multipart/signed"
