"""Signs messages with examples/sign and verifies them with software that shares nothing with
it: dkimpy (RSA and Ed25519) and Perl's Mail::DKIM (RSA)."""

import base64
import pathlib
import re
import subprocess

from postern_program import example
from processes import find_program, unavailable

try:
    import dkim
    import nacl  # without which dkimpy knows no Ed25519
except ImportError:
    dkim = None

DOMAIN = "example.org"
FORMS = ("relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple")


def wire_form(message):
    """What a server receives of the octets a client was to send."""
    message = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
    return message if message.endswith(b"\r\n") else message + b"\r\n"


class Keys:
    """Keys made by openssl, their names being their selectors."""

    def __init__(self, directory):
        self.openssl = find_program("openssl")
        self.files = {name: directory / f"{name}.pem" for name in ("rsa", "ed25519")}
        self._make("rsa", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        self._make("ed25519", "-algorithm", "ED25519")
        rsa, ed25519 = self._public("rsa"), self._public("ed25519")[-32:]
        self.records = {
            "rsa": "v=DKIM1; k=rsa; p=" + base64.b64encode(rsa).decode(),
            "ed25519": "v=DKIM1; k=ed25519; p=" + base64.b64encode(ed25519).decode()}

    def _make(self, name, *options):
        subprocess.run([self.openssl, "genpkey", *options, "-out", self.files[name]], check=True,
                       capture_output=True)

    def _public(self, name):
        command = [self.openssl, "pkey", "-in", self.files[name], "-pubout", "-outform", "DER"]
        return subprocess.run(command, check=True, capture_output=True).stdout

    def dns(self, name, timeout=5):
        """Stands in for dkimpy's look-up."""
        selector, _, rest = name.decode().partition(".")
        assert rest == f"_domainkey.{DOMAIN}."
        return self.records[selector].encode()


def sign_command(path, forms, keys, selectors):
    pairs = [word for selector in selectors for word in (selector, keys.files[selector])]
    return [str(word) for word in (example("sign"), path, forms, DOMAIN, *pairs)]


def sign(message, forms, keys, directory, selectors=("rsa", "ed25519")):
    """The signed message as the program gives it: signatures, then the octets as they were."""
    path = directory / "letter.eml"
    path.write_bytes(message)
    run = subprocess.run(sign_command(path, forms, keys, selectors), capture_output=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.endswith(message)
    return run.stdout


def dkimpy_verifies(message, dns, index=0):
    """Whether dkimpy takes the signature with this index; a broken one is none, not an error."""
    if dkim is None:
        unavailable("python3-dkim or python3-nacl is not installed")
    try:
        return dkim.DKIM(message).verify(index, dnsfunc=dns)
    except (dkim.DKIMException, ValueError):
        return False


def mail_dkim_results(messages, keys, directory):
    """What Mail::DKIM says of each message's RSA signature; "pass" is what is hoped for."""
    paths = [directory / f"signed-{number}.eml" for number in range(len(messages))]
    for path, message in zip(paths, messages):
        path.write_bytes(message)
    perl = find_program("perl")
    if subprocess.run([perl, "-MMail::DKIM", "-e", "1"], capture_output=True).returncode != 0:
        unavailable("libmail-dkim-perl is not installed")
    script = pathlib.Path(__file__).with_name("mail_dkim.pl")
    run = subprocess.run([perl, script, keys.records["rsa"], *paths], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()
