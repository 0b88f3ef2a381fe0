"""Mails that other programs have written (.eml), sent by `send` and by `submit`: what arrives is
what was written."""

import pytest

from mail import defects
from postern_program import DELIVERED

HEADER = ("Received: from elsewhere.test by mail.test; Tue, 1 Jul 2025 10:00:01 +0200\r\n"
          "Date: Tue, 01 Jul 2025 10:00:00 +0200\r\n"
          "From: =?utf-8?q?D=C3=B6rte?= Writer <doerte@a.test>\r\n"
          "To: Bob <bob@b.test>, \"Carl, the other\" <carl@c.test>\r\n"
          "Cc: eve@e.test\r\n"
          "Bcc: hidden@h.test\r\n"
          "Reply-To: answers@a.test\r\n"
          "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= and more\r\n"
          "Message-ID: <letter-2@a.test>\r\n"
          "In-Reply-To: <letter-1@b.test>\r\n"
          "References: <letter-0@a.test> <letter-1@b.test>\r\n"
          "List-Unsubscribe: <mailto:leave@a.test>\r\n"
          "X-Own: one=two; three\r\n"
          "MIME-Version: 1.0\r\n")
PEOPLE = ["bob@b.test", "carl@c.test", "eve@e.test", "hidden@h.test"]
# Origin and destination first, what names and threads the mail next, what it consists of last.
ORDER = ["Date", "From", "Reply-To", "To", "Cc", "Message-ID", "In-Reply-To", "References", "Subject",
         "List-Unsubscribe", "X-Own", "MIME-Version", "Content-Type"]

# A space at a line's end is a part of the signed octets, and of flowed text.
SIGNED = ("Content-Type: text/plain; charset=iso-8859-1; format=flowed\r\n"
          "Content-Transfer-Encoding: quoted-printable\r\n"
          "X-Odd:   spaced\r\n"
          "\r\n"
          "Sch=F6ne=20\r\n"
          "-- \r\n"
          ".\r\n"
          "From a line=\r\n"
          " of two\r\n")


def send(local_mail, path):
    relay = ("--relay", local_mail.catcher.relay)
    return local_mail.postern.run("send", path, "--store", local_mail.postern.store, *relay)


def submit(local_mail, path):
    result = local_mail.postern.run("submit", path, "--store", local_mail.postern.store)
    assert result.status == DELIVERED, result.stderr
    return local_mail.postern.spool_until_empty(local_mail.catcher.relay)


@pytest.fixture(params=[send, submit])
def sent(request, local_mail):
    def send_mail(content):
        path = local_mail.postern.directory / "letter.eml"
        path.write_bytes((HEADER + content).encode())
        result = request.param(local_mail, path)
        assert result.status == DELIVERED, result.stderr
        return local_mail.arrived()

    return send_mail


def test_the_header(sent):
    mail = sent("Content-Type: text/plain; charset=utf-8\r\n\r\nText\r\n")
    assert mail.sender == "doerte@a.test"
    assert mail.recipients == PEOPLE
    assert b"hidden" not in mail.content and b"elsewhere" not in mail.content
    assert [name for name in mail.mail.keys() if name != "Content-Transfer-Encoding"] == ORDER
    assert mail.mail["Date"] == "Tue, 01 Jul 2025 10:00:00 +0200"
    assert mail.mail["From"] == "Dörte Writer <doerte@a.test>"
    assert mail.mail["To"] == 'Bob <bob@b.test>, "Carl, the other" <carl@c.test>'
    assert mail.mail["Subject"] == "Grüße and more"
    assert mail.mail["References"] == "<letter-0@a.test> <letter-1@b.test>"
    assert mail.mail["X-Own"] == "one=two; three"
    assert defects(mail.mail) == []


def test_a_signed_part_is_the_same_octets(sent):
    mail = sent("Content-Type: multipart/signed; micalg=pgp-sha256;\r\n"
                " protocol=\"application/pgp-signature\"; boundary=sig\r\n\r\n"
                f"--sig\r\n{SIGNED}\r\n--sig\r\n"
                "Content-Type: application/pgp-signature; name=s.asc\r\n\r\n"
                "-----BEGIN PGP SIGNATURE-----\r\nabc=\r\n-----END PGP SIGNATURE-----\r\n--sig--\r\n")
    assert mail.mail.get_content_type() == "multipart/signed"
    assert mail.mail["Content-Type"].params["protocol"] == "application/pgp-signature"
    boundary = mail.mail.get_boundary()
    assert f"\r\n--{boundary}\r\n{SIGNED}\r\n--{boundary}\r\n".encode() in mail.content
    assert mail.recipients == PEOPLE


def test_flowed_text_stays_flowed(sent):
    text = "A paragraph that \r\nflows on. \r\n-- \r\nDörte\r\n"
    mail = sent("Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\r\n"
                f"Content-Transfer-Encoding: 8bit\r\n\r\n{text}")
    assert mail.mail["Content-Type"].params["format"] == "flowed"
    assert mail.mail["Content-Type"].params["delsp"] == "yes"
    assert mail.mail.get_payload(decode=True).decode() == text


def test_a_third_alternative_stays_one(sent):
    parts = [("plain", "Grüße\r\n"), ("x-amp-html", "<html amp4email>ü</html>\r\n"),
             ("html", "<p>Grüße</p>\r\n")]
    mail = sent("Content-Type: multipart/alternative; boundary=alt\r\n\r\n" + "".join(
        f"--alt\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{text}" for kind, text in parts) +
        "--alt--\r\n")
    assert mail.mail.get_content_type() == "multipart/alternative"
    assert [(part.get_content_subtype(), part.get_payload(decode=True).decode().strip())
            for part in mail.mail.iter_parts()] == [(kind, text.strip()) for kind, text in parts]


def test_attachments(sent):
    mail = sent("Content-Type: multipart/mixed; boundary=mix\r\n\r\n"
                "--mix\r\nContent-Type: text/plain\r\n\r\nText\r\n"
                "--mix\r\nContent-Type: application/pdf\r\n"
                "Content-Disposition: attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe.pdf\r\n"
                "Content-Transfer-Encoding: base64\r\n\r\nAAECA//+\r\n"
                "--mix\r\nContent-Type: message/rfc822\r\n\r\n"
                "From: a@x.test\r\nSubject: within\r\n\r\nInner\r\n--mix--\r\n")
    file, letter = mail.mail.iter_attachments()
    assert (file.get_content_type(), file.get_filename()) == ("application/pdf", "Grüße.pdf")
    assert file.get_content() == b"\x00\x01\x02\x03\xff\xfe"
    inner = letter.get_content()
    assert (inner["Subject"], inner.get_content().strip()) == ("within", "Inner")
