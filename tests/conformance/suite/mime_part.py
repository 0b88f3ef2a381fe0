"""Reads MIME octet by octet, as strictly as the RFCs are, and notes what is wrong."""

import base64
import binascii
import re

DEEPEST = 200
TOKEN = r"[!#$%&'*+.^_`{|}~0-9A-Za-z-]+"
PARAMETER = re.compile(rf'\s*;\s*({TOKEN})\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;]*)')
ENCODED_WORD = re.compile(r"=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
# What a strict decoder takes for a label, where Python's decoder of that name is laxer.
STRICT_CODECS = {"ks_c_5601-1987": "euc_kr", "iso-8859-8-i": "iso8859_8", "windows-874": "cp874",
                 "hz-gb-2312": "hz"}


class NotMime(Exception):
    """What a reader cannot read."""


def decoded(octets, charset):
    label = charset.lower()
    try:
        return octets.decode(STRICT_CODECS.get(label, label))
    except LookupError:
        raise NotMime(f"the charset {charset} is unknown") from None
    except UnicodeDecodeError as error:
        bad = octets[error.start:error.start + 4].hex()
        raise NotMime(f"the octets {bad} are not {charset}") from None


def from_base64(octets):
    try:
        return base64.b64decode(re.sub(rb"\s", b"", octets), validate=True)
    except binascii.Error as error:
        raise NotMime(f"base64: {error}") from None


def from_quoted_printable(octets):
    octets = re.sub(rb"[ \t]+(?=\r\n|$)", b"", octets)
    octets = re.sub(rb"=\r\n|=$", b"", octets)
    if re.search(rb"=(?![0-9A-Fa-f]{2})", octets):
        raise NotMime("quoted-printable: a = that stands for nothing")
    return re.sub(rb"=([0-9A-Fa-f]{2})", lambda hit: bytes([int(hit[1], 16)]), octets)


def one_word(hit):
    charset, encoding, text = hit.groups()
    if len(hit[0]) > 75:
        raise NotMime(f"an encoded word of {len(hit[0])} characters")
    octets = text.encode("ascii", "replace")
    if encoding in "bB":
        return decoded(from_base64(octets), charset)
    return decoded(from_quoted_printable(octets.replace(b"_", b"=20")), charset)


def without_words(value):
    """The value with its encoded words (RFC 2047) decoded, each by itself."""
    value = re.sub(r"(\?=)\s+(?==\?[^?\s]+\?[bBqQ]\?[^?]*\?=)", r"\1", value)
    return ENCODED_WORD.sub(one_word, value)


def percent_decoded(text):
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda hit: bytes([int(hit[1], 16)]),
                  text.encode("utf-8", "replace"))


def joined_sections(sections):
    """RFC 2231: {number: (text, is it percent-encoded?)} as one text."""
    charset, pieces = "utf-8", []
    for position, number in enumerate(sorted(sections)):
        if position != number:
            raise NotMime(f"section {position} of a parameter is missing")
        text, is_encoded = sections[number]
        if is_encoded and number == 0:
            if text.count("'") < 2:
                raise NotMime("an extended parameter without a charset")
            charset, _, text = text.split("'", 2)
        pieces.append(percent_decoded(text) if is_encoded else text.encode("utf-8", "replace"))
    return decoded(b"".join(pieces), charset or "us-ascii")


def parameters(value):
    """Those of a Content-Type or Content-Disposition value, names in small letters."""
    plain, extended, at = {}, {}, len(re.match(r"[^;]*", value)[0])
    while hit := PARAMETER.match(value, at):
        at = hit.end()
        name, text = hit[1].lower(), hit[2]
        if text.startswith('"'):
            text = re.sub(r"\\(.)", r"\1", text[1:-1])
        sectioned = re.fullmatch(r"(.+?)(?:\*([0-9]+))?(\*)?", name)
        if sectioned[2] is None and not sectioned[3]:
            if name in plain:
                raise NotMime(f"the parameter {name} stands twice")
            plain[name] = text
        else:
            extended.setdefault(sectioned[1], {})[int(sectioned[2] or 0)] = (text,
                                                                             bool(sectioned[3]))
    if value[at:].strip(" \t;"):
        raise NotMime(f"parameters that are none: {value[at:]!r}")
    return {**plain, **{name: joined_sections(each) for name, each in extended.items()}}


class Part:
    """An entity: its header fields, its body, the parts in it, and what is wrong with it."""

    def __init__(self, octets, depth=0):
        if depth > DEEPEST:
            raise NotMime("nested too deep")
        self.octets, self.depth, self.faults, self.fields, self.parts = octets, depth, [], [], []
        if octets.startswith(b"\r\n"):
            self.head, self.body = b"", octets[2:]
        else:
            self.head, _, self.body = octets.partition(b"\r\n\r\n")
        self.read_fields()
        self.type = re.split(r"[;\s]", self.raw("Content-Type") or "text/plain")[0].lower()
        self.parameters = self.tried(parameters, self.raw("Content-Type") or "", {})
        self.disposition = (self.raw("Content-Disposition") or "").partition(";")[0].strip().lower()
        self.disposition_parameters = self.tried(parameters, self.raw("Content-Disposition") or "",
                                                 {})
        self.encoding = (self.raw("Content-Transfer-Encoding") or "7bit").lower()
        if self.type.startswith("multipart/"):
            self.read_parts()
        elif self.type == "message/rfc822":
            self.parts.append(Part(self.body, depth + 1))

    def tried(self, read, value, otherwise):
        try:
            return read(value)
        except NotMime as error:
            self.faults.append(str(error))
            return otherwise

    def read_fields(self):
        for line in re.split(rb"\r\n(?![ \t])", self.head.removesuffix(b"\r\n")):
            name, colon, value = line.partition(b":")
            if colon and re.fullmatch(rb"[!-9;-~]+", name):
                unfolded = re.sub(rb"\r\n(?=[ \t])", b"", value).decode("latin-1")
                self.fields.append((name.decode("ascii"), unfolded.strip(" \t")))
            elif line:
                self.faults.append(f"a header line that is none: {line[:60]!r}")

    def read_parts(self):
        boundary = self.parameters.get("boundary", "")
        if not 0 < len(boundary) <= 70:
            self.faults.append(f"the boundary {boundary!r} is none")
            return
        if self.encoding not in ("7bit", "8bit", "binary"):
            self.faults.append(f"{self.type} in {self.encoding}")
        line = rb"(?:^|\r\n)--" + re.escape(boundary.encode("latin-1", "replace"))
        marks = list(re.finditer(line + rb"(--)?[ \t]*(?=\r\n|$)", self.body))
        ends = [number for number, mark in enumerate(marks) if mark[1]]
        if not ends:
            self.faults.append("a boundary that is not closed")
        marks = marks[:ends[0] + 1] if ends else marks
        for begin, end in zip(marks, marks[1:]):
            content = self.body[begin.end() + 2:max(begin.end() + 2, end.start())]
            self.parts.append(Part(content, self.depth + 1))
        if not self.parts:
            self.faults.append(f"{self.type} without parts")

    def all_raw(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def raw(self, name):
        """The first field of that name as it stands, unfolded; None if there is none."""
        return next(iter(self.all_raw(name)), None)

    def header(self, name):
        value = self.raw(name)
        return None if value is None else without_words(value)

    def walk(self, into_messages=True):
        yield self
        for part in self.parts:
            if into_messages or self.type != "message/rfc822":
                yield from part.walk(into_messages)

    @property
    def data(self):
        """The octets that were sent."""
        if self.encoding == "base64":
            return from_base64(self.body)
        if self.encoding == "quoted-printable":
            return from_quoted_printable(self.body)
        return self.body

    @property
    def charset(self):
        return self.parameters.get("charset", "us-ascii").lower()

    @property
    def text(self):
        return decoded(self.data, self.charset)

    @property
    def name(self):
        """The file name; None if it has none."""
        if "filename" in self.disposition_parameters:
            return self.disposition_parameters["filename"]
        name = self.parameters.get("name")
        return None if name is None else without_words(name)

    @property
    def structure(self):
        inner = ", ".join(part.structure for part in self.parts)
        return f"{self.type}({inner})" if inner else self.type

    def at(self, path):
        """The part with a number like 1.2; the message in an attached one is its part 1."""
        part = self
        for number in path.split(".") if path != "0" else ():
            if int(number) > len(part.parts):
                raise NotMime(f"there is no part {path}")
            part = part.parts[int(number) - 1]
        return part

    @property
    def own_parts(self):
        """Those of this message, not of attached ones."""
        return list(self.walk(into_messages=False))

    def body_of(self, kind):
        return next((part for part in self.own_parts if part.type == kind and part.name is None
                     and part.disposition != "attachment"), None)

    @property
    def attachments(self):
        """All leaves but the bodies; a body that is no text is one as well."""
        bodies = [self.body_of(kind) for kind in ("text/plain", "text/html", "text/calendar",
                                                  "message/delivery-status",
                                                  "message/disposition-notification")]
        return [part for part in self.own_parts
                if (not part.parts or part.type == "message/rfc822") and part not in bodies]
