"""A MailHog that somebody else runs: POSTERN_MAILHOG_SMTP and POSTERN_MAILHOG_HTTP say where.

Its API answers the envelope as it came (Raw.From, Raw.To) and the message without its last CRLF
(Raw.Data); Content.Headers keeps only one of a repeated header, so it is not used here.
"""

import json
import os
import urllib.parse
import urllib.request

import pytest

from smtp_sink import Received


class MailHog:
    """Sends go to `relay`; what arrived is read back over HTTP."""

    def __init__(self):
        smtp, http = (os.environ.get(f"POSTERN_MAILHOG_{kind}") for kind in ("SMTP", "HTTP"))
        if not smtp or not http:
            pytest.skip("no MailHog: POSTERN_MAILHOG_SMTP and POSTERN_MAILHOG_HTTP are not set")
        self.relay = f"smtp://{smtp}"
        self.api = (http if "://" in http else f"http://{http}").rstrip("/")

    def messages_to(self, address):
        """What arrived for this address, oldest first."""
        query = urllib.parse.urlencode({"kind": "to", "query": address, "limit": 250})
        found = json.loads(self._get(f"/api/v2/search?{query}"))
        return [
            Received(item["Raw"]["From"], item["Raw"]["To"], item["Raw"]["Data"].encode() + b"\r\n")
            for item in reversed(found["items"])
        ]

    def _get(self, path):
        with urllib.request.urlopen(self.api + path, timeout=20) as answer:
            return answer.read()
