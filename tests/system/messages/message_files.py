"""Every .msg file that there is to test with: the corpus, the situations that mail programs got
wrong, and the objects of the suite of conformance."""

import os
import subprocess
import sys

from corpus import ABSENT, DIRECTORY
from postern_program import DELIVERED, REPOSITORY, SOME_FAILED

CASES = DIRECTORY.parent / "cases"
CONFORMANCE = REPOSITORY / "tests" / "conformance" / "run.py"


def gather(folder):
    """Puts them into the new folder; where the corpus is absent, it is said."""
    folder.mkdir()
    for prefix, directory in (("", DIRECTORY), ("case-", CASES)):
        for path in directory.glob("*.msg"):
            os.symlink(path, folder / (prefix + path.name))
    if not DIRECTORY.exists():
        print(ABSENT)
    written = folder.with_name(f"{folder.name}-conformance")
    subprocess.run([sys.executable, CONFORMANCE, "--write", written], check=True, timeout=60)
    for path in written.glob("*.msg"):
        os.symlink(path, folder / f"conformance-{path.name}")
    return folder


def converted(postern, source, out, *options):
    """The files of a folder, converted into another; {name without extension: path}. Only what is
    hostile may be refused."""
    result = postern.run("convert", source, "--output", out, *options, seconds=120)
    assert result.status in (DELIVERED, SOME_FAILED), result.stderr[-2000:]
    made = {path.stem: path for path in sorted(out.iterdir())}
    refused = {path.stem for path in source.iterdir()} - made.keys()
    assert made and all("hostile" in name for name in refused), refused
    return made
