"""Snort's and Suricata's alerts as text: the packet's addresses, and what shows who opened the connection."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.engine.readers.lines import CLIENT, NOON_NS, SERVER, one, read
from tickets.engine import Reversed, converse, judge_reversed
from tickets.engine.readers import read_evidence
from tickets.engine.types import Alert, Basis, Endpoint, Location, Protocol

# 5 January, noon, of a year that is not told.
NOON_1970_NS = (4 * 24 + 12) * 3600 * 1_000_000_000
SAID = "[**] [1:1900001:2] {} [**] [Classification: Misc activity] [Priority: 3] {{TCP}} 203.0.113.80:80 -> 10.20.30.40:3932"
FULL = (
    '[**] [1:1900001:2] "TRAINING scan" [**]',
    "[Classification: Misc activity] [Priority: 3] ",
    "01/05-12:00:00.000001 203.0.113.80:80 -> 10.20.30.40:3932",
    "TCP TTL:54 TOS:0x0 ID:21113 IpLen:20 DgmLen:40 DF",
    "******S* Seq: 0x5A1F3C77  Ack: 0x0  Win: 0x1F5  TcpLen: 20",
)
SNORT_3 = "01/05-12:00:00.000001, 7, TCP, raw, 1500, {}, {}, {}, 1:1900001:2, allow"


def alert(*lines: str) -> Alert:
    record = one(*lines)
    assert isinstance(record, Alert)
    return record


def judged(*lines: str) -> tuple[Reversed, float]:
    record = alert(*lines)
    (found,) = converse([record])
    return judge_reversed(record, found), found.confidence


# One line an alert


@pytest.mark.parametrize(
    ("line", "source", "time_ns", "message"),
    [
        (
            "01/05/2026-12:00:00.000001  " + SAID.format("TRAINING scan"),
            "suricata.fast",
            NOON_NS + 1000,
            "TRAINING scan",
        ),
        (
            "01/05-12:00:00.000001  " + SAID.format("TRAINING scan"),
            "snort.fast",
            NOON_1970_NS + 1000,
            "TRAINING scan",
        ),
        (
            "01/05-12:00:00.000001 " + SAID.format('"TRAINING scan"'),
            "snort.fast",
            NOON_1970_NS + 1000,
            "TRAINING scan",
        ),
        (
            "01/05/26-12:00:00.000001  " + SAID.format("TRAINING scan"),
            "snort.fast",
            NOON_NS + 1000,
            "TRAINING scan",
        ),
        (
            "26/01/05-12:00:00.000001 " + SAID.format('"TRAINING scan"'),
            "snort.fast",
            NOON_NS + 1000,
            "TRAINING scan",
        ),
        (
            "01/05-12:00:00.000001 " + SAID.format('"TRAINING ${jndi:x} seen"'),
            "snort.fast",
            NOON_1970_NS + 1000,
            "TRAINING ${jndi:x} seen",
        ),
        ("01/05-12:00:00.000001 " + SAID.format(' <eth1> "x: y"'), "snort.fast", NOON_1970_NS + 1000, "x: y"),
    ],
)
def test_an_alert_on_a_line_prints_the_packet(line: str, source: str, time_ns: int, message: str) -> None:
    found = alert(line)
    assert (found.source, found.time_ns, found.message) == (source, time_ns, message)
    assert (found.src, found.dst, found.flow_orig, found.direction) == (SERVER, CLIENT, None, "")
    assert (found.gid, found.sid, found.rev, found.category, found.severity) == (
        1,
        1900001,
        2,
        "Misc activity",
        3,
    )


@pytest.mark.parametrize("program", ["suricata", "snort"])
@pytest.mark.parametrize("start", ["<33>Jan  5 12:00:00 ids1 {}[8]: ", "<33>Jan  5 2026 12:00:00 ids1 {}: "])
def test_in_syslog_the_marks_are_missing_and_the_time_is_the_headers(program: str, start: str) -> None:
    said = SAID.format("TRAINING scan").replace("[**] ", "").replace("3] {", "3]: {")
    found = alert(start.format(program) + said)
    assert (found.source, found.src, found.dst, found.sid) == (f"{program}.fast", SERVER, CLIENT, 1900001)
    assert found.time_ns == (NOON_NS if "2026" in start else NOON_1970_NS)


@pytest.mark.parametrize(("mark", "action"), [("[Drop] ", "drop"), ("[wDrop] ", "wdrop"), ("", "")])
def test_what_the_sensor_did_stands_before_the_marks(mark: str, action: str) -> None:
    assert alert("01/05/2026-12:00:00.000001  " + mark + SAID.format("x")).action == action


def test_in_ipv6_the_port_follows_the_last_colon() -> None:
    line = SAID.format("x").replace("203.0.113.80", "2001:db8::80").replace("10.20.30.40", "2001:db8::1")
    found = alert("01/05/2026-12:00:00.000001  " + line)
    assert (found.src, found.dst) == (Endpoint("2001:db8::80", 80), Endpoint("2001:db8::1", 3932))


def test_icmp_has_type_and_code_for_ports_in_suricata_and_neither_in_snort() -> None:
    line = SAID.partition("{{")[0].format("x")
    suricata = alert(f"01/05/2026-12:00:00.000001  {line}{{ICMP}} 10.20.30.40:8 -> 203.0.113.80:0")
    snort = alert(f"01/05-12:00:00.000001  {line}{{ICMP}} 10.20.30.40 -> 203.0.113.80")
    assert (suricata.src, suricata.dst) == (Endpoint("10.20.30.40", 8), Endpoint("203.0.113.80", 0))
    assert (snort.src, snort.dst) == (Endpoint("10.20.30.40", 0), Endpoint("203.0.113.80", 0))
    assert snort.protocol is Protocol.ICMP


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("no alert", "line 2: the line holds no alert"),
        (SAID.format("x").partition("203.")[0], "line 2: the alert names no addresses"),
        ("13/05/2026-12:00:00.000001  " + SAID.format("x"), "line 2: the time is missing or cannot be read"),
        (
            "01/05/2026-12:00:00  " + SAID.format("x").replace("3932", "70000"),
            "line 2: '70000' is not a port",
        ),
        (
            "01/05/2026-12:00:00  " + SAID.format("x").replace("10.20", "10.999"),
            "line 2: '10.999.30.40' is not an address",
        ),
    ],
)
def test_a_bad_line_is_told_with_its_number(line: str, told: str) -> None:
    good = "01/05/2026-12:00:00.000001  " + SAID.format("x")
    kind, records, problems = read(good, line, good)
    assert (kind, len(records), problems) == ("suricata.fast", 2, [told])


def test_alerts_without_addresses_or_of_other_protocols_are_passed_over() -> None:
    good = "01/05/2026-12:00:00.000001  " + SAID.format("x")
    raw = good.partition("{TCP}")[0] + "[**] [Raw pkt: 00 01 02 ] {TCP} [pcap file packet: 3]"
    assert read(good, good.replace("{TCP}", "{SCTP}"), raw)[1:] == ([alert(good)], [])


# Several lines an alert


def test_a_full_alert_is_placed_at_its_first_line_and_kept_whole() -> None:
    kind, (first, second), problems = read(*FULL, "", *FULL)
    assert (kind, problems) == ("snort.full", [])
    assert isinstance(first, Alert)
    assert isinstance(second, Alert)
    assert (first.location, second.location) == (Location("x.log", 1), Location("x.log", 7))
    assert (first.src, first.dst, first.message, first.severity) == (SERVER, CLIENT, "TRAINING scan", 3)
    assert (first.time_ns, first.raw.count("\n")) == (NOON_1970_NS + 1000, 4)


@pytest.mark.parametrize(
    ("flags", "orig", "basis", "reverse"),
    [
        ("******S*", SERVER, Basis.HANDSHAKE, Reversed.NO),
        ("12****S*", SERVER, Basis.HANDSHAKE, Reversed.NO),
        ("***A**S*", CLIENT, Basis.REPLY, Reversed.YES),
        ("***AP***", None, Basis.FIRST_PACKET, Reversed.YES),
        ("******SF", None, Basis.FIRST_PACKET, Reversed.YES),
    ],
)
def test_the_flags_show_a_scan_from_port_80_and_a_reply_from_it(
    flags: str, orig: Endpoint | None, basis: Basis, reverse: Reversed
) -> None:
    lines = [line.replace("******S*", flags) for line in FULL]
    found = alert(*lines)
    assert (found.flow_orig, found.basis) == (orig, basis)
    assert judged(*lines)[0] is reverse


def test_an_icmp_error_quotes_a_packet_whose_addresses_are_not_the_alerts() -> None:
    found = alert(
        "[**] [1:1900014:1] TRAINING unreachable [**]",
        "[Classification: Misc activity] [Priority: 3] ",
        "01/05-12:00:00.000001 198.51.100.1 -> 10.20.30.40",
        "ICMP TTL:63 TOS:0xC0 ID:7 IpLen:20 DgmLen:56",
        "Type:3  Code:3  DESTINATION UNREACHABLE: PORT UNREACHABLE",
        "** ORIGINAL DATAGRAM DUMP:",
        "10.20.30.40:53122 -> 203.0.113.80:53",
        "UDP TTL:64 TOS:0x0 ID:9 IpLen:20 DgmLen:28",
        "** END OF DUMP",
    )
    assert (found.src, found.dst) == (Endpoint("198.51.100.1", 3), Endpoint("10.20.30.40", 3))


def test_hardware_addresses_are_no_ends_and_a_fragment_has_no_ports() -> None:
    found = alert(
        *FULL[:2],
        "01/05-12:00:00.000001 02:00:00:00:00:01 -> 02:00:00:00:00:02 type:0x800 len:0x3C",
        "203.0.113.80 -> 10.20.30.40 UDP TTL:54 TOS:0x0 ID:21113 IpLen:20 DgmLen:40 MF",
        "Frag Offset: 0x0010   Frag Size: 0x0014",
    )
    assert (found.src, found.dst) == (Endpoint("203.0.113.80", 0), Endpoint("10.20.30.40", 0))


def test_a_full_alert_that_is_cut_is_told_and_the_next_is_read() -> None:
    _, records, problems = read(*FULL, "", *FULL[:2], "", *FULL)
    assert [record.location.number for record in records if record.location] == [1, 10]
    assert problems == ["line 7: this is no alert with a rule and a time"]


# Columns


@pytest.mark.parametrize(
    ("direction", "src", "dst", "told", "basis", "reverse"),
    [
        ("S2C", "203.0.113.80:80", "10.20.30.40:3932", "to_client", Basis.FIRST_PACKET, Reversed.YES),
        ("C2S", "203.0.113.80:80", "10.20.30.40:3932", "to_server", Basis.SYN_ACK, Reversed.NO),
        ("UNK", "203.0.113.80:80", "10.20.30.40:3932", "", Basis.FIRST_PACKET, Reversed.YES),
        ("C2S", "10.20.30.40:3932", "203.0.113.80:80", "to_server", Basis.FIRST_PACKET, Reversed.NO),
    ],
)
def test_a_direction_against_the_ports_rests_on_a_handshake(
    direction: str, src: str, dst: str, told: str, basis: Basis, reverse: Reversed
) -> None:
    """Snort makes the higher port the client of a connection that it meets in the middle."""
    line = SNORT_3.format(direction, src, dst)
    found = alert(line)
    assert (found.source, found.direction, found.basis, found.action) == ("snort.csv", told, basis, "allow")
    assert (found.gid, found.sid, found.rev) == (1, 1900001, 2)
    result, confidence = judged(line)
    assert result is reverse
    assert confidence < 0.9


def test_columns_are_named_by_a_header_in_any_order_and_of_either_version() -> None:
    three = alert(
        "action,src_addr,src_port,dst_addr,dst_port,proto,sid,seconds,timestamp,tcp_flags,new_column",
        "drop,203.0.113.80,80,10.20.30.40,3932,TCP,1900001,1767614400,01/05-13:00:00.000001,******S*,x",
    )
    two = alert(
        "timestamp,sig_id,msg,proto,src,srcport,dst,dstport,tcpflags",
        '01/05-12:00:00.000001 ,1900001,"a, b",TCP,203.0.113.80,80,10.20.30.40,3932,******S*',
    )
    for found in (three, two):
        assert (found.src, found.dst, found.sid, found.basis) == (SERVER, CLIENT, 1900001, Basis.HANDSHAKE)
    assert (three.time_ns, three.action) == (NOON_NS + 1000, "drop")
    assert (two.time_ns, two.message) == (NOON_1970_NS + 1000, "a, b")


def test_without_a_header_the_columns_are_snorts_or_pfsenses_own() -> None:
    common = '01/05/26-12:00:00.000001 ,1,1900001,2,"TRAINING, scan",{},203.0.113.80,{},10.20.30.40,{},'
    full = (
        common.format("TCP", 80, 3932)
        + "02:00:00:00:00:01,02:00:00:00:00:02,0x3C,******S*,0x1,0x0,,0x400,64,0,7,40,20,,,,"
    )
    pfsense = common.format("TCP", 80, 3932) + "54321,Misc activity,3,alert,Allow"
    for line in (full, pfsense):
        found = alert(line)
        assert (found.src, found.dst, found.time_ns, found.message) == (
            SERVER,
            CLIENT,
            NOON_NS + 1000,
            "TRAINING, scan",
        )
    assert (alert(pfsense).category, alert(pfsense).severity, alert(pfsense).action) == (
        "Misc activity",
        3,
        "alert",
    )
    icmp = (
        common.format("ICMP", "", "") + "02:00:00:00:00:01,02:00:00:00:00:02,0x3C,,,,,,64,0,7,40,20,8,0,1,1"
    )
    assert (alert(icmp).src, alert(icmp).dst) == (Endpoint("203.0.113.80", 8), Endpoint("10.20.30.40", 0))


def test_a_bad_row_is_told() -> None:
    good = SNORT_3.format("S2C", "203.0.113.80:80", "10.20.30.40:3932")
    bad = (good.replace("3932", "x"), "a,b", good.replace("01/05", "0105"))
    assert read(good, *bad)[2] == [
        "line 2: 'x' is not a port",
        "line 3: 2 columns, and no header that names them",
        "line 4: the time is missing or cannot be read",
    ]


# JSON


def json_alert(**more: object) -> str:
    common = {
        "seconds": 1767614400,
        "timestamp": "01/05-13:00:00.000001",
        "proto": "TCP",
        "dir": "S2C",
        "src_ap": "203.0.113.80:80",
        "dst_ap": "10.20.30.40:3932",
        "rule": "1:1900001:2",
    }
    return json.dumps(common | more)


def test_seconds_have_the_year_and_the_timestamp_the_fraction() -> None:
    found = alert(
        json_alert(msg="TRAINING scan", service="http", client_pkts=5, priority=2, **{"class": "none"})
    )
    assert (found.source, found.time_ns) == ("snort.json", NOON_NS + 1000)
    assert (found.src, found.dst, found.direction, found.severity) == (SERVER, CLIENT, "to_client", 2)
    assert judged(json_alert()) == (Reversed.YES, 0.85)


def test_a_syn_in_json_is_the_opening_whatever_its_port() -> None:
    found = alert(json_alert(dir="C2S", tcp_flags="******S*"))
    assert (found.flow_orig, found.basis) == (SERVER, Basis.HANDSHAKE)
    assert judged(json_alert(dir="C2S", tcp_flags="******S*")) == (Reversed.NO, 0.9)


def test_addresses_may_stand_alone_and_other_protocols_are_passed_over() -> None:
    ends = {"src_addr": "203.0.113.80", "src_port": 80, "dst_addr": "10.20.30.40", "dst_port": 3932}
    line = json.dumps({"timestamp": "01/05-12:00:00.000001", "proto": "UDP", "sid": 1900001, **ends})
    assert (alert(line).src, alert(line).dst, alert(line).sid) == (SERVER, CLIENT, 1900001)
    assert read(line, json_alert(proto="IP"))[1:] == ([alert(line)], [])


def test_a_bad_object_is_told() -> None:
    assert read(json_alert(), "{", json_alert(proto=None), json_alert(src_ap="x:1"))[2] == [
        "line 2: this is not JSON: Expecting property name enclosed in double quotes at column 2",
        "line 3: the alert has no proto",
        "line 4: 'x' is not an address",
    ]


@pytest.mark.parametrize(
    "lines",
    [FULL, ("01/05-12:00:00.000001  " + SAID.format("x"),), (json_alert(),)],
    ids=["full", "fast", "json"],
)
def test_a_byte_order_mark_windows_line_ends_and_gzip_do_no_harm(lines: tuple[str, ...]) -> None:
    data = b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\r\n"
    for content in (data, gzip.compress(data)):
        reading = read_evidence("x", content)
        (record,) = reading.records
        assert isinstance(record, Alert)
        assert (record.src, record.dst, record.location) == (SERVER, CLIENT, Location("x", 1))
        assert reading.problems == []
