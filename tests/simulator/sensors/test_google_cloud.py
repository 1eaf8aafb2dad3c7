"""Google Cloud's sampled flow records and its firewall's decisions."""

from __future__ import annotations

import json
from typing import Any

from tests.simulator.sensors.scenes import SEED, flows_in, read_back, scene, statements_in
from tickets.engine.types import Statement
from tickets.simulator.network import Zone
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import record
from tickets.simulator.sensors.google_cloud import write_firewall_rules_log, write_vpc_flows
from tickets.simulator.sensors.lines import LogLine, encode_lines


def _flows(one_in: int = 1) -> tuple[LogLine, ...]:
    played = scene()
    card = record(played.all(), played.stage.tap("card", Zone.DMZ, played.extranet), played.firewall)
    return write_vpc_flows(card, Stream(SEED, b"gcp"), one_in=one_in)


def _decisions() -> tuple[LogLine, ...]:
    return write_firewall_rules_log(scene().all(), scene().firewall, scene().extranet)


def _about(lines: tuple[LogLine, ...], kind: str) -> list[dict[str, Any]]:
    return [
        json.loads(line.text)["jsonPayload"] for line in lines if line.dialogue is scene().dialogues[kind]
    ]


def test_each_direction_is_a_record_and_the_reporter_is_the_machines_side() -> None:
    dialogue = scene().dialogues["torn"]
    halves = _about(_flows(), "torn")
    assert [half["reporter"] for half in halves] == ["DEST", "SRC"]
    assert [half["connection"]["src_ip"] for half in halves] == [
        dialogue.client.host.ip,
        dialogue.server.host.ip,
    ]
    assert sum(int(half["packets_sent"]) for half in halves) == len(dialogue.packets)
    assert sum(int(half["bytes_sent"]) for half in halves) == sum(
        packet.ip_bytes for packet in dialogue.packets
    )
    assert {
        half["dest_instance" if half["reporter"] == "DEST" else "src_instance"]["vm_name"] for half in halves
    } == {"extranet-1"}


def test_denied_ingress_never_shows_in_the_flow_log_but_in_the_firewalls() -> None:
    assert _about(_flows(), "blocked") == []
    (denied,) = _about(_decisions(), "blocked")
    assert (denied["disposition"], denied["rule_details"]["direction"]) == ("DENIED", "INGRESS")


def test_a_sample_is_scaled_up_and_misses_halves() -> None:
    sampled = [json.loads(line.text)["jsonPayload"] for line in _flows(one_in=4)]
    assert all(int(payload["packets_sent"]) % 4 == 0 for payload in sampled)
    assert 0 < len(sampled) < len(_flows())


def test_a_connection_that_the_machine_opened_is_egress() -> None:
    (allowed,) = _about(_decisions(), "clock")
    assert (allowed["disposition"], allowed["rule_details"]["direction"]) == ("ALLOWED", "EGRESS")
    assert allowed["connection"]["src_ip"] == "192.0.2.10"


def test_the_engine_reads_both() -> None:
    kind, records = read_back("flows.json", encode_lines(_flows()))
    assert (kind, len(records)) == ("gcp", len(_flows()))
    assert all(flow.is_half for flow in flows_in(records))
    _, records = read_back("firewall.json", encode_lines(_decisions()))
    for line, statement in zip(_decisions(), statements_in(records), strict=True):
        assert statement.orig == line.dialogue.client.endpoint
        is_denied = line.dialogue is scene().dialogues["blocked"]
        assert (statement.statement is Statement.DENIED) is is_denied
