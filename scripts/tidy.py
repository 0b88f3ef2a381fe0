#!/usr/bin/env python3
"""Lets clang-tidy look at what changed since it last had nothing to say.

Usage: tidy.py [--all] [--jobs N] [--checks CHECKS] PROGRAM BUILD [FILE...]
  PROGRAM   clang-tidy
  BUILD     a folder that Ninja built with Clang: its compile commands are gone by, and what Ninja
            noted of the headers that each source includes
  FILE      the sources to look at; otherwise every one outside tests/
  --all     looks at those as well that passed as they are
  --jobs    how many clang-tidy run at once (default: 2)
  --checks  as clang-tidy takes it

That a source passed is kept under a hash of all that decides it: its text, that of the project's
headers it includes, .clang-tidy, the compile command, and which clang-tidy it was. It is kept beside
the compiler's cache, where other clones find it.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEPT_SECONDS = 60 * 24 * 3600


def passed_folder():
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(cache) / "postern" / "clang-tidy"


def is_ours(name, build):
    """Whether it is a file of the repository, not one that the build made."""
    return name is not None and not name.startswith(build.name + "/")


def relative(path):
    """The path from the repository's root, or None for a file that is not the repository's."""
    path = pathlib.Path(os.path.normpath(path))
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else None


def compile_commands(build):
    """The compile command of each of the repository's sources."""
    entries = json.loads((build / "compile_commands.json").read_text())
    commands = {relative(entry["file"]): entry["command"] for entry in entries}
    return {source: command for source, command in commands.items() if is_ours(source, build)}


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

    def file_of(self, source, command):
        """Where it is noted that the source passed."""
        made_of = self.headers.get(re.search(r" -o (\S+)", command).group(1))
        if made_of is None:
            made_of = headers_of(self.build, command)
        parts = hashlib.sha256(self.common)
        parts.update(command.replace(str(ROOT), "").encode())
        for name in [source, *made_of]:
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

    commands = compile_commands(build)
    sources = [relative(pathlib.Path(file).resolve()) for file in options.files] or sorted(
        source for source in commands if not source.startswith("tests/"))
    unknown = [source for source in sources if source not in commands]
    if unknown:
        sys.exit(f"{build.name} compiles no {', '.join(map(str, unknown))}")
    passed = Passed(options.program, build, options.checks)
    passed.folder.mkdir(parents=True, exist_ok=True)
    passed.forget_old()

    def look(source):
        note = passed.file_of(source, commands[source])
        if note.exists() and not options.all:
            note.touch()
            return None
        checks = [f"--checks={options.checks}"] if options.checks else []
        result = subprocess.run(
            [options.program, "-p", build, "--quiet", *checks, ROOT / source], check=False,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if result.returncode == 0:
            note.touch()
            return ""
        return result.stdout or result.stderr

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as workers:
        said = list(workers.map(look, sources))
    complaints = [text for text in said if text]
    for text in complaints:
        print(text)
    print(f"{len(sources)} sources: {said.count(None)} unchanged since they passed, "
          f"{len(said) - said.count(None)} looked at, {len(complaints)} with complaints")
    return 1 if complaints else 0


sys.exit(main())
