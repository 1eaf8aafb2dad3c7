"""Records as rows of the desk: what was printed, and no judgement."""

from __future__ import annotations

import json

import pytest

from tests.traffic import icmp, packets, tcp, udp
from tickets.engine.readers import read_evidence
from tickets.engine.summaries import DUMP_BYTES, RecordKind, RecordSummary, summarise

CLIENT, SERVER = "10.20.30.40:3932", "203.0.113.80:80"


def rows(*lines: str) -> list[RecordSummary]:
    return [summarise(record) for record in read_evidence("x.log", "\n".join(lines).encode()).records]


def test_a_handshake_reads_down_the_column() -> None:
    talk = tcp(CLIENT, SERVER).handshake().says(b"GET /index.html HTTP/1.1\r\nHost: x\r\n").reset()
    shown = [summarise(packet) for packet in packets(talk)]
    assert [row.flags for row in shown] == ["····S·", "·A··S·", "·A····", "·AP···", "·A·R··"]
    assert [row.info for row in shown] == ["SYN", "SYN, ACK", "ACK", "GET /index.html HTTP/1.1", "RST, ACK"]
    assert [row.number for row in shown] == [1, 2, 3, 4, 5]
    assert {row.kind for row in shown} == {RecordKind.PACKET}


def test_addresses_stand_as_printed_even_when_the_reply_comes_first() -> None:
    row = summarise(packets(tcp(CLIENT, SERVER).answers(b"HTTP/1.1 200 OK\r\n"))[0])
    assert (str(row.src), str(row.dst)) == (SERVER, CLIENT)


def test_a_payload_is_dumped_in_hexadecimal_and_ascii_up_to_a_bound() -> None:
    row = summarise(packets(udp(CLIENT, SERVER).says(b"GET\x00\xff" + bytes(600)))[0])
    assert row.dump[0].startswith("0000  47 45 54 00 ff 00")
    assert row.dump[0].endswith("GET.............")
    assert len(row.dump) == DUMP_BYTES // 16
    assert row.length == 605


def test_icmp_tells_its_type_and_what_it_quotes() -> None:
    quoted = udp("10.0.0.1:5000", "10.0.0.2:53").says(b"x").frames[0].data
    (row,) = (summarise(packet) for packet in packets(icmp("10.0.0.2", "10.0.0.1").message(3, 3, quoted)))
    assert row.info == "destination unreachable, type 3 code 3, quotes udp 10.0.0.1:5000 to 10.0.0.2:53"
    assert row.flags == ""


DECOY = (
    '2026-01-05T12:00:00 src="10.0.0.1", src_port="1", dest="10.0.0.2", dest_port="2", '
    'dionaea_action="connect", transport="tcp"'
)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (
            "Jan 05 2026 12:00:00: %ASA-2-106006: Deny inbound UDP from 10.0.0.1/5 to 10.0.0.2/6",
            RecordKind.FIREWALL,
        ),
        (
            DECOY,
            RecordKind.HONEYPOT,
        ),
        (
            "Jan  5 12:00:00 web1 sshd[8]: Failed password for root from 10.0.0.1 port 3932 ssh2",
            RecordKind.HOST,
        ),
    ],
)
def test_a_log_line_says_it_best_itself(line: str, kind: RecordKind) -> None:
    (row,) = rows(line)
    assert (row.kind, row.info, row.raw, row.dump) == (kind, line, line, ())


def test_an_alert_and_a_flow_stand_on_tabs_of_their_own() -> None:
    ends = '"proto":"TCP","src_ip":"203.0.113.80","src_port":80,"dest_ip":"10.20.30.40","dest_port":3932'
    alert = '{"timestamp":"2026-01-05T12:00:00Z","event_type":"alert",%s,"alert":{"signature_id":7,"signature":"X"}}'
    flow = '{"timestamp":"2026-01-05T12:00:00Z","event_type":"flow",%s,"flow":{"pkts_toserver":2,"pkts_toclient":1}}'
    first, second = rows(alert % ends, flow % ends)
    assert (first.kind, first.info, first.detail["Signature"]) == (RecordKind.IDS, "alert, X", "1:7:0")
    assert (second.kind, second.detail["Packets"]) == (RecordKind.FLOW, "2 and 1")
    assert str(first.src) == SERVER


def test_a_half_says_nothing_of_what_came_back() -> None:
    line = "2 123456789012 eni-01 10.20.30.40 203.0.113.80 3932 80 6 8 812 1767614400 1767614460 {} OK"
    half, denial = rows(line.format("ACCEPT"), line.format("REJECT"))
    assert (half.kind, half.info) == (RecordKind.FLOW, "812 bytes, 8 packets in this direction, ACCEPT")
    assert (half.detail["Packets"], half.detail["Bytes"]) == ("8", "812")
    assert (denial.kind, denial.detail["action"]) == (RecordKind.FIREWALL, "REJECT")


def test_a_clouds_decision_stands_with_the_firewalls_and_its_flow_with_the_flows() -> None:
    ends = "10.20.30.40,203.0.113.80,3932,80"
    tuples = [f"1767614400,{ends},T,O,A,B,,,,", f"1767614404,{ends},T,O,A,E,8,812,9,6202"]
    flows = [{"rule": "r", "flows": [{"flowTuples": tuples}]}]
    created, ended = rows(json.dumps({"records": [{"properties": {"flows": flows}}]}))
    assert (created.kind, created.number) == (RecordKind.FIREWALL, 1)
    assert (ended.kind, ended.number) == (RecordKind.FLOW, 2)
    assert ended.info == "812 and 6202 bytes, 8 packets out, 9 back, E"
