"""All sensors tell of the same packets: counted again here, from the capture's bytes alone."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from tests.simulator.captures import End, Seen, conversations
from tests.simulator.played import capture_of, eve_of, every_play, play, zeek_of
from tickets.engine.types import Endpoint, Protocol
from tickets.simulator.sensors.community_id import compute_community_id

Key = frozenset[End]


def _ends(event: dict[str, Any]) -> tuple[End, End]:
    return (event["src_ip"], event["src_port"]), (event["dest_ip"], event["dest_port"])


def _zeek_ends(line: dict[str, str]) -> tuple[End, End]:
    return (line["id.orig_h"], int(line["id.orig_p"])), (line["id.resp_h"], int(line["id.resp_p"]))


def _microseconds(text: str) -> int:
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def _sent(packets: list[Seen], end: End) -> list[Seen]:
    return [packet for packet in packets if packet.src == end]


def _flags(packets: list[Seen]) -> int:
    together = 0
    for packet in packets:
        together |= packet.flags
    return together


@every_play
def test_suricatas_flows_count_the_frames_of_the_capture(story: str, seed: bytes) -> None:
    played = play(story, seed)
    captured, flows = conversations(capture_of(played)), eve_of(played, "flow")
    assert len(flows) == len(captured)
    for event in flows:
        orig, resp = _ends(event)
        packets, flow = captured[frozenset((orig, resp))], event["flow"]
        there, back = _sent(packets, orig), _sent(packets, resp)
        assert packets[0].src == orig
        assert (flow["pkts_toserver"], flow["pkts_toclient"]) == (len(there), len(back))
        assert flow["bytes_toserver"] == sum(packet.frame_bytes for packet in there)
        assert flow["bytes_toclient"] == sum(packet.frame_bytes for packet in back)
        assert _microseconds(flow["start"]) == packets[0].time_us
        assert _microseconds(flow["end"]) == packets[-1].time_us
        assert _microseconds(event["timestamp"]) > packets[-1].time_us
        if event["proto"] == "TCP":
            assert event["tcp"]["tcp_flags_ts"] == f"{_flags(there):02x}"
            assert event["tcp"]["tcp_flags_tc"] == f"{_flags(back):02x}"


@every_play
def test_zeeks_connections_count_the_packets_of_the_capture(story: str, seed: bytes) -> None:
    played = play(story, seed)
    captured = conversations(capture_of(played))
    counted: dict[Key, Counter[str]] = {}
    for line in zeek_of(played):
        orig, resp = _zeek_ends(line)
        counts = counted.setdefault(frozenset((orig, resp)), Counter())
        names = ("orig_pkts", "orig_ip_bytes", "resp_pkts", "resp_ip_bytes", "orig_bytes", "resp_bytes")
        counts.update({name: int(line[name]) for name in names if line[name] != "-"})
    assert counted.keys() == captured.keys()
    for line in zeek_of(played):
        orig, resp = _zeek_ends(line)
        packets = captured[frozenset((orig, resp))]
        assert packets[0].src == orig
        counts = counted[frozenset((orig, resp))]
        for end, side in ((orig, "orig"), (resp, "resp")):
            sent = _sent(packets, end)
            assert counts[f"{side}_pkts"] == len(sent)
            assert counts[f"{side}_ip_bytes"] == sum(packet.ip_bytes for packet in sent)
            assert counts[f"{side}_bytes"] == sum(len(packet.payload) for packet in sent)


@every_play
def test_state_history_and_flags_tell_the_same_story(story: str, seed: bytes) -> None:
    """The generator invariant: REJ stands with history Sr and flags 02/14, S0 with S and 02/00, SF with both FINs."""
    played = play(story, seed)
    flags = {
        frozenset(_ends(event)): (event["tcp"]["tcp_flags_ts"], event["tcp"]["tcp_flags_tc"])
        for event in eve_of(played, "flow")
        if event["proto"] == "TCP"
    }
    for line in zeek_of(played):
        if line["proto"] == "udp":
            assert (line["conn_state"], line["history"]) == ("SF", "Dd")
            continue
        pair = flags[frozenset(_zeek_ends(line))]
        if line["conn_state"] == "REJ":
            assert (line["history"], pair) == ("Sr", ("02", "14"))
        elif line["conn_state"] == "S0":
            assert (line["history"], pair) == ("S", ("02", "00"))
        else:
            assert line["conn_state"] == "SF"
            assert line["history"].startswith("ShA")
            assert {"F", "f"} <= set(line["history"])
            assert all(int(side, 16) & 0x13 == 0x13 for side in pair)


def test_an_unanswered_syn_is_given_up_by_zeek_after_five_seconds_and_begun_anew() -> None:
    played = play("knock_at_the_edge")
    ends = (tuple(played.truth.orig), tuple(played.truth.resp))
    lines = [line for line in zeek_of(played) if _zeek_ends(line) == ends]
    assert [(line["conn_state"], line["orig_pkts"]) for line in lines] == [("S0", "3"), ("S0", "1")]
    assert lines[1]["duration"] == "-"
    assert float(lines[1]["ts"]) - float(lines[0]["ts"]) > 5


@every_play
def test_log_lines_stand_in_order_of_writing_and_carry_the_same_community_id(story: str, seed: bytes) -> None:
    played = play(story, seed)
    ids = {frozenset(_ends(event)): event["community_id"] for event in eve_of(played, "flow")}
    for line in zeek_of(played):
        assert line["community_id"] == ids[frozenset(_zeek_ends(line))]
    written = [_microseconds(event["timestamp"]) for kind in ("flow",) for event in eve_of(played, kind)]
    assert written == sorted(written)


def test_the_community_id_is_the_one_of_the_specification() -> None:
    """The first flow of the specification's own baseline for tcp.pcap, with seed 0."""
    client, server = Endpoint("128.232.110.120", 34855), Endpoint("66.35.250.204", 80)
    wanted = "1:LQU9qZlK+B5F3KDmev6m5PMibrg="
    assert compute_community_id(Protocol.TCP, client, server) == wanted
    assert compute_community_id(Protocol.TCP, server, client) == wanted


@every_play
def test_the_alert_counts_what_had_passed_when_it_fired(story: str, seed: bytes) -> None:
    played = play(story, seed)
    for event in eve_of(played, "alert"):
        src, dst = _ends(event)
        packets = conversations(capture_of(played))[frozenset((src, dst))]
        so_far = [packet for packet in packets if packet.time_us <= _microseconds(event["timestamp"])]
        flow = event["flow"]
        orig = (flow["src_ip"], flow["src_port"])
        assert so_far[-1].src == src, "an alert prints the addresses of the packet that fired"
        assert orig == packets[0].src, "and its flow object those of the conversation, client first"
        assert event["direction"] == ("to_server" if src == orig else "to_client")
        assert flow["pkts_toserver"] == len(_sent(so_far, orig))
        assert flow["pkts_toclient"] == len(so_far) - flow["pkts_toserver"]
        assert flow["bytes_toserver"] == sum(packet.frame_bytes for packet in _sent(so_far, orig))


def test_the_web_page_is_in_the_http_record_as_it_was_sent() -> None:
    played = play("web_return")
    event = next(event for event in eve_of(played, "http") if _ends(event)[0] == tuple(played.truth.orig))
    packets = conversations(capture_of(played))[frozenset(_ends(event))]
    asked = b"".join(packet.payload for packet in packets if packet.src == tuple(played.truth.orig)).decode()
    answered = b"".join(packet.payload for packet in packets if packet.src == tuple(played.truth.resp))
    assert asked.startswith(f"GET {event['http']['url']} HTTP/1.1\r\nHost: {event['http']['hostname']}\r\n")
    assert f"User-Agent: {event['http']['http_user_agent']}\r\n" in asked
    assert len(answered.split(b"\r\n\r\n", 1)[1]) == event["http"]["length"]
