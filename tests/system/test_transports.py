"""Several transports serve one message: LMTP to a Dovecot, SMTP to a smtp-sink and a Postfix, and
Maildirs of Postern's own. Each recipient is served once, by the first that takes its domain."""

import contextlib
import sqlite3

from arrival import SENDER, assert_arrived, envelopes, to
from dovecot_server import User
from maildir import Maildir
from postern_program import (DELIVERED, EX_USAGE, ONE_ATTEMPT, SOME_FAILED, STILL_QUEUED, listed)
from processes import LOOPBACK, free_port, wait_until

SENT_ITEMS, INBOX = 2, 3  # mapi::SpecialFolder
EVERYWHERE = ("one@b.test", "ann@c.test", "Bob@below.c.test", "dan@d.test")
NOBODYS = "eve@e.test"


def routes(*words):
    return [option for word in words for option in ("--route", word)]


def send(postern, files, *options):
    return postern.run("send", *listed(files), "--store", postern.store, "--json", *options)


def spool(postern, *options):
    return postern.run("spool", "--store", postern.store, "--until-empty", "--flush", "--retry",
                       "1s", *options)


def folders(postern):
    """The folder of every message in the store."""
    with contextlib.closing(sqlite3.connect(postern.store)) as store:
        return [row[0] for row in store.execute(
            "SELECT folder_id FROM message WHERE folder_id IS NOT NULL ORDER BY 1")]


class Mailboxes:
    """Maildirs below a directory that Postern delivers into by itself."""

    def __init__(self, postern):
        self.directory = postern.directory / "mail"
        self.directory.mkdir()
        self.url = f"maildir://{self.directory}/{{domain}}/{{local}}"

    def mailbox(self, name):
        return Maildir(self.directory / name)

    def names(self):
        return sorted(str(path.relative_to(self.directory)) for path in self.directory.glob("*/*"))


def test_each_recipient_is_served_once_by_the_transport_of_its_domain(
        postern, make_dovecot, sink):
    dovecot, mail = make_dovecot(User("one")), Mailboxes(postern)
    file = postern.sample()
    result = send(postern, file, *to(*EVERYWHERE, NOBODYS),
                  *routes(f"b.test={dovecot.socket_relay}?name=dovecot",
                          f"C.test,.c.test={mail.url}", f"d.test={sink.relay}"))
    assert result.status == SOME_FAILED, result.stderr
    assert result.verdicts == {**dict.fromkeys(EVERYWHERE, "delivered"), NOBODYS: "failed"}
    row = result.row(NOBODYS)
    assert (row["stage"], row["status"]) == ("submit", "5.4.4")
    assert "no transport that takes the address" in row["text"]

    expected = postern.convert(file)
    assert mail.names() == ["below.c.test/bob", "c.test/ann"]
    copies = {"one@b.test": dovecot.mailbox("one").wait_for(1),
              "ann@c.test": mail.mailbox("c.test/ann").messages(),
              "Bob@below.c.test": mail.mailbox("below.c.test/bob").messages(),
              "dan@d.test": sink.wait_for(1)}
    for address, (copy,) in copies.items():
        assert (copy.sender, copy.recipients) == (SENDER, [address])
        assert_arrived(copy.content, result.message, expected)

    report, = postern.inbox()
    text = str(postern.show(report["id"]))
    assert NOBODYS in text
    assert not any(address in text for address in EVERYWHERE)
    assert folders(postern) == [SENT_ITEMS, INBOX]


def test_the_first_that_takes_an_address_gets_it_and_the_relay_gets_the_rest(
        postern, make_sink, make_postfix):
    first, behind_relay, mail = make_sink(), make_sink(), Mailboxes(postern)
    relay = make_postfix(behind_relay.address)
    result = send(postern, postern.sample(), *to("a@c.test", "b@x.c.test", "one@b.test"),
                  *routes(f"c.test={first.relay}", f"c.test,.c.test={mail.url}"),
                  "--relay", relay.relay)
    assert result.status == DELIVERED, result.stderr
    assert envelopes(first.wait_for(1)) == [(SENDER, "a@c.test")]
    assert mail.names() == ["x.c.test/b"]
    assert envelopes(behind_relay.wait_for(1)) == [(SENDER, "one@b.test")]


def test_a_route_without_domains_takes_what_those_before_have_left(postern, sink):
    mail = Mailboxes(postern)
    result = send(postern, postern.sample(), *to("a@c.test", "dan@d.test"),
                  *routes(f"d.test={sink.relay}", f"maildir://{mail.directory}/drop"))
    assert result.status == DELIVERED, result.stderr
    copy, = mail.mailbox("drop").messages()
    assert copy.recipients == ["a@c.test"]
    assert envelopes(sink.wait_for(1)) == [(SENDER, "dan@d.test")]


def test_rows_of_a_transport_that_is_away_wait_and_the_others_are_served_once(
        postern, make_dovecot, sink):
    mail = Mailboxes(postern)
    others = (f"c.test,.c.test={mail.url}", f"d.test={sink.relay}")
    away = f"lmtp://{LOOPBACK}:{free_port()}"
    result = send(postern, postern.sample(), *to(*EVERYWHERE, NOBODYS), *ONE_ATTEMPT,
                  *routes(f"b.test={away}", *others))
    assert result.status == STILL_QUEUED, result.stderr
    assert result.verdicts == {"one@b.test": "retry", "ann@c.test": "delivered",
                               "Bob@below.c.test": "delivered", "dan@d.test": "delivered",
                               NOBODYS: "failed"}
    assert away.removeprefix("lmtp://") in result.row("one@b.test")["text"]
    assert len(postern.inbox()) == 1, "nobody waits for that report"

    dovecot = make_dovecot(User("one"))
    later = spool(postern, *routes(f"b.test={dovecot.relay}", *others))
    assert later.status == DELIVERED, later.stderr
    assert len(dovecot.mailbox("one").wait_for(1)) == 1
    assert len(sink.messages()) == 1
    assert len(mail.mailbox("c.test/ann").messages()) == 1
    assert len(mail.mailbox("below.c.test/bob").messages()) == 1
    assert folders(postern) == [SENT_ITEMS, INBOX]


def test_a_maildir_that_cannot_be_used_waits_and_its_operator_is_told(postern, sink):
    mail = postern.directory / "not-mounted"
    words = routes(f"c.test=maildir://{mail}/{{local}}", f"d.test={sink.relay}")
    result = send(postern, postern.sample(), *to("ann@c.test", "dan@d.test"), *words)
    assert result.status == STILL_QUEUED, result.stderr
    assert result.verdicts == {"ann@c.test": "retry", "dan@d.test": "delivered"}
    assert str(mail) in result.stderr and "No such file or directory" in result.stderr
    mail.mkdir()
    assert spool(postern, *words).status == DELIVERED
    assert len(Maildir(mail / "ann").messages()) == 1
    assert len(sink.messages()) == 1


def test_a_spooler_that_is_killed_puts_nothing_into_a_maildir_twice(postern):
    mail = Mailboxes(postern)
    drop = mail.directory / "drop"
    recipients = [f"user{number}@c.test" for number in range(250)]
    assert postern.submit(postern.sample(), *to(*recipients)).status == DELIVERED
    words = routes(f"maildir://{drop}")
    for at_least in (1, 40, 120):
        process = postern.start("spool", "--store", postern.store, "--flush", *words)
        wait_until(lambda: count(drop / "new") >= at_least, f"{at_least} files")
        process.kill()
        process.wait()
    assert count(drop / "new") < len(recipients), "it was killed too late to be of use"
    assert spool(postern, *words).status == DELIVERED
    copies = Maildir(drop).messages()
    assert sorted(copy.recipients[0] for copy in copies) == sorted(recipients)
    assert len({copy.content.partition(b"\nMessage-ID: ")[2].partition(b"\n")[0]
                for copy in copies}) == 1


def count(directory):
    return sum(1 for _ in directory.iterdir()) if directory.exists() else 0


def test_a_route_that_cannot_be_used_is_one_sentence_and_nothing_is_queued(postern):
    for word, named in (("c.test", "no URL"),
                        ("c.test=ftp://mail.test", "does not begin with"),
                        ("*.c.test=smtp://mail.test", "*.c.test"),
                        ("c.test=smtp://mail.test?nmae=x", "nmae"),
                        ("c.test=smtp://ann:secret@mail.test", "password-file"),
                        ("c.test=maildir://var/mail", "third slash"),
                        ("c.test=maildir:///var/{user}", "{domain} and {local}"),
                        ("c.test=lmtp://mail.test?tls=verify", "tls")):
        result = send(postern, postern.sample(), *to("a@c.test"), "--route", word)
        assert result.status == EX_USAGE, (word, result)
        assert named in result.stderr and "secret" not in result.stderr
        assert result.stderr.count("\n") == 1, result.stderr
        assert not postern.store.exists()
