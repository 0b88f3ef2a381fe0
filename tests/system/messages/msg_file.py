"""Outlook .msg files of one note, written by hand: a compound file ([MS-CFB]) of properties
([MS-OXMSG]). For messages that postern-sample does not make."""

import struct

SECTOR, MINI_SECTOR, MINI_CUTOFF = 512, 64, 4096
FREE, END_OF_CHAIN, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
ROOT, STORAGE, STREAM = 5, 1, 2
READABLE_AND_WRITABLE = 6

LONG, UNICODE, BINARY, BINARIES = 0x0003, 0x001F, 0x0102, 0x1102
MESSAGE_CLASS, SUBJECT, BODY = 0x001A, 0x0037, 0x1000
ATTACH_DATA, ATTACH_METHOD, ATTACH_MIME_TAG, ATTACH_LONG_FILENAME = 0x3701, 0x3705, 0x370E, 0x3707
ATTACH_LONG_PATHNAME = 0x370D
BY_VALUE, BY_REFERENCE = 1, 2


def padded(data, size):
    return data + bytes(-len(data) % size)


def properties(header_size, values):
    """The streams of an object's properties, {(identifier, type): value}."""
    streams, rows = {}, bytes(header_size)
    for (identifier, kind), value in values.items():
        row = struct.pack("<HHI", kind, identifier, READABLE_AND_WRITABLE)
        if kind == LONG:
            rows += row + struct.pack("<II", value, 0)
            continue
        if kind == BINARIES:
            name = f"__substg1.0_{identifier:04X}{kind:04X}"
            streams |= {f"{name}-{index:08X}": item for index, item in enumerate(value)}
            streams[name] = b"".join(struct.pack("<II", len(item), 0) for item in value)
            rows += row + struct.pack("<II", len(streams[name]), 0)
            continue
        data = value.encode("utf-16-le", "surrogatepass") if kind == UNICODE else value
        streams[f"__substg1.0_{identifier:04X}{kind:04X}"] = data
        # A string's length counts a terminator that is not stored.
        rows += row + struct.pack("<II", len(data) + 2 * (kind == UNICODE), 0)
    return {"__properties_version1.0": rows, **streams}


class CompoundFile:
    """Storages are dictionaries, streams octets."""

    def __init__(self, tree):
        self.entries, self.table, self.mini_table = [], [], []
        self.sectors, self.mini_stream = b"", b""
        self._add_entry("Root Entry", ROOT, tree)
        start, size = self._chain(self.mini_stream)
        self.entries[0][-2:] = [start, size]
        self.mini_table_start, octets = self._chain(packed(self.mini_table, FREE))
        self.mini_table_sectors = octets // SECTOR
        directory = b"".join(self._packed_entry(*entry) for entry in self.entries)
        self.directory_start, _ = self._chain(padded(directory, SECTOR))

    def _add_entry(self, name, kind, content):
        """Adds it with what is in it; the first child leads to its siblings, each to the next."""
        number = len(self.entries)
        entry = [name, kind, FREE, FREE, END_OF_CHAIN, 0]
        self.entries.append(entry)
        if kind == STREAM:
            entry[-2:] = self._store(content)
            return number
        children = [self._add_entry(child, STREAM if isinstance(inside, bytes) else STORAGE, inside)
                    for child, inside in sorted(content.items(),
                                                key=lambda item: (len(item[0]), item[0].upper()))]
        entry[3] = children[0] if children else FREE
        for left, right in zip(children, children[1:]):
            self.entries[left][2] = right
        return number

    def _store(self, data):
        if len(data) >= MINI_CUTOFF:
            return self._chain(data)
        if not data:
            return END_OF_CHAIN, 0
        start = len(self.mini_table)
        self.mini_stream += padded(data, MINI_SECTOR)
        self.mini_table += chain(start, -(-len(data) // MINI_SECTOR))
        return start, len(data)

    def _chain(self, data):
        if not data:
            return END_OF_CHAIN, 0
        start = len(self.table)
        self.sectors += padded(data, SECTOR)
        self.table += chain(start, -(-len(data) // SECTOR))
        return start, len(data)

    @staticmethod
    def _packed_entry(name, kind, right, child, start, size):
        text = name.encode("utf-16-le")
        return (text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text) + 2, kind, 1, FREE, right, child)
                + bytes(36) + struct.pack("<IQ", start, size))

    def octets(self):
        count = 1
        while count * SECTOR // 4 < len(self.table) + count:
            count += 1
        table = packed(self.table + [TABLE] * count, FREE)
        header = struct.pack(
            "<8s16xHHHHH6xIIIIIIIII", bytes.fromhex("d0cf11e0a1b11ae1"), 0x3E, 3, 0xFFFE, 9, 6, 0,
            count, self.directory_start, 0, MINI_CUTOFF, self.mini_table_start,
            self.mini_table_sectors, END_OF_CHAIN, 0)
        places = [len(self.table) + index for index in range(count)] + [FREE] * (109 - count)
        return header + struct.pack("<109I", *places) + self.sectors + table


def chain(start, count):
    """The table's entries of a run of sectors."""
    return [*range(start + 1, start + count), END_OF_CHAIN]


def packed(numbers, filler):
    return struct.pack(f"<{len(numbers)}I", *numbers).ljust(
        -(-len(numbers) * 4 // SECTOR) * SECTOR, struct.pack("<I", filler)[:1])


def note_with_attachment(message_class, subject, values):
    """`values`: the attachment's properties. A lone surrogate in a text is written as it is."""
    note = properties(32, {(MESSAGE_CLASS, UNICODE): message_class, (SUBJECT, UNICODE): subject})
    # Behind eight reserved octets: the next identifiers and the counts of recipients, attachments.
    note["__properties_version1.0"] = (
        struct.pack("<8xIIII8x", 0, 1, 0, 1) + note["__properties_version1.0"][32:])
    return CompoundFile({
        **note, "__attach_version1.0_#00000000": properties(8, values),
        "__nameid_version1.0": {f"__substg1.0_000{number}0102": b"" for number in (2, 3, 4)},
    }).octets()


def signed_note(subject, entity):
    """A clear-signed note; `entity` is the multipart/signed, which nobody may change."""
    return note_with_attachment("IPM.Note.SMIME.MultipartSigned", subject, {
        (ATTACH_METHOD, LONG): BY_VALUE, (ATTACH_DATA, BINARY): entity,
        (ATTACH_MIME_TAG, UNICODE): "multipart/signed",
        (ATTACH_LONG_FILENAME, UNICODE): "smime.p7m"})


def linked_note(subject, name, path):
    """A note with a link to a file for an attachment."""
    return note_with_attachment("IPM.Note", subject, {
        (ATTACH_METHOD, LONG): BY_REFERENCE, (ATTACH_LONG_PATHNAME, UNICODE): path,
        (ATTACH_LONG_FILENAME, UNICODE): name})


ADDRESS_SET = bytes.fromhex("0420060000000000c000000000000046")  # PSETID_Address
LIST_NAME, LIST_ONE_OFF_MEMBERS, LIST_MEMBERS = 0x8053, 0x8054, 0x8055


def one_off(name, address, kind="SMTP"):
    """A one-off entry id ([MS-OXCDATA] 2.2.5.1)."""
    texts = "".join(text + "\0" for text in (name, kind, address)).encode("utf-16-le")
    return bytes(4) + bytes.fromhex("812b1fa4bea310199d6e00dd010f5402") + bytes(2) + b"\1\x80" + texts


def list_member(number):
    """The wrapped entry id of another distribution list ([MS-OXOCNTC] 2.2.2.2.4.1.1)."""
    return (bytes(4) + bytes.fromhex("c091add3519dcf11a4a900aa0047faa4") + b"\xb4"
            + bytes(66) + struct.pack("<I", number))


def distribution_list(name, members):
    """A list of (entry id, one-off entry id)."""
    values = {LIST_NAME: (UNICODE, name),
              LIST_MEMBERS: (BINARIES, [entry for entry, _ in members]),
              LIST_ONE_OFF_MEMBERS: (BINARIES, [shown for _, shown in members])}
    named = {(0x8000 + index, kind): value for index, (kind, value) in enumerate(values.values())}
    note = properties(32, {(MESSAGE_CLASS, UNICODE): "IPM.DistList", (SUBJECT, UNICODE): name,
                           **named})
    # By number in the first property set of the file's own (1 to 3 are fixed).
    entries = b"".join(struct.pack("<IHH", number, 3 << 1, index)
                       for index, number in enumerate(values))
    return CompoundFile({
        **note, "__nameid_version1.0": {
            "__substg1.0_00020102": ADDRESS_SET, "__substg1.0_00030102": entries,
            "__substg1.0_00040102": b""},
    }).octets()
