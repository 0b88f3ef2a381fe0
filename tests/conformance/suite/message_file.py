"""Writes .msg files: [MS-OXMSG], of the objects that `message_object` makes of a case."""

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


def crc(octets):
    """The CRC-32 that compressed RTF has: without the inversions of others."""
    return zlib.crc32(octets, 0xFFFFFFFF) ^ 0xFFFFFFFF


class Names:
    """The map of named properties: one for the whole file."""

    def __init__(self):
        self.numbers, self.sets = {}, []

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
    storage, entries = {}, []
    for each in properties:
        identifier = each.identifier if each.name is None else names.id_of(each.name)
        add_property(storage, entries, identifier, each)
    return storage, entries


def row(properties, names):
    storage, entries = bag(properties, names)
    storage["__properties_version1.0"] = bytes(8) + b"".join(entries)
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
    storage["__properties_version1.0"] = bytes(8) + b"".join(entries)
    return storage


def message_storage(message, names, is_root):
    storage, entries = bag(message.properties, names)
    for number, properties in enumerate(message.recipients):
        storage[f"__recip_version1.0_#{number:08X}"] = row(properties, names)
    for number, attachment in enumerate(message.attachments):
        storage[f"__attach_version1.0_#{number:08X}"] = attachment_storage(attachment, names)
    rows, files = len(message.recipients), len(message.attachments)
    head = struct.pack("<8sIIII", b"", rows, files, rows, files) + bytes(8 if is_root else 0)
    storage["__properties_version1.0"] = head + b"".join(entries)
    return storage


def message_file(message):
    names = Names()
    tree = message_storage(message, names, is_root=True)
    tree["__nameid_version1.0"] = names.storage()
    return compound_file(tree, MESSAGE_FILE)
