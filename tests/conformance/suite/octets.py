"""What stands for octets in a case: a text means its UTF-8, a mapping with one of these keys says how
the octets are made. README.md lists them."""

import base64
import hashlib
import struct

from . import calendar_blobs, compressed_rtf

ONE_OFF = bytes.fromhex("812B1FA4BEA310199D6E00DD010F5402")
ADDRESS_BOOK = bytes.fromhex("DCA740C8C042101AB4B908002B2FE182")


def repeated(wanted):
    return octets(wanted["repeat"]) * wanted["times"]


def joined(wanted):
    return b"".join(octets(each) for each in wanted["join"])


def encoded(wanted):
    return wanted["text"].encode(wanted.get("charset", "utf-8"), "surrogatepass")


def noise(wanted):
    """Octets that look random and are always the same."""
    blocks = -(-wanted["noise"] // 32)
    every = b"".join(hashlib.sha256(str(number).encode()).digest() for number in range(blocks))
    return every[:wanted["noise"]]


def one_off(wanted):
    """A one-off entry id: {name, type, address}; `codepage` makes it one of 8-bit texts."""
    entry = wanted["one_off"]
    codec, flags = ("utf-16-le", 0x8001) if "codepage" not in entry else (entry["codepage"], 1)
    end = b"\0\0" if codec == "utf-16-le" else b"\0"
    texts = (entry.get("name", ""), entry.get("type", "SMTP"), entry["address"])
    return (bytes(4) + ONE_OFF + struct.pack("<HH", 0, flags)
            + b"".join(text.encode(codec) + end for text in texts))


def exchange(wanted):
    """The entry id of an Exchange user: its distinguished name."""
    return (bytes(4) + ADDRESS_BOOK + struct.pack("<II", 1, 0)
            + wanted["exchange"].encode("ascii") + b"\0")


def entries(wanted):
    """A FLATENTRYLIST, as reply recipients are stored."""
    packed = b""
    for entry in wanted["entries"]:
        one = octets(entry)
        packed += struct.pack("<I", len(one)) + one + bytes(-len(one) % 4)
    return struct.pack("<II", len(wanted["entries"]), len(packed)) + packed


def mac_binary(wanted):
    """A MacBinary file: {name, data, resource}."""
    file = wanted["mac_binary"]
    name, data = file["name"].encode("mac-roman"), octets(file["data"])
    resource = octets(file.get("resource", ""))
    head = struct.pack(">BB63s4s4s10sII37s", 0, len(name), name, b"TEXT", b"ttxt", b"", len(data),
                       len(resource), b"")
    padded = [each + bytes(-len(each) % 128) for each in (data, resource)]
    return head + b"".join(padded)


def native_object(wanted):
    """The stream \\x01Ole10Native: {name, data}."""
    file = wanted["native_object"]
    name, data = file["name"].encode("cp1252"), octets(file["data"])
    path = b"C:\\somewhere\\" + name + b"\0"
    body = (struct.pack("<H", 2) + name + b"\0" + path + struct.pack("<HHI", 0, 3, len(path)) + path
            + struct.pack("<I", len(data)) + data)
    return struct.pack("<I", len(body)) + body


MAKERS = {
    "hex": lambda wanted: bytes.fromhex(wanted["hex"]),
    "base64": lambda wanted: base64.b64decode(wanted["base64"], validate=True),
    "text": encoded,
    "repeat": repeated,
    "join": joined,
    "noise": noise,
    "rtf": lambda wanted: compressed_rtf.make(octets(wanted["rtf"]), wanted),
    "one_off": one_off,
    "exchange": exchange,
    "entries": entries,
    "mac_binary": mac_binary,
    "native_object": native_object,
    "recurrence": lambda wanted: calendar_blobs.recurrence(wanted["recurrence"]),
    "zone": lambda wanted: calendar_blobs.zone_definition(wanted["zone"]),
    "zone_struct": lambda wanted: calendar_blobs.zone_struct(wanted["zone_struct"]),
    "meeting_id": lambda wanted: calendar_blobs.meeting_id(wanted["meeting_id"]),
}


def octets(wanted):
    if isinstance(wanted, str):
        return wanted.encode("utf-8")
    if isinstance(wanted, dict):
        for key, make in MAKERS.items():
            if key in wanted:
                return make(wanted)
    raise ValueError(f"{wanted!r} does not say how octets are made")
