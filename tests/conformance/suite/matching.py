"""How a value is compared with what a case wants of it."""

import re


def short(value):
    text = repr(value)
    return text if len(text) <= 160 else f"{text[:110]} … {text[-40:]}"


def listed(want):
    return want if isinstance(want, list) else [want]


def lacks(value, want):
    return [each for each in listed(want) if each not in value]


def fits(value, want):
    return not list(differs("", value, want))


# What a mapping may ask of a value; each says what is wrong, or nothing.
OPERATIONS = {
    "contains": lambda value, want: [f"lacks {short(each)}" for each in lacks(value, want)],
    "lacks": lambda value, want: [f"has {short(each)}" for each in listed(want) if each in value],
    "matches": lambda value, want: [f"does not match {each}" for each in listed(want)
                                    if not re.search(each, value, re.DOTALL)],
    "ids": lambda value, want: [] if value.split() == want else [f"is not {short(want)}"],
    "at_most": lambda value, want: [] if len(value) <= want else [f"has {len(value)} characters"],
    "count": lambda value, want: [] if len(value) == want else [f"are {len(value)}, not {want}"],
    "any": lambda value, want: [] if any(fits(value, each) for each in want)
    else [f"is none of {short(want)}"],
}


def differs(what, value, want):
    """A text, number or list is to be equal; null asks that there is none; a mapping asks
    operations of the value."""
    if not isinstance(want, dict):
        if value != want:
            yield f"{what} is {short(value)}, not {short(want)}"
        return
    unknown = want.keys() - OPERATIONS.keys()
    if unknown:
        raise ValueError(f"no operation is called {', '.join(sorted(unknown))}")
    if value is None and want.keys() != {"any"}:
        yield f"there is no {what}"
        return
    for name, argument in want.items():
        for fault in OPERATIONS[name](value, argument):
            yield f"{what} {fault}: {short(value)}"
