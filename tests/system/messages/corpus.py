"""The corpus of real .msg files and what independent readers say of each (FACTS.json).

It lies beside the repository and is never copied into it; without it these tests skip.
"""

import dataclasses
import functools
import json

import pytest

from postern_program import REPOSITORY

DIRECTORY = REPOSITORY.parent / "shared" / "corpus" / "msg"
ABSENT = f"the corpus of .msg files is not there: {DIRECTORY}"


def corpus_file(name):
    path = DIRECTORY / name
    if not path.exists():
        pytest.skip(ABSENT)
    return path


@functools.cache
def facts():
    path = DIRECTORY / "FACTS.json"
    return json.loads(path.read_text())["files"] if path.exists() else {}


def for_each_file(argument):
    """Parametrizes a test by file name; one skipped case when the corpus is absent."""
    names = sorted(facts()) or [pytest.param("", marks=pytest.mark.skip(reason=ABSENT))]
    return pytest.mark.parametrize(argument, names)


@dataclasses.dataclass(frozen=True)
class Facts:
    """What most readers agree on for one file; None where no two agree."""
    name: str

    @property
    def _entry(self):
        return facts()[self.name]

    def _value(self, fact):
        return self._entry.get(fact, {}).get("value")

    @property
    def message_class(self):
        return self._entry["message_class"].upper()

    @property
    def message_id(self):
        return (self._entry["structure"] or {}).get("message_id")

    @property
    def subject(self):
        """In files with 8-bit strings most readers guess the code page wrong; see FACTS.json."""
        return self._entry.get("codepage_arbitration", {}).get("subject", self._value("subject"))

    @property
    def from_address(self):
        return self._value("from_address")

    @property
    def to(self):
        return set(self._value("to") or [])

    @property
    def cc(self):
        """Without those also in To: submission removes duplicates (mapi-submission §3.2)."""
        return set(self._value("cc") or []) - self.to

    @property
    def envelope(self):
        return self.to | self.cc | set(self._value("bcc") or [])

    @property
    def attachments(self):
        """[octets, SHA-256] of the attachments that are files; None when readers disagree."""
        return self._value("attachments")

    @property
    def embedded_messages(self):
        return self._value("embedded_messages")

    @property
    def ole_objects(self):
        """How many OLE objects it holds (PR_ATTACH_METHOD 6), which most readers leave out."""
        rows = (self._entry["structure"] or {}).get("attachments", [])
        return sum(row is not None and row.get("method") == 6 for row in rows)

    @property
    def is_smime(self):
        """A signed or encrypted message's one attachment is its body (mapi-to-mime §8)."""
        return self.message_class.startswith("IPM.NOTE.SMIME")

    @property
    def is_contact(self):
        return self.message_class.startswith("IPM.CONTACT")

    @property
    def is_damaged(self):
        """Found by fuzzers: may be read in part, or refused."""
        return "broken-fuzz" in self.name
