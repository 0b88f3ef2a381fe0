"""A maildir that a server delivers into, and the envelope its header lines tell of."""

import email
import email.policy
import os

from processes import wait_until
from smtp_sink import Received

# The headers in which servers note for whom a copy is.
RECIPIENT_HEADERS = ("envelope-to", "delivered-to")


class Maildir:
    """Made empty for a user of the system, or by the server itself when its first mail comes."""

    def __init__(self, path):
        self.path = path

    def make(self, owner):
        for path in (self.path, *(self.path / folder for folder in ("new", "cur", "tmp"))):
            path.mkdir()
            os.chown(path, owner.pw_uid, owner.pw_gid)
        return self

    def messages(self):
        """Every copy there is, oldest first."""
        paths = [path for folder in ("new", "cur") for path in (self.path / folder).glob("*")]
        return [received_copy(path.read_bytes())
                for path in sorted(paths, key=lambda path: path.stat().st_mtime_ns)]

    def wait_for(self, count=1):
        """The copies, as soon as there are `count` of them or more."""
        wait_until(lambda: len(self.messages()) >= count, f"{count} messages in {self.path}")
        return self.messages()


def received_copy(content):
    """The copy with its envelope: the recipient it is for, none where the server notes none."""
    headers = email.message_from_bytes(content, policy=email.policy.compat32).raw_items()
    # The policy keeps octets beyond ASCII as surrogates.
    texts = {name.lower(): value.encode("ascii", "surrogateescape").decode().strip("\r\n <>")
             for name, value in reversed(list(headers))}
    recipients = [texts[name] for name in RECIPIENT_HEADERS if name in texts]
    return Received(texts["return-path"], recipients, content)
