"""File systems of a size of their own, in memory; only root may mount them."""

import contextlib
import subprocess

import pytest

from processes import find_program, make_directory


def mount(options, directory):
    return subprocess.run(
        [find_program("mount"), "-t", "tmpfs", "-o", options, "postern-test", directory],
        capture_output=True, text=True)


@contextlib.contextmanager
def mounted(options):
    directory = make_directory()
    made = mount(options, directory)
    if made.returncode != 0:
        directory.rmdir()
        pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
    try:
        yield directory
    finally:
        subprocess.run([find_program("umount"), "--lazy", directory], check=True)
        directory.rmdir()


def fill(directory):
    """Writes until there is no room left; the caller removes the file when there shall be some."""
    filling = directory / "filling"
    with filling.open("ab", buffering=0) as file:
        for size in (65536, 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass
    return filling
