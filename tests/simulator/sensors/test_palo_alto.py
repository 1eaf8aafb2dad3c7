"""Rows of PAN-OS about sessions and detections."""

from __future__ import annotations

import csv

import pytest

from tests.simulator.sensors.scenes import SEED, alerts_in, flows_in, read_back, scene
from tickets.simulator.network import ETHERNET_HEADER_BYTES, SHORTEST_FRAME_BYTES, SentPacket
from tickets.simulator.randomness import Stream
from tickets.simulator.sensors.lines import LogLine, encode_lines
from tickets.simulator.sensors.palo_alto import Threat, write_threat_log, write_traffic_log


def _lines(east_s: int = 0) -> tuple[LogLine, ...]:
    played = scene()
    return write_traffic_log(played.all(), played.firewall, Stream(SEED, b"pan"), east_s=east_s)


def _rows(kind: str) -> list[list[str]]:
    lines = [line.text for line in _lines() if line.dialogue is scene().dialogues[kind]]
    return list(csv.reader(lines))


def _size(packets: list[SentPacket]) -> int:
    return sum(max(SHORTEST_FRAME_BYTES, ETHERNET_HEADER_BYTES + packet.ip_bytes) for packet in packets)


@pytest.mark.parametrize(
    ("kind", "application", "reason"),
    [
        ("page", "web-browsing", "tcp-fin"),
        ("refused", "incomplete", "tcp-rst-from-server"),
        ("half_open", "incomplete", "tcp-rst-from-client"),
        ("torn", "insufficient-data", "tcp-rst-from-server"),
        ("silent", "ntp-base", "aged-out"),
        ("ping", "ping", "aged-out"),
    ],
)
def test_a_session_tells_its_application_its_end_and_the_packets_of_both_sides(
    kind: str, application: str, reason: str
) -> None:
    (row,) = _rows(kind)
    played = scene().dialogues[kind]
    there = [packet for packet in played.packets if packet.src == played.client]
    back = [packet for packet in played.packets if packet.src == played.server]
    assert len(row) == 67
    assert (row[3], row[4], row[14], row[30], row[46]) == ("TRAFFIC", "end", application, "allow", reason)
    assert [int(row[at]) for at in (44, 45)] == [len(there), len(back)]
    assert [int(row[at]) for at in (32, 33)] == [_size(there), _size(back)]
    assert int(row[31]) == int(row[32]) + int(row[33])
    assert int(row[34]) == len(played.packets)


def test_a_translated_session_prints_both_addresses_of_its_source() -> None:
    (row,) = _rows("page")
    client = scene().dialogues["page"].client
    assert (row[7], row[9], row[24], row[26]) == (
        client.host.ip,
        "192.0.2.1",
        str(client.port),
        str(client.port),
    )
    assert row[28] == "0x400000"
    assert _rows("refused")[0][9] == "0.0.0.0"


def test_a_denied_session_is_one_row_of_its_first_packet() -> None:
    (row,) = _rows("blocked")
    assert (row[4], row[11], row[14], row[30], row[46]) == (
        *("deny", "deny-all", "not-applicable", "deny", "policy-deny"),
    )
    assert (row[44], row[45]) == ("1", "0")


def test_what_fits_no_session_is_not_in_the_log() -> None:
    assert _rows("backscatter") == []


def test_times_are_the_firewalls_own() -> None:
    plain, east = _lines()[0].text.split(",")[1], _lines(east_s=3600)[0].text.split(",")[1]
    assert (int(east[11:13]) - int(plain[11:13])) % 24 == 1


@pytest.mark.parametrize(("packet", "direction"), [(3, "client-to-server"), (5, "server-to-client")])
def test_a_threat_prints_the_session_and_says_which_way_it_went(packet: int, direction: str) -> None:
    played = scene()
    threat = Threat(dialogue=played.dialogues["page"], packet=packet, number=99001, name="TRAINING sign")
    (line,) = write_threat_log((threat,), played.all(), played.firewall, Stream(SEED, b"threat"))
    (row,) = csv.reader([line.text])
    assert (row[7], row[8]) == (played.reader.ip, played.site.ip)
    assert (row[32], row[35]) == ("TRAINING sign(99001)", direction)
    kind, records = read_back("threat.csv", encode_lines((line,)))
    (alert,) = alerts_in(records)
    assert (kind, alert.sid, alert.direction) == ("paloalto", 99001, direction)
    assert alert.flow_orig == threat.dialogue.client.endpoint


def test_the_engine_reads_sessions_with_their_counts() -> None:
    lines = _lines()
    kind, records = read_back("traffic.csv", encode_lines(lines))
    assert kind == "paloalto"
    assert len(records) == len(lines)
    page = scene().dialogues["page"]
    (flow,) = (flow for flow in flows_in(records) if flow.orig == page.client.endpoint)
    assert flow.orig_packets + flow.resp_packets == len(page.packets)
