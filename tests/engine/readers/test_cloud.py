"""Flow and firewall logs of the clouds: which direction a record tells, and what is only the policy's word."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.engine.readers.lines import CLIENT, NOON_NS, SERVER, log, one, read
from tests.traffic import rules
from tickets.engine.conversations import converse
from tickets.engine.types import (
    Basis,
    Conversation,
    Endpoint,
    FlowRecord,
    LogRecord,
    Outcome,
    Protocol,
    Statement,
    TcpFlags,
)

NOON = 1_767_614_400


def flow(*lines: str) -> FlowRecord:
    record = one(*lines)
    assert isinstance(record, FlowRecord)
    return record


def conversation(*lines: str) -> Conversation:
    (found,) = converse(read(*lines)[1])
    return found


# Amazon

V5 = (
    "version srcaddr dstaddr srcport dstport protocol start end packets bytes interface-id action tcp-flags "
    "pkt-srcaddr pkt-dstaddr flow-direction log-status"
)
OUT, BACK = ("10.20.30.40", "203.0.113.80", 3932, 80), ("203.0.113.80", "10.20.30.40", 80, 3932)
Ends = tuple[str, str, int, int]


def v2(
    ends: Ends, action: str = "ACCEPT", at: int = 0, proto: int = 6, packets: int = 8, size: int = 812
) -> str:
    src, dst, sport, dport = ends
    start = NOON + at
    return f"2 123456789012 eni-01 {src} {dst} {sport} {dport} {proto} {packets} {size} {start} {start + 60} {action} OK"


def v5(
    ends: Ends, flags: int | str, action: str = "ACCEPT", at: int = 0, way: str = "ingress", **more: str
) -> str:
    src, dst, sport, dport = ends
    start = NOON + at
    pkt = more.get("pkt_src", src), more.get("pkt_dst", dst)
    counts = more.get("counts", "8 812")
    return (
        f"5 {src} {dst} {sport} {dport} 6 {start} {start + 60} {counts} {more.get('eni', 'eni-01')} {action} {flags} "
        f"{pkt[0]} {pkt[1]} {way} OK"
    )


def test_the_default_format_needs_no_header() -> None:
    record = flow(v2(OUT))
    assert (record.source, record.orig, record.resp, record.is_half) == ("aws.vpc", CLIENT, SERVER, True)
    assert (record.time_ns, record.end_ns) == (NOON_NS, NOON_NS + 60_000_000_000)
    assert (record.orig_packets, record.orig_bytes, record.orig_flags) == (8, 812, None)
    assert (record.observer, record.state) == ("eni-01", "ACCEPT")


@pytest.mark.parametrize(
    "header", [V5, f"# format: {V5}", " ".join(f"${{{name}}}" for name in V5.split()), V5.replace("-", "_")]
)
def test_any_other_format_goes_by_its_header(header: str) -> None:
    record = flow(header, v5(OUT, 3))
    assert (record.orig, record.resp) == (CLIENT, SERVER)
    assert record.orig_flags == TcpFlags.SYN | TcpFlags.FIN


@pytest.mark.parametrize(
    "start",
    [
        "2026-01-05T12:00:00.000Z ",
        "<14>Jan  5 12:00:00 relay vpc: ",
        "<14>1 2026-01-05T12:00:00Z relay v - - - ",
    ],
)
def test_what_a_relay_or_an_export_puts_before_the_line_does_not_matter(start: str) -> None:
    assert flow(start + v2(OUT)).orig == CLIENT


def test_the_asking_half_has_2_and_the_answering_half_18() -> None:
    found = conversation(V5, v5(BACK, 19), v5(OUT, 3, way="egress"))
    assert (found.orig, found.outcome) == (CLIENT, Outcome.ESTABLISHED)
    assert rules(found)[:2] == ["flow.syn", "flow.syn_ack"]
    assert found.confidence >= 0.97


def test_the_return_of_an_outbound_connection_is_ingress_and_that_says_nothing() -> None:
    opened = conversation(V5, v5(BACK, 18, way="ingress"))
    assert opened.orig == CLIENT
    unknown = conversation(V5, v5(BACK, 0, way="ingress"))
    assert unknown.confidence < 0.9


def test_a_plain_ack_is_not_recorded_so_0_is_the_middle() -> None:
    found = conversation(V5, v5(OUT, 0), v5(BACK, 0))
    assert (found.outcome, found.confidence < 0.9) == (Outcome.MIDSTREAM, True)


def test_a_syn_that_was_accepted_and_not_answered_is_unanswered() -> None:
    found = conversation(V5, v5(OUT, 2, counts="3 180"))
    assert (found.orig, found.outcome) == (CLIENT, Outcome.UNANSWERED)


def test_a_reset_beside_the_syn_is_a_refusal() -> None:
    assert conversation(V5, v5(OUT, 2, counts="1 60"), v5(BACK, 4, counts="1 40")).outcome is Outcome.REFUSED


def test_the_interval_starts_say_nothing_of_who_began() -> None:
    found = conversation(V5, v5(BACK, 0), v5(OUT, 0, at=30))
    assert not {"flow.earlier", "flow.order"} & {rule.lstrip("-") for rule in rules(found)}


def test_behind_a_gateway_the_packets_own_address_counts() -> None:
    through_nat = ("10.20.30.40", "10.20.0.220", 3932, 80)
    found = conversation(
        V5,
        v5(OUT, 2, eni="eni-01"),
        v5(through_nat, 2, eni="eni-02", pkt_dst="203.0.113.80"),
        v5(BACK, 18, pkt_dst="-"),
    )
    assert (found.orig, found.resp) == (CLIENT, SERVER)
    assert found.orig_packets == 8  # each interface counted the same eight


def test_a_later_interval_goes_on_with_the_same_connection() -> None:
    lines = [
        v5(OUT, 2),
        v5(BACK, 18),
        v5(BACK, 0, at=60),
        v5(OUT, 0, at=60),
        v5(OUT, 1, at=400),
        v5(BACK, 1, at=400),
    ]
    found = conversation(V5, *lines[:2], *lines[4:], *lines[2:4])
    assert (found.orig_packets, found.outcome) == (24, Outcome.ESTABLISHED)


@pytest.mark.parametrize(
    ("flags", "orig", "basis"),
    [
        (2, CLIENT, Basis.DENIED_PACKET),
        (18, SERVER, Basis.REPLY),
        (0, None, Basis.DENIED_PACKET),
        ("-", None, Basis.DENIED_PACKET),
    ],
)
def test_a_rejection_names_the_asker_by_the_flags_alone(
    flags: int | str, orig: Endpoint | None, basis: Basis
) -> None:
    record = log(V5, v5(OUT, flags, "REJECT"))
    assert (record.statement, record.orig, record.basis) == (Statement.DENIED, orig, basis)
    assert (record.src, record.dst) == (CLIENT, SERVER)


@pytest.mark.parametrize("lines", [(v2(OUT), v2(BACK, "REJECT")), (v2(BACK, "REJECT"), v2(OUT))])
def test_a_rejected_answer_does_not_make_its_sender_the_asker(lines: tuple[str, str]) -> None:
    found = conversation(*lines)
    assert (found.orig, rules(found)[0]) == (CLIENT, "flow.answer_denied")


def test_a_rejected_answer_of_known_flags() -> None:
    found = conversation(V5, v5(OUT, 2), v5(BACK, 18, "REJECT"))
    assert (found.orig, found.outcome) == (CLIENT, Outcome.UNANSWERED)


def test_a_rejection_without_flags_is_unanswered_where_the_ports_name_the_asker() -> None:
    found = conversation(v2(OUT, "REJECT"))
    assert (found.orig, found.outcome, found.confidence < 0.9) == (CLIENT, Outcome.UNANSWERED, True)
    assert conversation(v2(BACK, "REJECT")).outcome is Outcome.ONE_WAY


def test_accepted_is_not_established() -> None:
    assert conversation(v2(OUT, packets=3, size=180)).outcome is Outcome.ONE_WAY


def test_data_both_ways_needs_a_connection() -> None:
    assert conversation(v2(OUT), v2(BACK, size=6000)).outcome is Outcome.ESTABLISHED
    bare = conversation(v2(OUT, packets=1, size=60), v2(BACK, packets=1, size=40))
    assert rules(bare, "outcome") == []


def test_intervals_without_data_have_no_flow() -> None:
    empty = "2 123456789012 eni-01 - - - - - - - 1767614400 1767614460 - {}"
    assert read(empty.format("NODATA"), empty.format("SKIPDATA")) == ("aws.vpc", [], [])


def test_icmp_has_no_type_here_so_nobody_asked() -> None:
    found = conversation(
        v2(("10.20.30.40", "203.0.113.80", 0, 0), proto=1), v2(("203.0.113.80", "10.20.30.40", 0, 0), proto=1)
    )
    assert (found.protocol, found.orig, rules(found, "outcome")) == (Protocol.ICMP, None, [])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("2 123456789012 eni-01 10.0.0.1", "4 fields where the format has 14"),
        (v2(("nowhere", "203.0.113.80", 1, 2)), "'nowhere' is not an address"),
        (v2(OUT).replace(str(NOON), "noon"), "the time is missing or cannot be read"),
    ],
)
def test_a_bad_record_of_amazon_is_told(line: str, told: str) -> None:
    assert read(v2(OUT, proto=47), line) == ("aws.vpc", [], [f"line 2: {told}"])


# Azure


def nsg(*tuples: str, rule: str = "allow-web", group: str = "NSG1") -> dict[str, Any]:
    flows = [{"rule": rule, "flows": [{"mac": "00005E005301", "flowTuples": list(tuples)}]}]
    return {"time": "2026-01-05T12:01:00Z", "resourceId": group, "properties": {"Version": 2, "flows": flows}}


def vnet(*tuples: str) -> dict[str, Any]:
    groups = [{"rule": "allow-web", "flowTuples": list(tuples)}]
    return {
        "flowLogVersion": 4,
        "macAddress": "00005E005301",
        "flowRecords": {"flows": [{"flowGroups": groups}]},
    }


def azure(*records: dict[str, Any]) -> str:
    return json.dumps({"records": records})


PAIR = "10.20.30.40,203.0.113.80,3932,80"


def test_a_created_flow_is_permission_and_no_answer() -> None:
    record = log(azure(nsg(f"{NOON},{PAIR},T,O,A,B,,,,")))
    assert (record.statement, record.orig, record.basis) == (Statement.ALLOWED, CLIENT, Basis.SESSION)
    assert (record.fields, record.time_ns) == ({"word": "outbound", "acl": "allow-web"}, NOON_NS)
    found = conversation(azure(nsg(f"{NOON},{PAIR},T,O,A,B,,,,")))
    assert (found.orig, rules(found, "outcome")) == (CLIENT, [])


@pytest.mark.parametrize(
    ("counts", "outcome"),
    [("8,812,9,6202", Outcome.ESTABLISHED), ("3,180,0,0", Outcome.UNANSWERED), ("0,0,2,80", Outcome.ONE_WAY)],
)
def test_the_counts_at_the_end_say_whether_anything_came_back(counts: str, outcome: Outcome) -> None:
    in_group = azure(nsg(f"{NOON},{PAIR},T,O,A,B,,,,", f"{NOON + 4},{PAIR},T,O,A,E,{counts}"))
    in_network = azure(vnet(f"{NOON}000,{PAIR},6,O,B,NX,0,0,0,0", f"{NOON}250,{PAIR},6,O,E,NX,{counts}"))
    for text in (in_group, in_network):
        found = conversation(text)
        assert (found.orig, found.outcome, found.confidence) == (CLIENT, outcome, 0.95)


def test_an_end_without_answers_after_an_interval_with_some_is_no_silence() -> None:
    found = conversation(
        azure(nsg(f"{NOON},{PAIR},T,O,A,C,8,812,9,6202", f"{NOON + 60},{PAIR},T,O,A,E,1,60,0,0"))
    )
    assert (found.outcome, found.orig_packets, found.resp_packets) == (Outcome.ESTABLISHED, 9, 9)


def test_two_groups_that_log_the_same_flow_count_it_once() -> None:
    end = f"{NOON},{PAIR},T,O,A,E,8,812,9,6202"
    found = conversation(azure(nsg(end, group="SUBNET"), nsg(end, group="NIC")))
    assert (found.orig_packets, found.resp_packets) == (8, 9)


@pytest.mark.parametrize(
    "text",
    [
        azure(nsg(f"{NOON},{PAIR},T,I,D,B,,,,")),
        azure(nsg(f"{NOON},{PAIR},T,I,D")),
        azure(vnet(f"{NOON}000,{PAIR},6,I,D,NX,0,0,0,0")),
    ],
)
def test_a_denied_flow_was_asked_for_by_its_source(text: str) -> None:
    found = conversation(text)
    assert (found.orig, found.outcome) == (CLIENT, Outcome.UNANSWERED)


def test_version_1_has_neither_state_nor_counts() -> None:
    assert log(azure(nsg(f"{NOON},{PAIR},U,I,A"))).protocol is Protocol.UDP


def test_a_record_is_numbered_by_its_tuple_and_a_bad_one_is_told() -> None:
    good = f"{NOON},{PAIR},T,O,A,B,,,,"
    kind, records, problems = read(azure(nsg(good, "1,2", f"{NOON},{PAIR},T,O,A,X,,,,"), nsg(good)))
    assert (kind, [record.location.number for record in records if record.location]) == ("azure.flow", [1, 4])
    assert problems == [
        "line 1, record 1, tuple 2: a tuple of 2 fields",
        "line 1, record 1, tuple 3: 'X' is not a flow's state",
    ]


def test_a_flow_log_of_another_shape_has_no_flows() -> None:
    assert (
        read(
            '{"records": [{"flowTuples": 3, "properties": {"flows": [7, {"flows": [{"flowTuples": {}}]}]}}]}'
        )[1]
        == []
    )


# Google


def google(payload: dict[str, Any], ends: Ends = OUT, proto: int = 6) -> str:
    src, dst, sport, dport = ends
    connection = {"src_ip": src, "dest_ip": dst, "src_port": sport, "dest_port": dport, "protocol": proto}
    entry = {"timestamp": "2026-01-05T12:00:10Z", "jsonPayload": {"connection": connection, **payload}}
    return json.dumps(entry)


def half(
    ends: Ends, reporter: str, machine: str, start: str = "2026-01-05T12:00:00Z", size: str = "6000"
) -> str:
    key = "src_instance" if reporter == "SRC" else "dest_instance"
    payload = {
        "reporter": reporter,
        "packets_sent": "8",
        "bytes_sent": size,
        "start_time": start,
        "end_time": "2026-01-05T12:00:05Z",
        key: {"project_id": "lab", "vm_name": machine},
    }
    return google(payload, ends)


def test_a_flow_of_google_is_one_direction_of_a_sample() -> None:
    record = flow(half(OUT, "SRC", "ws40"))
    assert (record.source, record.is_half, record.is_sampled) == ("gcp.vpc_flows", True, True)
    assert (record.orig, record.orig_packets, record.observer) == (CLIENT, 8, "lab ws40")


def test_both_machines_report_the_same_packets() -> None:
    lines = [half(OUT, "SRC", "a"), half(OUT, "DEST", "b"), half(BACK, "SRC", "b"), half(BACK, "DEST", "a")]
    found = conversation(*lines)
    assert (found.orig_packets, found.resp_packets, found.outcome) == (8, 8, Outcome.ESTABLISHED)


def test_the_order_of_a_sample_is_a_weak_hint() -> None:
    later = half(OUT, "SRC", "a", start="2026-01-05T12:00:01Z")
    found = conversation(half(BACK, "DEST", "a"), later)
    assert (found.orig, "-flow.order" in rules(found), found.confidence < 0.9) == (CLIENT, True, True)


def test_a_missing_half_of_a_sample_is_no_silence() -> None:
    udp = google(
        {"reporter": "SRC", "packets_sent": "1", "bytes_sent": "60"},
        ("10.20.30.40", "203.0.113.80", 40000, 53),
        17,
    )
    assert conversation(udp).outcome is Outcome.ONE_WAY


@pytest.mark.parametrize(
    ("said", "way", "statement", "outcome"),
    [
        ("DENIED", "INGRESS", Statement.DENIED, ["firewall.denied"]),
        ("ALLOWED", "EGRESS", Statement.ALLOWED, []),
    ],
)
def test_the_firewalls_record_is_one_connection_and_its_source_asked(
    said: str, way: str, statement: Statement, outcome: list[str]
) -> None:
    line = google(
        {"disposition": said, "rule_details": {"reference": "network:default/firewall:r1", "direction": way}}
    )
    record = one(line)
    assert isinstance(record, LogRecord)
    assert (record.source, record.statement, record.orig) == ("gcp.firewall", statement, CLIENT)
    assert record.fields["acl"] == "network:default/firewall:r1"
    assert rules(conversation(line), "outcome") == outcome


def test_icmp_has_a_type_only_in_newer_records() -> None:
    payload = {"reporter": "SRC", "connection": {"src_ip": CLIENT.ip, "dest_ip": SERVER.ip, "protocol": 1}}
    assert flow(google(payload)).orig == Endpoint(CLIENT.ip, 0)
    payload["connection"]["icmp"] = {"type": 8, "code": 0}  # type: ignore[index]
    assert flow(google(payload)).orig == Endpoint(CLIENT.ip, 8)


def test_other_entries_are_passed_over_and_bad_ones_told() -> None:
    other = json.dumps({"jsonPayload": {"message": "x"}})
    odd = google({"disposition": "MAYBE", "rule_details": {}})
    _, records, problems = read(half(OUT, "SRC", "a"), other, odd)
    assert (len(records), problems) == (1, ["line 3: 'MAYBE' is no disposition"])
