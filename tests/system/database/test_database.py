"""The store in a PostgreSQL database, with the program as operators run it: several spoolers,
servers that go away, disks that are full, connections that are used up."""

import os
import random
import signal
import subprocess
import time

import pytest

from arrival import to
from copies import copies_of
from crowd import Crowd
from shared_store import end_when_all_is_sent, require_every_copy, use
from postern_program import DELIVERED
from postgresql_server import NotInstalled, PostgresqlServer
from processes import is_connected, unavailable, wait_until
from small_disk import fill, mounted

KILLS = int(os.environ.get("POSTERN_KILLS", "12"))
SEED = int(os.environ.get("POSTERN_KILLS_SEED", "1"))
IO_ERROR, NO_RESOURCE, TEMPORARY_FAILURE = 74, 71, 75
SUBMITTERS, SPOOLERS, SESSIONS = 6, 2, 5
ADDRESSES = ("one@b.test", "two@b.test")


def started(**options):
    try:
        return PostgresqlServer(**options)
    except NotInstalled as why:
        return unavailable(str(why))


@pytest.fixture
def database(postern):
    """A server whose database is the store."""
    server = started()
    use(postern, server.url)
    yield server
    server.stop()


def spooler_words(postern, relay):
    return ("spool", "--relay", relay, "--store", postern.store, "--retry", "1s",
            "--sessions", str(SESSIONS))


def test_the_program_does_with_a_database_what_it_does_with_a_file(postern, database, make_catcher):
    catcher = make_catcher(postern.program, postern.directory)
    big = postern.sample("big.msg", "--attachment-size", 3 << 20)
    submitted = postern.submit([big], *to("one@b.test", "refuse-550@b.test"))
    assert submitted.status == DELIVERED, submitted.stderr
    assert [row["subject"] for row in postern.queue()] == [submitted.message["subject"]]
    assert postern.spool_until_empty(catcher.relay).status == DELIVERED
    ((envelope, content),) = catcher.wait_for(1)
    assert [row["address"] for row in envelope["recipients"]] == ["one@b.test"]
    assert len(content) > 4 << 20
    assert postern.queue() == []
    assert len(postern.inbox()) == 1, "the report about the one that was refused"


def kill_at_random(chance, spoolers, start, server, submitters):
    """Kills spoolers, now and then a submitter, or the database under them all."""
    kills, crashes = 0, 0
    while kills < KILLS:
        time.sleep(chance.random() * 0.6)
        dice = chance.random()
        if dice < 0.15:
            server.end(signal.SIGQUIT)
            time.sleep(chance.random() * 0.5)
            server.start()
            crashes += 1
        elif dice < 0.4:
            submitters.kill_one(chance)
        else:
            victim = chance.randrange(len(spoolers))
            spoolers[victim].kill()
            spoolers[victim].communicate()
            spoolers[victim] = start()
            kills += 1
    return kills, crashes


def test_nothing_acknowledged_is_lost_however_often_spoolers_and_the_server_die(
        postern, database, make_catcher):
    catcher = make_catcher(postern.program, postern.directory)
    chance = random.Random(SEED)

    def start():
        return postern.start(*spooler_words(postern, catcher.relay), stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)

    spoolers = [start() for _ in range(SPOOLERS)]
    submitters = Crowd(postern, SUBMITTERS, SEED, "submit", postern.sample(), "--json", "--store",
                       postern.store, "--store-wait", "30", *to(*ADDRESSES))
    try:
        kills, crashes = kill_at_random(chance, spoolers, start, database, submitters)
    finally:
        submitters.stop()
    end_when_all_is_sent(postern, submitters, spoolers)
    assert postern.inbox() == []

    wait_until(lambda: not is_connected(catcher.port), "the last connections")
    arrived, repeated = require_every_copy(submitters, copies_of(catcher), ADDRESSES)
    print(f"{kills} kills of spoolers, {crashes} crashes of the server; "
          f"{len(submitters.acknowledged)} messages acknowledged, {len(arrived)} arrived, "
          f"{repeated} copies too many")
    # What was in the air when a spooler died: a transaction for each session.
    assert repeated <= kills * SESSIONS * len(ADDRESSES)


def test_spoolers_wait_for_a_database_that_is_away_and_say_so(postern, database, make_catcher):
    catcher = make_catcher(postern.program, postern.directory)
    spooler = postern.start(*spooler_words(postern, catcher.relay))
    assert postern.submit([postern.sample()], *to("one@b.test")).status == DELIVERED
    catcher.wait_for(1)
    database.end()
    refused = postern.submit([postern.sample_file], *to("two@b.test"))
    assert refused.status == TEMPORARY_FAILURE
    assert "cannot be reached" in refused.stderr and refused.stderr.count("\n") == 1
    waiting = postern.start("submit", postern.sample_file, "--store", postern.store,
                            "--store-wait", "60", *to("two@b.test"))
    status = wait_until(lambda: status_while_away(postern), "the spooler to say what it lacks")
    assert status.status == TEMPORARY_FAILURE
    assert spooler.poll() is None
    database.start()
    assert waiting.wait(60) == DELIVERED, waiting.communicate()
    catcher.wait_for(2)
    spooler.terminate()
    _, said = spooler.communicate(timeout=30)
    assert "some mail waits: the" in said and "no mail waits for that any more" in said, said


def status_while_away(postern):
    """Once the spooler has found out that its database is away."""
    status = postern.run("status", "--store", postern.store)
    return status if "the store 'postgresql://" in status.stdout else None


def test_a_server_without_a_free_connection_is_waited_for(postern, make_catcher):
    server = started(settings={"max_connections": 9, "superuser_reserved_connections": 0})
    try:
        use(postern, server.url)
        catcher = make_catcher(postern.program, postern.directory)
        spooler = postern.start(*spooler_words(postern, catcher.relay))
        assert postern.submit([postern.sample()], *to("one@b.test")).status == DELIVERED
        catcher.wait_for(1)
        hogs = [hog(server) for _ in range(9)]
        wait_until(lambda: is_full(server), "the last connection to be taken")
        refused = postern.submit([postern.sample_file], *to("two@b.test"))
        assert refused.status == NO_RESOURCE, refused.stderr
        assert "has no connection left" in refused.stderr, refused.stderr
        waiting = postern.start("submit", postern.sample_file, "--store", postern.store,
                                "--store-wait", "60", *to("two@b.test"))
        time.sleep(1)
        for one in hogs:
            one.communicate()
        assert waiting.wait(60) == DELIVERED
        catcher.wait_for(2)
        assert spooler.poll() is None
        spooler.terminate()
        spooler.communicate(timeout=30)
    finally:
        server.stop()


def is_full(server):
    try:
        server.sql("SELECT 1")
        return False
    except subprocess.CalledProcessError:
        return True


def hog(server):
    """Somebody who has a connection and does nothing with it."""
    return subprocess.Popen(["psql", "-X", "-q", server.url], stdin=subprocess.PIPE,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_a_full_disk_of_the_server_refuses_submissions_until_there_is_room(postern, make_catcher):
    with mounted("size=200m,mode=755") as disk:
        (disk / "postgresql").mkdir()
        server = started(data=disk / "postgresql" / "data",
                         settings={"wal_recycle": "off", "min_wal_size": "32MB",
                                   "max_wal_size": "64MB"})
        try:
            use(postern, server.url)
            catcher = make_catcher(postern.program, postern.directory)
            big = postern.sample("big.msg", "--attachment-size", 20 << 20)
            filling = fill(disk)
            refused = postern.submit([big], *to("one@b.test"))
            assert refused.status in (IO_ERROR, TEMPORARY_FAILURE), refused.stderr
            filling.unlink()
            wait_until(server.is_ready, "the server")
            accepted = postern.run("submit", postern.sample_file, "--store", postern.store,
                                   "--store-wait", "60", *to("one@b.test"))
            assert accepted.status == DELIVERED, accepted.stderr
            assert postern.spool_until_empty(catcher.relay).status == DELIVERED
            assert len(catcher.wait_for(1)) == 1
        finally:
            server.stop()


def test_a_database_that_became_read_only_is_named(postern, database):
    database.sql("ALTER SYSTEM SET default_transaction_read_only = on")
    database.sql("SELECT pg_reload_conf()")
    time.sleep(2)
    refused = postern.submit([postern.sample()], *to("one@b.test"))
    assert refused.status == TEMPORARY_FAILURE, refused.stderr
    assert "read-only" in refused.stderr
    database.sql("ALTER SYSTEM RESET default_transaction_read_only")
    database.sql("SELECT pg_reload_conf()")
    time.sleep(2)
    assert postern.submit([postern.sample_file], *to("one@b.test")).status == DELIVERED


def databases(server):
    return set(server.sql("SELECT datname FROM pg_database").splitlines())


def test_bench_measures_a_server_and_leaves_no_database_behind(postern, database):
    before = databases(database)
    result = postern.run("bench", "--store", postern.store, "--seconds", "0.2", "--json")
    assert (result.status, result.stderr) == (DELIVERED, ""), result
    store = result.message["store"]
    assert store["kind"] == "database"
    for figures in (store["round_trip"], store["commit"], *store["submissions"]):
        assert figures["count"] > 0 and figures["median_ms"] > 0
    assert [row["threads"] for row in store["submissions"]] == [1, 10]
    assert databases(database) == before
    assert postern.queue() == [], "the store itself got nothing"


def test_bench_of_a_user_who_may_not_make_a_database_says_what_is_missing(postern, database):
    database.sql("CREATE ROLE plain LOGIN")
    url = postern.store.replace("postern@", "plain@")
    result = postern.run("bench", "--store", url, "--seconds", "0.1")
    assert (result.status, result.stderr) == (DELIVERED, ""), result
    assert "commit, 1 connection" in result.stdout
    assert "CREATEDB" in result.stdout and "submission, 1 thread" not in result.stdout


def test_bench_that_is_interrupted_drops_its_database(postern, database):
    before = databases(database)
    running = postern.start("bench", "--store", postern.store, "--seconds", "2")
    wait_until(lambda: databases(database) != before, "a database for the measurement")
    running.send_signal(signal.SIGINT)
    _, stderr = running.communicate(timeout=60)
    assert "nothing is left behind" in stderr
    assert databases(database) == before
