"""Servers that refuse good mail for something that is not the recipients' fault: they take few at once,
want another name of us, or another way to log on."""

import pytest

from arrival import envelopes, password_file, to
from dovecot_server import User
from postern_program import DELIVERED, ONE_ATTEMPT, STILL_QUEUED

MANY = [f"user{number}@b.test" for number in range(50)]


def recipients(messages):
    return sorted(recipient for _, recipient in envelopes(messages))


@pytest.mark.parametrize("option", ["recipients_max_reject", "recipients_max"])
def test_all_of_many_get_the_mail_from_an_exim_that_takes_few(postern, make_exim, option):
    settings = {"recipients_max": "20"}
    if option == "recipients_max_reject":
        settings[option] = "true"
    exim = make_exim(**settings)
    result = postern.send(postern.sample(), exim.relay, *to(*MANY), *ONE_ATTEMPT)
    assert result.status == DELIVERED, result.stderr
    assert set(result.verdicts.values()) == {"delivered"}
    assert recipients(exim.mailbox.wait_for(len(MANY))) == sorted(MANY)


def test_all_of_many_get_the_mail_from_a_postfix_that_takes_few(postern, sink, make_postfix):
    postfix = make_postfix(sink.address, smtpd_recipient_limit="20",
                           smtpd_recipient_overshoot_limit="1000")
    result = postern.send(postern.sample(), postfix.relay, *to(*MANY), *ONE_ATTEMPT)
    assert result.status == DELIVERED, result.stderr
    assert recipients(sink.wait_for(3)) == sorted(MANY)


def test_no_more_are_offered_at_once_than_the_operator_allows(postern, sink, make_postfix):
    postfix = make_postfix(sink.address)
    result = postern.send(postern.sample(), postfix.relay, *to(*MANY[:5]),
                          "--recipients-per-transaction", "2")
    assert result.status == DELIVERED, result.stderr
    assert sorted(len(message.recipients) for message in sink.wait_for(3)) == [1, 2, 2]


@pytest.mark.parametrize("restriction, name", [
    ("reject_non_fqdn_helo_hostname", "vm"),
    ("reject_unknown_helo_hostname", "nobody.invalid"),
])
@pytest.mark.parametrize("delay", ["yes", "no"])
def test_a_name_that_postfix_refuses_is_the_operators_to_mend(
        postern, sink, make_postfix, restriction, name, delay):
    postfix = make_postfix(sink.address, smtpd_helo_restrictions=restriction,
                           smtpd_helo_required="yes", smtpd_delay_reject=delay)
    result = postern.send(postern.sample(), postfix.relay, *to("one@b.test", "two@b.test"),
                          "--helo", name, *ONE_ATTEMPT)
    assert result.status == STILL_QUEUED, result.stderr
    assert set(result.verdicts.values()) == {"retry"}
    assert "--helo" in result.stderr
    assert postern.inbox() == []
    mended = postern.spool_until_empty(postfix.relay, "--helo", "[127.0.0.1]")
    assert mended.status == DELIVERED, mended.stderr
    assert recipients(sink.wait_for(1)) == ["one@b.test", "two@b.test"]


def test_what_is_said_by_default_is_no_name_that_postfix_refuses(postern, sink, make_postfix):
    postfix = make_postfix(sink.address, smtpd_helo_required="yes", smtpd_helo_restrictions=(
        "reject_non_fqdn_helo_hostname, reject_invalid_helo_hostname"))
    result = postern.send(postern.sample(), postfix.relay, *to("one@b.test"), *ONE_ATTEMPT)
    assert result.status == DELIVERED, result.stderr


def test_a_dovecot_that_knows_only_login_takes_mail(postern, sink, make_dovecot):
    dovecot = make_dovecot(User("ann", "hunter2"), submits_to=sink.address)
    result = postern.send(
        postern.sample(), f"smtp://ann@127.0.0.1:{dovecot.submission_port}", *to("one@b.test"),
        "--tls", "none", "--password-file", password_file(postern.directory, "hunter2"),
        *ONE_ATTEMPT)
    assert result.status == DELIVERED, result.stderr
    assert recipients(sink.wait_for(1)) == ["one@b.test"]
