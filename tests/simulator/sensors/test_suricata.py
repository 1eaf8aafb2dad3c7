"""Suricata's log about conversations that it saw whole, late, or from one side."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.simulator.sensors.scenes import (
    SEED,
    alerts_in,
    captured,
    flag_sum,
    flow_of,
    flows_in,
    from_packet,
    one_way,
    read_back,
    scene,
    sent,
)
from tests.simulator.staging import make_stage
from tickets.engine.types import Protocol
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.dialogues.udp import play_traceroute
from tickets.simulator.network import Socket, Zone
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import Recording, record
from tickets.simulator.sensors.alarms import Alarm, Signature
from tickets.simulator.sensors.suricata_eve import ALL_KINDS, Release, Setup, write_eve_log
from tickets.simulator.sensors.suricata_fast import write_fast_log
from tickets.simulator.sensors.suricata_flows import Streams

Event = dict[str, Any]
SIGN = Signature(sid=1900001, rev=2, message="TRAINING sign", category="Misc activity", severity=3)
PICKUP = Setup(kinds=ALL_KINDS, streams=Streams(midstream=True))
BY_DEFAULT = Setup(kinds=ALL_KINDS)


def _events(recording: Recording, setup: Setup = BY_DEFAULT, *alarms: Alarm) -> list[Event]:
    data, _ = write_eve_log(recording, alarms, Stream(SEED, b"eve"), setup)
    return [json.loads(line) for line in data.splitlines()]


def _about(kind: str, events: list[Event], event_type: str = "flow") -> list[Event]:
    dialogue = scene().dialogues[kind]
    ports = {dialogue.client.port, dialogue.server.port}
    return [
        event
        for event in events
        if event["event_type"] == event_type
        and {event.get("src_port"), event.get("dest_port")} == ports
        and dialogue.server.host.ip in (event["src_ip"], event["dest_ip"])
    ]


def _sides(event: Event) -> tuple[int, int, int]:
    return event["src_port"], event["flow"]["pkts_toserver"], event["flow"]["pkts_toclient"]


@pytest.mark.parametrize("zone", [Zone.OUTSIDE, Zone.INSIDE, Zone.DMZ])
@pytest.mark.parametrize("cut", ["whole", "late", "one way there", "one way back"])
@pytest.mark.parametrize(
    "setup", [BY_DEFAULT, PICKUP, replace(PICKUP, streams=Streams(midstream=True, async_oneside=True))]
)
def test_every_flow_counts_the_frames_of_the_capture_whatever_side_it_holds_for_the_client(
    zone: Zone, cut: str, setup: Setup
) -> None:
    recording = _cut(scene().recording(zone), cut)
    totals: dict[frozenset[tuple[str, int]], list[int]] = {}
    for event in _events(recording, setup):
        if event["event_type"] != "flow" or event["proto"] == "ICMP":
            continue
        src, dst = (event["src_ip"], event["src_port"]), (event["dest_ip"], event["dest_port"])
        counts = event["flow"]
        totals.setdefault(frozenset((src, dst)), [0, 0])
        totals[frozenset((src, dst))][0] += counts["pkts_toserver"] + counts["pkts_toclient"]
        totals[frozenset((src, dst))][1] += counts["bytes_toserver"] + counts["bytes_toclient"]
    for ends, packets in captured(recording).items():
        assert totals[ends] == [len(packets), sum(packet.frame_bytes for packet in packets)]


def _cut(recording: Recording, cut: str) -> Recording:
    if cut == "late":
        return from_packet(recording, 1)
    if cut.startswith("one way"):
        return one_way(recording, from_orig=cut.endswith("there"))
    return recording


@pytest.mark.parametrize(
    ("kind", "state", "tcp", "flags"),
    [
        ("page", "closed", "closed", ("1b", "1b")),
        ("refused", "closed", "closed", ("02", "14")),
        ("blocked", "new", "syn_sent", ("02", "00")),
        ("half_open", "closed", "closed", ("06", "12")),
        ("torn", "closed", "closed", ("1a", "16")),
    ],
)
def test_states_and_flags_of_what_was_seen_whole(
    kind: str, state: str, tcp: str, flags: tuple[str, str]
) -> None:
    (event,) = _about(kind, _events(scene().recording()))
    assert (event["flow"]["state"], event["tcp"]["state"]) == (state, tcp)
    assert (event["tcp"]["tcp_flags_ts"], event["tcp"]["tcp_flags_tc"]) == flags


def test_without_pickup_a_syn_ack_that_comes_first_leaves_no_session_and_the_server_as_source() -> None:
    (event,) = _about("torn", _events(from_packet(scene().recording(), 1)))
    assert _sides(event) == (443, 3, 2)
    assert event["tcp"] == {"tcp_flags": "00", "tcp_flags_ts": "00", "tcp_flags_tc": "00"}
    assert event["flow"]["state"] == "new"


def test_with_pickup_a_syn_ack_turns_the_sides() -> None:
    (event,) = _about("torn", _events(from_packet(scene().recording(), 1), PICKUP))
    assert _sides(event) == (scene().dialogues["torn"].client.port, 2, 3)
    assert (event["tcp"]["tcp_flags_ts"], event["tcp"]["tcp_flags_tc"]) == ("18", "16")


def test_with_pickup_a_servers_data_turn_the_sides_once_they_are_acknowledged() -> None:
    """An alert on the data themselves still holds the server for the client; one on the acknowledgement does not."""
    page = scene().dialogues["page"]
    recording = from_packet(scene().recording(), 4)
    alarms = [Alarm(signature=SIGN, dialogue=page, packet=number) for number in range(7)]
    told = [
        (event["src_port"], event["direction"], event["flow"]["src_port"])
        for event in _about("page", _events(recording, PICKUP, *alarms), "alert")
    ]
    assert told[0] == (80, "to_server", 80)
    assert told[-1] == (page.client.port, "to_server", page.client.port)
    (flow,) = _about("page", _events(recording, PICKUP))
    assert flow["src_port"] == page.client.port


def test_a_flow_that_was_silent_longer_than_its_timeout_begins_anew_with_whoever_speaks() -> None:
    first, second = _about("late", _events(scene().recording()))
    assert (first["flow"]["state"], first["flow"]["reason"]) == ("established", "timeout")
    assert _sides(second) == (80, 1, 0)


def test_a_sensor_that_is_restarted_tells_its_flows_and_forgets_them() -> None:
    played = scene()
    tap = played.stage.tap("restarted", Zone.OUTSIDE)
    page = played.dialogues["page"]
    moment = tap.pass_ns(page.packets[5]) - 1
    recording = record(played.all(), replace(tap, restarts_ns=(moment,)), played.firewall)
    first, second = _about("page", _events(recording, PICKUP))
    assert first["flow"]["reason"] == "shutdown"
    assert first["flow"]["pkts_toserver"] + first["flow"]["pkts_toclient"] == 5
    assert not second["tcp"].get("syn", False)


def test_alerts_of_version_six_tell_counts_only_and_of_seven_the_sides_too() -> None:
    alarm = Alarm(signature=SIGN, dialogue=scene().dialogues["page"], packet=1)
    (old,) = _about("page", _events(scene().recording(), Setup(release=Release.SIX), alarm), "alert")
    (new,) = _about("page", _events(scene().recording(), Setup(release=Release.SEVEN), alarm), "alert")
    assert "direction" not in old
    assert "src_ip" not in old["flow"]
    assert (new["direction"], new["flow"]["dest_port"]) == ("to_client", 80)
    assert {key: new["flow"][key] for key in old["flow"]} == old["flow"]


def test_a_sensor_in_the_line_drops_and_tells_the_packet_and_the_verdict() -> None:
    played = scene().dialogues["torn"]
    alarm = Alarm(signature=SIGN, dialogue=played, packet=3, drops=True)
    events = _events(scene().recording(), BY_DEFAULT, alarm)
    (alert,), (drop,) = _about("torn", events, "alert"), _about("torn", events, "drop")
    assert (alert["alert"]["action"], alert["verdict"]["action"]) == ("blocked", "drop")
    assert (drop["drop"]["tcpseq"], drop["drop"]["psh"], drop["drop"]["syn"]) == (
        played.packets[3].seq,
        True,
        False,
    )
    assert drop["drop"]["len"] == played.packets[3].ip_bytes


def test_netflow_tells_each_direction_with_its_own_flags_and_ttl() -> None:
    there, back = _about("page", _events(scene().recording()), "netflow")
    flow = flow_of(scene().recording(), scene().dialogues["page"])
    for event, end in ((there, flow.orig), (back, flow.resp)):
        mine = sent(
            captured(scene().recording())[
                frozenset(((flow.orig.ip, flow.orig.port), (flow.resp.ip, flow.resp.port)))
            ],
            end,
        )
        assert event["src_ip"] == end.ip
        assert (event["netflow"]["pkts"], event["netflow"]["bytes"]) == (
            len(mine),
            sum(packet.frame_bytes for packet in mine),
        )
        assert event["tcp"]["tcp_flags"] == f"{flag_sum(mine):02x}"
        assert {event["netflow"]["min_ttl"], event["netflow"]["max_ttl"]} == {packet.ttl for packet in mine}


@pytest.mark.parametrize(("release", "ends"), [(Release.SEVEN, [53, 53]), (Release.EIGHT, [53, None])])
def test_dns_prints_the_flow_in_format_two_and_the_packet_in_format_three(
    release: Release, ends: list[int | None]
) -> None:
    events = _about("lookup", _events(scene().recording(Zone.INSIDE), Setup(release=release)), "dns")
    assert [event["dns"]["version"] for event in events] == [2 if release is Release.SEVEN else 3] * 2
    client = scene().dialogues["lookup"].client.port
    assert [event["dest_port"] for event in events] == [client if end is None else end for end in ends]
    assert events[1]["dns"]["grouped"] == {"A": [scene().site.ip]}


def test_an_answer_whose_request_was_missed_is_told_without_one_and_is_an_anomaly() -> None:
    events = _events(from_packet(scene().recording(), 4), PICKUP)
    (http,), (anomaly,) = _about("page", events, "http"), _about("page", events, "anomaly")
    assert (http["http"]["status"], http["http"]["url"]) == (200, "/libhtp::request_uri_not_seen")
    assert anomaly["anomaly"]["event"] == "UNABLE_TO_MATCH_RESPONSE_TO_REQUEST"


def test_a_request_whose_answer_was_missed_is_told_when_the_flow_is_given_up() -> None:
    setup = replace(PICKUP, streams=Streams(midstream=True, async_oneside=True))
    recording = one_way(scene().recording(), from_orig=True)
    (http,) = _about("page", _events(recording, setup), "http")
    assert "status" not in http["http"]
    assert http["timestamp"] > _about("page", _events(recording, setup))[0]["flow"]["end"]


def test_an_echo_has_its_type_in_place_of_ports() -> None:
    (event,) = (
        item
        for item in _events(scene().recording())
        if item.get("proto") == "ICMP" and item["event_type"] == "flow"
    )
    assert (event["icmp_type"], event["icmp_code"]) == (8, 0)
    assert "src_port" not in event


def test_the_sensor_counts_what_it_decoded() -> None:
    (event,) = (item for item in _events(scene().recording()) if item["event_type"] == "stats")
    assert event["stats"]["decoder"]["pkts"] == len(scene().recording().packets)


def test_the_fast_log_prints_the_packet_and_marks_a_drop() -> None:
    page, torn = scene().dialogues["page"], scene().dialogues["torn"]
    alarms = [
        Alarm(signature=SIGN, dialogue=page, packet=1),
        Alarm(signature=SIGN, dialogue=torn, packet=3, drops=True),
    ]
    first, second = write_fast_log(scene().recording(), alarms).decode().splitlines()
    assert first.endswith(
        "  [**] [1:1900001:2] TRAINING sign [**] [Classification: Misc activity] [Priority: 3]"
        f" {{TCP}} {scene().site.ip}:80 -> 192.0.2.1:{page.client.port}"
    )
    assert "  [Drop] [**] " in second
    kind, records = read_back("fast.log", (first + "\n" + second + "\n").encode())
    assert kind == "suricata.fast"
    assert [alert.src.port for alert in alerts_in(records)] == [80, torn.client.port]


@pytest.mark.parametrize(
    "setup", [BY_DEFAULT, PICKUP, Setup(release=Release.SIX), Setup(release=Release.SEVEN)]
)
def test_the_engine_reads_the_log_and_finds_the_alert_where_it_is_said_to_be(setup: Setup) -> None:
    recording = scene().recording()
    alarm = Alarm(signature=SIGN, dialogue=scene().dialogues["page"], packet=1)
    data, (told,) = write_eve_log(recording, [alarm], Stream(SEED, b"eve"), setup)
    kind, records = read_back("eve.json", data)
    assert kind == "suricata.eve"
    (alert,) = alerts_in(records)
    assert alert == told
    page = flow_of(recording, scene().dialogues["page"])
    (flow,) = (item for item in flows_in(records) if item.orig == page.orig and not item.is_half)
    assert (flow.orig_packets, flow.resp_packets) == tuple(
        page.tally(from_orig=side).packets for side in (True, False)
    )
    assert flow.end_ns - flow.time_ns == (page.end_ns - page.start_ns)
    assert flow.time_ns // NS_PER_S == page.start_ns // NS_PER_S


def test_an_error_about_an_expired_packet_belongs_to_no_flow() -> None:
    """So a run of Suricata 7.0.10 wrote it."""
    stage = make_stage()
    tracer, target = stage.workstation(), stage.stranger()
    chance = stage.noise.child("trace")
    trace = play_traceroute(Socket(tracer, 40_000), target, stage.routers(target), stage.start_ns, chance)
    error = next(item for item in trace if item.protocol is Protocol.ICMP)
    recording = record(trace, stage.tap("inside", Zone.INSIDE), stage.firewall())
    events = _events(recording, BY_DEFAULT, Alarm(signature=SIGN, dialogue=error, packet=1))
    (alert,) = (item for item in events if item["event_type"] == "alert")
    assert (alert["icmp_type"], alert["src_ip"]) == (11, error.client.host.ip)
    assert alert.keys().isdisjoint({"flow_id", "flow", "direction", "community_id"})
    flows = [item for item in events if item["event_type"] == "flow" and item["proto"] == "ICMP"]
    assert {item["icmp_type"] for item in flows} == {3}
