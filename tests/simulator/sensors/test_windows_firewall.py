"""pfirewall.log of one host."""

from __future__ import annotations

from tests.simulator.sensors.scenes import read_back, scene, statements_in
from tickets.engine.types import Statement
from tickets.simulator.network import Zone
from tickets.simulator.recording import record
from tickets.simulator.sensors.lines import LogLine
from tickets.simulator.sensors.windows_firewall import encode_windows_firewall_log, write_windows_firewall_log


def _lines(
    blocked: tuple[int, ...] = (), east_s: int = 0, *, tells_allowed: bool = True
) -> tuple[LogLine, ...]:
    played = scene()
    card = record(played.all(), played.stage.tap("card", Zone.DMZ, played.extranet), played.firewall)
    return write_windows_firewall_log(card, blocked=blocked, east_s=east_s, tells_allowed=tells_allowed)


def _about(kind: str, lines: tuple[LogLine, ...]) -> list[list[str]]:
    return [line.text.split() for line in lines if line.dialogue is scene().dialogues[kind]]


def test_an_allowed_connection_is_a_row_without_flags_on_the_way_that_the_host_saw() -> None:
    client = scene().dialogues["torn"].client
    (row,) = _about("torn", _lines())
    assert row[2:] == [
        *("ALLOW", "TCP", client.host.ip, "192.0.2.10", str(client.port), "443"),
        *("0", "-", "0", "0", "0", "-", "-", "-", "RECEIVE"),
    ]
    assert _about("clock", _lines())[0][-1] == "SEND"


def test_a_refused_port_leaves_no_row_and_a_blocked_one_a_row_for_each_packet() -> None:
    assert _about("refused", _lines()) == []
    (row,) = _about("refused", _lines((3389,)))
    packet = scene().dialogues["refused"].packets[0]
    assert row[2:4] == ["DROP", "TCP"]
    assert row[8:13] == [str(packet.ip_bytes), "S", str(packet.seq), "0", str(packet.window)]


def test_an_answer_that_nobody_asked_for_is_dropped_with_its_flags() -> None:
    (row,) = _about("backscatter", _lines())
    assert (row[2], row[9]) == ("DROP", "SA")


def test_allowed_rows_are_missing_where_they_are_not_switched_on() -> None:
    assert {line.text.split()[2] for line in _lines(tells_allowed=False)} == {"DROP"}


def test_times_are_local_and_the_file_says_so() -> None:
    plain, local = _lines()[0].text, _lines(east_s=2 * 3600)[0].text
    assert (int(local[11:13]) - int(plain[11:13])) % 24 == 2
    assert b"#Time Format: Local\r\n" in encode_windows_firewall_log(_lines())


def test_the_engine_reads_each_row() -> None:
    lines = _lines((3389,))
    kind, records = read_back("pfirewall.log", encode_windows_firewall_log(lines))
    assert kind == "windows.firewall"
    for line, statement in zip(lines, statements_in(records), strict=True):
        if statement.statement is Statement.ALLOWED:
            assert statement.orig == line.dialogue.client.endpoint
