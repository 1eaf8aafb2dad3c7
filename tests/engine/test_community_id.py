"""The Community ID is the one that other sensors print."""

from __future__ import annotations

import pytest

from tests.traffic import endpoint
from tickets.engine.community_id import community_id_of
from tickets.engine.types import Endpoint, Protocol

# Published with the specification: its baseline/baseline_deflt.json, and the tests of pycommunityid.
PUBLISHED = [
    (Protocol.TCP, "128.232.110.120:34855", "66.35.250.204:80", "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
    (Protocol.TCP, "10.0.0.1:10", "10.0.0.2:11569", "1:SXBGMX1lBOwhhoDrZynfROxnhnM="),
    (
        Protocol.TCP,
        "[2001:470:e5bf:dead:4957:2174:e82c:4887]:63943",
        "[2607:f8b0:400c:c03::1a]:25",
        "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=",
    ),
    (Protocol.UDP, "192.168.1.52:54585", "8.8.8.8:53", "1:d/FP5EW3wiY1vCndhwleRRKHowQ="),
    (Protocol.ICMP, "192.168.0.89:8", "192.168.0.1:0", "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="),
    (
        Protocol.ICMP,
        "[fe80::200:86ff:fe05:80da]:135",
        "[fe80::260:97ff:fe07:69ea]:136",
        "1:dGHyGvjMfljg6Bppwm3bg0LO8TY=",
    ),
    (
        Protocol.ICMP,
        "[fe80::260:97ff:fe07:69ea]:135",
        "[fe80::200:86ff:fe05:80da]:136",
        "1:zavyT/cezQr1fmImYCwYnMXbgck=",
    ),
    (
        Protocol.ICMP,
        "[3ffe:507:0:1:200:86ff:fe05:80da]:128",
        "[3ffe:501:0:1001::2]:129",
        "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=",
    ),
    (Protocol.ICMP, "[fe80::200:86ff:fe05:80da]:133", "[ff02::2]:134", "1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0="),
]
ONE_WAY = [
    ("10.0.0.1:11", "10.0.0.2:0", "1:YHxtAirCG//0OzkcVAukqKQN9xM="),
    ("192.168.0.89:20", "192.168.0.1:1", "1:tz/fHIDUHs19NkixVVoOZywde+I="),
    (
        "[3ffe:501:410:0:2c0:dfff:fe47:33e]:1",
        "[3ffe:507:0:1:200:86ff:fe05:80da]:4",
        "1:hLZd0XGWojozrvxqE0dWB1iM6R0=",
    ),
]


@pytest.mark.parametrize(("protocol", "src", "dst", "expected"), PUBLISHED)
def test_the_published_ids_come_out_in_both_directions(
    protocol: Protocol, src: str, dst: str, expected: str
) -> None:
    assert community_id_of(protocol, endpoint(src), endpoint(dst)) == expected
    assert community_id_of(protocol, endpoint(dst), endpoint(src)) == expected


@pytest.mark.parametrize(("src", "dst", "expected"), ONE_WAY)
def test_an_icmp_message_without_a_counterpart_has_a_direction(src: str, dst: str, expected: str) -> None:
    assert community_id_of(Protocol.ICMP, endpoint(src), endpoint(dst)) == expected
    assert community_id_of(Protocol.ICMP, endpoint(dst), endpoint(src)) != expected


def test_an_end_without_an_address_has_no_id() -> None:
    assert community_id_of(Protocol.TCP, Endpoint("10.0.0.1", 1), Endpoint("web1", 22)) == ""
