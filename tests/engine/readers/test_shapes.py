"""What relays, exports and settings change about a line, and what it may not change: who spoke with whom."""

from __future__ import annotations

import json

import pytest

from tests.engine.readers.lines import CLIENT, NOON_NS, SERVER, one, read
from tickets.engine.types import Alert, Endpoint, FlowRecord, LogRecord, Record

HEADERS = {
    "RFC 3164": "Jan  5 12:00:00 fw1 {program}: ",
    "RFC 3164 with a priority": "<134>Jan  5 12:00:00 fw1 {program}: ",
    "with an address for the host": "<134>Jan  5 12:00:00 192.0.2.254 {program}: ",
    "with a process number": "<134>Jan  5 12:00:00 fw1 {program}[912]: ",
    "with the year": "<134>Jan  5 2026 12:00:00 fw1 {program}: ",
    "ISO 8601": "2026-01-05T12:00:00.000000+00:00 fw1 {program}: ",
    "RFC 5424": "<134>1 2026-01-05T12:00:00.000Z fw1 {program} 912 - - ",
    "RFC 5424 with structured data": '<134>1 2026-01-05T12:00:00Z fw1 {program} - - [meta sequenceId="7"] ',
}
LINES = {
    "cisco.asa": (
        "asa",
        (
            "%ASA-4-106023: Deny tcp src inside:10.20.30.40/3932 dst outside:203.0.113.80/80 by access-group "
            '"inside_in" [0x0, 0x0]'
        ),
    ),
    "fortinet": (
        "fortigate",
        (
            'date=2026-01-05 time=12:00:00 devname="fw1" devid="FGT1" logid="0000000013" type="traffic" '
            'subtype="forward" srcip=10.20.30.40 srcport=3932 dstip=203.0.113.80 dstport=80 proto=6 action="deny"'
        ),
    ),
    "paloalto": (
        "panos",
        (
            "1,2026/01/05 12:00:00,000000000007,TRAFFIC,drop,1,2026/01/05 12:00:00,10.20.30.40,203.0.113.80,0.0.0.0,"
            "0.0.0.0,deny,,,not-applicable,vsys1,trust,untrust,e1,e2,fwd,1,0,1,3932,80,0,0,0x0,tcp,drop,60,60,0,1,"
            "2026/01/05 12:00:00,0,any,0,7,0x0,US,US,0,1,0,policy-deny"
        ),
    ),
    "pf.filterlog": (
        "filterlog",
        (
            "5,,,1000000103,igb0,match,block,in,4,0x0,,48,54321,0,DF,6,tcp,60,10.20.30.40,203.0.113.80,3932,80,0,S,1,,"
            "64240,,mss"
        ),
    ),
    "netfilter": (
        "kernel",
        (
            "DROP IN=eth1 OUT=eth0 SRC=10.20.30.40 DST=203.0.113.80 LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=7 DF PROTO=TCP "
            "SPT=3932 DPT=80 WINDOW=64240 RES=0x00 SYN URGP=0"
        ),
    ),
    "cef": (
        "gate",
        (
            "CEF:0|Example|Gate|2|106023|Access denied|4|src=10.20.30.40 spt=3932 dst=203.0.113.80 dpt=80 proto=TCP "
            "act=Deny"
        ),
    ),
    "leef": (
        "gate",
        (
            "LEEF:1.0|Example|Gate|3|deny|src=10.20.30.40\tsrcPort=3932\tdst=203.0.113.80\tdstPort=80\tproto=TCP\t"
            "action=deny"
        ),
    ),
}


def ends(record: Record) -> tuple[Endpoint | None, Endpoint | None]:
    """Whom the line prints first, and whom second."""
    if isinstance(record, FlowRecord):
        return record.orig, record.resp
    assert isinstance(record, LogRecord | Alert)
    return record.src, record.dst


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("kind", LINES)
def test_a_relays_header_changes_nothing_about_a_firewalls_line(kind: str, header: str) -> None:
    program, line = LINES[kind]
    before = HEADERS[header].format(program=program)
    found, (record,), problems = read(before + line)
    assert (found, ends(record), problems) == (kind, (CLIENT, SERVER), [])


TABLES = {
    "nfdump.csv": (
        ",",
        "firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes,flows",
        "2026-01-05 12:00:00.000,0.5,TCP,10.20.30.40,3932,203.0.113.80,80,8,812,1",
    ),
    "argus": (
        ",",
        "StartTime,Flgs,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,TotPkts,TotBytes,State",
        "2026-01-05 12:00:00.000000, e,tcp,10.20.30.40,3932,   ->,203.0.113.80,80,8,812,FIN",
    ),
    "aws.vpc": (
        " ",
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status",
        "2 000000000001 eni-01 10.20.30.40 203.0.113.80 3932 80 6 8 812 1767614400 1767614460 ACCEPT OK",
    ),
    "snort.csv": (
        ",",
        "timestamp,action,proto,src_addr,src_port,dst_addr,dst_port,gid,sid,rev,msg",
        "01/05-12:00:00.000001,alert,TCP,10.20.30.40,3932,203.0.113.80,80,1,1900001,1,TRAINING",
    ),
    "paloalto": (
        ",",
        (
            "Receive Time,Type,Threat/Content Type,Generated Time,Source address,Destination address,Source Port,"
            "Destination Port,IP Protocol,Action,Bytes Sent,Bytes Received,Session End Reason"
        ),
        "2026/01/05 12:00:00,TRAFFIC,drop,2026/01/05 12:00:00,10.20.30.40,203.0.113.80,3932,80,tcp,drop,60,0,policy-deny",
    ),
}


@pytest.mark.parametrize("kind", TABLES)
def test_columns_go_by_their_names_in_whatever_order(kind: str) -> None:
    mark, header, row = TABLES[kind]
    turned = [mark.join(reversed(line.split(mark))) for line in (header, row)]
    for lines in ([header, row], turned):
        found, (record,), problems = read(*lines)
        assert (found, ends(record), problems) == (kind, (CLIENT, SERVER), [])


ZEEK = (
    "#separator \\x09",
    "#set_separator\t,",
    "#empty_field\t(empty)",
    "#unset_field\t-",
    "#path\tconn",
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tconn_state\thistory\ttunnel_parents",
    "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tstring\tset[string]",
)
WINDOWS = (
    "#Version: 1.5",
    "#Software: Microsoft Windows Firewall",
    "#Time Format: Local",
    (
        "#Fields: date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype "
        "icmpcode info path"
    ),
)


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        *((kind, (header,)) for kind, (_, header, _) in TABLES.items()),
        ("zeek.conn", ZEEK),
        ("windows.firewall", WINDOWS),
    ],
)
def test_a_log_that_holds_its_header_only_is_known_and_empty(kind: str, lines: tuple[str, ...]) -> None:
    assert read(*lines) == (kind, [], [])


@pytest.mark.parametrize(
    ("mark", "parents"), [(",", "CA,CB"), ("|", "CA|CB"), ("\\x7c", "CA|CB"), (",", "(empty)")]
)
def test_what_separates_a_set_in_zeeks_text_changes_no_column(mark: str, parents: str) -> None:
    header = [f"#set_separator\t{mark}" if line.startswith("#set") else line for line in ZEEK]
    row = f"1767614400.000000\tCx\t{CLIENT.ip}\t3932\t{SERVER.ip}\t80\ttcp\tSF\tShADadFf\t{parents}"
    flow = one(*header, row)
    assert isinstance(flow, FlowRecord)
    assert (flow.orig, flow.resp, flow.history, flow.time_ns) == (CLIENT, SERVER, "ShADadFf", NOON_NS)


@pytest.mark.parametrize("path", [{"_path": "conn"}, {}])
@pytest.mark.parametrize("written", [{"_write_ts": "2026-01-05T12:30:00.000000Z"}, {}])
@pytest.mark.parametrize("moment", ["2026-01-05T12:00:00.000000Z", 1767614400.0])
def test_zeeks_json_needs_no_path_and_the_time_of_writing_is_not_the_connections(
    path: dict[str, str], written: dict[str, str], moment: str | float
) -> None:
    values = {
        "uid": "Cx",
        "id": {"orig_h": CLIENT.ip, "orig_p": CLIENT.port, "resp_h": SERVER.ip, "resp_p": SERVER.port},
        "proto": "tcp",
        "conn_state": "SF",
        "history": "ShADadFf",
    }
    flow = one(json.dumps({**path, **written, "ts": moment, **values}))
    assert isinstance(flow, FlowRecord)
    assert (flow.orig, flow.resp, flow.time_ns) == (CLIENT, SERVER, NOON_NS)
