"""What holds for the MIME of every object (§11): each rule yields what it finds wrong."""

import email
import email.policy
import re

from . import html_references
from .mime_part import NotMime

LONGEST_LINE = 998
ONCE = ("Date", "From", "Sender", "Reply-To", "To", "Cc", "Message-ID", "In-Reply-To", "References",
        "Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
        "Content-Disposition", "Content-ID", "Content-Description", "Content-Location",
        "Thread-Topic", "Thread-Index", "Importance", "Sensitivity", "Expires")
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
CONTENT_ID = re.compile(rf"<{ATOM}(?:\.{ATOM})*@(?:{ATOM}(?:\.{ATOM})*|\[[!-Z^-~]*\])>")


def lines(octets, root):
    longest = max(map(len, octets.split(b"\r\n")))
    if longest > LONGEST_LINE:
        yield f"a line of {longest} octets"
    rest = octets.replace(b"\r\n", b"")
    if b"\r" in rest or b"\n" in rest:
        yield "a line end that is not CRLF"
    if b"\0" in octets:
        yield "a NUL"
    if root.raw("MIME-Version") != "1.0":
        yield "no MIME-Version"


def headers(octets, root):
    for part in root.walk():
        yield from part.faults
        if re.search(rb"[^\t\r\n -~]", part.head):
            yield "a header that is not printable ASCII"
        for name in ONCE:
            if len(part.all_raw(name)) > 1:
                yield f"{name} stands {len(part.all_raw(name))} times"
        if part.all_raw("Bcc"):
            yield "a Bcc field"
        for name, value in part.fields:
            if name.lower() not in ("content-type", "content-disposition"):
                yield from undecodable(part, name)


def undecodable(part, name):
    try:
        value = part.header(name)
    except NotMime as error:
        yield f"{name}: {error}"
    else:
        if re.search(r"[\r\n\0]", value):
            yield f"{name}: a line end or NUL within an encoded word"


def contents(octets, root):
    for part in root.walk():
        try:
            if part.type.startswith("text/") and not part.parts and (
                    "charset" in part.parameters or part.name is None):
                part.text
            else:
                part.data
            name = part.name
        except NotMime as error:
            yield f"{part.type}: {error}"
            continue
        if name is not None and re.search(r"[\0-\x1f\x7f/\\\u202a-\u202e\u2066-\u2069]|^\.*$", name):
            yield f"the file name {name!r}"
        if part.type == "message/rfc822" and part.encoding not in ("7bit", "8bit", "binary"):
            yield f"message/rfc822 in {part.encoding}"


def messages(root):
    """The message, and those attached to it."""
    yield root
    for part in root.walk():
        if part.type == "message/rfc822" and part.parts:
            yield part.parts[0]


def content_ids(octets, root):
    for message in messages(root):
        if message.type == "multipart/signed":  # others have made it, and it stays as it is
            continue
        ids = [value for part in message.own_parts for value in part.all_raw("Content-ID")]
        for each in ids:
            if not CONTENT_ID.fullmatch(each) or len(each) > 202:
                yield f"the Content-ID {each} is no id"
            if ids.count(each) > 1:
                yield f"the Content-ID {each} stands twice"
        html = message.body_of("text/html")
        for reference in html_references.cid_references(html.text) if html else ():
            if f"<{reference}>" not in ids:
                yield f"the HTML shows cid:{reference}, which is not there"


def declared_charset(octets, root):
    """The meta element says what the label says; us-ascii is utf-8 as well."""
    for message in messages(root):
        html = message.body_of("text/html")
        named = html_references.meta_charset(html.text) if html else None
        if named and named != html.charset and (html.charset, named) != ("us-ascii", "utf-8"):
            yield f"the HTML says {named}, its label {html.charset}"


def is_leaf(part):
    """Python's email takes the fields in a delivery status, and in a receipt, for parts."""
    kind = part.get_content_type()
    return not (kind.startswith("multipart/") or kind == "message/rfc822")


def theirs_of(part):
    """The parts as they are for us."""
    yield part
    for inner in [] if is_leaf(part) else part.get_payload():
        yield from theirs_of(inner)


def shape(part):
    inner = [] if is_leaf(part) else part.get_payload()
    text = ", ".join(shape(each) for each in inner)
    return f"{part.get_content_type()}({text})" if text else part.get_content_type()


def another_reader(octets, root):
    """Python's email finds the same parts, the same octets, and no defects."""
    mail = email.message_from_bytes(octets, policy=email.policy.default)
    if shape(mail) != root.structure:
        yield f"Python's email reads {shape(mail)}"
        return
    for theirs, ours in zip(theirs_of(mail), root.walk()):
        for defect in theirs.defects:
            yield f"Python's email finds {type(defect).__name__} in {ours.type}"
        if not theirs.is_multipart():
            data = theirs.get_payload(decode=True)
            if data.rstrip(b"\r\n") != ours.data.rstrip(b"\r\n"):
                yield f"Python's email reads other octets in {ours.type}"
        for name in ("From", "To", "Cc", "Reply-To", "Sender"):
            for defect in getattr(theirs.get(name), "defects", ()):
                yield f"Python's email finds in {name}: {defect}"


RULES = (lines, headers, contents, content_ids, declared_charset, another_reader)


def broken_rules(octets, root):
    found = []
    for rule in RULES:
        try:
            found += rule(octets, root)
        except NotMime as error:
            found.append(str(error))
    return list(dict.fromkeys(found))
