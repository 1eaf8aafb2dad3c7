"""Snort's alert_csv, of version 3 and 2. The columns are configurable: a header names them, else they are the default.

Source: Snort 3's alert_csv.cc, Snort 2's spo_csv.c, and the columns that pfSense's package sets. `src_ap` and `src`
are the packet's sender; `dir` (Snort 3) is C2S, S2C or UNK, as the sensor believes.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence

from ..types import Alert, Location, Problem, Record
from .snort import DIRECTIONS, NAMES, fields_time_ns, snort_alert
from .source import Source
from .values import BadRecord, read_records

FORMAT = "snort.csv"
SNORT_3 = "timestamp pkt_num proto pkt_gen pkt_len dir src_ap dst_ap rule action".split()
SNORT_2 = (
    "timestamp gid sid rev msg proto src_addr src_port dst_addr dst_port eth_src eth_dst eth_len tcp_flags tcp_seq "
    "tcp_ack tcp_len tcp_win ttl tos ip_id dgm_len ip_len icmp_type icmp_code icmp_id icmp_seq"
).split()
PFSENSE = "timestamp gid sid rev msg proto src_addr src_port dst_addr dst_port ip_id class priority action disposition".split()
WHEN = {"timestamp", "seconds"}
WHERE = {"src_ap", "src_addr"}
WHICH = {"rule", "sid"}
START = rb"(?m)^\d\d/\d\d(?:/\d\d)?-\d\d:\d\d:\d\d(?:\.\d{1,9})? ?, ?"
VERSION_3 = re.compile(START + rb"\d+, ?[A-Z]+, ?[a-z_]+, ?\d+, ?(?:C2S|S2C|UNK), ?")
VERSION_2 = re.compile(START + rb"\d+,\d+,\d+,[^\n]{0,1024}?,(?:TCP|UDP|ICMP|IPV6-ICMP|PROTO:?\d+),")


def matches(head: bytes) -> bool:
    if VERSION_3.search(head) or VERSION_2.search(head):
        return True
    first = head.lstrip().split(b"\n", 1)[0].decode("utf-8", "replace")
    return "," in first and len(first) < 4096 and _is_header(_names(first.strip().split(",")))


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield the alerts. A header may come again, where files were joined."""
    named: list[str] = []

    def decode(location: Location, line: str) -> Alert | None:
        row = _row(line)
        if _is_header(names := _names(row)):
            named[:] = names
            return None
        values = dict(zip(named or _default(row), row, strict=False))
        return snort_alert(location, FORMAT, values, line, fields_time_ns(values))

    return read_records(source, problems, decode)


def _row(line: str) -> list[str]:
    try:
        return [value.strip() for value in next(csv.reader([line], skipinitialspace=True))]
    except (csv.Error, StopIteration):
        raise BadRecord("the line holds no comma-separated values") from None


def _names(row: Sequence[str]) -> list[str]:
    """Snort 3's names of the columns."""
    names = (name.strip().strip('"').lower() for name in row)
    return [NAMES.get(name, name) for name in names]


def _is_header(names: Sequence[str]) -> bool:
    return all(not kinds.isdisjoint(names) for kinds in (WHEN, WHERE, WHICH))


def _default(row: Sequence[str]) -> list[str]:
    if len(row) == len(SNORT_3) and row[5] in (*DIRECTIONS, "UNK"):
        return SNORT_3
    if len(row) >= len(SNORT_2):
        return SNORT_2
    if len(PFSENSE) - 2 <= len(row) <= len(PFSENSE):
        return PFSENSE
    raise BadRecord(f"{len(row)} columns, and no header that names them")
