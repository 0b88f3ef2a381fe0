"""Compares a message with the `expect` of its case. Each comparison yields what is different."""

import datetime
import email
import email.policy
import hashlib
import re

from . import calendar_expectations
from .matching import differs
from .mime_part import NotMime
from .octets import octets


def lines_of(text):
    return None if text is None else text.replace("\r\n", "\n").rstrip("\n")


def wanted_text(want):
    return lines_of(want) if isinstance(want, str) else want


def headers(part, want, case):
    for name, value in want.items():
        yield from differs(name, part.header(name), value)


def raw(part, want, case):
    for name, value in want.items():
        yield from differs(f"{name} (raw)", part.raw(name), value)


def dates(part, want, case):
    for name, value in want.items():
        text = part.raw(name)
        if text is None:
            yield f"there is no {name}"
            continue
        try:
            moment = email.utils.parsedate_to_datetime(text)
        except ValueError:
            yield f"{name} is no date: {text}"
            continue
        got = moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield from differs(name, got, value)


def addresses_of(text):
    """`Name <address>` of each mailbox, those of groups too."""
    mail = email.message_from_bytes(b"To: " + text.encode("latin-1") + b"\r\n\r\n",
                                    policy=email.policy.default)
    return [f"{each.display_name} <{each.addr_spec}>" if each.display_name else each.addr_spec
            for each in mail["To"].addresses if each.domain]


def addresses(part, want, case):
    for name, value in want.items():
        text = part.raw(name)
        yield from differs(name, None if text is None else addresses_of(text), value)


def structure(part, want, case):
    yield from differs("the structure", part.structure, want)


def body(kind):
    def compare(part, want, case):
        found = part.body_of(kind)
        text = None if found is None else lines_of(found.text)
        yield from differs(kind, text, wanted_text(want))
    return compare


def charset(part, want, case):
    for kind, value in want.items():
        found = part.body_of(f"text/{kind}")
        yield from differs(f"the charset of text/{kind}", found and found.charset, value)


def text_of_part(part, want, case):
    yield from differs("the text", lines_of(part.text), wanted_text(want))


def data(part, want, case):
    wanted = octets(want)
    if part.data != wanted:
        yield f"the octets are others: {len(part.data)}, {part.data[:40]!r}; not {len(wanted)}"


def data_of(part, want, case):
    """The octets of the attachment of the object with that number, from 0."""
    yield from data(part, case["object"]["attachments"][want]["data"], case)


def sha256(part, want, case):
    yield from differs("the SHA-256", hashlib.sha256(part.data).hexdigest(), want)


def entity(part, want, case):
    """The whole part, header and body, as it stands."""
    if part.octets != octets(want):
        yield f"the entity is another: {part.octets[:60]!r}"


def attribute(name, label):
    def compare(part, want, case):
        yield from differs(label, getattr(part, name), want)
    return compare


def parameters(part, want, case):
    for name, value in want.items():
        yield from differs(f"the parameter {name}", part.parameters.get(name), value)


def disposition_parameters(part, want, case):
    for name, value in want.items():
        got = part.disposition_parameters.get(name)
        yield from differs(f"the parameter {name}", got, value)


def blocks(part, want, case):
    """The groups of fields in a delivery status or disposition notification."""
    groups = [group for group in re.split(r"(?:\r\n)+(?=\r\n[^\r\n])|\r\n\r\n", part.text)
              if group.strip()]
    if len(groups) != len(want):
        yield f"{len(groups)} groups of fields, not {len(want)}"
    for group, fields in zip(groups, want):
        unfolded = re.sub(r"\r\n(?=[ \t])", "", group.strip())
        have = {name.lower(): value.strip() for name, _, value in
                (line.partition(":") for line in unfolded.split("\r\n"))}
        for name, value in fields.items():
            yield from differs(name, have.get(name.lower()), value)


def attachments(part, want, case):
    """All of them, in their order."""
    found = part.attachments
    if len(found) != len(want):
        yield (f"{len(found)} attachments, not {len(want)}: "
               + ", ".join(f"{each.type} {each.name!r}" for each in found))
        return
    for number, (each, wanted) in enumerate(zip(found, want)):
        for difference in compared(each, wanted, case):
            yield f"attachment {number}: {difference}"


def parts(part, want, case):
    for path, wanted in want.items():
        for difference in compared(part.at(str(path)), wanted, case):
            yield f"part {path}: {difference}"


def message(part, want, case):
    """The message in an attached one."""
    if part.type != "message/rfc822":
        yield f"{part.type} is no message"
        return
    for difference in compared(part.parts[0], want, case):
        yield f"in it: {difference}"


def everywhere(part):
    """All that a reader could find: headers, and what is in the leaves."""
    for each in part.walk():
        yield each.head.decode("latin-1")
        yield from (each.header(name) or "" for name, _ in each.fields)
        if not each.parts:
            yield each.data.decode("utf-8", "replace")


def nowhere(part, want, case):
    for text in want:
        if any(text in each for each in everywhere(part)):
            yield f"somewhere there is {text!r}"


def somewhere(part, want, case):
    for text in want:
        if not any(text in each for each in everywhere(part)):
            yield f"nowhere there is {text!r}"


def no_field(part, want, case):
    """No reader of any kind of line end finds a field of that name, in any part."""
    for each in part.walk():
        for line in re.split(rb"[\r\n\x0b\x0c\x1c-\x1e\x85]+|\xe2\x80[\xa8\xa9]", each.head):
            for name in want:
                if re.match(re.escape(name.encode()) + rb"\s*:", line.strip(), re.IGNORECASE):
                    yield f"an injected field: {line[:60]!r}"


def any_of(part, want, case):
    """One of these groups holds."""
    found = [list(compared(part, group, case)) for group in want]
    if all(found):
        yield " | ".join("; ".join(each) for each in found)


COMPARISONS = {
    "structure": structure, "headers": headers, "raw": raw, "dates": dates,
    "addresses": addresses, "text": body("text/plain"), "html": body("text/html"),
    "charset": charset, "attachments": attachments, "parts": parts, "message": message,
    "calendar": calendar_expectations.calendar, "card": calendar_expectations.card,
    "type": attribute("type", "the type"), "name": attribute("name", "the file name"),
    "disposition": attribute("disposition", "the disposition"),
    "encoding": attribute("encoding", "the transfer encoding"), "parameters": parameters,
    "disposition_parameters": disposition_parameters, "part_text": text_of_part, "data": data,
    "data_of": data_of, "sha256": sha256, "entity": entity, "blocks": blocks,
    "nowhere": nowhere, "somewhere": somewhere, "no_field": no_field, "any_of": any_of,
}
# Of the run, not of the message: see run.py.
OF_THE_RUN = {"warning", "may_fail"}


def compared(part, want, case):
    for key, value in want.items():
        if key in OF_THE_RUN:
            continue
        if key not in COMPARISONS:
            raise ValueError(f"nothing is called {key}")
        try:
            yield from COMPARISONS[key](part, value, case)
        except NotMime as error:
            yield f"{key}: {error}"
