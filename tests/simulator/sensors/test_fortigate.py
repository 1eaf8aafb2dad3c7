"""A FortiGate's traffic log."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.simulator.sensors.scenes import SEED, flows_in, read_back, scene
from tickets.simulator.randomness import Stream
from tickets.simulator.sensors.fortigate import write_fortigate_log
from tickets.simulator.sensors.lines import LogLine, encode_lines


def _lines(east_s: int = 0, skew_ns: int = 0) -> tuple[LogLine, ...]:
    played = scene()
    firewall = replace(played.firewall, skew_ns=skew_ns)
    return write_fortigate_log(played.all(), firewall, Stream(SEED, b"fortigate"), east_s=east_s)


def _about(kind: str) -> list[dict[str, str]]:
    lines = [line.text for line in _lines() if line.dialogue is scene().dialogues[kind]]
    return [_pairs(line) for line in lines]


def _pairs(line: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in re.findall(r'(\w+)=("[^"]*"|\S+)', line)}


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("page", "close"),
        ("refused", "server-rst"),
        ("half_open", "client-rst"),
        ("late", "timeout"),
        ("silent", "accept"),
        ("ping", "accept"),
    ],
)
def test_an_allowed_session_says_how_it_ended_and_counts_ip_packets(kind: str, action: str) -> None:
    (pairs,) = _about(kind)
    played = scene().dialogues[kind]
    packets = played.packets[: len(played.packets) - (kind == "late")]
    there = [packet for packet in packets if packet.src == played.client]
    assert pairs["action"] == action
    assert (pairs["srcip"], pairs["dstip"]) == (played.client.host.ip, played.server.host.ip)
    assert int(pairs["sentpkt"]) == len(there)
    assert int(pairs["rcvdpkt"]) == len(packets) - len(there)
    assert int(pairs["sentbyte"]) == sum(packet.ip_bytes for packet in there)
    assert int(pairs["sentbyte"]) + int(pairs["rcvdbyte"]) == sum(packet.ip_bytes for packet in packets)


def test_the_duration_runs_to_the_end_of_the_timeout() -> None:
    assert _about("silent")[0]["duration"] == "180"
    assert int(_about("late")[0]["duration"]) in range(3600, 3603)


def test_each_denied_packet_is_a_line_without_counts() -> None:
    lines = _about("blocked")
    assert len(lines) == len(scene().dialogues["blocked"].packets)
    assert {(pairs["action"], pairs["policyid"], pairs["sentpkt"]) for pairs in lines} == {("deny", "0", "0")}


def test_translations_of_the_source_and_of_the_target_have_their_own_names() -> None:
    (outbound,) = _about("page")
    assert (outbound["trandisp"], outbound["transip"]) == ("snat", "192.0.2.1")
    played = scene()
    inner = replace(
        played.firewall,
        published=frozenset({*played.firewall.published}),
        static=(("203.0.113.254", "192.0.2.10"),),
    )
    lines = write_fortigate_log((played.dialogues["refused"],), inner, Stream(SEED, b"fortigate"))
    pairs = _pairs(lines[0].text)
    assert (pairs["dstip"], pairs["trandisp"], pairs["tranip"]) == ("203.0.113.254", "dnat", "192.0.2.10")


def test_the_printed_time_has_the_devices_zone_and_error_and_the_event_time_the_error_only() -> None:
    plain, local = _pairs(_lines()[0].text), _pairs(_lines(east_s=-5 * 3600, skew_ns=2 * 10**9)[0].text)
    assert local["tz"] == "-0500"
    assert int(local["eventtime"]) - int(plain["eventtime"]) == 2 * 10**9
    assert (int(plain["time"][:2]) - int(local["time"][:2])) % 24 in (4, 5)


def test_the_engine_reads_sessions_with_their_counts() -> None:
    lines = _lines()
    kind, records = read_back("fortigate.log", encode_lines(lines))
    assert kind == "fortinet"
    assert len(records) == len(lines)
    page = scene().dialogues["page"]
    (flow,) = (flow for flow in flows_in(records) if flow.orig == page.client.endpoint)
    assert flow.orig_packets + flow.resp_packets == len(page.packets)
    assert flow.translated
