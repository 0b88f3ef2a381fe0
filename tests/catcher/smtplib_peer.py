"""Speaks to a catcher through Python's smtplib, the client most of its users have at hand.

smtplib_peer.py PORT                        in the clear
smtplib_peer.py PORT CERTIFICATE            STARTTLS, then AUTH as user:pass
smtplib_peer.py PORT CERTIFICATE implicit   TLS from the first octet, then AUTH
Ends with an exception where anything is not as expected.
"""

import smtplib
import ssl
import sys

MESSAGE = (
    "Subject: gr\u00fc\u00dfe\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n\r\n.one dot\r\n..\r\n\u00e4\r\n"
).encode()


def connect(port, certificate, implicit):
    if certificate is None:
        return smtplib.SMTP("127.0.0.1", port, timeout=30)
    context = ssl.create_default_context(cafile=certificate)
    if implicit:
        return smtplib.SMTP_SSL("127.0.0.1", port, timeout=30, context=context)
    client = smtplib.SMTP("127.0.0.1", port, timeout=30)
    client.ehlo()
    assert not client.has_extn("auth"), "AUTH was offered in the clear"
    client.starttls(context=context)
    return client


def main(port, certificate=None, implicit=None):
    with connect(int(port), certificate, implicit) as client:
        client.ehlo()
        if certificate is not None:
            try:
                client.login("user", "wrong")
            except smtplib.SMTPAuthenticationError as refused:
                assert refused.smtp_code == 535, refused
            else:
                raise AssertionError("a wrong password was accepted")
            client.login("user", "pass")
        refused = client.sendmail(
            "me@example.org",
            ["a@example.org", "refuse-550@example.org", "j\u00fcrgen@example.org"],
            MESSAGE,
            mail_options=["SMTPUTF8", "BODY=8BITMIME"],
        )
        assert list(refused) == ["refuse-550@example.org"], refused
        assert refused["refuse-550@example.org"][0] == 550, refused


main(*sys.argv[1:])
