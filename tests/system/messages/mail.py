"""Reading a received message with Python's own parser, which is no kin of Postern's writer."""

import email
import email.errors
import email.policy
import hashlib


def parse(content):
    return email.message_from_bytes(content, policy=email.policy.default)


def message_id(content):
    """The Message-ID of a message in octets, as it stands: the parser cuts it at an odd character
    that real ones have, such as a colon."""
    return email.message_from_bytes(content, policy=email.policy.compat32)["Message-ID"].strip()


def top_parts(message):
    """The leaf parts, without descending into embedded messages."""
    if message.get_content_maintype() == "multipart":
        for part in message.iter_parts():
            yield from top_parts(part)
    else:
        yield message


def attachments(message):
    """The parts that are no body: they say how they want to be disposed of."""
    return [part for part in top_parts(message) if part.get_content_disposition()]


# What a writer may do although the parser frowns: Content-Type has, beside the filename of RFC 2231,
# a name as an encoded word in quotes, which old Outlooks need (mapi-to-mime §3.3); and a message
# keeps the Message-ID it has, whatever characters are in it.
TOLERATED = {
    "Content-Type": ("encoded word inside quoted string",
                     "missing trailing whitespace after encoded-word"),
    "Message-ID": ("Unexpected ", "msg-id with no id-right"),
}


def is_by_rfc_6532(value):
    """An address in UTF-8, which Python's parser of octets does not know."""
    return any(isinstance(defect, email.errors.NonASCIILocalPartDefect)
               for defect in value.defects)


def defects(message):
    """Everything the parser holds against the message, its parts and their headers."""
    return [
        f"{part.get_content_type()}: {defect!r}"
        for part in message.walk() for defect in part.defects
    ] + [
        f"{name}: {defect!r}"
        for part in message.walk() for name, value in part.items() if not is_by_rfc_6532(value)
        for defect in value.defects
        if not str(defect).startswith(TOLERATED.get(name, ()))
    ]


def addresses(message, header):
    """The SMTP addresses in To or Cc, in lower case and sorted."""
    return sorted(
        address.addr_spec.lower()
        for value in message.get_all(header, [])
        for address in value.addresses)


def octets(part):
    """The decoded content of a leaf part."""
    return part.get_payload(decode=True)


def digest(part):
    return hashlib.sha256(octets(part)).hexdigest()


def one_space(text):
    """Text with every run of white space as one blank, trimmed, as in FACTS.json."""
    return " ".join((text or "").split())


def leaves(content):
    """What a reader gets of a message: each part's type, name and decoded octets (text: its lines)."""
    return [(part.get_content_type(), part.get_filename(),
             octets(part).splitlines() if part.get_content_maintype() == "text" else digest(part))
            for part in top_parts(parse(content))]
