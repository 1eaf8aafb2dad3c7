"""What pf on pfSense logs of single packets."""

from __future__ import annotations

from tests.simulator.sensors.scenes import read_back, scene, statements_in
from tickets.engine.types import Statement
from tickets.simulator.network import Socket
from tickets.simulator.sensors.lines import LogLine, encode_lines
from tickets.simulator.sensors.pfsense import write_filterlog
from tickets.simulator.sensors.tcp_options import name_options


def _lines() -> tuple[LogLine, ...]:
    return write_filterlog(scene().all(), scene().firewall)


def _about(kind: str) -> list[list[str]]:
    lines = [line.text for line in _lines() if line.dialogue is scene().dialogues[kind]]
    assert all(" filterlog: " in line for line in lines)
    return [line.split(" filterlog: ")[1].split(",") for line in lines]


def test_a_blocked_syn_is_told_with_its_header_fields_each_time() -> None:
    rows, packets = _about("blocked"), scene().dialogues["blocked"].packets
    for row, packet in zip(rows, packets, strict=True):
        assert row[4:9] == ["igb0", "match", "block", "in", "4"]
        assert row[12] == str(packet.ip_id)
        assert row[17] == str(packet.ip_bytes)
        assert row[20:24] == [str(packet.src.port), "445", "0", "S"]
        assert row[24:27] == [str(packet.seq), "", str(packet.window)]
        assert row[-1] == "mss;sackOK;TS;nop;wscale"


def test_a_state_is_told_once_on_the_interface_where_it_came_in() -> None:
    (row,) = _about("page")
    assert row[4:8] == ["igb1", "match", "pass", "in"]
    assert row[18] == scene().reader.ip


def test_a_late_segment_comes_in_from_outside_to_the_firewalls_address() -> None:
    played = scene().dialogues["late"]
    first, *rest = _about("late")
    assert first[6] == "pass"
    # An hour is not long for pf, which waits a day: the state is still there.
    assert rest == []
    assert isinstance(played.client, Socket)


def test_a_stray_syn_ack_is_blocked_with_its_flags_and_both_numbers() -> None:
    first, second = _about("backscatter")
    assert first[23:26] == ["SA", "77", "4242"]
    assert second[23:26] == ["R", "4242", ""]


def test_options_are_named_in_their_order_and_a_length_of_nothing_does_not_hang() -> None:
    assert name_options(bytes.fromhex("020405b4010303080101 0402".replace(" ", ""))) == [
        *("mss", "nop", "wscale", "nop", "nop", "sackOK")
    ]
    assert name_options(b"\x05\x00\x05\x00") == ["sack", "sack"]


def test_the_engine_reads_each_line_back() -> None:
    lines = _lines()
    kind, records = read_back("filter.log", encode_lines(lines))
    assert kind == "pf.filterlog"
    for line, statement in zip(lines, statements_in(records), strict=True):
        if statement.statement is Statement.ALLOWED:
            assert statement.orig == line.dialogue.client.endpoint
