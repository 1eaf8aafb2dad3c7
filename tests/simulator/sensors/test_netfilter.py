"""What a Linux packet filter logs of single packets."""

from __future__ import annotations

import re

import pytest

from tests.simulator.sensors.scenes import SEED, read_back, scene, statements_in
from tickets.engine.types import Statement
from tickets.simulator.network import SentPacket, Zone
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import record
from tickets.simulator.sensors.lines import LogLine, encode_lines
from tickets.simulator.sensors.netfilter import Tool, write_host_netfilter_log, write_netfilter_log


def _lines(tool: Tool = Tool.IPTABLES) -> tuple[LogLine, ...]:
    played = scene()
    return write_netfilter_log(played.all(), played.firewall, Stream(SEED, b"netfilter"), tool=tool)


def _about(kind: str, tool: Tool = Tool.IPTABLES) -> list[str]:
    return [line.text for line in _lines(tool) if line.dialogue is scene().dialogues[kind]]


def _number(name: str, line: str) -> int:
    found = re.search(rf" {name}=(\d+)", line)
    assert found is not None
    return int(found[1])


def _check(line: str, packet: SentPacket) -> None:
    assert _number("LEN", line) == packet.ip_bytes
    assert _number("ID", line) == packet.ip_id
    assert _number("SPT", line) == packet.src.port
    assert _number("WINDOW", line) == packet.window
    assert _number("TTL", line) == packet.src.host.system.ttl - packet.src.host.hops


def test_each_dropped_syn_is_a_line_with_its_own_header_fields() -> None:
    lines = _about("blocked")
    for line, packet in zip(lines, scene().dialogues["blocked"].packets, strict=True):
        assert " fw01 kernel: [" in line
        assert "] FW-DROP: IN=eth0 OUT=eth1 MAC=" in line
        assert line.endswith(" RES=0x00 SYN URGP=0 ")
        _check(line, packet)


def test_a_line_of_nftables_has_its_rules_prefix_and_no_uptime() -> None:
    line = _about("blocked", Tool.NFTABLES)[0]
    assert " fw01 kernel: nft-forward-drop IN=eth0 OUT=eth1 MAC=" in line


def test_the_hardware_address_of_the_receiver_stands_first() -> None:
    first, second = (re.search(r"MAC=(\S+)", line) for line in _about("blocked")[:2])
    assert first
    assert second
    assert first[1] == second[1]
    assert re.fullmatch(r"([0-9a-f]{2}:){12}08:00", first[1])


def test_a_new_connection_is_told_once_and_an_orphan_as_invalid() -> None:
    (line,) = _about("page")
    assert "FW-NEW: IN=eth2 OUT=eth0 " in line
    assert f"SRC={scene().reader.ip} " in line
    assert [re.findall(r"(FW-\w+)|((?: [A-Z]{3})+) URGP", line) for line in _about("backscatter")] == [
        [("FW-INVALID", ""), ("", " ACK SYN")],
        [("FW-INVALID", ""), ("", " RST")],
    ]


def test_a_datagram_has_two_lengths_and_an_echo_its_type() -> None:
    (datagram,), (echo,) = _about("silent"), _about("ping")
    assert "LEN=76 " in datagram
    assert datagram.endswith("LEN=56 ")
    assert echo.endswith("PROTO=ICMP TYPE=8 CODE=0 ID=4660 SEQ=1 ")


def test_a_servers_own_rules_name_the_user_of_what_leaves_and_have_one_interface() -> None:
    played = scene()
    card = record(played.all(), played.stage.tap("card", Zone.DMZ, played.extranet), played.firewall)
    lines = write_host_netfilter_log(card, Stream(SEED, b"host"))
    incoming = next(line.text for line in lines if line.dialogue is played.dialogues["refused"])
    outgoing = next(line.text for line in lines if line.dialogue is played.dialogues["clock"])
    assert " extranet-1 kernel: [" in incoming
    assert "IN=ens3 OUT= MAC=" in incoming
    assert "IN= OUT=ens3 SRC=192.0.2.10 " in outgoing
    assert outgoing.endswith(" UID=1001 GID=1001 ")
    read_back("kernel.log", encode_lines(lines))


@pytest.mark.parametrize("tool", Tool)
def test_the_engine_reads_drops_and_who_asked(tool: Tool) -> None:
    lines = _lines(tool)
    kind, records = read_back("kernel.log", encode_lines(lines))
    assert kind == "netfilter"
    for line, statement in zip(lines, statements_in(records), strict=True):
        is_denied = line.dialogue is scene().dialogues["blocked"]
        assert (statement.statement is Statement.DENIED) is is_denied
        if statement.orig is not None:
            assert statement.orig.port == line.dialogue.client.port
