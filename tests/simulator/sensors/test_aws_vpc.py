"""The flow log of a machine's interface in Amazon's cloud."""

from __future__ import annotations

from tests.simulator.sensors.scenes import SEED, flows_in, read_back, scene, statements_in
from tickets.engine.types import Statement
from tickets.simulator.randomness import Stream
from tickets.simulator.sensors.aws_vpc import FIELDS, Version, encode_vpc_log, write_vpc_log
from tickets.simulator.sensors.lines import LogLine


def _lines(version: Version = Version.FIVE) -> tuple[LogLine, ...]:
    played = scene()
    return write_vpc_log(
        played.all(), played.firewall, played.extranet, Stream(SEED, b"vpc"), version=version
    )


def _about(kind: str) -> list[dict[str, str]]:
    lines = [line.text.split() for line in _lines() if line.dialogue is scene().dialogues[kind]]
    return [dict(zip(FIELDS, values, strict=True)) for values in lines]


def test_both_halves_of_a_connection_are_told_with_the_flags_that_say_who_asked() -> None:
    dialogue = scene().dialogues["torn"]
    ingress, egress = _about("torn")
    assert (ingress["flow-direction"], egress["flow-direction"]) == ("ingress", "egress")
    assert (ingress["tcp-flags"], egress["tcp-flags"]) == ("2", "22")
    for row, sender in ((ingress, dialogue.client), (egress, dialogue.server)):
        packets = [packet for packet in dialogue.packets if packet.src == sender]
        assert int(row["packets"]) == len(packets)
        assert int(row["bytes"]) == sum(packet.ip_bytes for packet in packets)
        assert (row["srcaddr"], row["srcport"]) == (sender.host.ip, str(sender.port))
        assert row["action"] == "ACCEPT"


def test_what_the_security_group_rejects_shows_only_what_came() -> None:
    rows = _about("blocked")
    assert {(row["action"], row["tcp-flags"], row["flow-direction"]) for row in rows} == {
        ("REJECT", "2", "ingress")
    }
    assert sum(int(row["packets"]) for row in rows) == len(scene().dialogues["blocked"].packets)


def test_times_lie_in_the_interval_whose_record_it_is() -> None:
    for line in _lines():
        row = dict(zip(FIELDS, line.text.split(), strict=True))
        assert int(row["start"]) // 60 == int(row["end"]) // 60
        assert line.time_ns // 10**9 >= int(row["end"])


def test_the_default_format_has_fourteen_fields_and_no_header() -> None:
    data = encode_vpc_log(_lines(Version.DEFAULT))
    assert {len(line.split()) for line in data.decode().splitlines()} == {14}
    assert data.startswith(b"2 123456789012 eni-0")


def test_the_engine_reads_both_versions() -> None:
    for version in Version:
        lines = _lines(version)
        kind, records = read_back("vpc-flow.log", encode_vpc_log(lines, version))
        assert kind == "aws.vpc"
        assert len(records) == len(lines)
        rejected = [item for item in statements_in(records) if item.statement is Statement.DENIED]
        assert {item.dst.port for item in rejected} == {445}
        torn = scene().dialogues["torn"]
        halves = [item for item in flows_in(records) if torn.client.endpoint in (item.orig, item.resp)]
        assert sum(item.orig_packets for item in halves) == len(torn.packets)
