"""Reading a few lines of a log, as a test writes them."""

from __future__ import annotations

from tickets.engine.readers import read_evidence
from tickets.engine.types import Endpoint, LogRecord, Record

CLIENT, SERVER = Endpoint("10.20.30.40", 3932), Endpoint("203.0.113.80", 80)
NOON_NS = 1_767_614_400_000_000_000
TUPLE = {"src_ip": CLIENT.ip, "src_port": CLIENT.port, "dest_ip": SERVER.ip, "dest_port": SERVER.port}
BACK = {"src_ip": SERVER.ip, "src_port": SERVER.port, "dest_ip": CLIENT.ip, "dest_port": CLIENT.port}


def read(*lines: str, name: str = "x.log") -> tuple[str, list[Record], list[str]]:
    reading = read_evidence(name, "".join(line + "\n" for line in lines).encode())
    records = list(reading.records)
    return reading.format, records, [f"{problem.place}: {problem.problem}" for problem in reading.problems]


def one(*lines: str) -> Record:
    _, records, problems = read(*lines)
    assert problems == []
    (record,) = records
    return record


def log(*lines: str) -> LogRecord:
    record = one(*lines)
    assert isinstance(record, LogRecord)
    return record
