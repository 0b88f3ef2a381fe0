"""The largest stream of a compound file ([MS-CFB]), read block by block without any library.

That is the data of the attachment in a .msg with one big attachment.
"""

import array
import struct

END_OF_CHAIN, FREE = 0xFFFFFFFE, 0xFFFFFFFF
BLOCK = 8 << 20


class CompoundFile:
    def __init__(self, path):
        self.file = path.open("rb")
        header = self.file.read(512)
        assert header[:8] == bytes.fromhex("d0cf11e0a1b11ae1"), "no compound file"
        self.sector_size = 1 << struct.unpack_from("<H", header, 30)[0]
        self.directory_start, = struct.unpack_from("<I", header, 48)
        next_difat, = struct.unpack_from("<I", header, 68)
        self.table = self._read_table(list(struct.unpack_from("<109I", header, 76)), next_difat)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def _sector(self, number, count=1):
        self.file.seek((number + 1) * self.sector_size)
        return self.file.read(count * self.sector_size)

    def _read_table(self, fat_sectors, next_difat):
        """The allocation table: for each sector the one that follows it in its chain."""
        while next_difat < END_OF_CHAIN:
            *more, next_difat = array.array("I", self._sector(next_difat))
            fat_sectors += more
        table = array.array("I")
        for sector in fat_sectors:
            if sector != FREE:
                table.frombytes(self._sector(sector))
        return table

    def _runs(self, start):
        """A chain as pairs of first sector and count."""
        run, count = start, 0
        sector = start
        while sector < END_OF_CHAIN:
            if sector != run + count:
                yield run, count
                run, count = sector, 0
            count += 1
            sector = self.table[sector]
        yield run, count

    def largest_stream(self):
        """Its size, and a generator of its blocks."""
        directory = b"".join(self._sector(*run) for run in self._runs(self.directory_start))
        entries = [(struct.unpack_from("<Q", directory, at + 120)[0],
                    struct.unpack_from("<I", directory, at + 116)[0])
                   for at in range(0, len(directory), 128) if directory[at + 66] == 2]
        size, start = max(entries)
        return size, self._blocks(start, size)

    def _blocks(self, start, size):
        step = BLOCK // self.sector_size
        for first, count in self._runs(start):
            for offset in range(0, count, step):
                block = self._sector(first + offset, min(step, count - offset))[:size]
                size -= len(block)
                yield block
