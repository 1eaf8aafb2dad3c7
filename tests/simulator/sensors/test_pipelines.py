"""What collectors make of other sensors' records, and how it misleads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.simulator.sensors.scenes import alerts_in, flow_of, read_back, scene, statements_in
from tickets.engine.types import Statement
from tickets.simulator.network import Zone
from tickets.simulator.sensors.alarms import Alarm, Signature
from tickets.simulator.sensors.ecs import write_ecs
from tickets.simulator.sensors.lines import LogLine, encode_lines
from tickets.simulator.sensors.pipeline_events import (
    EndRule,
    Event,
    Mapping,
    map_alerts,
    map_denials,
    map_flows,
    map_sessions,
)
from tickets.simulator.sensors.siem_lines import write_cef, write_cim, write_leef

SIGN = Signature(sid=1900001, rev=2, message="TRAINING a=b | c", category="Misc activity", severity=2)
INSIDE = Zone.INSIDE


def _alerts(mapping: Mapping = Mapping.PACKET_ENDS_FLOW_COUNTS) -> tuple[Event, ...]:
    alarm = Alarm(signature=SIGN, dialogue=scene().dialogues["page"], packet=5)
    return map_alerts(scene().recording(INSIDE), [alarm], mapping)


def _denials() -> tuple[Event, ...]:
    return map_denials(scene().all(), scene().firewall)


def _only(lines: tuple[LogLine, ...]) -> dict[str, Any]:
    (line,) = lines
    found: dict[str, Any] = json.loads(line.text)
    return found


def _so_far() -> tuple[int, int]:
    flow = flow_of(scene().recording(INSIDE), scene().dialogues["page"]).until(6)
    return flow.tally(from_orig=True).frame_bytes, flow.tally(from_orig=False).frame_bytes


def test_the_usual_mapping_puts_the_clients_bytes_at_the_packets_source() -> None:
    event = _only(write_ecs(_alerts()))
    client_bytes, server_bytes = _so_far()
    assert (event["source"]["ip"], event["source"]["port"]) == (scene().site.ip, 80)
    assert (event["source"]["bytes"], event["destination"]["bytes"]) == (client_bytes, server_bytes)
    assert event["network"]["direction"] == "inbound"
    assert "client" not in event


def test_a_careful_mapping_gives_each_side_its_own_and_names_the_client() -> None:
    event = _only(write_ecs(_alerts(Mapping.MATCHING)))
    client_bytes, server_bytes = _so_far()
    assert (event["source"]["bytes"], event["destination"]["bytes"]) == (server_bytes, client_bytes)
    assert event["client"] == {"ip": scene().reader.ip, "port": scene().dialogues["page"].client.port}


def test_the_lower_port_is_taken_for_the_server_even_of_a_scan_that_leaves_from_port_80() -> None:
    recording = scene().recording(Zone.OUTSIDE)
    stray = scene().dialogues["backscatter"]
    by_port = next(
        event for event in map_flows(recording, EndRule.LOWER_PORT_IS_SERVER) if event.dialogue is stray
    )
    by_packet = next(event for event in map_flows(recording, EndRule.FIRST_PACKET) if event.dialogue is stray)
    assert (by_port.src.port, by_port.direction) == (3932, "outbound")
    assert (by_packet.src.port, by_packet.direction) == (80, "inbound")
    assert (by_port.src_count, by_port.dst_count) == (by_packet.dst_count, by_packet.src_count)


def test_flows_keep_their_counts_whichever_end_stands_first() -> None:
    recording = scene().recording(Zone.OUTSIDE)
    for rule in EndRule:
        events = map_flows(recording, rule)
        assert sum(event.src_count.packets + event.dst_count.packets for event in events) == len(
            recording.packets
        )


def test_sessions_of_the_firewall_have_both_addresses_of_a_translated_source() -> None:
    page = next(
        event
        for event in map_sessions(scene().all(), scene().firewall)
        if event.dialogue is scene().dialogues["page"]
    )
    event = _only(write_ecs((page,)))
    assert event["source"]["nat"]["ip"] == "192.0.2.1"
    assert event["event"]["type"] == ["connection", "end"]
    told = _only(write_cim((page,)))
    assert told["direction"] == "outbound"
    assert told["bytes"] == sum(len(packet.payload) for packet in scene().dialogues["page"].packets)


def test_cef_escapes_what_its_syntax_uses_and_calls_everything_inbound() -> None:
    page = next(
        event
        for event in map_sessions(scene().all(), scene().firewall)
        if event.dialogue is scene().dialogues["page"]
    )
    (alert,), (session,) = write_cef(_alerts()), write_cef((page,))
    assert "|TRAINING a=b \\| c|5|" in alert.text
    assert " deviceDirection=0 " in alert.text
    assert " deviceDirection=0" in session.text
    assert "sourceTranslatedAddress=192.0.2.1" in session.text


def test_the_collectors_zone_is_in_the_header_and_not_in_the_event() -> None:
    (plain,), (local,) = write_cef(_alerts()), write_cef(_alerts(), east_s=3600)
    assert plain.text[:15] != local.text[:15]
    assert plain.text[15:] == local.text[15:]


@pytest.mark.parametrize("version", [1, 2])
def test_leef_has_the_delimiter_of_its_version(version: int) -> None:
    (line,) = write_leef(_alerts(), version=version)
    assert line.text.startswith(f"LEEF:{version}.0|ExampleVendor|IDS|1.0|1900001|")
    assert ("^srcPort=80^" in line.text) is (version == 2)
    assert ("\tsrcPort=80\t" in line.text) is (version == 1)


@pytest.mark.parametrize("write", [write_ecs, write_cef, write_leef, write_cim])
def test_the_engine_reads_an_alert_and_denials_in_every_format(write: object) -> None:
    assert callable(write)
    _, records = read_back("alert", encode_lines(write(_alerts())))
    (alert,) = alerts_in(records)
    assert (alert.src.ip, alert.src.port, alert.sid) == (scene().site.ip, 80, 1900001)
    _, records = read_back("denials", encode_lines(write(_denials())))
    statements = statements_in(records)
    assert len(statements) == len(scene().dialogues["blocked"].packets)
    assert {statement.statement for statement in statements} == {Statement.DENIED}
