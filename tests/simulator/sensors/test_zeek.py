"""Zeek's logs about conversations that it saw whole, late, or from one side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.simulator.sensors.scenes import (
    SEED,
    captured,
    flow_of,
    flows_in,
    from_packet,
    one_way,
    read_back,
    scene,
    segment,
    sent,
)
from tests.simulator.staging import make_stage
from tickets.engine import converse, read_evidence
from tickets.engine.types import Protocol, TcpFlags
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.dialogues import TcpTalk
from tickets.simulator.dialogues.udp import play_datagrams
from tickets.simulator.messages import management, quic
from tickets.simulator.messages.turns import ask
from tickets.simulator.network import Dialogue, SeenPacket, Socket, Zone
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import Recording, record
from tickets.simulator.sensors.pcap import write_capture
from tickets.simulator.sensors.zeek_conn import write_conn_log, write_connections
from tickets.simulator.sensors.zeek_connections import likely_flip, track_connections
from tickets.simulator.sensors.zeek_format import Style
from tickets.simulator.sensors.zeek_logs import (
    Notice,
    write_dns_log,
    write_http_log,
    write_notice_log,
    write_ssh_log,
    write_ssl_log,
)

Row = Mapping[str, str]


def _read(data: bytes) -> list[dict[str, str]]:
    lines = data.decode().splitlines()
    names = next(line for line in lines if line.startswith("#fields")).split("\t")[1:]
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines if not line.startswith("#")]


def _rows(recording: Recording) -> list[dict[str, str]]:
    return _read(write_conn_log(recording, Stream(SEED, b"zeek")))


def _ends(row: Row) -> tuple[tuple[str, int], tuple[str, int]]:
    return (row["id.orig_h"], int(row["id.orig_p"])), (row["id.resp_h"], int(row["id.resp_p"]))


def _about(kind: str, recording: Recording) -> list[tuple[str, str, str]]:
    """Who is the originator, state and history of each line about a conversation."""
    flow = flow_of(recording, scene().dialogues[kind])
    ends = {tuple(flow.orig), tuple(flow.resp)}
    lines = [row for row in _rows(recording) if set(_ends(row)) == ends and row["proto"] != "icmp"]
    lines.sort(key=lambda row: float(row["ts"]))
    return [
        ("client" if _ends(row)[0] == tuple(flow.orig) else "server", row["conn_state"], row["history"])
        for row in lines
    ]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("page", [("client", "SF", "ShADadfF")]),
        ("refused", [("client", "REJ", "Sr")]),
        ("half_open", [("client", "RSTO", "ShR")]),
        ("torn", [("client", "RSTR", "ShADar")]),
        ("blocked", [("client", "S0", "S"), ("client", "S0", "S")]),
        ("silent", [("client", "S0", "D")]),
        ("clock", [("client", "SF", "Dd")]),
        ("late", [("client", "S1", "ShADad"), ("client", "SHR", "^f")]),
        ("backscatter", [("client", "RSTO", "^hR")]),
    ],
)
def test_what_was_seen_whole(kind: str, told: list[tuple[str, str, str]]) -> None:
    assert _about(kind, scene().recording()) == told


@pytest.mark.parametrize(
    ("first", "kind", "told"),
    [
        (1, "page", ("client", "SF", "^hADadfF")),
        (1, "torn", ("client", "RSTR", "^hADar")),
        (1, "half_open", ("client", "RSTO", "^hR")),
        (1, "refused", ("client", "RSTRH", "^r")),
        (2, "page", ("client", "SF", "ADadfF")),
        (4, "page", ("client", "SF", "^adAfF")),
        (4, "torn", ("client", "RSTRH", "^ar")),
    ],
)
def test_a_tap_that_comes_late_flips_by_likely_ports(
    first: int, kind: str, told: tuple[str, str, str]
) -> None:
    assert _about(kind, from_packet(scene().recording(), first)) == [told]


def test_one_way_of_the_line_is_an_attempt_and_a_close_or_a_flipped_half() -> None:
    there = _about("torn", one_way(scene().recording(), from_orig=True))
    back = _about("torn", one_way(scene().recording(), from_orig=False))
    assert there == [("client", "S0", "SAD")]
    assert back == [("client", "RSTRH", "^har")]
    assert _about("page", one_way(scene().recording(), from_orig=False)) == [("client", "SHR", "^hadf")]


def test_an_attempt_that_lasts_is_given_up_after_five_seconds_and_what_follows_is_another_connection() -> (
    None
):
    """Zeek's own baseline for one direction of an SSH session: SAD, then DAF; here the client's last acknowledgement comes after its FIN."""
    stage = scene().stage
    talk: TcpTalk = stage.talk(
        Socket(scene().reader, 50_999), Socket(scene().site, 80), stage.start_ns + 90 * NS_PER_S
    )
    talk.shake_hands()
    for pause_s in (1, 6, 1):
        talk.say(talk.client, b"x" * 40, pause_s * NS_PER_S)
    talk.part(talk.client, NS_PER_S)
    dialogue = talk.end()
    recording = one_way(
        record([dialogue], stage.tap("one-way", Zone.INSIDE), scene().firewall), from_orig=True
    )
    assert [(row["conn_state"], row["history"]) for row in _rows(recording)] == [("S0", "SAD"), ("SH", "DFA")]


def test_a_syn_ack_from_no_likely_port_is_the_originators_until_it_is_acknowledged() -> None:
    ours, theirs = Socket(scene().extranet, 50_001), Socket(scene().stranger, 50_002)
    start_ns = scene().stage.start_ns
    packets = [
        segment(theirs, ours, start_ns, TcpFlags.SYN | TcpFlags.ACK, seq=1, ack=500, window=100),
        segment(ours, theirs, start_ns + NS_PER_S, TcpFlags.ACK, seq=500, ack=2, window=100),
    ]
    dialogue = Dialogue(client=ours, server=theirs, protocol=Protocol.TCP, packets=tuple(packets))
    tap = scene().stage.tap("edge", Zone.OUTSIDE)
    (row,) = _rows(record([dialogue], tap, scene().firewall))
    assert (row["id.orig_p"], row["conn_state"], row["history"]) == ("50001", "S1", "^hA")
    lone = replace(dialogue, packets=dialogue.packets[:1])
    (row,) = _rows(record([lone], tap, scene().firewall))
    assert (row["id.orig_p"], row["conn_state"], row["history"]) == ("50002", "OTH", "H")


@pytest.mark.parametrize(
    ("ports", "flags", "flips"),
    [
        ((80, 3932), TcpFlags.SYN, False),
        ((80, 3932), TcpFlags.SYN | TcpFlags.ACK, True),
        ((80, 3932), TcpFlags.ACK, True),
        ((3932, 80), TcpFlags.ACK, False),
        ((22, 80), TcpFlags.ACK, True),
        ((22, 80), TcpFlags.SYN | TcpFlags.ACK, False),
        ((80, 22), TcpFlags.ACK, False),
        ((8834, 51022), TcpFlags.ACK, False),
    ],
)
def test_the_rule_of_likely_ports(ports: tuple[int, int], flags: TcpFlags, flips: bool) -> None:
    one, other = Socket(scene().extranet, ports[0]), Socket(scene().stranger, ports[1])
    packet = segment(one, other, scene().stage.start_ns, flags, seq=1, window=1)
    assert likely_flip(SeenPacket(0, 64, packet)) is flips


@pytest.mark.parametrize("zone", [Zone.OUTSIDE, Zone.INSIDE, Zone.DMZ])
@pytest.mark.parametrize("cut", ["whole", "late", "later", "one way there", "one way back"])
def test_lines_count_the_packets_of_the_capture_and_sizes_by_their_numbers(zone: Zone, cut: str) -> None:
    recording = _cut(scene().recording(zone), cut)
    counted: dict[frozenset[tuple[str, int]], dict[tuple[str, int], list[int]]] = {}
    for row in _rows(recording):
        if row["proto"] == "icmp":
            continue
        orig, resp = _ends(row)
        totals = counted.setdefault(frozenset((orig, resp)), {orig: [0, 0], resp: [0, 0]})
        for end, side in ((orig, "orig"), (resp, "resp")):
            totals[end][0] += int(row[f"{side}_pkts"])
            totals[end][1] += int(row[f"{side}_ip_bytes"])
            if row[f"{side}_bytes"] != "-":
                assert int(row[f"{side}_bytes"]) >= 0
    for ends, packets in captured(recording).items():
        for end, numbers in counted[ends].items():
            mine = sent(packets, end)
            assert numbers == [len(mine), sum(packet.ip_bytes for packet in mine)]


def _cut(recording: Recording, cut: str) -> Recording:
    if cut.startswith("late"):
        return from_packet(recording, 1 if cut == "late" else 4)
    if cut.startswith("one way"):
        return one_way(recording, from_orig=cut.endswith("there"))
    return recording


@pytest.mark.parametrize("zone", [Zone.OUTSIDE, Zone.INSIDE, Zone.DMZ])
def test_states_and_histories_are_those_that_the_engine_finds_in_the_capture(zone: Zone) -> None:
    """A second opinion from other code: of each connection that Zeek tells in one line, seen whole."""
    recording = scene().recording(zone)
    reading = read_evidence("capture.pcap", write_capture(recording))
    judged = {
        frozenset(map(tuple, conversation.endpoints)): conversation
        for conversation in converse(list(reading.records))
        if conversation.protocol is not Protocol.ICMP
    }
    rows = [row for row in _rows(recording) if row["proto"] != "icmp"]
    pairs = [frozenset(_ends(row)) for row in rows]
    compared = 0
    for row, ends in zip(rows, pairs, strict=True):
        conversation = judged[ends]
        if pairs.count(ends) > 1 or conversation.orig != _ends(row)[0]:
            continue
        assert (row["conn_state"], row["history"]) == (conversation.conn_state, conversation.history)
        compared += 1
    assert compared >= 2


def test_a_gap_is_counted_and_marked_and_what_was_sent_again_too() -> None:
    page = scene().dialogues["page"]
    recording = scene().recording(Zone.INSIDE)
    flow = flow_of(recording, page)
    data = [seen for seen in flow.packets if seen.packet.payload and not flow.is_from_orig(seen)]
    holed = replace(flow, packets=tuple(seen for seen in flow.packets if seen is not data[1]))
    (row,) = _rows(replace(recording, flows=(holed,), packets=holed.packets))
    assert row["missed_bytes"] == str(len(data[1].packet.payload))
    assert "g" in row["history"]
    whole = sum(len(seen.packet.payload) for seen in data)
    assert row["resp_bytes"] == str(whole)
    again = replace(
        flow, packets=(*flow.packets[:-2], data[1]._replace(time_ns=flow.end_ns), *flow.packets[-2:])
    )
    (row,) = _rows(replace(recording, flows=(again,), packets=again.packets))
    assert "t" in row["history"]
    assert (row["resp_bytes"], row["missed_bytes"]) == (str(whole), "0")


def test_an_echo_has_types_for_ports_and_no_history() -> None:
    (row,) = (row for row in _rows(scene().recording()) if row["proto"] == "icmp")
    assert (row["id.orig_p"], row["id.resp_p"], row["conn_state"], row["history"]) == ("8", "0", "OTH", "-")


def test_local_is_what_is_not_the_internet_after_the_flip() -> None:
    rows = {frozenset(_ends(row)): row for row in _rows(from_packet(scene().recording(), 1))}
    flow = flow_of(scene().recording(), scene().dialogues["page"])
    row = rows[frozenset(((flow.orig.ip, flow.orig.port), (flow.resp.ip, flow.resp.port)))]
    assert (row["local_orig"], row["local_resp"]) == ("T", "F")


def test_a_restarted_sensor_writes_what_it_knew_and_takes_up_the_rest_in_its_middle() -> None:
    tap = scene().stage.tap("restarted", Zone.OUTSIDE)
    page = scene().dialogues["page"]
    moment = tap.pass_ns(page.packets[5]) - 1
    recording = record([page], replace(tap, restarts_ns=(moment,)), scene().firewall)
    first, second = _rows(recording)
    assert first["history"].startswith("ShA")
    assert "S" not in second["history"]


# The other logs.


def test_all_logs_name_a_connection_by_the_same_uid() -> None:
    connections = track_connections(scene().recording(Zone.INSIDE), Stream(SEED, b"zeek"))
    known = {row["uid"]: _ends(row) for row in _read(write_connections(connections))}
    for data in (write_http_log(connections), write_dns_log(connections)):
        rows = _read(data)
        assert rows
        assert all(known[row["uid"]] == _ends(row) for row in rows)


def test_the_page_is_in_the_http_log_as_it_was_sent() -> None:
    connections = track_connections(scene().recording(Zone.INSIDE), Stream(SEED, b"zeek"))
    said = scene().dialogues["page"].said
    row = next(row for row in _read(write_http_log(connections)) if row["uri"] == said["path"])
    assert (row["method"], row["host"], row["user_agent"]) == ("GET", said["host"], said["user_agent"])
    assert (row["status_code"], row["response_body_len"]) == ("200", said["length"])


def test_a_question_and_its_answer_are_one_line_and_a_lone_question_is_one_without_a_code() -> None:
    (row,) = _read(write_dns_log(track_connections(scene().recording(Zone.INSIDE), Stream(SEED, b"zeek"))))
    assert (row["qtype_name"], row["rcode_name"], row["answers"]) == ("A", "NOERROR", scene().site.ip)
    assert float(row["rtt"]) > 0
    lone = one_way(scene().recording(Zone.INSIDE), from_orig=True)
    (row,) = _read(write_dns_log(track_connections(lone, Stream(SEED, b"zeek"))))
    assert (row["rcode"], row["answers"], row["rtt"]) == ("-", "-", "-")


def test_a_notice_has_its_own_idea_of_source_and_target() -> None:
    connections = track_connections(scene().recording(), Stream(SEED, b"zeek"))
    notice = Notice(
        time_ns=scene().stage.start_ns,
        note="SSH::Password_Guessing",
        message="guessing",
        sub="Sampled servers: 192.0.2.10",
        src="198.51.100.23",
        count=30,
        dialogue=scene().dialogues["torn"],
    )
    (row,) = _read(write_notice_log([notice], connections))
    assert (row["note"], row["src"], row["dst"], row["n"]) == (
        "SSH::Password_Guessing",
        "198.51.100.23",
        "-",
        "30",
    )
    assert row["id.resp_h"] == "192.0.2.10"


def test_json_keeps_dotted_names_and_leaves_out_what_is_unset() -> None:
    text, objects = (write_conn_log(scene().recording(), Stream(SEED, b"zeek"), style) for style in Style)
    rows = _read(text)
    for row, line in zip(rows, objects.splitlines(), strict=True):
        record_ = json.loads(line)
        assert record_["id.orig_h"] == row["id.orig_h"]
        assert abs(record_["ts"] - float(row["ts"])) < 1e-6
        assert ("duration" in record_) is (row["duration"] != "-")
        assert record_["local_orig"] is (row["local_orig"] == "T")


def test_logs_without_anything_to_tell_have_a_header_only() -> None:
    connections = track_connections(scene().recording(), Stream(SEED, b"zeek"))
    for data in (write_ssh_log(connections), write_ssl_log(connections)):
        assert _read(data) == []


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("cut", ["whole", "late"])
def test_the_engine_reads_every_line(style: Style, cut: str) -> None:
    recording = _cut(scene().recording(), cut)
    data = write_conn_log(recording, Stream(SEED, b"zeek"), style)
    kind, records = read_back("conn.log", data)
    assert kind == "zeek.conn"
    page = flow_of(recording, scene().dialogues["page"])
    (flow,) = (item for item in flows_in(records) if item.orig == page.orig)
    assert (flow.orig_packets, flow.resp_packets) == tuple(
        page.tally(from_orig=side).packets for side in (True, False)
    )


def test_sizes_are_followed_when_sequence_numbers_go_round() -> None:
    ours, theirs = Socket(scene().extranet, 50_003), Socket(scene().stranger, 80)
    start_ns, step = scene().stage.start_ns, 1 << 30
    packets = [
        segment(
            ours, theirs, start_ns + at * NS_PER_S, TcpFlags.ACK, seq=(7 + at * step) & 0xFFFFFFFF, window=9
        )
        for at in range(7)
    ]
    dialogue = Dialogue(client=ours, server=theirs, protocol=Protocol.TCP, packets=tuple(packets))
    (row,) = _rows(record([dialogue], scene().stage.tap("round", Zone.OUTSIDE), scene().firewall))
    assert row["orig_bytes"] == str(6 * step)


@pytest.mark.parametrize(
    ("name", "port", "message"),
    [
        ("snmp", 161, management.write_snmp_get(4_711, "monitor", [management.SYS_UPTIME])),
        ("snmp", 162, management.write_snmp_trap(5, "monitor", 987_654)),
        ("dhcp", 67, management.write_dhcp(management.DHCP_DISCOVER, 9, bytes(6), name="ws-1")),
        ("quic", 443, quic.talk_quic("video.example.net", [], Stream(SEED, b"quic"))[0].payload),
        ("-", 443, b"\x40" + bytes(60)),
    ],
)
def test_a_datagram_is_named_by_what_it_says(name: str, port: int, message: bytes) -> None:
    stage = make_stage()
    client, server = stage.socket(stage.workstation()), Socket(stage.stranger(), port)
    asked = play_datagrams(
        client, server, stage.start_ns, [ask(message)], service=name, chance=stage.noise.child("asked")
    )
    recording = record([asked], stage.tap("inside", Zone.INSIDE), stage.firewall())
    assert [row["service"] for row in _rows(recording)] == [name]
