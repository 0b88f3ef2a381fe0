"""Makes a message object of the `object` of a case: properties with their types, recipients,
attachments. README.md says what a case may contain."""

import base64
import dataclasses
import datetime
import functools
import pathlib
import uuid

from . import case_file, property_types
from .octets import octets

FOLDER = pathlib.Path(__file__).resolve().parent.parent
SETS = {
    "PS_MAPI": "00020328-0000-0000-C000-000000000046",
    "PS_PUBLIC_STRINGS": "00020329-0000-0000-C000-000000000046",
    "PS_INTERNET_HEADERS": "00020386-0000-0000-C000-000000000046",
    "PSETID_Common": "00062008-0000-0000-C000-000000000046",
    "PSETID_Appointment": "00062002-0000-0000-C000-000000000046",
    "PSETID_Task": "00062003-0000-0000-C000-000000000046",
    "PSETID_Address": "00062004-0000-0000-C000-000000000046",
    "PSETID_Log": "0006200A-0000-0000-C000-000000000046",
    "PSETID_Meeting": "6ED8DA90-450B-101B-98DA-00AA003F1305",
}
RECIPIENT_TYPES = {"originator": 0, "to": 1, "cc": 2, "bcc": 3}
TICKS_TO_1970 = 116444736000000000
# The properties of an address, by who it is: entry id, name, type, address, SMTP address.
GROUPS = {
    "from": ("PR_SENT_REPRESENTING_NAME", "PR_SENT_REPRESENTING_ADDRTYPE",
             "PR_SENT_REPRESENTING_EMAIL_ADDRESS"),
    "sender": ("PR_SENDER_NAME", "PR_SENDER_ADDRTYPE", "PR_SENDER_EMAIL_ADDRESS"),
}


@dataclasses.dataclass(frozen=True)
class Property:
    """A value, packed as its type asks for: texts and binaries are octets."""
    identifier: int
    name: tuple | None  # of a named one: its set and its number or text
    kind: int
    value: object
    label: str          # as the case calls it
    text: object        # the value as a text, if it is one


@dataclasses.dataclass
class Attachment:
    properties: list
    message: object = None
    storage: dict | None = None


@dataclasses.dataclass
class Message:
    properties: list
    recipients: list
    attachments: list


@functools.cache
def table():
    """The names of properties: {name: (where, type)}; where is an id or SET/number."""
    rows = case_file.read(FOLDER / "properties.yaml")
    return {name: tuple(text.split()) for name, text in rows.items()}


@functools.cache
def templates():
    return case_file.read(FOLDER / "templates.yaml")


def divided(label):
    """KEY:TYPE as both; the type is "" where there is none."""
    key, _, kind = label.rpartition(":")
    return (key, kind) if kind in property_types.BY_NAME else (label, "")


def place_of(label):
    """The id, the name, and the type that a key of the case stands for."""
    key, kind = divided(label)
    where, usual = table().get(key, (key, "UNICODE"))
    kind = property_types.BY_NAME[kind or usual]
    if where.startswith("0x"):
        return int(where, 16), None, kind
    set_name, slash, name = where.partition("/")
    if not slash or set_name not in SETS:
        raise ValueError(f"no property is called {label}")
    return 0, (uuid.UUID(SETS[set_name]), int(name, 16) if name.startswith("0x") else name), kind


def file_time(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (since.days * 86400 + since.seconds) * 10**7 + since.microseconds * 10 + TICKS_TO_1970


def packed(kind, value, codepage):
    """The value as it is stored."""
    if kind & property_types.MULTIPLE:
        return [packed(kind & ~property_types.MULTIPLE, each, codepage) for each in value]
    if kind == property_types.TIME:
        return file_time(value) if isinstance(value, str) else value
    if kind == property_types.GUID:
        return uuid.UUID(value).bytes_le
    if kind in property_types.FIXED:
        return value
    if not isinstance(value, str) or kind == property_types.BINARY:
        return octets(value)
    codec = "utf-16-le" if kind == property_types.UNICODE else codepage
    return value.encode(codec, "surrogatepass" if codec.startswith("utf") else "strict")


def make_property(label, value, codepage):
    identifier, name, kind = place_of(label)
    is_text = kind & ~property_types.MULTIPLE == property_types.UNICODE
    if codepage and is_text and not divided(label)[1]:
        kind += property_types.STRING8 - property_types.UNICODE
    text = value if isinstance(value, (str, list)) else None
    return Property(identifier, name, kind, packed(kind, value, codepage or "cp1252"),
                    divided(label)[0], text)


def make_properties(given, codepage):
    """Keys in the order of the case; null takes away what a template gave."""
    return [make_property(label, value, codepage) for label, value in given.items()
            if value is not None]


def mailbox(text):
    """('Name', 'address') of `Name <address>` or an address alone."""
    name, bracket, address = text.rpartition(" <")
    return (name, address.removesuffix(">")) if bracket else ("", text)


def group(who, text):
    name_key, type_key, address_key = GROUPS[who]
    name, address = mailbox(text)
    return {name_key: name or address, type_key: "SMTP", address_key: address}


def recipient(row, codepage):
    """{to: 'Name <address>'} and further properties; or properties alone."""
    given = {}
    for key, value in row.items():
        if key in RECIPIENT_TYPES:
            given["PR_RECIPIENT_TYPE"] = RECIPIENT_TYPES[key]
            if value is not None:
                name, address = mailbox(value)
                given |= {"PR_DISPLAY_NAME": name or address, "PR_ADDRTYPE": "SMTP",
                          "PR_EMAIL_ADDRESS": address}
        else:
            given[key] = value
    return make_properties(given, codepage)


def numbered(value, number):
    """The value with {n} of its texts replaced."""
    if isinstance(value, str):
        return value.replace("{n}", str(number))
    return value


def each_of(rows):
    """The rows; one with `times: N` stands for so many, numbered where it says {n}."""
    for row in rows or []:
        rest = {key: value for key, value in row.items() if key != "times"}
        for number in range(row.get("times", 1)):
            yield {key: numbered(value, number) for key, value in rest.items()}


def storage_of(given):
    """A storage of an OLE object: names to octets, or to further storages (`storage: {…}`)."""
    return {name: storage_of(content["storage"]) if isinstance(content, dict)
            and "storage" in content else octets(content) for name, content in given.items()}


def nested(message, depth):
    """The message with itself attached, so deep."""
    return message if depth <= 1 else {**message, "attachments": [
        {"message": nested(message, depth - 1)}]}


def attachment(given, codepage):
    """{name, data} with PR_… besides; `message` or `storage` instead of data. `depth: 3` attaches the
    message to itself, and that again."""
    keys = {"name": "PR_ATTACH_LONG_FILENAME", "data": "PR_ATTACH_DATA_BIN"}
    properties = {keys.get(key, key): value for key, value in given.items()
                  if key not in ("message", "storage", "depth")}
    method = 5 if "message" in given else 6 if "storage" in given else 1
    properties.setdefault("PR_ATTACH_METHOD", method)
    inner = (make_message(nested(given["message"], given.get("depth", 1)), codepage)
             if "message" in given else None)
    storage = storage_of(given["storage"]) if "storage" in given else None
    return Attachment(make_properties(properties, codepage), inner, storage)


def with_template(given):
    """The case's own keys come after those of the template that it is like, and replace them."""
    like = templates()[given["like"]] if "like" in given else {}
    whole = {**like, **given}
    own = given.get("properties", {})
    replaced = {divided(label)[0] for label in own}
    whole["properties"] = {label: value for label, value in like.get("properties", {}).items()
                           if label not in replaced} | own
    return whole


def make_message(given, outer_codepage=None):
    whole = with_template(given)
    unknown = whole.keys() - {"like", "properties", "recipients", "attachments", "string8", "from",
                              "sender"}
    if unknown:
        raise ValueError(f"an object has no {', '.join(sorted(unknown))}")
    codepage = whole.get("string8", outer_codepage)
    properties = {}
    if whole.get("from") is not None:
        properties |= group("from", whole["from"])
    if whole.get("sender", whole.get("from")) is not None:
        properties |= group("sender", whole.get("sender", whole.get("from")))
    properties |= whole["properties"]
    return Message(make_properties(properties, codepage),
                   [recipient(row, codepage) for row in each_of(whole.get("recipients"))],
                   [attachment(each, codepage) for each in each_of(whole.get("attachments"))])


def plain_value(value):
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    return [plain_value(each) for each in value] if isinstance(value, list) else value


def plain_property(each):
    """For converters that read JSON."""
    result = {"property": each.label, "type": property_types.NAMES[each.kind]}
    if each.name is None:
        result["tag"] = f"0x{each.identifier:04X}{each.kind:04X}"
    else:
        result |= {"set": str(each.name[0]).upper(), "name": each.name[1]}
    is_unicode = each.kind & ~property_types.MULTIPLE == property_types.UNICODE
    result["value"] = each.text if is_unicode and each.text is not None else plain_value(each.value)
    return result


def plain_storage(storage):
    return {name: plain_storage(content) if isinstance(content, dict) else plain_value(content)
            for name, content in storage.items()}


def plain_attachment(each):
    result = {"properties": [plain_property(one) for one in each.properties]}
    if each.message is not None:
        result["message"] = plain_message(each.message)
    if each.storage is not None:
        result["storage"] = plain_storage(each.storage)
    return result


def plain_message(message):
    """The object as JSON has it."""
    return {"properties": [plain_property(each) for each in message.properties],
            "recipients": [[plain_property(each) for each in row] for row in message.recipients],
            "attachments": [plain_attachment(each) for each in message.attachments]}
