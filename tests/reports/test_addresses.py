"""Addresses in lines of logs, as each writer spells them."""

from __future__ import annotations

import pytest

from tickets.reports.addresses import find_addresses


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("src 2001:db8::1 dst ::1", [("2001:db8::1", None), ("::1", None)]),
        ("SRC=2001:0db8:0000:0000:0000:0000:0000:0001", [("2001:db8::1", None)]),
        ('{"ip":"2001:DB8::A","port":80}', [("2001:db8::a", None)]),
        ("[2001:db8::1]:443", [("2001:db8::1", 443)]),
        ("http://[2001:db8::a1]/index", [("2001:db8::a1", None)]),
        ("outside:2001:db8::1/443 inside:10.0.0.1/22", [("2001:db8::1", 443), ("10.0.0.1", 22)]),
        ("IP6 2001:db8::1.49152 > 2001:db8::2.443: Flags", [("2001:db8::1", 49152), ("2001:db8::2", 443)]),
        ("2001:db8::1: icmp6, then 2001:db8::2.", [("2001:db8::1", None), ("2001:db8::2", None)]),
        ("::ffff:10.0.0.1 is 10.0.0.1", [("10.0.0.1", None), ("10.0.0.1", None)]),
        ("inet6 2001:db8::5/64", [("2001:db8::5", None)]),
    ],
)
def test_an_address_is_found_in_each_spelling_and_given_in_one(
    text: str, named: list[tuple[str, int | None]]
) -> None:
    assert [(one.ip, one.port) for one in find_addresses(text)] == named


@pytest.mark.parametrize(
    "text",
    [
        "fe80::1%eth0 and [fe80::1%3]:80",
        "2001:db8::/32, 2001:db8:1::/64, 10.20.0.0/16",
        "00:1a:2b:3c:4d:5e, 00:11:22:33:44:55:66:77, 12:00:02",
        "std::string DB::Add ssl::ffff",
        "[2001:db8::1]:99999 2001:db8::1/99999 10.0.0.1:99999",
        "1:2:3:4:5:6:7:8:9 2001:db8::1::2 :::",
    ],
)
def test_zones_networks_hardware_and_names_are_no_address(text: str) -> None:
    assert list(find_addresses(text)) == []


def test_what_is_named_stands_where_it_says() -> None:
    text = "to [2001:db8::1]:443 from 10.0.0.1:80"
    assert [text[one.start : one.end] for one in find_addresses(text)] == ["[2001:db8::1]:443", "10.0.0.1:80"]


@pytest.mark.parametrize("piece", ["1:", ":", "abcd:", "[1:", "1.", "::%", "a-", "x" * 31 + ":"])
def test_a_line_of_any_length_is_read_in_time_that_grows_with_it(piece: str) -> None:
    assert list(find_addresses(piece * 40_000)) == []
