"""Writes compressed RTF ([MS-OXRTFCP]): {rtf: source}, with `stored: true` not compressed, and with
`raw_size`, `crc` or `cut` (octets of the end that are missing) damaged."""

import struct
import zlib

PRESET = (rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
          rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
          b"\r\n" rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx")
WINDOW = 4096
LONGEST = 17


def tokens(source):
    """What is copied from the window, as (offset, length), or one octet after the other."""
    history, at = PRESET + source, len(PRESET)
    while at < len(history):
        length, place = 0, 0
        start = max(0, at - WINDOW + LONGEST + 1)
        for size in range(2, min(LONGEST, len(history) - at) + 1):
            found = history.find(history[at:at + size], start, at)
            if found < 0:
                break
            length, place = size, found
        if length >= 2:
            yield struct.pack(">H", (place % WINDOW) << 4 | length - 2)
            at += length
        else:
            yield history[at:at + 1]
            at += 1
    yield struct.pack(">H", (at % WINDOW) << 4)


def compressed(source):
    packed, every = b"", list(tokens(source))
    for at in range(0, len(every), 8):
        run = every[at:at + 8]
        flags = sum(1 << number for number, token in enumerate(run) if len(token) == 2)
        packed += bytes([flags]) + b"".join(run)
    return packed


def make(source, wanted):
    is_stored = wanted.get("stored", False)
    content = source if is_stored else compressed(source)
    crc = 0 if is_stored else zlib.crc32(content, 0xFFFFFFFF) ^ 0xFFFFFFFF
    kind = b"MELA" if is_stored else b"LZFu"
    whole = struct.pack("<II4sI", len(content) + 12, wanted.get("raw_size", len(source)), kind,
                        wanted.get("crc", crc)) + content
    return whole[:len(whole) - wanted.get("cut", 0)]
