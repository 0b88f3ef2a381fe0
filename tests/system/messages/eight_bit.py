"""A letter that is 8bit on the wire: clear-signed by its author, so nobody may re-encode it."""

from msg_file import signed_note

SUBJECT = "Signed in eight bits"
BODY = """\
--signed
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Grüße vom Burgtor 🏰

.a line with a dot
--signed
Content-Type: application/pkcs7-signature; name=smime.p7s
Content-Transfer-Encoding: base64

AAAA
--signed--
"""
FIELDS = """\
Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256;
 boundary="signed"

"""


def eight_bit_letter(directory):
    path = directory / "signed.msg"
    path.write_bytes(signed_note(SUBJECT, (FIELDS + BODY).replace("\n", "\r\n").encode()))
    return path


def is_the_letter(content):
    """Whether the body came octet for octet; a server's mailbox has line ends of its own."""
    _, _, body = content.replace(b"\r\n", b"\n").partition(b"\n\n")
    return body.rstrip(b"\n") + b"\n" == BODY.encode()
