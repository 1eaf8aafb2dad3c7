"""NetFlow, IPFIX and a firewall's events: a source is the sender of one direction, unless the record says more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.engine.readers.lines import CLIENT, NOON_NS, SERVER, log, one, read
from tests.engine.readers.test_documents import FLOW
from tickets.engine.conversations import converse
from tickets.engine.types import (
    Basis,
    Endpoint,
    FlowRecord,
    LogRecord,
    Outcome,
    Protocol,
    Statement,
    TcpFlags,
)

MS = 1_000_000
ALL = TcpFlags.SYN | TcpFlags.ACK | TcpFlags.PSH | TcpFlags.FIN


def flow(*lines: str) -> FlowRecord:
    record = one(*lines)
    assert isinstance(record, FlowRecord)
    return record


# CSV

OLD = "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,in,out,sas,das,smk,dmk,dtos,dir,nh,nhb,ra,eng,exid,tr"


def old(src: str, dst: str, sport: str, dport: str, flags: str = "...AP.SF", **more: str) -> str:
    values = dict.fromkeys(OLD.split(","), "0") | {
        "ts": "2026-01-05 12:00:00",
        "te": "2026-01-05 12:00:01",
        "td": "0.070",
        "sa": src,
        "da": dst,
        "sp": sport,
        "dp": dport,
        "pr": "TCP",
        "flg": flags,
        "ipkt": "5",
        "ibyt": "500",
        "ra": "192.0.2.1",
        "eng": "17/1",
    }
    return ",".join((values | more).values())


NEW = "firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes,flows"


def test_the_older_csv_has_flags_and_the_fraction_in_its_duration() -> None:
    record = flow(OLD, old(CLIENT.ip, SERVER.ip, "3932", "80"))
    assert (record.orig, record.resp, record.is_half) == (CLIENT, SERVER, True)
    assert (record.time_ns, record.end_ns) == (NOON_NS, NOON_NS + 70 * MS)
    assert (record.orig_flags, record.orig_packets, record.orig_bytes) == (ALL, 5, 500)
    assert (record.source, record.location.number) == ("nfdump.csv", 2)


@pytest.mark.parametrize("flags", [".AP.SF", "..UAPRSF", "0x1b", "CEUAPRSF"])
def test_flags_are_written_in_several_ways(flags: str) -> None:
    record = flow(OLD, old(CLIENT.ip, SERVER.ip, "3932", "80", flags))
    assert record.orig_flags is not None
    assert record.orig_flags & ALL == ALL


@pytest.mark.parametrize("flags", ["", "yes", "XXXXXXXXX"])
def test_flags_that_cannot_be_read_are_unknown(flags: str) -> None:
    assert flow(OLD, old(CLIENT.ip, SERVER.ip, "3932", "80", flags)).orig_flags is None


def test_the_newer_csv_goes_by_its_header_and_has_no_flags() -> None:
    record = flow(NEW, "2026-01-05 12:00:00.250,00:01:00.500,TCP,10.20.30.40,3932,203.0.113.80,80,8,812,1")
    assert (record.orig, record.resp, record.orig_flags) == (CLIENT, SERVER, None)
    assert (record.time_ns, record.end_ns) == (NOON_NS + 250 * MS, NOON_NS + 60_750 * MS)


def test_a_chosen_list_of_columns_is_read_in_any_order() -> None:
    record = flow(
        "dstPort,dstAddr,flags,srcPort,srcAddr,proto,outPackets,inPackets,lastSeen,firstSeen,ja4",
        "80,203.0.113.80,......S.,3932,10.20.30.40,6,0,1,2026-01-05 12:00:02,2026-01-05 12:00:00,x",
    )
    assert (record.orig, record.orig_flags, record.orig_packets) == (CLIENT, TcpFlags.SYN, 1)
    assert record.end_ns == NOON_NS + 2000 * MS


def test_a_summary_is_no_flow_and_another_list_may_follow() -> None:
    line = "2026-01-05 12:00:00.000,0.5,TCP,10.20.30.40,3932,203.0.113.80,80,8,812,1"
    summary = ("Summary", "flows,bytes,packets,avg_bps,avg_pps,avg_bpp", "1,812,8,100,1,101")
    _, records, problems = read(NEW, line, *summary, NEW, line)
    assert ([record.location.number for record in records if record.location], problems) == ([2, 7], [])


@pytest.mark.parametrize(
    ("kind", "ports"), [("3.3", (3, 3)), ("771", (3, 3)), ("8.0", (8, 0)), ("2048", (8, 0))]
)
def test_icmp_has_type_and_code_in_the_destinations_port(kind: str, ports: tuple[int, int]) -> None:
    record = flow(NEW, f"2026-01-05 12:00:00.000,0.0,ICMP,10.20.30.40,0,203.0.113.80,{kind},1,60,1")
    assert record.protocol is Protocol.ICMP
    assert (record.orig.port, record.resp.port) == ports


def test_a_merger_of_both_directions_guessed_the_client_by_the_ports() -> None:
    merged = flow(OLD, old(CLIENT.ip, SERVER.ip, "3932", "80", opkt="3", obyt="200"))
    assert (merged.is_half, merged.basis, merged.orig_flags) == (False, Basis.PORTS, None)
    assert (merged.orig_packets, merged.resp_packets) == (5, 3)
    turned = flow(OLD, old(CLIENT.ip, SERVER.ip, "3932", "80", ipkt="0", ibyt="0", opkt="3", obyt="200"))
    assert (turned.is_half, turned.orig, turned.orig_packets) == (True, SERVER, 3)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("2026-01-05 12:00:00,0.1,TCP,1,2", "5 columns where the header names 10"),
        ("2026-01-05 12:00:00,slow,TCP,10.0.0.1,1,10.0.0.2,2,8,812,1", "'slow' is not a duration"),
        ("noon,0.1,TCP,10.0.0.1,1,10.0.0.2,2,8,812,1", "the time is missing or cannot be read"),
        ("2026-01-05 12:00:00,0.1,TCP,10.0.0.x,1,10.0.0.2,2,8,812,1", "'10.0.0.x' is not an address"),
        ("2026-01-05 12:00:00,0.1,TCP,10.0.0.1,99999,10.0.0.2,2,8,812,1", "'99999' is not a port"),
        (
            "2026-01-05 12:00:00,0.1,ICMP,10.0.0.1,0,10.0.0.2,300.1,8,812,1",
            "'300' is not a type or code of ICMP",
        ),
    ],
)
def test_a_bad_row_is_told_and_the_rest_is_read(line: str, told: str) -> None:
    good = "2026-01-05 12:00:00.000,0.5,GRE,10.20.30.40,0,203.0.113.80,0,8,812,1"
    assert read(NEW, line, good) == ("nfdump.csv", [], [f"line 2: {told}"])


def test_both_halves_are_one_conversation_and_data_proves_that_it_stood() -> None:
    (found,) = converse(
        read(
            NEW,
            "2026-01-05 12:00:00.050,1.0,TCP,203.0.113.80,80,10.20.30.40,3932,9,6202,1",
            "2026-01-05 12:00:00.000,1.0,TCP,10.20.30.40,3932,203.0.113.80,80,8,812,1",
        )[1]
    )
    assert (found.orig, found.outcome, found.orig_packets) == (CLIENT, Outcome.ESTABLISHED, 8)


# For the eye

HEADER = "Date first seen          Duration Proto      Src IP Addr:Port          Dst IP Addr:Port   Packets    Bytes Flows"
TRAILER = (
    "Summary: total flows: 1, total bytes: 812, total packets: 8, avg bps: 1, avg pps: 1, avg bpp: 1",
    "Time window: 2026-01-05 12:00:00 - 2026-01-05 12:05:00",
    "Total flows processed: 1, Blocks skipped: 0, Bytes read: 1",
    "Sys: 0.01s flows/second: 100.0 Wall: 0.01s flows/second: 100.0",
)


@pytest.mark.parametrize(
    ("line", "packets", "size", "flags"),
    [
        (
            "2026-01-05 12:00:00.000    0.070 TCP  10.20.30.40:3932  ->  203.0.113.80:80      8      812     1",
            8,
            812,
            None,
        ),
        (
            "2026-01-05 12:00:00.000 00:00:00.070 TCP  10.20.30.40:3932 -> 203.0.113.80:80 ...AP.SF 0 8 1.2 M 1",
            8,
            1_200_000,
            ALL,
        ),
        (
            "2026-01-05 12:00:00.000 00:00:00.070 TCP  10.20.30.40:3932 -> 203.0.113.80:80 ...AP.SF 0 8 812 9 8 101 1",
            8,
            812,
            ALL,
        ),
    ],
)
def test_line_long_and_extended(line: str, packets: int, size: int, flags: TcpFlags | None) -> None:
    record = flow(HEADER, line, *TRAILER)
    assert (record.orig, record.resp, record.is_half) == (CLIENT, SERVER, True)
    assert (record.orig_packets, record.orig_bytes, record.orig_flags) == (packets, size, flags)
    assert (record.time_ns, record.end_ns) == (NOON_NS, NOON_NS + 70 * MS)


def test_a_format_of_its_own_is_found_without_a_header() -> None:
    record = flow("2026-01-05 12:00:00.010 TCP 10.20.30.40:3932 -> 203.0.113.80:80 ......S. 3 120")
    assert (record.source, record.orig_packets, record.orig_bytes) == ("nfdump.line", 3, 120)
    assert record.orig_flags == TcpFlags.SYN


def test_the_merged_format_prints_what_came_back_first() -> None:
    record = flow(
        HEADER, "2026-01-05 12:00:00.000 0.070 TCP 10.20.30.40:3932 <-> 203.0.113.80:80 3 5 200 500 2"
    )
    assert (record.basis, record.is_half) == (Basis.PORTS, False)
    assert (record.orig_packets, record.resp_packets, record.orig_bytes, record.resp_bytes) == (
        5,
        3,
        500,
        200,
    )


def test_ipv6_has_a_dot_before_its_port_and_is_useless_when_cut_short() -> None:
    line = "2026-01-05 12:00:00.000 0.070 UDP {} -> 2001:db8::53.53 1 60 1"
    record = flow(HEADER, line.format("2001:db8::7.40000"))
    assert (record.orig, record.resp) == (Endpoint("2001:db8::7", 40000), Endpoint("2001:db8::53", 53))
    told = "'2001:d..8::7.40000' is not an address and a port in full"
    assert read(HEADER, line.format("2001:d..8::7.40000"))[2] == [f"line 2: {told}"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("TCP 10.20.30.40:3932 <-> 203.0.113.80:80 in= 5 out= 3", "the flow has no time"),
        ("nothing of the kind", "the line is not written as nfdump writes a flow"),
    ],
)
def test_a_bad_line_for_the_eye_is_told(line: str, told: str) -> None:
    assert read(HEADER, line) == ("nfdump.line", [], [f"line 2: {told}"])


# JSON


NSEL_HEADER = (
    "Date first seen          Event  XEvent Proto      Src IP Addr:Port          Dst IP Addr:Port     "
    "X-Src IP Addr:Port        X-Dst IP Addr:Port   In Byte Out Byte"
)


def nsel(event: str, cause: str = "Ignore", sizes: str = "0        0") -> str:
    return (
        f"2026-01-05 12:00:00.000  {event}  {cause} TCP        10.20.30.40:3932  ->     203.0.113.80:80     "
        f"198.51.100.5:6001  ->     203.0.113.80:80      {sizes}"
    )


def test_a_firewalls_events_for_the_eye_name_the_side_that_asked_and_its_translation() -> None:
    created = one(NSEL_HEADER, nsel("CREATE"))
    assert isinstance(created, LogRecord)
    assert (created.source, created.statement) == ("nfdump.line", Statement.ALLOWED)
    assert (created.orig, created.resp) == (CLIENT, SERVER)
    assert created.translated == ((Endpoint("198.51.100.5", 6001), SERVER),)
    ended = flow(NSEL_HEADER, nsel("DELETE", sizes="1.5 M     8100"))
    assert (ended.orig_bytes, ended.resp_bytes, ended.outcome) == (1_500_000, 8100, Outcome.ESTABLISHED)


@pytest.mark.parametrize(("cause", "orig"), [("I-ACL", CLIENT), ("1001", CLIENT), ("No Syn", None)])
def test_a_denial_for_the_eye_names_its_cause(cause: str, orig: Endpoint | None) -> None:
    denied = one(NSEL_HEADER, nsel("DENIED", cause))
    assert isinstance(denied, LogRecord)
    assert (denied.statement, denied.orig) == (Statement.DENIED, orig)


@pytest.mark.parametrize("cause", ["<no-evt>", "Ignore"])
def test_a_row_for_the_eye_that_is_no_event_is_passed_over_without_a_word(cause: str) -> None:
    kind, records, problems = read(NSEL_HEADER, nsel("<no-evt>", cause), nsel("CREATE"))
    assert (kind, problems) == ("nfdump.line", [])
    assert [record.location.number for record in records if record.location] == [3]


def test_an_event_for_the_eye_that_says_nothing_is_passed_over() -> None:
    assert read(NSEL_HEADER, nsel("IGNORE"), nsel("ALERT")) == ("nfdump.line", [], [])


NEL_HEADER = (
    "Event time                 Event Proto      Src IP Addr:Port          Dst IP Addr:Port     "
    "X-Src IP Addr:Port        X-Dst IP Addr:Port"
)
NAT_CSV = "eventTime,event,proto,srcAddr,srcPort,dstAddr,dstPort,srcXIP,srcXPort,dstXIP,dstXPort"
OUTSIDE = Endpoint("198.51.100.5", 6001)


def nel(word: str) -> str:
    return (
        f"2026-01-05 12:00:00.000  {word} TCP  10.20.30.40:3932  ->  203.0.113.80:80  "
        "198.51.100.5:6001  ->  203.0.113.80:80"
    )


def nat_row(word: str, time: str = "2026-01-05 12:00:00.000") -> str:
    return f"{time},{word},TCP,10.20.30.40,3932,203.0.113.80,80,198.51.100.5,6001,0.0.0.0,0"


@pytest.mark.parametrize(
    ("word", "statement"),
    [
        ("ADD44", Statement.ALLOWED),
        ("ADD", Statement.ALLOWED),
        ("DEL44", Statement.SEEN),
        ("DELETE", Statement.SEEN),
    ],
)
@pytest.mark.parametrize("form", ["line", "csv", "json"])
def test_a_translators_session_names_nobody_and_shows_its_other_side(
    form: str, word: str, statement: Statement
) -> None:
    numbers = {"ADD": 1, "DELETE": 2, "ADD44": 4, "DEL44": 5}
    nat = {"type": "EVENT", "nat_event_id": numbers[word], "nat_event": "a NAT session"}
    outside = {"src4_xlt_ip": OUTSIDE.ip, "src_xlt_port": OUTSIDE.port}
    if form == "line":
        record = log(NEL_HEADER, nel(word))
    elif form == "csv":
        record = log(NAT_CSV, nat_row(word).replace("0.0.0.0,0", "203.0.113.80,80"))
    else:
        record = log(nfjson(**nat, **outside))
    assert (record.src, record.dst, record.time_ns) == (CLIENT, SERVER, NOON_NS)
    assert (record.orig, record.statement) == (None, statement)
    assert record.translated == ((OUTSIDE, SERVER),)
    assert record.raw


def test_a_translators_bindings_and_pools_are_of_no_conversation() -> None:
    for word in ("ADD44BIB", "PEXHAUS", "QUOTAEXH"):
        assert read(NEL_HEADER, nel(word)) == ("nfdump.line", [], [])
        assert read(NAT_CSV, nat_row(word))[1:] == ([], [])


def test_releases_name_the_translated_address_in_json_differently() -> None:
    event = {"type": "EVENT", "event_id": "1", "src_xlate_ip": OUTSIDE.ip, "src_xlate_port": OUTSIDE.port}
    assert log(nfjson(**event)).translated == ((OUTSIDE, SERVER),)


FIREWALL_CSV = "eventTime,event,xEvent,proto,srcAddr,srcPort,dstAddr,dstPort,inBytes,outBytes"


def firewall_row(word: str, cause: str, sizes: str = "0,0", time: str = "2026-01-05 12:00:00.000") -> str:
    return f"{time},{word},{cause},TCP,10.20.30.40,3932,203.0.113.80,80,{sizes}"


@pytest.mark.parametrize("time", ["2026-01-05 12:00:00.000", "1767614400000"])
@pytest.mark.parametrize(
    ("word", "cause", "statement", "orig"),
    [
        ("CREATE", "Ignore", Statement.ALLOWED, CLIENT),
        ("DENIED", "I-ACL", Statement.DENIED, CLIENT),
        ("DENIED", "NOSYN", Statement.DENIED, None),
        ("3", "1004", Statement.DENIED, None),
    ],
)
def test_a_firewalls_events_in_csv_say_what_they_say_for_the_eye(
    time: str, word: str, cause: str, statement: Statement, orig: Endpoint | None
) -> None:
    record = log(FIREWALL_CSV, firewall_row(word, cause, time=time))
    assert (record.source, record.statement, record.orig) == ("nfdump.csv", statement, orig)
    assert record.time_ns == NOON_NS
    ended = flow(FIREWALL_CSV, firewall_row("DELETE", "Ignore", "812,6202"))
    assert (ended.orig_bytes, ended.resp_bytes, ended.outcome) == (812, 6202, Outcome.ESTABLISHED)


def test_a_bad_event_in_csv_is_told_and_the_rest_is_read() -> None:
    rows = (firewall_row("DENIED", "I-ACL", time="noon"), firewall_row("CREATE", "Ignore"), "a,b")
    _, records, problems = read(FIREWALL_CSV, *rows)
    assert [record.location.number for record in records if record.location] == [3]
    assert problems == [
        "line 2: the time is missing or cannot be read",
        "line 4: 2 columns where the header names 10",
    ]


def nfjson(**more: Any) -> str:
    return json.dumps(FLOW | more)


def test_json_tells_who_exported_it_and_whether_packets_were_passed_over() -> None:
    record = flow(nfjson(export_sysid=3, direction=1, ip4_router="192.0.2.1", sampled=1, unknown={"x": []}))
    assert (record.observer, record.is_sampled) == ("192.0.2.1 3/1", True)
    assert (record.time_ns, record.end_ns) == (NOON_NS, NOON_NS + 1000 * MS)
    assert not flow(nfjson(sampled=0)).is_sampled


def test_icmp_in_json_has_its_own_names() -> None:
    text = {key: value for key, value in FLOW.items() if not key.endswith("_port")}
    record = flow(json.dumps(text | {"proto": 1, "icmp_type": 8, "icmp_code": 0}))
    assert (record.orig, record.resp) == (Endpoint(CLIENT.ip, 8), Endpoint(SERVER.ip, 0))


def test_a_firewalls_event_names_the_side_that_asked() -> None:
    created = log(nfjson(type="EVENT", event_id=1, event="CREATE"))
    assert (created.statement, created.orig, created.basis) == (Statement.ALLOWED, CLIENT, Basis.SESSION)
    denied = log(nfjson(type="EVENT", event_id=3, event="DENIED", xevent_id=1001))
    assert (denied.statement, denied.orig, denied.basis) == (Statement.DENIED, CLIENT, Basis.DENIED_PACKET)
    assert denied.fields["reason"] == "extended event 1001"


def test_a_packet_that_was_denied_for_being_no_syn_names_nobody() -> None:
    record = log(nfjson(type="EVENT", event_id=3, xevent_id=1004))
    assert (record.orig, record.statement) == (None, Statement.DENIED)


@pytest.mark.parametrize(("back", "outcome"), [(900, Outcome.ESTABLISHED), (0, None)])
def test_the_end_of_a_firewalls_session_tells_the_bytes_of_both(back: int, outcome: Outcome | None) -> None:
    record = flow(
        nfjson(type="EVENT", event_id=2, out_bytes=back, src4_xlt_ip="192.0.2.9", src_xlt_port=4444)
    )
    assert (record.outcome, record.basis, record.is_half) == (outcome, Basis.SESSION, False)
    assert record.translated == ((Endpoint("192.0.2.9", 4444), SERVER),)


def test_an_event_that_says_nothing_of_a_conversation_is_passed_over() -> None:
    assert read(nfjson(type="EVENT", event_id=0), nfjson(type="EVENT", event_id=4))[1:] == ([], [])
    told = "line 2: the record is neither a FLOW nor an EVENT"
    assert read(nfjson(), nfjson(type="STAT"))[2] == [told]


# IPFIX


def ipfix(**more: Any) -> str:
    record = {
        "flowStartMilliseconds": "2026-01-05T12:00:00.000Z",
        "flowEndMilliseconds": "2026-01-05T12:00:01.000Z",
        "sourceIPv4Address": CLIENT.ip,
        "destinationIPv4Address": SERVER.ip,
        "sourceTransportPort": CLIENT.port,
        "destinationTransportPort": SERVER.port,
        "protocolIdentifier": 6,
        "packetTotalCount": 8,
        "octetTotalCount": 800,
        "tcpControlBits": "0x001b",
        "flowDirection": 0,
    }
    return json.dumps(record | more)


BACK = {"reversePacketTotalCount": 9, "reverseOctetTotalCount": 6000, "reverseTcpControlBits": "0x001b"}


@pytest.mark.parametrize(
    ("direction", "flags", "orig", "basis"),
    [
        (1, "0x001b", CLIENT, Basis.HANDSHAKE),
        (1, "0x0018", CLIENT, Basis.TRACKED),
        (2, "0x0018", SERVER, Basis.HANDSHAKE),
        (3, "0x001b", CLIENT, Basis.ARBITRARY),
        (0, "0x001b", CLIENT, Basis.ARBITRARY),
    ],
)
def test_the_biflow_direction_says_what_the_source_is(
    direction: int, flags: str, orig: Endpoint, basis: Basis
) -> None:
    record = flow(ipfix(biflowDirection=direction, **BACK | {"tcpControlBits": flags}))
    assert (record.orig, record.basis, record.is_half) == (orig, basis, False)
    ours, theirs = (8, 9) if orig == CLIENT else (9, 8)
    assert (record.orig_packets, record.resp_packets) == (ours, theirs)


def test_without_reverse_elements_it_is_one_direction_whatever_the_interface_says() -> None:
    record = flow(ipfix(flowDirection=1, flowEndReason=3, exporterIPv4Address="192.0.2.1"))
    assert (record.is_half, record.orig, record.orig_flags) == (True, CLIENT, ALL)
    assert (record.state, record.observer) == ("end of flow", "192.0.2.1 /1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("flowStartSeconds", 1_767_614_400),
        ("flowStartMilliseconds", 1_767_614_400_000),
        ("flowStartMicroseconds", "1767614400000000"),
        ("flowStartNanoseconds", 1_767_614_400_000_000_000),
        ("observationTimeMilliseconds", "2026-01-05T13:00:00+01:00"),
    ],
)
def test_the_unit_of_a_time_is_in_its_name(name: str, value: object) -> None:
    record = json.loads(ipfix())
    del record["flowStartMilliseconds"]
    assert flow(json.dumps(record | {name: value})).time_ns == NOON_NS


@pytest.mark.parametrize(
    "element",
    [
        {"icmpTypeCodeIPv4": 2048},
        {"icmpTypeIPv4": 8, "icmpCodeIPv4": 0},
        {"sourceTransportPort": 0, "destinationTransportPort": 2048},
    ],
)
def test_icmp_has_elements_of_its_own(element: dict[str, int]) -> None:
    record = flow(ipfix(protocolIdentifier=1, **element))
    assert (record.orig, record.resp) == (Endpoint(CLIENT.ip, 8), Endpoint(SERVER.ip, 0))


def test_a_firewall_event_in_ipfix() -> None:
    record = one(ipfix(firewallEvent=3))
    assert isinstance(record, LogRecord)
    assert (record.statement, record.orig) == (Statement.DENIED, CLIENT)
    ended = flow(ipfix(firewallEvent=2, postNATSourceIPv4Address="192.0.2.9", **BACK))
    assert (ended.outcome, ended.translated) == (
        Outcome.ESTABLISHED,
        ((Endpoint("192.0.2.9", 3932), SERVER),),
    )


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"flowStartMilliseconds": 10**30}, "the time is not possible"),
        ({"flowStartMilliseconds": None}, "the time is missing or cannot be read"),
        ({"sourceIPv4Address": 7}, "an address is missing"),
    ],
)
def test_a_bad_record_of_ipfix_is_told(more: dict[str, Any], told: str) -> None:
    assert read(ipfix(protocolIdentifier=47), ipfix(**more)) == ("ipfix", [], [f"line 2: {told}"])
