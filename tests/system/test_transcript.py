"""Extensions count as used when they were said and worked, not because a server offered them."""

import pytest

from transcript import NAMES, exchanges, in_words, offered, parameters, used

GREETING = ["S: 220 a.test ESMTP", "C: EHLO b.test"]
EHLO = [*GREETING, "S: 250-a.test", "S: 250-PIPELINING", "S: 250-SIZE 1000", "S: 250-STARTTLS",
        "S: 250-AUTH PLAIN LOGIN", "S: 250-CHUNKING", "S: 250-DSN", "S: 250-8BITMIME",
        "S: 250-SMTPUTF8", "S: 250 ENHANCEDSTATUSCODES"]
LOCK_STEP = ["C: MAIL FROM:<a@b>", "S: 250 ok", "C: RCPT TO:<x>", "S: 250 ok", "C: DATA",
             "S: 354 go on", "C: (12 octets of content)", "S: 250 taken", "C: QUIT", "S: 221 bye"]


def test_what_is_only_offered_is_not_used():
    assert used(EHLO + LOCK_STEP) == set()
    assert offered(EHLO + LOCK_STEP) == set(NAMES)


def test_nothing_is_used_of_nothing():
    assert used([]) == set()
    assert used(["-- connection refused"]) == set()


def test_a_hello_without_extensions_offers_none():
    assert offered([*GREETING, "S: 500 what?", "C: HELO b.test", "S: 250 a.test"]) == set()


@pytest.mark.parametrize("lines, expected", [
    (["C: STARTTLS", "S: 220 go ahead", "-- TLSv1.3, TLS_AES_256_GCM_SHA384"], {"STARTTLS"}),
    (["C: STARTTLS", "S: 454 4.7.0 no certificate"], {"ENHANCEDSTATUSCODES"}),
    (["C: AUTH PLAIN ***", "S: 235 welcome"], {"AUTH PLAIN"}),
    (["C: AUTH PLAIN ***", "S: 535 who?"], set()),
    (["C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", "C: ***", "S: 334 UGFzc3dvcmQ6", "C: ***",
      "S: 235 welcome"], {"AUTH LOGIN"}),
    (["C: AUTH PLAIN ***", "S: 535 who?", "C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", "C: ***",
      "S: 235 welcome"], {"AUTH LOGIN"}),
    (["C: MAIL FROM:<a@b> SIZE=12", "S: 250 ok"], {"SIZE"}),
    (["C: MAIL FROM:<a@b> BODY=8BITMIME", "S: 250 ok"], {"8BITMIME"}),
    (["C: MAIL FROM:<ä@b> SMTPUTF8", "S: 250 ok"], {"SMTPUTF8"}),
    (["C: MAIL FROM:<a@b> RET=HDRS", "S: 250 ok"], {"DSN"}),
    (["C: MAIL FROM:<a@b> ENVID=1", "S: 250 ok"], {"DSN"}),
    (["C: RCPT TO:<a@b> NOTIFY=NEVER", "S: 250 ok"], {"DSN"}),
    (["C: RCPT TO:<a@b> ORCPT=rfc822;a@b", "S: 250 ok"], {"DSN"}),
    (["C: BDAT 12 LAST", "C: (12 octets of content)", "S: 250 taken"], {"CHUNKING"}),
    (["C: BDAT 12 LAST", "C: (12 octets of content)", "S: 503 nobody to send it to"], set()),
    (["C: RCPT TO:<a@b>", "S: 550 5.1.1 nobody"], {"ENHANCEDSTATUSCODES"}),
    (["C: RCPT TO:<a@b>", "S: 550 nobody"], set()),
])
def test_an_extension_is_used_when_it_was_said_and_worked(lines, expected):
    assert used(EHLO + lines) == expected


def test_an_enhanced_status_counts_only_where_it_was_promised():
    ehlo = [line for line in EHLO if "ENHANCED" not in line] + ["S: 250 HELP"]
    assert used([*ehlo, "C: RCPT TO:<a@b>", "S: 550 5.1.1 nobody"]) == set()


def test_an_address_is_no_parameter():
    assert used([*EHLO, 'C: MAIL FROM:<"SIZE=1 > SIZE=2 RET=FULL"@b>', "S: 250 ok"]) == set()
    assert parameters("RCPT TO:<a@b>") == ""
    assert parameters('MAIL FROM:<"\\"> x"@b> SIZE=3') == " SIZE=3"


@pytest.mark.parametrize("lines", [
    ["C: MAIL FROM:<a@b>", "C: RCPT TO:<x>", "S: 250 ok", "S: 250 ok", "C: DATA", "S: 354 go"],
    ["C: MAIL FROM:<a@b>", "S: 250 ok", "C: RCPT TO:<x>", "C: DATA", "S: 250 ok", "S: 354 go"],
    ["C: MAIL FROM:<a@b>", "S: 250 ok", "C: RCPT TO:<x>", "-- a remark", "C: RCPT TO:<y>"],
    ["C: RSET", "C: MAIL FROM:<a@b>", "S: 250 ok", "S: 250 ok"],
])
def test_commands_said_before_the_reply_to_the_one_before_are_pipelined(lines):
    assert used(EHLO + lines) == {"PIPELINING"}


def test_a_quit_behind_the_content_is_no_pipelined_transaction():
    assert used([*EHLO, "C: DATA", "S: 354 go", "C: (12 octets of content)", "C: QUIT",
                 "S: 250 taken", "S: 221 bye"]) == set()


def test_pipelined_replies_belong_to_their_commands():
    said = exchanges([*EHLO, "C: MAIL FROM:<a@b>", "C: RCPT TO:<x>", "C: BDAT 4",
                      "C: (4 octets of content)", "C: BDAT 8 LAST", "C: (8 octets of content)",
                      "S: 250 mail", "S: 550-no", "S: 550 rcpt", "S: 503 first", "S: 503 last"])
    assert [(exchange.verb, exchange.code) for exchange in said] == [
        ("EHLO", 250), ("MAIL", 250), ("RCPT", 550), ("BDAT", 503), ("BDAT", 503)]
    assert said[2].reply == ("550-no", "550 rcpt")


def test_lmtp_answers_for_each_accepted_recipient():
    said = exchanges(["S: 220 a.test LMTP", "C: LHLO b.test", "S: 250 a.test",
                      "C: MAIL FROM:<a@b>", "S: 250 ok", "C: RCPT TO:<x>", "S: 250 ok",
                      "C: RCPT TO:<y>", "S: 550 no", "C: RCPT TO:<z>", "S: 250 ok", "C: DATA",
                      "S: 354 go", "C: (12 octets of content)", "C: QUIT", "S: 250 x", "S: 452 z",
                      "S: 221 bye"])
    assert [(exchange.verb, exchange.code) for exchange in said[-3:]] == [
        ("(CONTENT)", 250), ("(CONTENT)", 452), ("QUIT", 221)]


def test_a_new_connection_owes_nothing_to_the_one_before():
    transcript = [*EHLO, "C: MAIL FROM:<a@b>", "-- the server closed the connection", *EHLO,
                  "C: MAIL FROM:<a@b>", "S: 250 ok"]
    said = exchanges(transcript)
    assert [exchange.code for exchange in said] == [250, None, 250, 250]
    assert used(transcript) == set()


def test_a_summary_names_extensions_in_the_order_of_a_session():
    assert in_words({"SIZE", "AUTH PLAIN", "STARTTLS"}) == "STARTTLS, AUTH PLAIN, SIZE"
    assert in_words(set()) == "none"
