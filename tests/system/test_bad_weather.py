"""What happens to good mail when servers and networks are bad."""

import os
import subprocess
import time

import pytest

from arrival import to
from dns_stub import DnsStub
from postern_program import DELIVERED, ONE_ATTEMPT, STILL_QUEUED
from processes import wait_until
from two_machines import NOBODY, SERVER, TwoMachines
from weather import Weather

# How long good mail is sent beside bad domains; longer by hand.
SECONDS = float(os.environ.get("POSTERN_WEATHER_SECONDS", "10"))
FAST = "198.18.2.1"
BAD_DOMAINS, MESSAGES_EACH = 50, 20
KINDS = ("dead", "silent", "slow", "refusing")


@pytest.fixture
def machines(tmp_path):
    two = TwoMachines(tmp_path)
    yield two
    two.stop()


def test_a_relay_whose_first_address_swallows_everything_is_reached_at_its_second(
        postern, machines):
    weather = machines.on_servers_machine(lambda: Weather({SERVER: "quick"}))
    try:
        hosts = f"127.0.0.1 localhost\n{NOBODY} relay.test\n{SERVER} relay.test\n"
        sample = postern.sample_file
        postern.program = machines.program(postern.program, hosts=hosts)
        for number in range(2):
            began = time.monotonic()
            result = postern.send(sample, f"smtp://relay.test:{weather.port}",
                                  *to("one@b.test"), "--tls", "none", *ONE_ATTEMPT)
            assert result.status == DELIVERED, result.stderr
            assert time.monotonic() - began < 15
            assert len(weather.arrivals) == number + 1
    finally:
        weather.stop()


def test_mail_for_a_good_domain_is_not_held_up_by_fifty_bad_ones(postern, machines):
    addresses = {f"198.18.1.{number + 1}": KINDS[number % len(KINDS)]
                 for number in range(BAD_DOMAINS)}
    for address in (*addresses, FAST):
        machines.add_address(address)
    weather = machines.on_servers_machine(lambda: Weather({**addresses, FAST: "quick"}))
    dns = machines.on_servers_machine(lambda: DnsStub(SERVER))
    sample = postern.sample_file
    spooler = None
    try:
        for number, address in enumerate(addresses):
            dns.mx(f"bad{number}.example", f"mx{number}.example")
            dns.a(f"mx{number}.example", address)
            submitted = postern.submit([sample] * MESSAGES_EACH, "--from", "sender@a.example",
                                       "--to", f"x@bad{number}.example")
            assert submitted.status == DELIVERED, submitted.stderr
        dns.mx("fast.example", "mx.fast.example")
        dns.a("mx.fast.example", FAST)
        spooler = postern.start_elsewhere(
            machines.program(postern.program), "spool", "--mx", "--mx-port", weather.port,
            "--dns-server", dns.address, "--no-mta-sts", "--store", postern.store,
            # Nobody reads what it says of thousands of attempts.
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        delays = send_to_fast(postern, sample, weather)
        print(f"{len(delays)} messages, the slowest after {max(delays):.2f} s; "
              f"{resident_megabytes(spooler)} MB")
        assert max(delays) < 1, sorted(delays)[-5:]
        assert spooler.poll() is None
    finally:
        if spooler is not None:
            spooler.terminate()
            spooler.communicate(timeout=60)
        weather.stop()
        dns.stop()


def send_to_fast(postern, sample, weather):
    """How long each message took from the end of its submission to its arrival."""
    delays = []
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        count = len(fast_arrivals(weather))
        submitted = postern.submit([sample], "--from", "sender@a.example", "--to",
                                   "x@fast.example")
        assert submitted.status == DELIVERED, submitted.stderr
        began = time.time()
        wait_until(lambda: len(fast_arrivals(weather)) > count, "the message")
        delays.append(fast_arrivals(weather)[count][1] - began)
        time.sleep(0.2)
    return delays


def fast_arrivals(weather):
    return [arrival for arrival in weather.arrivals if arrival[2] == FAST]


def resident_megabytes(process):
    with open(f"/proc/{process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20
