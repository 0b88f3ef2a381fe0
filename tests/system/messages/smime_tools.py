"""S/MIME as others see it: keys and certificates made by the openssl command, and its verdict on what
was received."""

import subprocess

from processes import find_program


class People:
    """An authority, and for each person it knows a key with a certificate, in the files that the
    program looks up."""

    def __init__(self, directory):
        self.identities = directory / "identities"
        self.certificates = directory / "certificates"
        self._keys = directory / "keys"
        for made in (self.identities, self.certificates, self._keys):
            made.mkdir(parents=True)
        self._directory = directory
        self.authority = directory / "authority.pem"
        self._openssl("req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=Authority", *EC,
                      "-keyout", self._keys / "authority", "-out", self.authority)

    def add(self, address, *, sends=False, passphrase=None, usage="emailProtection", days="1"):
        """`sends`: with an identity, in PKCS #12 if there is a passphrase; else with a certificate
        that others encrypt for."""
        request = self._keys / f"{address}.csr"
        extensions = self._keys / f"{address}.ext"
        extensions.write_text(f"subjectAltName=email:{address}\nextendedKeyUsage={usage}\n")
        certificate = self.certificate(address)
        self._openssl("req", "-new", "-nodes", *EC, "-subj", f"/CN={address}", "-keyout",
                      self.key(address), "-out", request)
        self._openssl("x509", "-req", "-in", request, "-CA", self.authority, "-CAkey",
                      self._keys / "authority", "-CAcreateserial", "-days", days, "-extfile",
                      extensions, "-out", certificate)
        if not sends:
            (self.certificates / f"{address}.pem").write_bytes(certificate.read_bytes())
        elif passphrase:
            self._openssl("pkcs12", "-export", "-inkey", self.key(address), "-in", certificate,
                          "-certfile", self.authority, "-passout", f"pass:{passphrase}",
                          "-out", self.identities / f"{address}.p12")
        else:
            path = self.identities / f"{address}.pem"
            path.touch(mode=0o600)
            path.write_bytes(self.key(address).read_bytes() + certificate.read_bytes())

    def key(self, address):
        return self._keys / f"{address}.key"

    def certificate(self, address):
        return self._keys / f"{address}.pem"

    def options(self):
        return ("--smime-identities", self.identities, "--smime-certificates", self.certificates)

    def verified(self, message):
        """The content whose signature holds and whose signer the authority knows; else None."""
        return self._read("-verify", "-CAfile", self.authority, message=message)

    def decrypted(self, message, address):
        """The content as this person reads it; None: the person cannot."""
        return self._read("-decrypt", "-recip", self.certificate(address), "-inkey",
                          self.key(address), message=message)

    def recipient_infos(self, message):
        """How many keys the envelope has."""
        printed = self._read("-cmsout", "-print", message=message)
        return printed.count(b"d.ktri:") + printed.count(b"d.kari:")

    def _read(self, *arguments, message):
        path = self._directory / "message"
        path.write_bytes(message)
        run = subprocess.run([find_program("openssl"), "cms", *arguments, "-in", path],
                             capture_output=True)
        return run.stdout if run.returncode == 0 else None

    @staticmethod
    def _openssl(*arguments):
        subprocess.run([find_program("openssl"), *arguments], check=True, capture_output=True)


EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
