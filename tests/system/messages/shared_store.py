"""A store in a database, in which several spoolers work while others submit."""

from copies import counts_of
from postern_program import DELIVERED
from processes import wait_until


def use(postern, url):
    """From now on the database is the store."""
    postern.store = url
    postern.environment["XDG_RUNTIME_DIR"] = str(postern.directory)
    made = postern.run("store", "migrate", "--store", postern.store)
    assert made.status == DELIVERED, made.stderr


def end_when_all_is_sent(postern, submitters, spoolers):
    """Nobody has complained, and none of the spoolers has ended by itself."""
    assert submitters.faults == []
    assert all(spooler.poll() is None for spooler in spoolers)
    wait_until(lambda: postern.queue() == [], "the queue to be empty", seconds=120)
    for spooler in spoolers:
        spooler.terminate()
        spooler.communicate(timeout=60)


def require_every_copy(submitters, copies, addresses):
    """What was acknowledged has arrived, and everywhere what has arrived anywhere. Returns the
    messages that have, and how many copies were too many."""
    counts = counts_of(copies)
    arrived = {identity for identity, _ in counts}
    assert submitters.acknowledged
    missing = submitters.acknowledged - arrived
    assert not missing, f"{sorted(missing)} of {len(submitters.acknowledged)} did not arrive"
    assert set(counts) == {(identity, address) for identity in arrived for address in addresses}
    return arrived, sum(count - 1 for count in counts.values())
