"""A store with mailboxes of its own: what is submitted to their addresses lies in them at once, and
goes to no server."""

from postern_program import DELIVERED, EX_DATAERR, EX_NOINPUT, SOME_FAILED

SENDER, ANN, BOB, CARL = "sender@a.test", "ann@own.test", "bob@own.test", "carl@b.test"
DONE = DELIVERED


def mailbox(postern, *words):
    return postern.run("mailbox", *words, "--store", postern.store)


def inbox(postern, name):
    result = postern.run("inbox", "--json", "--mailbox", name, "--store", postern.store)
    assert result.status == DONE, result.stderr
    return result.messages


def submit(postern, *recipients, options=()):
    words = [word for address in recipients for word in ("--to", address)]
    result = postern.submit(postern.sample(), "--from", SENDER, *words, *options)
    assert result.status == DONE, result.stderr
    return result.message["id"]


def test_addresses_belong_to_one_mailbox_each(postern):
    assert mailbox(postern, "list").status == EX_NOINPUT
    assert mailbox(postern, "add", "Ann@own.test").status == DONE
    assert mailbox(postern, "add", "annie@own.test", "--name", ANN).status == DONE
    taken = mailbox(postern, "add", ANN, "--name", "another")
    assert taken.status == EX_DATAERR and ANN in taken.stderr
    wrong = mailbox(postern, "add", "Ann <ann@own.test>")
    assert wrong.status == EX_DATAERR and "local@domain" in wrong.stderr
    assert mailbox(postern, "list", "--json").messages == [
        {"mailbox": "", "addresses": []},
        {"mailbox": ANN, "addresses": [ANN, "annie@own.test"]}]
    assert mailbox(postern, "remove", "annie@OWN.test").status == DONE
    assert mailbox(postern, "remove", "annie@own.test").status == EX_NOINPUT
    assert ANN in mailbox(postern, "list").stdout
    assert postern.run("inbox", "--mailbox", "nobody", "--store",
                       postern.store).status == EX_NOINPUT


def test_own_recipients_have_it_at_once_and_the_others_by_the_relay(postern, sink):
    for address in (ANN, BOB):
        mailbox(postern, "add", address)
    identity = submit(postern, ANN, CARL, "BOB@own.test")
    for name in (ANN, BOB):
        received, = inbox(postern, name)
        assert postern.show(received["id"])["attachments"]
    assert len(postern.queue()) == 1
    assert postern.spool_until_empty(sink.relay).status == DONE
    assert [message.recipients for message in sink.wait_for(1)] == [[CARL]]
    rows = postern.show(identity)["recipients"]
    assert [row["verdict"] for row in rows] == ["delivered"] * 3
    assert ANN in rows[0]["text"]
    assert len(inbox(postern, ANN)) == 1


def test_an_address_without_a_mailbox_is_the_relays(postern, sink):
    mailbox(postern, "add", ANN)
    result = postern.send(postern.sample(), sink.relay, "--from", SENDER, "--to", BOB)
    assert result.status == DELIVERED, result.stderr
    assert [message.recipients for message in sink.wait_for(1)] == [[BOB]]
    assert inbox(postern, ANN) == []


def test_a_deferred_message_is_delivered_at_its_time(postern, sink):
    mailbox(postern, "add", ANN)
    submit(postern, ANN, options=("--at", "+2s"))
    assert inbox(postern, ANN) == []
    assert postern.spool_until_empty(sink.relay).status == DONE
    assert len(inbox(postern, ANN)) == 1
    assert sink.messages() == []


def test_what_is_to_be_encrypted_lies_in_no_mailbox_in_the_clear(postern, sink):
    mailbox(postern, "add", ANN)
    result = postern.send(postern.sample(), sink.relay, "--from", SENDER, "--to", ANN, "--encrypt")
    assert result.status == SOME_FAILED
    assert result.row(ANN)["status"] == "5.7.4"
    assert inbox(postern, ANN) == [] and sink.messages() == []
