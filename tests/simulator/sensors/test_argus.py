"""Argus records: what it is sure of, and what it guesses."""

from __future__ import annotations

import csv

import pytest

from tests.simulator.sensors.scenes import (
    captured,
    echo,
    flow_of,
    flows_in,
    from_packet,
    one_way,
    read_back,
    scene,
    sent,
)
from tickets.engine.types import Endpoint, Protocol
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.network import Dialogue, Socket, Zone
from tickets.simulator.recording import Recording, record
from tickets.simulator.sensors.argus import HEADER, write_argus_csv


def _rows(recording: Recording) -> list[dict[str, str]]:
    lines = write_argus_csv(recording).decode().splitlines()
    assert lines[0] == HEADER
    return list(csv.DictReader(lines))


def _about(kind: str, recording: Recording) -> list[tuple[str, str, str, str]]:
    """Direction, state and both packet counts of each record of a conversation; the originator named first."""
    dialogue = scene().dialogues[kind]
    ends = {dialogue.client.host.ip, dialogue.server.host.ip}
    ports = {str(dialogue.client.port), str(dialogue.server.port)}
    return [
        ((row["SrcAddr"] == dialogue.client.host.ip and "client") or "server", row["Dir"].strip(), row["State"],
         f"{row['SrcPkts']}/{row['DstPkts']}")
        for row in _rows(recording)
        if {row["SrcAddr"], row["DstAddr"]} == ends and {row["Sport"], row["Dport"]} == ports
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("refused", [("client", "->", "RST", "1/1")]),
        ("blocked", [("client", "->", "REQ", "3/0"), ("client", "->", "REQ", "1/0")]),
        ("half_open", [("client", "->", "RST", "2/1")]),
        ("torn", [("client", "->", "RST", "3/3")]),
        ("silent", [("client", "->", "INT", "1/0")]),
        ("backscatter", [("server", "->", "RST", "1/1")]),
    ],
)
def test_what_a_tap_before_the_firewall_saw_whole(kind: str, told: list[tuple[str, str, str, str]]) -> None:
    assert _about(kind, scene().recording()) == told


def test_a_connection_taken_up_in_its_middle_has_a_question_mark_and_the_services_side_as_target() -> None:
    recording = from_packet(scene().recording(Zone.DMZ), 3)
    assert _about("torn", recording) == [("client", "<?>", "RST", "1/2")]
    answers = from_packet(scene().recording(Zone.DMZ), 4)
    assert _about("torn", answers) == [("client", "<?", "RST", "0/2")]


def test_a_syn_ack_turns_the_sides_only_when_more_than_a_reset_follows() -> None:
    recording = from_packet(scene().recording(Zone.DMZ), 1)
    assert _about("torn", recording) == [("client", "->", "RST", "2/3")]
    assert _about("half_open", recording) == [("server", "->", "RST", "1/1")]


def test_one_way_of_the_line_still_names_the_client_where_the_syn_ack_was_seen() -> None:
    recording = one_way(scene().recording(Zone.DMZ), from_orig=False)
    assert _about("torn", recording) == [("client", "->", "RST", "0/3")]


def test_records_count_the_frames_of_the_capture() -> None:
    packets = captured(scene().recording())
    totals: dict[frozenset[tuple[str, int]], dict[tuple[str, int], int]] = {}
    for row in _rows(scene().recording()):
        if row["Proto"] == "icmp":
            continue
        src, dst = (row["SrcAddr"], int(row["Sport"])), (row["DstAddr"], int(row["Dport"]))
        counts = totals.setdefault(frozenset((src, dst)), {src: 0, dst: 0})
        counts[src] += int(row["SrcBytes"])
        counts[dst] += int(row["DstBytes"])
    for ends, counts in totals.items():
        for end, size in counts.items():
            assert size == sum(packet.frame_bytes for packet in sent(packets[ends], end))


def test_sent_again_is_marked() -> None:
    rows = [row["Flgs"] for row in _rows(scene().recording()) if row["Dport"] == "445"]
    assert rows == [" e s      ", " e s      "]


def test_an_echo_of_icmpv6_has_a_plain_type_and_its_lone_answer_looks_like_a_request() -> None:
    """Seen in runs of argus 3.0.8."""
    client, server = (
        Socket(host.at(ip), port)
        for host, ip, port in (
            (scene().reader, "2001:db8:20::40", 128),
            (scene().site, "2001:db8:80::50", 129),
        )
    )
    start_ns = scene().stage.start_ns
    packets = (echo(client, server, start_ns, 128), echo(server, client, start_ns + NS_PER_S, 129))
    ping = Dialogue(client=client, server=server, protocol=Protocol.ICMP, packets=packets)
    recording = record([ping], scene().stage.tap("six", Zone.OUTSIDE), scene().firewall)
    (whole,) = _rows(recording)
    (lone,) = _rows(one_way(recording, from_orig=False))
    for row, src, arrow in ((whole, client, "<->"), (lone, server, "->")):
        assert (row["Proto"], row["SrcAddr"], row["Sport"]) == ("ipv6-icmp", src.host.ip, "128")
        assert (row["Dport"], row["Dir"].strip(), row["State"]) == ("0", arrow, "ECO")


def test_the_engine_reads_the_flows_with_their_outcome() -> None:
    kind, records = read_back("argus.csv", write_argus_csv(scene().recording()))
    assert kind == "argus"
    flow = flow_of(scene().recording(), scene().dialogues["refused"])
    (mine,) = (item for item in flows_in(records) if item.orig == flow.orig and item.protocol is Protocol.TCP
               and item.resp == Endpoint("192.0.2.10", 3389))  # fmt: skip
    assert mine.outcome == "refused"
