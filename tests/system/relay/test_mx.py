"""Delivery by MX: the options for MTA-STS and TLS reports. No mail leaves this machine: the domains'
hosts are either passed over by policy or are this machine itself, which is a loop."""

import json
import time

from dns_stub import TXT
from postern_program import EX_USAGE, ONE_ATTEMPT, SOME_FAILED, STILL_QUEUED

# The resolver answers for .test by itself (RFC 6761).
FROM, TO = ("--from", "sender@a.example"), ("--to", "recipient@b.example")


def announce(dns, address):
    dns.mx("b.example", "mx.b.example")
    dns.a("mx.b.example", address)
    dns.txt("_mta-sts.b.example", "v=STSv1; id=1;")


def keep_policy(directory, *lines):
    """As one that was fetched a moment ago."""
    directory.mkdir()
    policy = "\n".join(("version: STSv1", *lines, "max_age: 86400")) + "\n"
    (directory / "b.example.json").write_text(
        json.dumps({"id": "1", "fetched": int(time.time()), "policy": policy}))


def test_a_kept_policy_counts_and_its_failure_is_reported(postern, dns):
    announce(dns, "192.0.2.1")  # nobody's: whoever connected would wait for long
    cache, reports = postern.directory / "policies", postern.directory / "reports"
    keep_policy(cache, "mode: enforce", "mx: other.b.example")
    for _ in range(2):
        result = postern.send_by_mx(postern.sample(), dns, *FROM, *TO, *ONE_ATTEMPT,
                                    "--mta-sts-cache", cache, "--tls-reports", reports)
        assert result.status == STILL_QUEUED, result.stderr
        assert "MTA-STS policy of b.example" in result.stdout
    policies = [policy for file in reports.glob("*/b.example.json")
                for policy in json.loads(file.read_text())["policies"]]
    assert [policy["policy"]["policy-type"] for policy in policies] == ["sts"]
    details = policies[0]["failure-details"]
    assert [detail["result-type"] for detail in details] == ["validation-failure"]
    assert details[0]["receiving-mx-hostname"] == "mx.b.example"
    assert details[0]["failed-session-count"] >= 2


def test_without_mta_sts_nobody_is_asked_for_policies(postern, dns):
    announce(dns, "127.0.0.1")
    cache = postern.directory / "policies"
    keep_policy(cache, "mode: enforce", "mx: other.b.example")
    result = postern.send_by_mx(postern.sample(), dns, *FROM, *TO, "--no-mta-sts",
                                "--mta-sts-cache", cache)
    assert result.status == SOME_FAILED, result.stderr
    assert "5.4.6" in result.stdout
    assert ("_mta-sts.b.example", TXT) not in dns.asked


def test_directories_that_cannot_be_used_are_named(postern, dns):
    occupied = postern.directory / "occupied"
    occupied.write_text("a file")
    for option in ("--mta-sts-cache", "--tls-reports"):
        result = postern.send_by_mx(postern.sample(), dns, *FROM, *TO, option, occupied)
        assert result.status == EX_USAGE
        assert str(occupied) in result.stderr
