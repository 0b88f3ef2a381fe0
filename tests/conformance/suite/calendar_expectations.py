"""Compares calendars and cards by what they mean: times as instants, rules by their parts."""

import re
import urllib.parse

from . import content_lines
from .matching import differs
from .mime_part import NotMime

CARD_TYPES = ("text/vcard", "text/directory", "text/x-vcard")


def address_of(line):
    if line is None:
        return None
    scheme, _, address = line.value.partition(":")
    return urllib.parse.unquote(address).lower() if scheme.lower() == "mailto" else line.value


def time(name):
    def compare(calendar, event, want):
        line = event.line(name)
        got = None if line is None else content_lines.instant(calendar, line)
        yield from differs(name, got, want)
    return compare


def excluded(calendar, event, want):
    got = sorted(content_lines.instant(calendar, line, value)
                 for line in event.all("EXDATE") for value in line.value.split(","))
    yield from differs("EXDATE", got, want)


def rule(calendar, event, want):
    """A rule, `any` of some, or null: none."""
    text = event.value("RRULE")
    if want is None or text is None:
        yield from differs("RRULE", text, want)
        return
    rules = want["any"] if isinstance(want, dict) else [want]
    if all(content_lines.rule_parts(text) != content_lines.rule_parts(each) for each in rules):
        yield f"RRULE is {text}, not {want}"


def organizer(calendar, event, want):
    yield from differs("ORGANIZER", address_of(event.line("ORGANIZER")), want)


def attendees(calendar, event, want):
    """All of them: {address: {PARAMETER: value}}."""
    found = {address_of(line): line for line in event.all("ATTENDEE")}
    if found.keys() != want.keys() or len(found) != len(event.all("ATTENDEE")):
        yield f"ATTENDEE: {sorted(found)}, not {sorted(want)}"
        return
    for address, parameters in want.items():
        for name, value in (parameters or {}).items():
            got = found[address].parameters.get(name)
            yield from differs(f"{name} of {address}", got, value)


def alarm(calendar, event, want):
    """Minutes before the start."""
    found = event.of("VALARM")
    if want is None or len(found) != 1:
        if found or want is not None:
            yield f"{len(found)} alarms"
        return
    trigger = found[0].value("TRIGGER") or ""
    hit = re.fullmatch(r"-?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:0S)?)?", trigger)
    if not hit:
        yield f"TRIGGER is {trigger}"
        return
    weeks, days, hours, minutes = (int(each or 0) for each in hit.groups())
    yield from differs("TRIGGER", ((weeks * 7 + days) * 24 + hours) * 60 + minutes, want)


def properties(calendar, event, want):
    for name, value in want.items():
        line = event.line(name)
        yield from differs(name, None if line is None else line.text, value)


OF_AN_EVENT = {"starts": time("DTSTART"), "ends": time("DTEND"), "stamp": time("DTSTAMP"),
               "occurrence": time("RECURRENCE-ID"), "excluded": excluded, "rule": rule,
               "organizer": organizer, "attendees": attendees, "alarm": alarm,
               "properties": properties}


def required(event):
    """What RFC 5545 and 5546 ask of every event."""
    for name in ("UID", "DTSTAMP", "DTSTART"):
        if len(event.all(name)) != 1:
            yield f"{name} stands {len(event.all(name))} times"


def calendar(part, want, case):
    """null: there is none; else {method, events: [the series or only event, changed ones…]}."""
    found = part.body_of("text/calendar")
    if want is None or found is None:
        yield from differs("text/calendar", found and found.type, want and "text/calendar")
        return
    whole = content_lines.read(found.data)
    yield from differs("METHOD", whole.value("METHOD"), want["method"])
    yield from differs("the parameter method", found.parameters.get("method"), want["method"])
    yield from differs("VERSION", whole.value("VERSION"), "2.0")
    events = whole.of("VEVENT")
    if len(events) != len(want["events"]):
        yield f"{len(events)} events, not {len(want['events'])}"
    for number, (event, wanted) in enumerate(zip(events, want["events"])):
        differences = list(required(event))
        for key, value in wanted.items():
            differences += OF_AN_EVENT[key](whole, event, value)
        yield from (f"event {number}: {each}" for each in differences)


def card(part, want, case):
    """{PROPERTY: its value, or a list of all its values}; structured ones as they stand, without
    empty components at the end."""
    found = next((each for each in part.own_parts if each.type in CARD_TYPES), None)
    if found is None:
        raise NotMime("there is no vCard")
    whole = content_lines.read(found.data)
    yield from differs("VERSION", whole.value("VERSION"), {"any": ["3.0", "4.0"]})
    for name, value in want.items():
        plain = name in ("N", "ADR", "ORG")
        got = [line.value.rstrip(";") if plain else line.text for line in whole.all(name)]
        if isinstance(value, list):
            yield from differs(name, sorted(got), sorted(value))
        else:
            yield from differs(name, got[0] if got else None, value)
