"""Windows Firewall's log: connections that it allowed, packets that it dropped."""

from __future__ import annotations

import gzip

import pytest

from tests.engine.readers.lines import NOON_NS, read
from tickets.engine.conversations import converse
from tickets.engine.readers import read_evidence
from tickets.engine.types import Basis, Endpoint, LogRecord, Outcome, Statement

HEADER = (
    "#Version: 1.5",
    "#Software: Microsoft Windows Firewall",
    "#Time Format: Local",
    (
        "#Fields: date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype "
        "icmpcode info path"
    ),
    "",
)
OUT = "2026-01-05 12:00:00 ALLOW TCP 10.20.30.41 198.51.100.80 50100 443 0 - 0 0 0 - - - SEND"
IN = "2026-01-05 12:00:00 ALLOW TCP 10.20.30.9 10.20.30.41 50101 3389 0 - 0 0 0 - - - RECEIVE"
SYN = "2026-01-05 12:00:00 DROP TCP 10.20.30.99 10.20.30.41 50102 445 52 S 12345 0 64240 - - - RECEIVE"
ANSWER = "2026-01-05 12:00:00 DROP UDP 10.20.0.53 10.20.30.41 53 61003 180 - - - - - - - RECEIVE"
PING = "2026-01-05 12:00:00 DROP ICMP 10.20.30.99 10.20.30.41 - - 60 - - - - 8 0 - RECEIVE"


def row(line: str) -> LogRecord:
    _, records, problems = read(*HEADER, line)
    assert problems == []
    (record,) = records
    assert isinstance(record, LogRecord)
    return record


@pytest.mark.parametrize(("line", "port"), [(OUT, 50100), (IN, 50101)])
def test_an_allowed_connection_was_opened_by_its_source_on_either_path(line: str, port: int) -> None:
    record = row(line)
    assert (record.statement, record.basis, record.orig) == (Statement.ALLOWED, Basis.HOST, record.src)
    assert (record.src.port, record.time_ns) == (port, NOON_NS)
    (found,) = converse([record])
    assert (found.orig, found.outcome) == (record.src, Outcome.ONE_WAY)
    assert found.confidence >= 0.9


def test_a_dropped_syn_is_an_attempt_that_went_unanswered() -> None:
    record = row(SYN)
    assert (record.statement, record.fields["flags"]) == (Statement.DENIED, "S")
    (found,) = converse([record])
    assert (found.orig, found.outcome) == (Endpoint("10.20.30.99", 50102), Outcome.UNANSWERED)


def test_a_dropped_syn_ack_answers_and_any_other_segment_names_nobody() -> None:
    assert row(SYN.replace(" S ", " SA ")).orig == Endpoint("10.20.30.41", 445)
    for flags in ("A", "R", "AP", "FA", "-"):
        assert row(SYN.replace(" S ", f" {flags} ")).orig is None


def test_a_dropped_late_dns_answer_was_not_sent_by_the_side_that_asked() -> None:
    record = row(ANSWER)
    assert record.orig is None
    (found,) = converse([record])
    assert (found.orig, found.outcome) == (Endpoint("10.20.30.41", 61003), Outcome.ONE_WAY)
    assert found.confidence < 0.9


@pytest.mark.parametrize("port", [53, 1900, 5355])
@pytest.mark.parametrize("path", ["SEND", "RECEIVE"])
def test_an_allowed_datagram_from_a_services_port_may_be_an_answer(port: int, path: str) -> None:
    record = row(f"2026-01-05 12:00:00 ALLOW UDP 10.20.30.9 10.20.30.41 {port} 61003 0 - - - - - - - {path}")
    assert record.orig is None
    (found,) = converse([record])
    assert found.orig == Endpoint("10.20.30.41", 61003)
    assert found.confidence < 0.9


def test_an_allowed_datagram_to_a_services_port_was_sent_by_the_side_that_asked() -> None:
    for ports in ("61003 53", "123 123", "5353 5353"):
        record = row(f"2026-01-05 12:00:00 ALLOW UDP 10.20.30.9 10.20.30.41 {ports} 0 - - - - - - - RECEIVE")
        assert (record.orig, record.basis) == (record.src, Basis.HOST)


def test_a_dropped_ping_has_its_type_for_a_port() -> None:
    record = row(PING)
    assert (record.src, record.dst, record.orig) == (
        Endpoint("10.20.30.99", 8),
        Endpoint("10.20.30.41", 0),
        record.src,
    )
    assert row(PING.replace(" 8 0 ", " 3 1 ")).orig is None


def test_a_row_without_a_path_names_nobody() -> None:
    assert row(OUT.replace("SEND", "UNKNOWN")).orig is None
    assert row(OUT.removesuffix(" SEND")).orig is None
    assert row(OUT.replace("SEND", "FORWARD")).basis is Basis.SESSION


def test_the_clock_is_the_hosts_own_and_the_record_says_so() -> None:
    assert row(OUT).fields["clock"] == "local time, zone not stated"


def test_columns_stand_where_the_header_names_them() -> None:
    fields = "#Fields: time date path action protocol dst-ip src-ip dst-port src-port"
    _, records, _ = read(
        "#Software: Microsoft Windows Firewall",
        fields,
        "12:00:00 2026-01-05 SEND ALLOW UDP 198.51.100.53 10.20.30.41 53 50103",
    )
    (record,) = records
    assert isinstance(record, LogRecord)
    assert (record.src, record.dst, record.orig) == (
        Endpoint("10.20.30.41", 50103),
        Endpoint("198.51.100.53", 53),
        Endpoint("10.20.30.41", 50103),
    )


def test_words_of_older_systems_are_known() -> None:
    assert row(OUT.replace("ALLOW", "OPEN")).statement is Statement.ALLOWED
    assert row(OUT.replace("ALLOW", "CLOSE")).statement is Statement.SEEN


def test_a_malformed_row_is_told_and_the_rest_is_read() -> None:
    _, records, problems = read(
        *HEADER,
        OUT,
        "2026-01-05 12:00:00 SHRUG TCP 10.20.30.41 198.51.100.80 1 2 0 - 0 0 0 - - - SEND",
        "2026-01-05 12:00:00 INFO-EVENTS-LOST - - - - - - - - - - - - 7 -",
        "2026-01-05 12:00",
        OUT.replace("198.51.100.80", "host"),
        OUT.replace("2026-01-05 ", "2026-13-05 "),
        OUT.replace("TCP", "2"),
        IN,
    )
    assert len(records) == 2
    assert problems == [
        "line 7: 'SHRUG' is not an action of this firewall",
        "line 9: 2 fields where the header names 17",
        "line 10: 'host' is not an address",
        "line 11: the time is not possible",
    ]


@pytest.mark.parametrize("header", ["<13>Jan  5 12:00:01 ws41 ", "<13>1 2026-01-05T12:00:01Z ws41 fw - - - "])
def test_a_relays_header_does_not_matter_and_rows_may_come_without_the_logs_own(header: str) -> None:
    format_id, records, problems = read(*(header + line for line in (OUT, SYN)))
    assert (format_id, problems) == ("windows.firewall", [])
    assert [record.orig for record in records if isinstance(record, LogRecord)] == [
        Endpoint("10.20.30.41", 50100),
        Endpoint("10.20.30.99", 50102),
    ]
    _, with_header, problems = read(*(header + line for line in (*HEADER[:4], OUT)))
    assert (len(with_header), problems) == (1, [])


def test_a_compressed_log_with_line_ends_and_mark_of_windows_is_read() -> None:
    data = gzip.compress(("\ufeff" + "\r\n".join([*HEADER, OUT, IN]) + "\r\n").encode())
    reading = read_evidence("pfirewall.log.old", data)
    assert (reading.format, len(list(reading.records)), reading.problems) == ("windows.firewall", 2, [])
