"""Which extensions of SMTP a message made use of, read from what was said on its way.

A transcript is the list that `postern show ID --json` gives: "S: " is a line of the server, "C: "
one of ours, "-- " a remark; the content is one line, "C: (1234 octets of content)". Nothing is
taken for used because it was offered: it has to have been said, and to have worked where a reply
tells.
"""

import collections
import dataclasses
import re

# In the order in which a summary names them.
NAMES = ("STARTTLS", "AUTH", "PIPELINING", "CHUNKING", "SIZE", "8BITMIME", "SMTPUTF8", "DSN",
         "ENHANCEDSTATUSCODES")
PARAMETERS = {"SIZE": "SIZE", "BODY": "8BITMIME", "SMTPUTF8": "SMTPUTF8", "RET": "DSN",
              "ENVID": "DSN", "NOTIFY": "DSN", "ORCPT": "DSN"}
IN_A_TRANSACTION = ("MAIL", "RCPT", "DATA", "BDAT")
ENHANCED_STATUS = re.compile(r"[245]\d\d[ -][245]\.\d{1,3}\.\d{1,3} ")


@dataclasses.dataclass
class Exchange:
    """A command with its reply; `content` stands for what follows DATA."""
    command: str
    behind_another: bool = False     # said while the one before it had no reply yet
    reply: tuple = ()

    @property
    def words(self):
        return self.command.upper().split()

    @property
    def verb(self):
        return self.words[0]

    @property
    def code(self):
        return int(self.reply[-1][:3]) if self.reply else None


class Reading:
    """Pairs commands and replies: replies come in the order of the commands (RFC 2920 §3.1)."""

    def __init__(self, transcript):
        self.exchanges = []
        self._waiting = collections.deque()
        self._lines = []
        for line in transcript:
            kind, _, text = line.partition(" ")
            if kind == "S:":
                self._hear(text)
            elif kind == "C:":
                self._say(text)

    def _say(self, text):
        last = self.exchanges[-1] if self.exchanges else None
        if last and last.verb == "AUTH" and last.code == 334:
            last.reply = ()
            self._waiting.append(last)  # the next step of the same command
            return
        if text.startswith("("):
            if last and last.verb == "BDAT":
                return  # its octets; the reply is BDAT's
            if last and last.verb == "(CONTENT)":
                return
            for _ in range(self._replies_to_content()):
                self._add(Exchange("(content)"))
            return
        self._add(Exchange(text, behind_another=bool(self._waiting)))

    def _add(self, exchange):
        self.exchanges.append(exchange)
        self._waiting.append(exchange)

    def _replies_to_content(self):
        """One, but in LMTP one for each recipient that was accepted (RFC 2033 §4.2)."""
        if not any(exchange.verb == "LHLO" for exchange in self.exchanges):
            return 1
        accepted = 0
        for exchange in self.exchanges:
            if exchange.verb == "MAIL":
                accepted = 0
            accepted += exchange.verb == "RCPT" and exchange.code in (250, 251)
        return accepted

    def _hear(self, text):
        self._lines.append(text)
        if text[3:4] == "-":
            return
        reply, self._lines = tuple(self._lines), []
        if text.startswith("220") and not (self._waiting and self._waiting[0].verb == "STARTTLS"):
            self._waiting.clear()  # a greeting: whatever waited went with the connection before
        elif self._waiting:
            self._waiting.popleft().reply = reply


def exchanges(transcript):
    """Every command in the order it was said; the reply is empty where none came."""
    return Reading(transcript).exchanges


def offered(transcript):
    """The keywords of all replies to EHLO or LHLO."""
    return {line[4:].upper().split()[0]
            for exchange in exchanges(transcript)
            if exchange.verb in ("EHLO", "LHLO") and exchange.code == 250
            for line in exchange.reply[1:] if line[4:].strip()}


def used(transcript):
    """The extensions made use of; authentication names its mechanism ("AUTH PLAIN")."""
    found = set()
    for exchange in exchanges(transcript):
        words, verb = exchange.words, exchange.verb
        if verb == "STARTTLS" and exchange.code == 220:
            found.add("STARTTLS")
        elif verb == "AUTH" and exchange.code == 235:
            found.add(f"AUTH {words[1]}")
        elif verb == "BDAT" and exchange.code == 250:
            found.add("CHUNKING")
        if verb in ("MAIL", "RCPT"):
            keywords = {word.partition("=")[0] for word in parameters(exchange.command).split()}
            found |= {PARAMETERS[keyword] for keyword in keywords & PARAMETERS.keys()}
        if verb in IN_A_TRANSACTION and exchange.behind_another:
            found.add("PIPELINING")
        if any(ENHANCED_STATUS.match(line) for line in exchange.reply):
            found.add("ENHANCEDSTATUSCODES")
    # A server may write 5.1.1 whether or not it says that it means it.
    return found if "ENHANCEDSTATUSCODES" in offered(transcript) else found - {"ENHANCEDSTATUSCODES"}


def parameters(command):
    """What follows the address of MAIL or RCPT, in upper case; an address may hold "> SIZE="."""
    quoted, path = False, command.partition("<")[2]
    for position, letter in enumerate(path):
        if letter == '"' and path[position - 1:position] != "\\":
            quoted = not quoted
        elif letter == ">" and not quoted:
            return path[position + 1:].upper()
    return ""


def in_words(extensions):
    """The line a summary shows: "STARTTLS, AUTH PLAIN, PIPELINING"."""
    order = sorted(extensions, key=lambda name: (NAMES.index(name.split()[0]), name))
    return ", ".join(order) or "none"
