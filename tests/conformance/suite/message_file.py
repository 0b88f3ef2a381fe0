"""Writes .msg files: [MS-OXMSG], of the objects that `message_object` makes of a case."""

import dataclasses
import struct
import uuid
import zlib

from . import property_types
from .compound_file import compound_file

MESSAGE_FILE = uuid.UUID("00020D0B-0000-0000-C000-000000000046")
PS_MAPI = uuid.UUID("00020328-0000-0000-C000-000000000046")
PS_PUBLIC_STRINGS = uuid.UUID("00020329-0000-0000-C000-000000000046")
FIRST_NAMED = 0x8000
FLAGS = 6  # readable and writeable
NO_SIZE = 0xFFFFFFFF
PROPERTIES = "__properties_version1.0"


@dataclasses.dataclass(frozen=True)
class Oddities:
    """How programs write files that are not quite as they should be; README.md."""
    tail: int = 0
    counts: int | None = None
    first: int | None = None
    small_letters: bool = False
    no_names: bool = False
    sizes: int | None = None
    without_entry: tuple = ()
    without_stream: tuple = ()

    def number(self, position):
        return position if self.first is None else self.first + 2 * position


def crc(octets):
    """The CRC-32 that compressed RTF has: without the inversions of others."""
    return zlib.crc32(octets, 0xFFFFFFFF) ^ 0xFFFFFFFF


class Names:
    """The map of named properties, one for the whole file; and what is odd about that."""

    def __init__(self, odd):
        self.numbers, self.sets, self.odd = {}, [], odd

    def id_of(self, name):
        return FIRST_NAMED + self.numbers.setdefault(name, len(self.numbers))

    def set_index(self, property_set):
        fixed = {PS_MAPI: 1, PS_PUBLIC_STRINGS: 2}
        if property_set in fixed:
            return fixed[property_set]
        if property_set not in self.sets:
            self.sets.append(property_set)
        return 3 + self.sets.index(property_set)

    def storage(self):
        entries, texts, lookups = b"", b"", {}
        for number, (property_set, key) in enumerate(self.numbers):
            is_text = isinstance(key, str)
            tail = self.set_index(property_set) << 1 | is_text | number << 16
            text = key.encode("utf-16-le") if is_text else b""
            where = len(texts) if is_text else key
            entries += struct.pack("<II", where, tail)
            if is_text:
                texts += struct.pack("<I", len(text)) + text + bytes(-len(text) % 4)
            hashed = crc(text) if is_text else key
            stream = 0x1000 + (hashed ^ (tail & 0xFFFF)) % 0x1F
            lookups[stream] = lookups.get(stream, b"") + struct.pack("<II", hashed, tail)
        storage = {stream_name(stream, property_types.BINARY): octets
                   for stream, octets in lookups.items()}
        sets = b"".join(each.bytes_le for each in self.sets)
        for stream, octets in ((2, sets), (3, entries), (4, texts)):
            storage[stream_name(stream, property_types.BINARY)] = octets
        return storage


def stream_name(identifier, kind, element=None):
    name = f"__substg1.0_{identifier:04X}{kind:04X}"
    return name if element is None else f"{name}-{element:08X}"


def add_property(storage, entries, identifier, each):
    """Its entry, and its streams if the value does not fit there."""
    kind, value = each.kind, each.value
    head = struct.pack("<HHI", kind, identifier, FLAGS)
    if kind in property_types.FIXED:
        entries.append(head + struct.pack(property_types.FIXED[kind], value).ljust(8, b"\0"))
        return
    name = stream_name(identifier, kind)
    single = kind & ~property_types.MULTIPLE
    if kind == single:
        storage[name] = value
        size = len(value) + property_types.TERMINATOR.get(kind, 0)
    elif single in property_types.FIXED:
        layout = property_types.FIXED[single]
        storage[name] = b"".join(struct.pack(layout, one) for one in value)
        size = len(storage[name])
    else:
        end = bytes(property_types.TERMINATOR.get(single, 0))
        record = "<II" if single == property_types.BINARY else "<I"
        elements = [one + end for one in value]
        storage[name] = b"".join(struct.pack(record, len(one), *[0] * (len(record) - 2))
                                 for one in elements)
        for number, one in enumerate(elements):
            storage[stream_name(identifier, kind, number)] = one
        size = len(storage[name])
    entries.append(head + struct.pack("<II", size, 0))


def bag(properties, names):
    """The streams of a property bag, and the entries of its property stream."""
    storage, entries, odd = {}, [], names.odd
    for each in properties:
        identifier = each.identifier if each.name is None else names.id_of(each.name)
        streams, made = {}, []
        add_property(streams, made, identifier, each)
        if odd.sizes is not None and streams:
            made = [entry[:8] + struct.pack("<II", odd.sizes, 0) for entry in made]
        if each.label not in odd.without_stream:
            storage |= streams
        if each.label not in odd.without_entry:
            entries += made
    return storage, entries


def property_stream(head, entries, names):
    return head + b"".join(entries) + bytes(names.odd.tail)


def row(properties, names):
    storage, entries = bag(properties, names)
    storage[PROPERTIES] = property_stream(bytes(8), entries, names)
    return storage


def attachment_storage(attachment, names):
    storage, entries = bag(attachment.properties, names)
    inner = None
    if attachment.message is not None:
        inner, reserved = message_storage(attachment.message, names, is_root=False), 1
    elif attachment.storage is not None:
        inner, reserved = attachment.storage, 4
    if inner is not None:
        storage[stream_name(0x3701, property_types.OBJECT)] = inner
        entries.append(struct.pack("<HHIII", property_types.OBJECT, 0x3701, FLAGS, NO_SIZE,
                                   reserved))
    storage[PROPERTIES] = property_stream(bytes(8), entries, names)
    return storage


def message_storage(message, names, is_root):
    storage, entries = bag(message.properties, names)
    odd = names.odd
    for position, properties in enumerate(message.recipients):
        storage[f"__recip_version1.0_#{odd.number(position):08X}"] = row(properties, names)
    for position, attachment in enumerate(message.attachments):
        name = f"__attach_version1.0_#{odd.number(position):08X}"
        storage[name] = attachment_storage(attachment, names)
    counts = [len(message.recipients), len(message.attachments)]
    if odd.counts is not None:
        counts = [odd.counts, odd.counts]
    head = struct.pack("<8sIIII", b"", *counts, *counts) + bytes(8 if is_root else 0)
    storage[PROPERTIES] = property_stream(head, entries, names)
    return storage


def in_small_letters(tree):
    return {name.lower(): in_small_letters(content) if isinstance(content, dict) else content
            for name, content in tree.items()}


def message_file(message, oddities=None):
    odd = Oddities(**(oddities or {}))
    names = Names(odd)
    tree = message_storage(message, names, is_root=True)
    if not odd.no_names:
        tree["__nameid_version1.0"] = names.storage()
    return compound_file(in_small_letters(tree) if odd.small_letters else tree, MESSAGE_FILE)
