"""The firewall's syslog about conversations of every kind."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.simulator.sensors.scenes import SEED, read_back, scene, statements_in
from tickets.engine.types import Statement
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.network import Dialogue, Socket, Zone
from tickets.simulator.randomness import Stream
from tickets.simulator.sensors.cisco_asa import Denial, encode_asa_log, write_asa_log
from tickets.simulator.sensors.fortigate import write_fortigate_log
from tickets.simulator.sensors.lines import LogLine
from tickets.simulator.sensors.palo_alto import write_traffic_log


def _lines(**options: object) -> tuple[LogLine, ...]:
    played = scene()
    return write_asa_log(played.all(), played.firewall, Stream(SEED, b"asa"), **options)  # type: ignore[arg-type]


def _about(kind: str, **options: object) -> list[str]:
    return [line.text for line in _lines(**options) if line.dialogue is scene().dialogues[kind]]


def _seconds(line: str) -> int:
    clock = re.search(r" (\d\d):(\d\d):(\d\d): %ASA", line)
    assert clock is not None
    return sum(int(part) * unit for part, unit in zip(clock.groups(), (3600, 60, 1), strict=True))


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("page", "TCP FINs"),
        ("refused", "TCP Reset-I"),
        ("half_open", "TCP Reset-O"),
        ("torn", "TCP Reset-I"),
        ("late", "Idle Timeout"),
    ],
)
def test_the_teardown_says_how_the_connection_ended(kind: str, reason: str) -> None:
    lines = _about(kind)
    assert lines[1].endswith(f" {reason}")
    played = scene().dialogues[kind]
    until_end = len(played.packets) - (kind == "late")
    size = sum(len(packet.payload) for packet in played.packets[:until_end])
    assert f" bytes {size} " in lines[1]


def test_an_idle_connection_is_forgotten_after_an_hour_and_a_late_segment_belongs_to_none() -> None:
    built, torn_down, stray = _about("late")
    client, server = scene().dialogues["late"].client, scene().dialogues["late"].server
    assert "302013: Built outbound TCP" in built
    assert " duration 1:00:0" in torn_down
    assert stray.endswith(
        f"%ASA-6-106015: Deny TCP (no connection) from {server.host.ip}/80 to 192.0.2.1/{client.port}"
        " flags FIN ACK  on interface outside"
    )


def test_a_second_unit_denies_what_the_first_had_built_and_nobody_tells_of_the_end() -> None:
    played, page = scene(), scene().dialogues["page"]
    taken_over = replace(played.firewall, forgets_ns=(page.packets[5].sent_ns,))
    lines = write_asa_log(played.all(), taken_over, Stream(SEED, b"asa"))
    built, *denied = [line.text for line in lines if line.dialogue is page]
    assert "302013: Built outbound TCP" in built
    assert denied
    assert all("106015: Deny TCP (no connection)" in text for text in denied)
    # A device that writes a session when it is over has nothing to write.
    for write in (write_fortigate_log, write_traffic_log):
        told = write(played.all(), taken_over, Stream(SEED, b"other"))
        assert not [line for line in told if line.dialogue is page]


def test_a_syn_ack_and_a_reset_that_nobody_asked_for_belong_to_no_connection() -> None:
    first, second = _about("backscatter")
    assert "106015: Deny TCP (no connection)" in first
    assert "flags SYN ACK  on interface outside" in first
    assert "flags RST  on interface dmz" in second


def test_a_datagram_without_answer_is_torn_down_two_minutes_later() -> None:
    built, torn_down = _about("silent")
    assert "302015: Built outbound UDP" in built
    assert _seconds(torn_down) - _seconds(built) == 120
    assert torn_down.endswith(" duration 0:02:00 bytes 48")


def test_denied_packets_are_told_in_the_words_of_what_denies_them() -> None:
    client = scene().dialogues["blocked"].client
    ends = f"outside/{client.host.ip}({client.port}) -> dmz/192.0.2.10(445)"
    count = len(scene().dialogues["blocked"].packets)
    assert all("106023: Deny tcp src outside:" in line for line in _about("blocked"))
    assert len(_about("blocked")) == count
    levels = _about("blocked", denial=Denial.SECURITY_LEVELS)
    assert len(levels) == count
    assert levels[0].endswith(
        f"%ASA-2-106001: Inbound TCP connection denied from {client.host.ip}/{client.port} to 192.0.2.10/445"
        " flags SYN  on interface outside"
    )
    first, later = _about("blocked", denial=Denial.LOGGED_ENTRY)
    assert f"106100: access-list OUTSIDE_IN denied tcp {ends} hit-cnt 1 first hit " in first
    assert f" {ends} hit-cnt {count - 1} 300-second interval " in later
    assert _seconds(later) - _seconds(first) == 300


def test_a_translation_is_built_before_its_connection_and_outlives_it_by_half_a_minute() -> None:
    translated, built, torn_down, after = _about("page", tells_translations=True)[:4]
    client = scene().dialogues["page"].client
    pair = f"from inside:{client.host.ip}/{client.port} to outside:192.0.2.1/{client.port}"
    assert f"305011: Built dynamic TCP translation {pair}" in translated
    assert "302013: Built outbound TCP connection" in built
    assert "302014: Teardown TCP connection" in torn_down
    assert f"305012: Teardown dynamic TCP translation {pair} duration 0:00:3" in after
    assert all("30501" not in line for line in _about("refused", tells_translations=True))


def test_who_knocks_at_the_firewall_itself_is_denied_there() -> None:
    played = scene()
    box = Socket(played.stage.server("edge", Zone.DEVICE, played.firewall.address), 22)
    knock = played.stage.knock(
        played.stage.socket(played.stranger), box, played.stage.start_ns, played.firewall
    )
    lines = write_asa_log((knock,), played.firewall, Stream(SEED, b"asa"))
    assert lines[0].text.endswith(
        f"%ASA-3-710003: TCP access denied by ACL from {knock.client.host.ip}/{knock.client.port}"
        " to outside:192.0.2.1/22"
    )


def test_the_clock_of_the_device_decides_what_is_printed_and_not_the_order() -> None:
    played, plain = scene(), _lines()
    slow = replace(played.firewall, skew_ns=-7 * NS_PER_S)
    local = write_asa_log(played.all(), slow, Stream(SEED, b"asa"), east_s=3600)
    assert [line.time_ns for line in local] == [line.time_ns for line in plain]
    assert (_seconds(local[0].text) - _seconds(plain[0].text)) % 86_400 == 3600 - 7


def test_the_engine_reads_the_log_back_with_the_true_originator_of_each_connection() -> None:
    lines = _lines()
    kind, records = read_back("firewall.log", encode_asa_log(lines))
    assert kind == "cisco.asa"
    assert len(records) == len(lines)
    for line, statement in zip(lines, statements_in(records), strict=True):
        dialogue: Dialogue = line.dialogue
        if statement.statement is Statement.ALLOWED:
            assert (statement.orig, statement.resp) == (dialogue.client.endpoint, dialogue.server.endpoint)
        elif statement.orig is not None:
            assert statement.orig.ip in (dialogue.client.host.ip, "192.0.2.1")
