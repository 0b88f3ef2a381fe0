"""Reads iCalendar and vCard (RFC 5545, RFC 2426), and what a reader makes of an event's times."""

import datetime
import re

from .mime_part import NotMime

LONGEST = 75
UTC = datetime.timezone.utc
LINE = re.compile(r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)'
                  r'(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)', re.DOTALL)


class Line:
    """A property: NAME, {PARAMETER: value}, value as it stands."""

    def __init__(self, text):
        hit = LINE.fullmatch(text)
        if not hit or re.search(r"[\0-\x08\x0a-\x1f]", text):
            raise NotMime(f"a calendar line that is none: {text[:80]!r}")
        self.name, self.value, self.parameters = hit[1].upper(), hit[3], {}
        for name, value in re.findall(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:])*)', hit[2]):
            self.parameters[name.upper()] = value.strip('"')

    @property
    def text(self):
        return re.sub(r"\\(.)", lambda hit: "\n" if hit[1] in "nN" else hit[1], self.value)


class Component:
    def __init__(self, name):
        self.name, self.lines, self.components = name, [], []

    def all(self, name):
        return [line for line in self.lines if line.name == name]

    def line(self, name):
        return next(iter(self.all(name)), None)

    def value(self, name):
        line = self.line(name)
        return None if line is None else line.value

    def of(self, name):
        return [each for each in self.components if each.name == name]


def read(octets):
    """The one component of the octets."""
    if not octets.endswith(b"\r\n"):
        raise NotMime("a calendar that does not end with a line end")
    for line in octets.split(b"\r\n"):
        if len(line) > LONGEST:
            raise NotMime(f"a calendar line of {len(line)} octets")
    whole = octets.replace(b"\r\n ", b"").replace(b"\r\n\t", b"").decode("utf-8")
    outer = Component("")
    stack = [outer]
    for text in whole.removesuffix("\r\n").split("\r\n"):
        line = Line(text)
        if line.name == "BEGIN":
            stack.append(Component(line.value.upper()))
            stack[-2].components.append(stack[-1])
        elif line.name == "END":
            if stack.pop().name != line.value.upper() or not stack:
                raise NotMime(f"END:{line.value} ends nothing")
        else:
            stack[-1].lines.append(line)
    if len(stack) != 1 or len(outer.components) != 1 or outer.lines:
        raise NotMime("not one calendar or card, or one that is not closed")
    return outer.components[0]


def local(text):
    return datetime.datetime.strptime(text, "%Y%m%dT%H%M%S")


def offset(text):
    size = datetime.timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))
    return -size if text[0] == "-" else size


def onset(observance, year):
    """When it begins in a year, by local time."""
    first = local(observance.value("DTSTART"))
    rule = dict(each.split("=") for each in (observance.value("RRULE") or "").split(";") if each)
    if not rule:
        return first
    week, day = re.fullmatch(r"(-?[0-9]+)([A-Z]{2})", rule["BYDAY"]).groups()
    weekday = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].index(day)
    month = int(rule["BYMONTH"])
    days = [date for date in (datetime.date(year, month, 1) + datetime.timedelta(days=number)
                              for number in range(31))
            if date.month == month and date.weekday() == weekday]
    chosen = days[int(week) - 1 if int(week) > 0 else int(week)]
    return datetime.datetime.combine(chosen, first.time())


def zone_offset(zone, moment):
    """That of a VTIMEZONE at a local time: of the observance that has begun last."""
    begun = [(onset(each, year), each) for each in zone.components
             for year in (moment.year - 1, moment.year)]
    past = [each for each in begun if each[0] <= moment] or begun
    return offset(max(past, key=lambda each: each[0])[1].value("TZOFFSETTO"))


def instant(calendar, line, value=None):
    """A time as `2026-05-04T08:00:00Z`, whatever zone it is written in; a date as it is."""
    value = value or line.value
    if re.fullmatch(r"[0-9]{8}", value):
        if line.parameters.get("VALUE") != "DATE":
            raise NotMime(f"{line.name}: a date without VALUE=DATE")
        return f"{value[:4]}-{value[4:6]}-{value[6:]}"
    if value.endswith("Z"):
        return local(value[:-1]).isoformat() + "Z"
    zones = [zone for zone in calendar.of("VTIMEZONE")
             if zone.value("TZID") == line.parameters.get("TZID")]
    if len(zones) != 1:
        raise NotMime(f"{line.name}: {len(zones)} time zones of the name "
                      f"{line.parameters.get('TZID')}")
    moment = local(value)
    return (moment - zone_offset(zones[0], moment)).isoformat() + "Z"


def rule_parts(rule):
    """A recurrence rule in one form: 1MO is MO with BYSETPOS=1, and lists have no order."""
    parts = dict(each.split("=", 1) for each in rule.upper().split(";"))
    parts.pop("WKST", None)
    if parts.get("INTERVAL") == "1":
        del parts["INTERVAL"]
    alone = re.fullmatch(r"(-?[0-9]+)([A-Z]{2})", parts.get("BYDAY", ""))
    if alone:
        parts |= {"BYSETPOS": alone[1], "BYDAY": alone[2]}
    return {name: frozenset(value.split(",")) for name, value in parts.items()}
