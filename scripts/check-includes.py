#!/usr/bin/env python3
"""Holds every #include "..." of the project to scripts/include-table.txt, and the table to be
without circles. The compiler cannot: each of its runs sees every header. Also looks that folders
stay small, and that public headers say that they are: what they declare is visible in a shared
library, and nothing else is.

Usage: scripts/check-includes.py
Exit status: 0 all is well, 1 something is not (each fault is named).
"""

import fnmatch
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "scripts" / "include-table.txt"
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
MOST_FILES = 30  # in one folder
PUBLIC_ROOMS = ("base", "mapi", "msg", "mime", "smime", "smtp", "store", "spooler", "transport",
                "gateway")
VISIBLE = "#pragma GCC visibility push(default)"


def sources():
    names = subprocess.run(["git", "ls-files", "-z", "--", "*.h", "*.cpp"], cwd=ROOT, check=True,
                           capture_output=True, text=True).stdout.split("\0")
    return [name for name in names if name and (ROOT / name).exists()]


def folder_of(path):
    """The folder as it is named in includes: rooms below src/ bear their own name."""
    return str(pathlib.PurePosixPath(path).parent).removeprefix("src/")


def read_table():
    """The table as {folder pattern: [folder patterns]}, in its order."""
    table = {}
    for line in TABLE.read_text().splitlines():
        line = line.split("#")[0].strip()
        if line:
            folder, _, allowed = line.partition(":")
            table[folder.strip().removeprefix("src/")] = allowed.split()
    return table


def row(table, folder):
    """What the folder may include; None where the table does not know it."""
    for pattern, allowed in table.items():
        if fnmatch.fnmatchcase(folder, pattern):
            return allowed
    return None


def may_include(allowed, folder, other):
    return other == folder or any(fnmatch.fnmatchcase(other, pattern) for pattern in allowed)


def circle(table, folders):
    """Folders that may include each other in a circle, or nothing."""
    edges = {folder: [other for other in folders if other != folder and
                      may_include(row(table, folder) or [], folder, other)] for folder in folders}
    done = set()

    def walk(folder, way):
        if folder in way:
            return way[way.index(folder):] + [folder]
        if folder in done:
            return None
        for other in edges[folder]:
            found = walk(other, way + [folder])
            if found:
                return found
        done.add(folder)
        return None

    for folder in folders:
        found = walk(folder, [])
        if found:
            return found
    return None


def crowded():
    """Folders with more files than a reader takes in at a glance."""
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True,
                           text=True).stdout.split()
    count = {}
    for name in names:
        if (ROOT / name).exists():
            parent = str(pathlib.PurePosixPath(name).parent)
            count[parent] = count.get(parent, 0) + 1
    return [f"{folder} has {number} files; a folder holds at most {MOST_FILES}"
            for folder, number in sorted(count.items()) if number > MOST_FILES]


def hidden_public_headers(files):
    """Headers at the root of a library's room whose declarations a shared library would hide."""
    roots = {f"src/{room}" for room in PUBLIC_ROOMS} | set(PUBLIC_ROOMS)
    return [f'{name} is public and lacks "{VISIBLE}" around its namespace' for name in files
            if name.endswith(".h") and str(pathlib.PurePosixPath(name).parent) in roots and
            VISIBLE not in (ROOT / name).read_text(encoding="utf-8")]


def main():
    table = read_table()
    files = sources()
    faults = crowded() + hidden_public_headers(files)
    folders = sorted({folder_of(name) for name in files})
    for folder in folders:
        if row(table, folder) is None:
            faults.append(f"{folder} is not in {TABLE.relative_to(ROOT)}")
    for name in files:
        folder = folder_of(name)
        for included in INCLUDE.findall((ROOT / name).read_text(encoding="utf-8")):
            other = str(pathlib.PurePosixPath(included).parent)
            if not may_include(row(table, folder) or [], folder, other):
                faults.append(f"{name} includes {included}: {folder} may not include {other}")
    found = circle(table, folders)
    if found:
        faults.append("the table has a circle: " + " -> ".join(found))
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
