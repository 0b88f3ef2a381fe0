"""Writes the binary properties of appointments: [MS-OXOCAL] 2.2.1.44 (recurrence), 2.2.1.41 and
2.2.1.39 (time zones), 2.2.1.27 (global object ids)."""

import datetime
import struct

DAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]
FREQUENCIES = {"daily": 0x200A, "weekly": 0x200B, "monthly": 0x200C, "yearly": 0x200D}
DAY, WEEK, MONTH, NTH = 0, 1, 2, 3
NEVER_ENDS, ENDS_BY_DATE, ENDS_AFTER = 0x2023, 0x2021, 0x2022
FOREVER = 0x5AE980DF
EPOCH = datetime.datetime(1601, 1, 1)
GLOBAL_ID_CLASS = bytes.fromhex("040000008200E00074C5B7101A82E008")

# Bias in minutes, when standard and daylight time begin: month, weekday, week (5 is the last), hour.
ZONES = {
    "W. Europe Standard Time": (-60, (10, 0, 5, 3), (3, 0, 5, 2)),
    "Eastern Standard Time": (300, (11, 0, 1, 2), (3, 0, 2, 2)),
    "AUS Eastern Standard Time": (-600, (4, 0, 1, 3), (10, 0, 1, 2)),
    "India Standard Time": (-330, None, None),
    "UTC": (0, None, None),
}


def minutes(text):
    """Of a local date or time, since 1601."""
    return int((datetime.datetime.fromisoformat(text) - EPOCH).total_seconds() // 60)


def system_time(rule):
    month, weekday, week, hour = rule or (0, 0, 0, 0)
    return struct.pack("<8H", 0, month, weekday, week, hour, 0, 0, 0)


def biases(name):
    bias, standard, daylight = ZONES[name]
    return struct.pack("<iii", bias, 0, -60 if daylight else 0), standard, daylight


def zone_definition(name):
    numbers, standard, daylight = biases(name)
    text = name.encode("utf-16-le")
    rule = (struct.pack("<BBHHH14s", 2, 1, 62, 3, 1601, b"") + numbers + system_time(standard)
            + system_time(daylight))
    return (struct.pack("<BBHHH", 2, 1, 6 + len(text), 2, len(name)) + text
            + struct.pack("<H", 1) + rule)


def zone_struct(name):
    numbers, standard, daylight = biases(name)
    return (numbers + struct.pack("<H", 0) + system_time(standard) + struct.pack("<H", 0)
            + system_time(daylight))


def meeting_id(wanted):
    """{data: text or hex, date: of an occurrence}, or {vcal: a UID of another program}."""
    year = month = day = 0
    if "date" in wanted:
        date = datetime.date.fromisoformat(wanted["date"])
        year, month, day = date.year, date.month, date.day
    data = (b"vCal-Uid\x01\0\0\0" + wanted["vcal"].encode() + b"\0" if "vcal" in wanted
            else bytes.fromhex(wanted["data"]))
    return (GLOBAL_ID_CLASS + struct.pack(">HBB", year, month, day) + bytes(8) + bytes(8)
            + struct.pack("<I", len(data)) + data)


def mask(weekdays):
    return sum(1 << DAYS.index(day) for day in weekdays)


def pattern_of(wanted):
    """(pattern, its own fields)."""
    if "nth" in wanted:
        return NTH, struct.pack("<II", mask(wanted["weekdays"]), wanted["nth"])
    if "day" in wanted:
        return MONTH, struct.pack("<I", wanted["day"])
    if "weekdays" in wanted:
        return WEEK, struct.pack("<I", mask(wanted["weekdays"]))
    return DAY, b""


def dates(every):
    return struct.pack(f"<I{len(every)}I", len(every), *sorted(minutes(day) for day in every))


def range_of(wanted):
    changed = wanted.get("changed", [])
    removed = wanted.get("deleted", []) + [each["original"][:10] for each in changed]
    end = (ENDS_AFTER if "count" in wanted else ENDS_BY_DATE if "until" in wanted else NEVER_ENDS)
    last = minutes(wanted["until"]) if "until" in wanted else FOREVER
    return (struct.pack("<III", end, wanted.get("count", 10), DAYS.index(wanted.get("first", "SU")))
            + dates(removed) + dates([each["start"][:10] for each in changed])
            + struct.pack("<II", minutes(wanted["starts"][:10]), last))


def exception(changed):
    """An ExceptionInfo and its ExtendedException."""
    subject, location = changed.get("subject"), changed.get("location")
    flags = (subject is not None) | (location is not None) << 4
    times = struct.pack("<III", minutes(changed["start"]), minutes(changed["end"]),
                        minutes(changed["original"]))
    info, extended = times + struct.pack("<H", flags), struct.pack("<III", 4, 0, 0)
    texts = [text for text in (subject, location) if text is not None]
    for text in texts:
        narrow = text.encode("cp1252", "replace")
        info += struct.pack("<HH", len(narrow) + 1, len(narrow)) + narrow
    if texts:
        extended += times
        for text in texts:
            wide = text.encode("utf-16-le")
            extended += struct.pack("<H", len(wide) // 2) + wide
        extended += struct.pack("<I", 0)
    return info, extended


def recurrence(wanted):
    pattern, own = pattern_of(wanted)
    period = wanted.get("every", 1)
    if wanted["frequency"] == "daily" and pattern == DAY:
        period *= 24 * 60
    if wanted["frequency"] == "yearly":
        period *= 12
    start, end = (minutes(wanted[key]) - minutes(wanted["starts"][:10])
                  for key in ("starts", "ends"))
    changes = [exception(each) for each in wanted.get("changed", [])]
    return (struct.pack("<5H", 0x3004, 0x3004, FREQUENCIES[wanted["frequency"]], pattern, 0)
            + struct.pack("<III", 0, period, 0) + own + range_of(wanted)
            + struct.pack("<IIIIH", 0x3006, 0x3009, start, end, len(changes))
            + b"".join(info for info, _ in changes) + struct.pack("<I", 0)
            + b"".join(extended for _, extended in changes) + struct.pack("<I", 0))
