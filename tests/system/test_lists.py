"""Personal distribution lists: their members get the message, and whoever cannot be found is reported."""

import json

from corpus import corpus_file
from mail import addresses, parse
from msg_file import distribution_list, list_member, one_off
from postern_program import DELIVERED, EX_DATAERR, EX_NOINPUT, EX_USAGE, SOME_FAILED

SENDER = "sender@a.test"


def written(postern, name, members):
    path = postern.directory / f"{name}.msg"
    path.write_bytes(distribution_list(name, members))
    return path


def person(name):
    entry = one_off(name, f"{name}@b.test".lower())
    return entry, entry


def received(server):
    """Every recipient, once for each time, and the To field that all of them see."""
    messages = server.taken()
    shown = {tuple(addresses(parse(message.content), "To")) for message in messages}
    return sorted(who for message in messages for who in message.recipients), shown


def test_the_members_of_a_list_and_of_the_lists_in_it_get_the_message_once(postern, make_server):
    server = make_server()
    berlin = (list_member(2), one_off("Berlin", "Unknown", "MAPIPDL"))
    team = written(postern, "Team", [person("Ann"), berlin, person("Bob")])
    inner = written(postern, "Berlin", [person("Carl"), person("ANN")])
    result = postern.send(postern.sample(), server.relay, "--list", team, "--list", inner,
                          "--to", "team", "--bcc", "bob@B.test", "--from", SENDER)
    assert result.status == DELIVERED, result.stderr
    assert received(server) == (["ann@b.test", "bob@b.test", "carl@b.test"],
                                {("ann@b.test", "bob@b.test", "carl@b.test")})


def test_a_list_within_that_is_not_given_is_reported(postern, make_server):
    server = make_server()
    berlin = (list_member(2), one_off("Berlin", "Unknown", "MAPIPDL"))
    team = written(postern, "Team", [person("Ann"), berlin])
    result = postern.send(postern.sample(), server.relay, "--list", team, "--to", "Team",
                          "--from", SENDER)
    assert result.status == SOME_FAILED
    assert received(server)[0] == ["ann@b.test"]
    failed, = (row for row in result.message["recipients"] if row["verdict"] == "failed")
    assert failed["status"] == "5.1.0"
    assert "the distribution list 'Berlin' is not known" in failed["text"]
    report, = postern.inbox()
    assert "Berlin" in json.dumps(postern.show(report["id"]))


def test_a_list_that_outlook_wrote_reaches_its_members(postern, make_server):
    server = make_server()
    result = postern.send(postern.sample(), server.relay, "--list",
                          corpus_file("distlist-nobody-newgroup.msg"), "--to", "NewGroup",
                          "--from", SENDER)
    assert result.status == DELIVERED, result.stderr
    assert received(server)[0] == ["user1@gmail.com", "user2@gmail.com"]


def test_what_is_no_list_is_said_and_nothing_is_sent(postern, make_server):
    server = make_server()
    sample = postern.sample()
    for options, status, words in (
            (("--list", sample, "--to", "ann@b.test"), EX_DATAERR, "no distribution list"),
            (("--list", "absent.msg", "--to", "ann@b.test"), EX_NOINPUT, "absent.msg"),
            (("--to", "Team"), EX_USAGE, "Team")):
        result = postern.send(sample, server.relay, *options, "--from", SENDER)
        assert result.status == status, result.stderr
        assert words in result.stderr
    assert server.taken() == []
