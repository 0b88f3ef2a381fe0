"""Writes compound files: [MS-CFB], version 3, with 512-octet sectors.

A storage is a dictionary: its names lead to octets (a stream) or to another dictionary (a storage).
Streams below 4096 octets lie in the mini stream, as the format has it; the entries of a storage are
a balanced red-black tree. Nothing in the file depends on the time: equal trees make equal files.
"""

import struct
import uuid

SECTOR = 512
MINI_SECTOR = 64
MINI_STREAM_CUTOFF = 4096
FREE, END_OF_CHAIN, FAT_SECTOR, DIFAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC
NO_ENTRY = 0xFFFFFFFF
STORAGE, STREAM, ROOT = 1, 2, 5
RED, BLACK = 0, 1
NUMBERS_A_SECTOR = SECTOR // 4
FAT_SECTORS_IN_HEADER = 109


class Entry:
    """A directory entry."""

    def __init__(self, name, kind, content=b""):
        self.name, self.kind, self.content = name, kind, content
        self.left = self.right = self.child = NO_ENTRY
        self.colour, self.start, self.size = BLACK, 0, len(content)

    def octets(self, class_id):
        name = self.name.encode("utf-16-le")
        if len(name) > 62:
            raise ValueError(f"the name {self.name!r} is too long for a compound file")
        return struct.pack("<64sHBBIII16sIQQIQ", name, len(name) + 2, self.kind, self.colour,
                           self.left, self.right, self.child,
                           class_id.bytes_le if self.kind == ROOT else bytes(16),
                           0, 0, 0, self.start, self.size)


def sort_key(name):
    """Shorter names come first, then the order of capital letters counts."""
    return len(name.encode("utf-16-le")), name.upper()


class Directory:
    """The entries of a tree, numbered."""

    def __init__(self, tree):
        self.entries = [Entry("Root Entry", ROOT)]
        self.add_children(0, tree)

    def add_children(self, parent, storage):
        numbers = []
        for name in sorted(storage, key=sort_key):
            content = storage[name]
            is_storage = isinstance(content, dict)
            numbers.append(len(self.entries))
            self.entries.append(Entry(name, STORAGE if is_storage else STREAM,
                                      b"" if is_storage else content))
            if is_storage:
                self.add_children(numbers[-1], content)
        lowest = len(numbers).bit_length() - 1
        is_full = (len(numbers) + 1).bit_count() == 1
        self.entries[parent].child = self.balanced(numbers, 0, NO_ENTRY if is_full else lowest)

    def balanced(self, numbers, depth, red_depth):
        """All levels but the lowest are full; where that is not, its entries are the red ones."""
        if not numbers:
            return NO_ENTRY
        middle = len(numbers) // 2
        entry = self.entries[numbers[middle]]
        entry.colour = RED if depth == red_depth else BLACK
        entry.left = self.balanced(numbers[:middle], depth + 1, red_depth)
        entry.right = self.balanced(numbers[middle + 1:], depth + 1, red_depth)
        return numbers[middle]


class Sectors:
    """Octets cut into sectors, and the chain in which each run of them is."""

    def __init__(self, size):
        self.size, self.content, self.chain = size, bytearray(), []

    def add(self, octets):
        """The number of the first sector."""
        if not octets:
            return END_OF_CHAIN
        first = len(self.chain)
        self.content += octets + bytes(-len(octets) % self.size)
        count = len(self.content) // self.size - first
        self.chain += [*range(first + 1, first + count), END_OF_CHAIN]
        return first


def numbers(values):
    return struct.pack(f"<{len(values)}I", *values)


def filled(values):
    return values + [FREE] * (-len(values) % NUMBERS_A_SECTOR)


def fat_size(others):
    """How many sectors the allocation table needs, and how many the list of those beyond 109."""
    fat = difat = 0
    while True:
        needed = -(-(others + fat + difat) // NUMBERS_A_SECTOR)
        beyond = -(-max(0, needed - FAT_SECTORS_IN_HEADER) // (NUMBERS_A_SECTOR - 1))
        if (needed, beyond) == (fat, difat):
            return fat, difat
        fat, difat = needed, beyond


def difat_sectors(places, first):
    """The list of the table's sectors that the header has no room for."""
    content, step = b"", NUMBERS_A_SECTOR - 1
    for at in range(0, len(places), step):
        part = places[at:at + step]
        is_last = at + step >= len(places)
        following = END_OF_CHAIN if is_last else first + at // step + 1
        content += numbers(part + [FREE] * (step - len(part)) + [following])
    return content


def compound_file(tree, class_id=uuid.UUID(int=0)):
    entries = Directory(tree).entries
    sectors, mini = Sectors(SECTOR), Sectors(MINI_SECTOR)
    for entry in entries:
        if entry.kind == STREAM:
            is_small = entry.size < MINI_STREAM_CUTOFF
            entry.start = (mini if is_small else sectors).add(entry.content)
    entries[0].start, entries[0].size = sectors.add(bytes(mini.content)), len(mini.content)
    directory = b"".join(entry.octets(class_id) for entry in entries)
    unused = struct.pack("<64sHBBIII", b"", 0, 0, 0, NO_ENTRY, NO_ENTRY, NO_ENTRY) + bytes(48)
    directory += unused * (-len(entries) % (SECTOR // len(unused)))
    first_directory = sectors.add(directory)
    mini_fat = numbers(filled(mini.chain))
    first_mini_fat = sectors.add(mini_fat)

    fat_count, difat_count = fat_size(len(sectors.chain))
    first_fat = len(sectors.chain)
    places = list(range(first_fat, first_fat + fat_count))
    first_difat = first_fat + fat_count
    chain = sectors.chain + [FAT_SECTOR] * fat_count + [DIFAT_SECTOR] * difat_count
    in_header, beyond = places[:FAT_SECTORS_IN_HEADER], places[FAT_SECTORS_IN_HEADER:]
    header = struct.pack("<8s16sHHHHH6sIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"",
                         0x3E, 3, 0xFFFE, 9, 6, b"", 0, fat_count, first_directory, 0,
                         MINI_STREAM_CUTOFF, first_mini_fat, len(mini_fat) // SECTOR,
                         first_difat if difat_count else END_OF_CHAIN, difat_count)
    header += numbers(in_header + [FREE] * (FAT_SECTORS_IN_HEADER - len(in_header)))
    return (header + bytes(sectors.content) + numbers(filled(chain))
            + difat_sectors(beyond, first_difat))
