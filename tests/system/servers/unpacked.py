"""Programs that scripts/install-dependencies.sh leaves below build/, not in the system."""

from postern_program import REPOSITORY
from processes import unavailable

BUILD = REPOSITORY / "build"


def unpacked(path, option):
    """A file below build/, there once the script ran with this option."""
    found = BUILD / path
    if not found.exists():
        unavailable(f"{found} is not there: scripts/install-dependencies.sh {option}")
    return found
