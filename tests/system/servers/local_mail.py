"""The program under the name of sendmail, and what it has queued as a server gets it."""

import dataclasses
import email
import email.policy
import subprocess

from postern_program import DELIVERED


@dataclasses.dataclass(frozen=True)
class Received:
    """A mail as the server got it: its envelope, and its octets."""
    sender: str
    recipients: list
    content: bytes

    @property
    def mail(self):
        return email.message_from_bytes(self.content, policy=email.policy.default)

    @property
    def text(self):
        """Of the body, or of its first part that is text, with the line ends of this system."""
        return self.mail.get_body(("plain",)).get_content().replace("\r\n", "\n")

    def address_fields(self):
        """From, To, Cc and Bcc, as far as the header has them."""
        return {name: self.mail[name] for name in ("From", "To", "Cc", "Bcc") if self.mail[name]}


class LocalMail:
    def __init__(self, postern, catcher):
        self.postern = postern
        self.catcher = catcher
        self.sendmail = postern.directory / "sendmail"
        self.sendmail.symlink_to(postern.program)
        self.environment = dict(postern.environment, POSTERN_STORE=str(postern.store))
        self._seen = 0

    def run(self, *command, mail=None, seconds=60, **options):
        """Another program, which is to hand mail over."""
        return subprocess.run([str(word) for word in command], input=mail, env=self.environment,
                              capture_output=True, timeout=seconds, **options)

    def submit(self, mail, *words):
        return self.run(self.sendmail, *words, mail=mail)

    def received(self, count=1, with_reports=0):
        """Sends what is queued, which is so many mails, and the reports that come of it; in the
        order of their sizes."""
        assert len(self.postern.queue()) == count
        result = self.postern.spool_until_empty(self.catcher.relay)
        assert result.status == DELIVERED, result.stderr
        return self._take(count + with_reports)

    def only(self):
        mail, = self.received()
        return mail

    def arrived(self):
        """The mail that has been sent already."""
        mail, = self._take(1)
        return mail

    def _take(self, count):
        caught = self.catcher.wait_for(self._seen + count)[self._seen:]
        self._seen += count
        return sorted((Received(envelope["sender"]["address"],
                                [row["address"] for row in envelope["recipients"]], content)
                       for envelope, content in caught), key=lambda mail: len(mail.content))
