"""Certificates for the test servers, made by the openssl command when a test asks for them."""

import dataclasses
import pathlib
import subprocess

from processes import LOOPBACK, find_program


@dataclasses.dataclass(frozen=True)
class Certificate:
    """A self-signed certificate; `certificate` is also the file of trusted authorities."""
    certificate: pathlib.Path
    key: pathlib.Path


def make_certificate(directory, address=LOOPBACK, name=None):
    """Makes a certificate that is good for a day and for this address, or for a name."""
    made = Certificate(directory / "certificate.pem", directory / "key.pem")
    subprocess.run(
        [find_program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj", f"/CN={address}",
         "-addext", f"subjectAltName=DNS:{name}" if name else f"subjectAltName=IP:{address}",
         "-keyout", made.key, "-out", made.certificate],
        check=True, capture_output=True)
    return made
