#!/usr/bin/env python3
"""Lets clang-tidy look at what changed since it last had nothing to say.

Usage: tidy.py [--all] [--jobs N] [--checks CHECKS] PROGRAM BUILD [FILE...]
  PROGRAM   clang-tidy
  BUILD     a folder that Ninja built with Clang: its compile commands are gone by, and what Ninja
            noted of the headers that each source includes
  FILE      the sources to look at, with those that are compiled together with them; otherwise
            every one outside tests/
  --all     looks at those as well that passed as they are
  --jobs    how many clang-tidy run at once (default: 2)
  --checks  as clang-tidy takes it

Sources that the build compiles as one (CMAKE_UNITY_BUILD) are looked at as one, since most of the
time goes into the headers of libraries; each is compiled by itself as well, since elsewhere it may
be, and what it does not include would be missing there. If there are complaints, each is looked at
by itself.

That sources passed is kept under a hash of all that decides it: their text, that of the project's
headers they include, .clang-tidy, the compile command, and which clang-tidy it was. It is kept
beside the compiler's cache, where other clones find it.
"""

import argparse
import concurrent.futures
import dataclasses
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEPT_SECONDS = 60 * 24 * 3600


def passed_folder():
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(cache) / "postern" / "clang-tidy"


@dataclasses.dataclass
class Unit:
    """What one compiler call makes an object of."""
    file: str
    command: str
    sources: list

    @property
    def compiler(self):
        """The compiler with its options, as words."""
        return shlex.split(re.sub(r" -o \S+ -c \S+$", "", self.command))

    @property
    def object(self):
        return re.search(r" -o (\S+)", self.command).group(1)


def is_ours(name, build):
    """Whether it is a file of the repository, not one that the build made."""
    return name is not None and not name.startswith(build.name + "/")


def relative(path):
    """The path from the repository's root, or None for a file that is not the repository's."""
    path = pathlib.Path(os.path.normpath(path))
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else None


def units(build):
    """The units with sources of the repository."""
    found = []
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = entry["file"]
        files = [file]
        if is_united(file):
            files = re.findall(r'#include "(.+)"', pathlib.Path(file).read_text())
        sources = [name for name in map(relative, files) if is_ours(name, build)]
        if sources:
            found.append(Unit(file, entry["command"], sources))
    return found


def is_united(file):
    return "/Unity/unity_" in file


def headers(build):
    """The repository's files that each object built was made of, by the object's name."""
    listing = subprocess.run(["ninja", "-C", build, "-t", "deps"], check=True, text=True,
                             capture_output=True).stdout
    found = {}
    for block in listing.split("\n\n"):
        lines = block.strip().splitlines()
        if lines and "#deps" in lines[0] and "STALE" not in lines[0]:
            found[lines[0].split(":")[0]] = ours(build, (line.strip() for line in lines[1:]))
    return found


def headers_of(build, command):
    """The repository's files that an object would be made of, from the compiler itself."""
    words = re.sub(r" -o \S+", "", command).replace(" -c ", " -MM ")
    listing = subprocess.run(words, shell=True, cwd=build, check=True, text=True,
                             capture_output=True).stdout
    return ours(build, listing.replace("\\\n", " ").split()[1:])


def ours(build, files):
    """Those of the files that are the repository's, in a lasting order."""
    return sorted({name for name in (relative(build / file) for file in files)
                   if is_ours(name, build)})


class Passed:
    """What passed, by the hash of all that decides whether it does."""

    def __init__(self, program, build, checks):
        self.folder = passed_folder()
        self.build = build
        self.headers = headers(build)
        self.texts = {}
        version = subprocess.run([program, "--version"], check=True, capture_output=True).stdout
        self.common = version + str(checks).encode() + (ROOT / ".clang-tidy").read_bytes()

    def file_of(self, unit):
        """Where it is noted that the unit passed."""
        made_of = self.headers.get(unit.object)
        # What was built before a file was removed still names it.
        if made_of is None or not all((ROOT / name).exists() for name in made_of):
            made_of = headers_of(self.build, unit.command)
        parts = hashlib.sha256(self.common)
        parts.update(unit.command.replace(str(ROOT), "").encode())
        for name in [*unit.sources, *made_of]:
            parts.update(name.encode() + self.text(name))
        return self.folder / parts.hexdigest()

    def text(self, name):
        if name not in self.texts:
            self.texts[name] = hashlib.sha256((ROOT / name).read_bytes()).digest()
        return self.texts[name]

    def forget_old(self):
        for file in self.folder.iterdir():
            if time.time() - file.stat().st_mtime > KEPT_SECONDS:
                file.unlink(missing_ok=True)


class Tidy:
    def __init__(self, program, build, checks):
        self.command = [program, "--quiet", f"--config-file={ROOT}/.clang-tidy"]
        if checks:
            self.command.append(f"--checks={checks}")
        self.build = build

    def run(self, *command):
        """What the program has to say; nothing if all is well."""
        result = subprocess.run(command, cwd=self.build, check=False, text=True,
                                capture_output=True)
        return "" if result.returncode == 0 else result.stdout or result.stderr

    def compile(self, source, unit):
        return self.run(*unit.compiler, "-fsyntax-only", ROOT / source)

    def look(self, file, unit):
        return self.run(*self.command, file, "--", *unit.compiler[1:])

    def complaints(self, unit):
        """What there is to say of each source that does not pass."""
        look = self.look
        if len(unit.sources) > 1 and not self.look(unit.file, unit):
            look = self.compile
        said = [look(ROOT / source, unit) for source in unit.sources]
        return [text for text in said if text]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--checks")
    parser.add_argument("program")
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    build = options.build.resolve()

    everything = units(build)
    files = {relative(pathlib.Path(file).resolve()) for file in options.files}
    unknown = files - {source for unit in everything for source in unit.sources}
    if unknown:
        sys.exit(f"{build.name} compiles no {', '.join(map(str, unknown))}")
    wanted = [unit for unit in everything if (files.intersection(unit.sources) if files else
                                              not unit.sources[0].startswith("tests/"))]
    passed = Passed(options.program, build, options.checks)
    passed.folder.mkdir(parents=True, exist_ok=True)
    passed.forget_old()
    tidy = Tidy(options.program, build, options.checks)

    def look(unit):
        note = passed.file_of(unit)
        if note.exists() and not options.all:
            note.touch()
            return None
        complaints = tidy.complaints(unit)
        if not complaints:
            note.touch()
        return complaints

    # The largest first: none is then left over for one worker at the end.
    wanted.sort(key=lambda unit: len(unit.sources), reverse=True)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as workers:
        said = list(workers.map(look, wanted))
    complaints = [text for texts in said if texts for text in texts]
    for text in complaints:
        print(text)
    unchanged = sum(len(unit.sources) for unit, texts in zip(wanted, said) if texts is None)
    count = sum(len(unit.sources) for unit in wanted)
    print(f"{count} sources: {unchanged} unchanged since they passed, {count - unchanged} looked "
          f"at, {len(complaints)} with complaints")
    return 1 if complaints else 0


sys.exit(main())
