"""Windows' filtering events as text that somebody copied."""

from __future__ import annotations

import pytest

from tests.engine.readers.lines import NOON_NS, read
from tickets.engine.types import Endpoint, LogRecord, Record, Statement

HOST, WEB = Endpoint("10.20.30.41", 50130), Endpoint("198.51.100.80", 443)


def message(sentence: str, src: Endpoint = HOST, dst: Endpoint = WEB, layer: str = "Connect") -> str:
    return f"""The Windows Filtering Platform has {sentence}.

Application Information:
\tProcess ID:\t\t900
\tApplication Name:\t\\device\\harddiskvolume2\\windows\\system32\\svchost.exe

Network Information:
\tDirection:\t\t{"Outbound" if layer == "Connect" else "Inbound"}
\tSource Address:\t\t{src.ip}
\tSource Port:\t\t{src.port}
\tDestination Address:\t{dst.ip}
\tDestination Port:\t\t{dst.port}
\tProtocol:\t\t6

Filter Information:
\tFilter Run-Time ID:\t67
\tLayer Name:\t\t{layer}
\tLayer Run-Time ID:\t48"""


VIEWER = f"""Log Name:      Security
Source:        Microsoft-Windows-Security-Auditing
Date:          1/5/2026 12:00:00 PM
Event ID:      5156
Task Category: Filtering Platform Connection
Computer:      WS41.corp.example
Description:
{message("permitted a connection")}"""
CLASSIC = f"""01/05/2026 12:00:00 PM
LogName=Security
EventCode=5157
ComputerName=WS41.corp.example
Message={message("blocked a connection")}"""


def only(text: str) -> LogRecord:
    (record,) = logs(read(*text.split("\n"))[1])
    return record


def logs(records: list[Record]) -> list[LogRecord]:
    return [record for record in records if isinstance(record, LogRecord)]


@pytest.mark.parametrize("ending", ["", "\r"])
def test_an_event_copied_out_of_event_viewer_is_read(ending: str) -> None:
    record = only("\n".join(line + ending for line in VIEWER.split("\n")))
    assert (record.source, record.location.number, record.time_ns) == ("windows.security", 8, NOON_NS)
    assert (record.orig, record.resp, record.statement) == (HOST, WEB, Statement.ALLOWED)
    assert (record.fields["computer"], record.fields["application"]) == ("ws41.corp.example", "svchost.exe")


@pytest.mark.parametrize(
    ("sentence", "statement"),
    [
        ("permitted a connection", Statement.ALLOWED),
        ("blocked a connection", Statement.DENIED),
        ("blocked a packet", Statement.DENIED),
    ],
)
def test_the_message_alone_tells_the_event_and_has_no_time(sentence: str, statement: Statement) -> None:
    record = only(message(sentence))
    assert (record.statement, record.time_ns, record.orig) == (statement, 0, HOST)


def test_events_that_follow_one_another_are_several() -> None:
    kind, records, problems = read(
        *VIEWER.split("\n"), *CLASSIC.split("\n"), *message("blocked a packet").split("\n")
    )
    assert (kind, problems) == ("windows.security", [])
    assert [(log.fields["event"], log.time_ns) for log in logs(records)] == [
        ("5156", NOON_NS),
        ("5157", NOON_NS),
        ("5152", 0),
    ]


def test_a_date_that_may_be_the_day_or_the_month_first_is_no_time() -> None:
    assert only(VIEWER.replace("1/5/2026 12:00:00 PM", "05/01/2026 12:00:00")).time_ns == 0


def test_an_event_with_a_damaged_address_is_told_with_its_line() -> None:
    _, records, problems = read(*VIEWER.replace(HOST.ip, "10.20.30.999").split("\n"))
    assert records == []
    assert [problem.partition(":")[0] for problem in problems] == ["line 8"]


def test_an_inbound_event_whose_host_is_not_known_names_nobody() -> None:
    assert only(message("permitted a connection", layer="Receive/Accept")).orig is None


@pytest.mark.parametrize("gap", [" ", "  ", "\t"])
def test_an_event_whose_lines_are_one_is_read(gap: str) -> None:
    """So Splunk's results and relays of syslog carry it."""
    flat = gap.join(CLASSIC.split("\n"))
    kind, records, problems = read(flat, flat.replace(str(HOST.port), "50131"))
    alone = only(CLASSIC)
    assert (kind, problems) == ("windows.security", [])
    first, second = logs(records)
    assert (first.src, first.dst, first.orig, first.time_ns) == (HOST, WEB, HOST, NOON_NS)
    assert (first.statement, first.basis, first.fields) == (alone.statement, alone.basis, alone.fields)
    assert (first.location.number, second.location.number, second.src.port) == (1, 2, 50131)
