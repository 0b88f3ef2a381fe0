"""A database on three machines with synchronous replication and failover by Patroni and etcd, whose
primary is killed and cut off again and again while programs submit and two spoolers send.

POSTERN_FAILOVERS says how often; 30 take about twelve minutes."""

import os
import random
import subprocess
import time

import pytest

from arrival import to
from copies import copies_of
from crowd import Crowd
from shared_store import end_when_all_is_sent, require_every_copy, use
from patroni_cluster import PASSWORD, PatroniCluster
from processes import wait_until

FAILOVERS = int(os.environ.get("POSTERN_FAILOVERS", "4"))
SEED = int(os.environ.get("POSTERN_FAILOVERS_SEED", "1"))
SECONDS_TO_RECOVER = 20
SECONDS_WITH_OLD_NEWS = 5
SUBMITTERS, SPOOLERS, SESSIONS = 4, 2, 5
ADDRESSES = ("one@b.test", "two@b.test")


@pytest.fixture(scope="module")
def cluster():
    made = PatroniCluster()
    yield made
    made.stop()


def kill_postgresql(cluster, primary):
    primary.kill_postgresql()


def kill_machine(cluster, primary):
    primary.kill()


def cut_off(cluster, primary):
    cluster.cut_off(primary)


def cut_off_with_its_etcd(cluster, primary):
    cluster.cut_off_etcd(primary)
    cluster.cut_off(primary)


def come_back(cluster, primary, fault):
    if fault is kill_machine:
        primary.start()
    elif fault is cut_off:
        cluster.join_again(primary)
    elif fault is cut_off_with_its_etcd:
        wait_until(cluster.can_acknowledge, "the other two to work", seconds=60)
        time.sleep(1)
        cluster.join_again(primary)  # and reads for a while that it still is the primary
        time.sleep(SECONDS_WITH_OLD_NEWS)
        cluster.join_etcd_again(primary)


FAULTS = (kill_postgresql, kill_machine, cut_off, cut_off_with_its_etcd)


def has_taken_over(cluster, primary, began):
    """Another one, or in the end the same again, which Patroni has started before others could be."""
    now = cluster.primary()
    return now and (now is not primary or time.monotonic() - began > SECONDS_TO_RECOVER)


def fail_over_again_and_again(cluster):
    """How long the database was away each time, by what was done to it."""
    chance, away = random.Random(SEED), []
    for number in range(FAILOVERS):
        fault = FAULTS[number] if number < len(FAULTS) else chance.choice(FAULTS)
        primary = cluster.wait_until_whole()
        time.sleep(1 + chance.random())
        began = time.monotonic()
        fault(cluster, primary)
        wait_until(lambda: has_taken_over(cluster, primary, began), "a primary", seconds=90)
        away.append((fault.__name__, round(time.monotonic() - began, 1)))
        time.sleep(chance.random())
        come_back(cluster, primary, fault)
    cluster.wait_until_whole()
    return away


def test_nothing_acknowledged_is_lost_however_often_the_primary_dies(
        postern, cluster, make_catcher):
    sample = postern.sample()
    postern.program = cluster.program(postern.program, postern.directory)
    postern.environment["PGPASSWORD"] = PASSWORD
    use(postern, cluster.url)
    catcher = make_catcher(postern.program, postern.directory)

    spoolers = [postern.start("spool", "--relay", catcher.relay, "--store", postern.store,
                              "--retry", "1s", "--sessions", str(SESSIONS),
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                for _ in range(SPOOLERS)]
    submitters = Crowd(postern, SUBMITTERS, SEED, "submit", sample, "--json", "--store",
                       postern.store, "--store-wait", "120", *to(*ADDRESSES), longest_pause=0.3)
    try:
        away = fail_over_again_and_again(cluster)
    finally:
        submitters.stop()
    end_when_all_is_sent(postern, submitters, spoolers)
    assert postern.inbox() == []

    arrived, repeated = require_every_copy(submitters, copies_of(catcher), ADDRESSES)
    print(f"failovers: {away}, {cluster.made_anew} standbys made anew; "
          f"{len(submitters.acknowledged)} messages acknowledged, {len(arrived)} arrived, "
          f"{repeated} copies too many")
    # No spooler died: what its server had said it could record when the database was back.
    assert repeated == 0
