#!/usr/bin/env python3
"""Finds functions of more than 80 lines, in the tests too, which clang-tidy does not look at.

Usage: scripts/check-functions.py
Exit status: 0 there are none, 1 there are (each is named).

It relies on clang-format's layout: a function ends with the next line that begins with a brace at
the function's own indentation.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAX_LINES = 80
# Lines that open a brace, or none, and begin no function.
NO_FUNCTION = re.compile(r"(inline )?namespace\b|extern \"C\" \{|(typedef )?(class|struct|enum|union)\b"
                         r"|template <|public:|private:|protected:|#|//|\}")


def sources():
    names = subprocess.run(["git", "ls-files", "-z", "--", "*.h", "*.cpp"], cwd=ROOT, check=True,
                           capture_output=True, text=True).stdout.split("\0")
    return [name for name in names if name and (ROOT / name).exists()]


def functions(lines):
    """The functions of a file as (first line, number of lines), counted from 1."""
    statement = None  # the index of the current statement's first line
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip() or NO_FUNCTION.match(line.strip()):
            statement = None
        else:
            statement = at if statement is None else statement
            if line.endswith("{") and "(" in "".join(lines[statement:at + 1]):
                indentation = re.match(" *", lines[statement]).group()
                end = at + 1
                while end < len(lines) and not lines[end].startswith(indentation + "}"):
                    end += 1
                yield statement + 1, end - statement + 1
                at, statement = end, None
            elif line.endswith((";", "}")):
                statement = None
        at += 1


def main():
    status = 0
    for name in sources():
        for first, length in functions((ROOT / name).read_text(encoding="utf-8").splitlines()):
            if length > MAX_LINES:
                print(f"{name}:{first}: a function of {length} lines; at most {MAX_LINES}")
                status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
