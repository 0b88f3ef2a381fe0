"""The copies that a catcher has got of each message, and when."""

import bisect
import collections
import dataclasses
import json

from mail import message_id


@dataclasses.dataclass(frozen=True)
class Copy:
    """One transaction that the server has taken."""
    identity: str
    recipients: tuple
    time: float


def copies_of(catcher):
    paths = sorted(catcher.directory.glob("*.json"))
    copies = [Copy(message_id(path.with_suffix(".eml").read_bytes()),
                   tuple(row["address"] for row in json.loads(path.read_text())["recipients"]),
                   path.stat().st_mtime)
              for path in paths]
    return sorted(copies, key=lambda copy: copy.time)


def counts_of(copies):
    """How many copies of each message each recipient has got: (identity, address) to a number."""
    return collections.Counter((copy.identity, address) for copy in copies
                               for address in copy.recipients)


def repeated_transactions(copies, kills, lag=0.0):
    """How many transactions were repeated behind each kill. A recipient gets a second copy only from
    a sender that was started after the kill of the one that sent the first. `lag`: how long after a
    kill the server may still have been reading."""
    repeated, last = collections.Counter(), {}
    for copy in copies:
        behind = set()
        for address in copy.recipients:
            earlier = last.get((copy.identity, address))
            if earlier is None:
                continue
            latest = bisect.bisect_left(kills, copy.time) - 1
            assert latest >= 0 and kills[latest] > earlier - lag, (
                f"{copy} was sent twice though nobody was killed since {earlier}")
            behind.add(latest)
        repeated.update(behind)
        last.update({(copy.identity, address): copy.time for address in copy.recipients})
    return repeated
