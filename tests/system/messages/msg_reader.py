"""What a .msg file says, read by its tables ([MS-CFB], [MS-OXMSG]) without any library."""

import dataclasses
import functools
import struct

LAST = 0xFFFFFFFA  # from here on numbers of sectors have other meanings
STREAM, NO_ENTRY = 2, 0xFFFFFFFF
HEADER_OF_MESSAGE, HEADER_OF_ATTACHED, HEADER_OF_ROW = 32, 24, 8
STRING8, UNICODE, BINARY = 0x001E, 0x001F, 0x0102
FIXED = {0x0002: "<h", 0x0003: "<i", 0x000B: "<?", 0x0040: "<Q", 0x0014: "<q"}


def storage(file):
    """The root storage: names to octets or further storages."""
    head = struct.unpack("<8s16sHHHHH6sIIIIIIIII", file[:76])
    size = 1 << head[5]

    def sector(number):
        return file[size * (number + 1):size * (number + 2)].ljust(size, b"\0")

    def numbers(octets):
        return struct.unpack(f"<{len(octets) // 4}I", octets)

    def chain(first, table, part, length=None):
        pieces, taken = [], 0
        while first < LAST and first < len(table) and len(pieces) <= len(table):
            pieces.append(part(first))
            taken += len(pieces[-1])
            if length is not None and taken >= length:
                break
            first = table[first]
        return b"".join(pieces)[:length]

    places, following = list(numbers(file[76:512])), head[15]
    while following < LAST:
        *more, following = numbers(sector(following))
        places += more
    fat = [each for place in places if place < LAST for each in numbers(sector(place))]
    directory = chain(head[10], fat, sector)
    rows = [struct.unpack("<64sHBBIII16sIQQIQ", directory[at:at + 128])
            for at in range(0, len(directory), 128)]
    mini_fat = numbers(chain(head[13], fat, sector))
    mini_stream = chain(rows[0][11], fat, sector)

    def mini_sector(number):
        return mini_stream[64 * number:64 * (number + 1)]

    def entry(number):
        row = rows[number]
        if row[2] != STREAM:
            return children(row[6])
        length = row[12] & 0xFFFFFFFF
        is_mini = length < 4096
        return chain(row[11], mini_fat if is_mini else fat, mini_sector if is_mini else sector,
                     length)

    def children(number):
        found, waiting = {}, [number]
        while waiting:
            number = waiting.pop()
            if number == NO_ENTRY:
                continue
            row = rows[number]
            found[row[0][:row[1] - 2].decode("utf-16-le")] = entry(number)
            waiting += row[4:6]
        return found

    return entry(0)


@dataclasses.dataclass
class Object:
    """A message, a recipient or an attachment: {property id: value}, texts decoded."""
    entries: dict
    header: int
    page: str = "cp1252"

    @functools.cached_property
    def properties(self):
        stream = self.entries.get("__properties_version1.0", b"")
        found = {}
        for at in range(self.header, len(stream) - 15, 16):
            kind, number, _, value = struct.unpack("<HHI8s", stream[at:at + 16])
            if kind in FIXED:
                packed = FIXED[kind]
                found[number] = struct.unpack(packed, value[:struct.calcsize(packed)])[0]
                continue
            octets = self.entries.get(f"__substg1.0_{number:04X}{kind:04X}")
            if isinstance(octets, bytes):
                found[number] = self._value(kind, octets)
        return found

    def _value(self, kind, octets):
        if kind == UNICODE:
            return octets.decode("utf-16-le", "replace").rstrip("\0")
        return octets.decode(self.page, "replace").rstrip("\0") if kind == STRING8 else octets

    def _rows(self, prefix, header):
        return [Object(self.entries[name], header, self.page)
                for name in sorted(self.entries) if name.startswith(prefix)]

    @property
    def recipients(self):
        return self._rows("__recip_version1.0_#", HEADER_OF_ROW)

    @property
    def attachments(self):
        return self._rows("__attach_version1.0_#", HEADER_OF_ROW)

    @property
    def embedded(self):
        """The message that an attachment is, if it is one."""
        entries = self.entries.get("__substg1.0_3701000D")
        if not entries or "__properties_version1.0" not in entries:
            return None
        return Object(entries, HEADER_OF_ATTACHED, self.page)


def read(path):
    message = Object(storage(path.read_bytes()), HEADER_OF_MESSAGE)
    page = message.properties.get(0x3FFD, 1252)
    message.page = "utf-8" if page == 65001 else f"cp{page}"
    message.__dict__.pop("properties")
    return message
