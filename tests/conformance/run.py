#!/usr/bin/env python3
"""Checks a converter of message objects to MIME against the cases of this folder.

  run.py --converter 'COMMAND {msg}'     the command gets the path of a .msg file
  run.py --converter 'COMMAND {json}'    the command gets the path of the object as JSON

The command prints the MIME on standard output, or writes it to {eml} if that is in it. README.md says what the cases look like.
Exit status: 0 all is as expected, 1 something is not (one line for each difference), 2 the command
line is wrong, 77 the YAML of Python is missing.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

try:
    import yaml  # noqa: F401
except ImportError:
    print("the cases are YAML; python3-yaml is not installed", file=sys.stderr)
    sys.exit(77)

sys.dont_write_bytecode = True

from suite import case_file, expectations, message_object, rules  # noqa: E402
from suite.message_file import message_file  # noqa: E402
from suite.mime_part import NotMime, Part  # noqa: E402

FOLDER = pathlib.Path(__file__).resolve().parent
CASES = FOLDER / "cases"
LONGEST_EXAMPLE = 64 * 1024  # longer ones are not for people


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--converter", metavar="COMMAND", help="with {msg} or {json} in it")
    parser.add_argument("--only", metavar="WORD", action="append", default=[],
                        help="cases with WORD in their name or section; may be repeated")
    parser.add_argument("--list", action="store_true", help="name the cases and end")
    parser.add_argument("--json", action="store_true", help="one JSON object a case")
    parser.add_argument("--warnings", action="store_true",
                        help="the converter says on standard error what was lost or guessed")
    parser.add_argument("--examples", action="store_true",
                        help="the MIME is to be that of the examples, but for boundaries")
    parser.add_argument("--update", action="store_true", help="rewrite the examples")
    parser.add_argument("--write", metavar="FOLDER", type=pathlib.Path,
                        help="write the .msg and .json files of the cases there and end")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N")
    parser.add_argument("--timeout", type=float, default=30, metavar="SECONDS",
                        help="for one run of the converter (30)")
    options = parser.parse_args()
    if not (options.converter or options.list or options.write):
        parser.error("--converter is missing")
    return options


class Case:
    """One file of cases/."""

    def __init__(self, path):
        self.path, self.section, self.name = path, path.parent.name, path.stem
        self.given = case_file.read(path)
        self.expect = self.given["expect"]
        unknown = self.given.keys() - {"about", "object", "container", "expect"}
        if unknown:
            raise ValueError(f"{path}: a case has no {', '.join(sorted(unknown))}")

    @property
    def full_name(self):
        return f"{self.section}/{self.name}"

    @property
    def example(self):
        return self.path.with_suffix(".eml")

    def write(self, folder, kinds=("msg", "json")):
        """The object as files; returns {kind: path}."""
        stem = folder / self.full_name.replace("/", "-")
        paths = {kind: stem.with_name(f"{stem.name}.{kind}") for kind in kinds}
        message = message_object.make_message(self.given["object"])
        if "msg" in paths:
            paths["msg"].write_bytes(message_file(message, self.given.get("container")))
        if "json" in paths:
            paths["json"].write_text(json.dumps(message_object.plain_message(message), indent=1))
        return paths


def chosen_cases(only):
    cases = [Case(path) for path in sorted(CASES.rglob("*.yaml"))]
    return [case for case in cases if not only or any(word in case.full_name for word in only)]


def without_boundaries(octets):
    """Boundaries named by the order in which they come."""
    names = {}
    for boundary in re.findall(rb'boundary="?([^"\r\n;]+)', octets):
        names.setdefault(boundary, b"boundary-%d" % len(names))
    for boundary, name in names.items():
        octets = octets.replace(boundary, name)
    return octets


def example_of(output):
    """None if it is too long for people."""
    return without_boundaries(output) if len(output) <= LONGEST_EXAMPLE else None


def update(path, output):
    example = example_of(output)
    if example is None:
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(example)


def run_converter(command, paths, timeout):
    """(exit status, output, what it said); the status is None if it took too long."""
    words = [word.format(**paths) for word in shlex.split(command)]
    eml = paths["eml"] if "{eml}" in command else None
    try:
        done = subprocess.run(words, capture_output=True, timeout=timeout,
                              stdin=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired:
        return None, b"", ""
    output = eml.read_bytes() if eml and eml.exists() else done.stdout
    return done.returncode, output, done.stderr.decode("utf-8", "replace").strip()


def differences_of_run(case, status, said, options):
    """What the end of the run itself tells."""
    if status is None:
        yield f"no end within {options.timeout:g} s"
    elif status < 0 or status >= 128:
        yield f"the converter crashed (status {status})"
    elif status != 0 and not case.expect.get("may_fail"):
        yield f"the converter failed (status {status}): {said[-200:]}"
    if options.warnings and status == 0 and "warning" in case.expect:
        if bool(said) != case.expect["warning"]:
            yield f"a warning that nobody needs: {said[:200]}" if said else "no warning"


def differences_of_mime(case, output, options):
    try:
        root = Part(output)
        yield from rules.broken_rules(output, root)
        yield from expectations.compared(root, case.expect, case.given)
    except NotMime as error:
        yield str(error)
    if options.examples and not options.update:
        example = case.example.read_bytes() if case.example.exists() else None
        if example != example_of(output):
            yield f"{case.example.name} is not what comes out now; see --update"


def check(case, options, folder):
    """All differences of one case."""
    kinds = [kind for kind in ("msg", "json") if f"{{{kind}}}" in options.converter]
    paths = case.write(folder, kinds)
    paths["eml"] = folder / f"{case.full_name.replace('/', '-')}.eml"
    status, output, said = run_converter(options.converter, paths, options.timeout)
    for path in paths.values():
        path.unlink(missing_ok=True)
    found = list(differences_of_run(case, status, said, options))
    if status == 0:
        found += differences_of_mime(case, output, options)
        if options.update:
            update(case.example, output)
    return found


def checked(case, options, folder):
    """The same; a case that cannot be understood is a difference, too."""
    try:
        return check(case, options, folder)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        return [f"the case itself is wrong: {type(error).__name__}: {error}"]


def report(case, found, as_json):
    if as_json:
        print(json.dumps({"case": case.full_name, "about": case.given["about"],
                          "differences": found}, ensure_ascii=False))
        return
    for difference in found:
        print(f"{case.full_name}: {difference}".encode("unicode_escape").decode()
              if not difference.isprintable() else f"{case.full_name}: {difference}")


def summary(results):
    sections = {}
    for case, found in results:
        right, all_of_it = sections.get(case.section, (0, 0))
        sections[case.section] = (right + (not found), all_of_it + 1)
    for section, (right, all_of_it) in sections.items():
        print(f"  {section:32} {right:4} of {all_of_it}")
    print(f"{sum(not found for _, found in results)} of {len(results)} cases are right")


def main():
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = arguments()
    cases = chosen_cases(options.only)
    if options.list:
        for case in cases:
            print(f"{case.full_name}: {case.given['about']}")
        return 0
    if options.write:
        options.write.mkdir(parents=True, exist_ok=True)
        for case in cases:
            case.write(options.write)
        return 0
    with (tempfile.TemporaryDirectory() as folder,
          concurrent.futures.ThreadPoolExecutor(options.jobs) as pool):
        checks = pool.map(lambda case: checked(case, options, pathlib.Path(folder)), cases)
        results = []
        for case, found in zip(cases, checks):
            report(case, found, options.json)
            results.append((case, found))
    if not options.json:
        summary(results)
    return 0 if results and not any(found for _, found in results) else 1


if __name__ == "__main__":
    sys.exit(main())
