"""NetFlow and IPFIX as nfdump's CSV: 48 columns (1.6, 1.7.1), or those of its own or a chosen list (1.7.2 and on).

Source: nfdump's output_csv.c (formatTable) and, for 48 columns, nf_common.c. A record's source is the sender
of that direction, or with packets both ways the side that -B took for the client. Times are local
and carry no zone: they are read as UTC.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..types import Location, Problem, Protocol, Record
from .netflow import (
    NO_EVENT,
    count,
    duration_ns,
    ends_of,
    flags_of,
    translated,
    unidirectional,
    worded_event,
)
from .source import Source
from .values import NS, BadRecord, iso_ns, protocol, read_records

FORMAT = "nfdump.csv"
# The columns under the names of the older format, which has one header for all releases.
COLUMNS = {
    "firstseen": "ts", "lastseen": "te", "duration": "td", "proto": "pr", "srcaddr": "sa", "dstaddr": "da",
    "srcport": "sp", "dstport": "dp", "packets": "ipkt", "inpackets": "ipkt", "bytes": "ibyt", "inbytes": "ibyt",
    "outpackets": "opkt", "outbytes": "obyt", "flags": "flg", "direction": "dir", "routerip": "ra",
    "exporterid": "exid", "engine": "eng", "eventtime": "tevt", "event": "evt", "xevent": "xevt",
    "srcxip": "xsa", "dstxip": "xda", "srcxport": "xsp", "dstxport": "xdp",
}  # fmt: skip
NEEDED = frozenset({"pr", "sa", "da", "sp", "dp"})
TIMES = frozenset({"ts", "tevt"})


def matches(head: bytes) -> bool:
    lines = (line for line in head.split(b"\n")[:20] if line.strip() and not line.startswith(b"#"))
    return _is_header(_columns(next(lines, b"").decode("utf-8", "replace")))


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield the flows. A summary may follow them, and after it another list with its own header."""
    columns: list[str] = []
    state = {"is_summary": False}

    def decode(location: Location, line: str) -> Record | None:
        if line.startswith("#"):
            return None
        if _is_header(names := _columns(line)):
            columns[:], state["is_summary"] = names, False
            return None
        state["is_summary"] |= line.strip() == "Summary"
        if state["is_summary"]:
            return None
        values = [value.strip() for value in line.split(",")]
        if len(values) != len(columns):
            raise BadRecord(f"{len(values)} columns where the header names {len(columns)}")
        return _flow(location, dict(zip(columns, values, strict=True)), line)

    return read_records(source, problems, decode)


def _columns(line: str) -> list[str]:
    names = [name.strip().lower() for name in line.split(",")]
    return [COLUMNS.get(name, name) for name in names]


def _is_header(names: list[str]) -> bool:
    return set(names) >= NEEDED and not TIMES.isdisjoint(names)


def _flow(location: Location, row: dict[str, str], line: str) -> Record | None:
    spoken = protocol(row["pr"])
    if spoken is None:
        return None
    if row.get("evt", "") not in NO_EVENT:
        return _event(location, row, spoken, line)
    start = iso_ns(row.get("ts"))
    # `te` has whole seconds in the older format, the duration has its fraction.
    end = start + duration_ns(row["td"]) if row.get("td") else iso_ns(row.get("te", row.get("ts")))
    return unidirectional(
        location,
        FORMAT,
        time_ns=start,
        end_ns=end,
        spoken=spoken,
        ends=ends_of(spoken, row["sa"], row["sp"], row["da"], row["dp"]),
        packets=(count(row.get("ipkt")), count(row.get("opkt"))),
        sizes=(count(row.get("ibyt")), count(row.get("obyt"))),
        flags=flags_of(row.get("flg")),
        observer=f"{row.get('ra', '')} {row.get('exid', '')} {row.get('eng', '')}/{row.get('dir', '')}",
        raw=line,
    )


def _event(location: Location, row: dict[str, str], spoken: Protocol, line: str) -> Record | None:
    """A firewall's or a translator's event: a chosen list names the columns that it has."""
    ends = ends_of(spoken, row["sa"], row["sp"], row["da"], row["dp"])
    time = row.get("tevt") or row.get("ts", "")
    outer = ("xsa", "xda"), ("xsp", "xdp")
    addresses, ports = ([row.get(name, "") for name in names] for names in outer)
    return worded_event(
        location,
        FORMAT,
        row["evt"],
        row.get("xevt", ""),
        time_ns=int(time) * (NS // 1000) if time.isdecimal() and len(time) == 13 else iso_ns(time),
        spoken=spoken,
        ends=ends,
        sizes=(count(row.get("ibyt")), count(row.get("obyt"))),
        translated=translated(ends, (addresses[0], addresses[1]), (_nought(ports[0]), _nought(ports[1]))),
        raw=line,
    )


def _nought(number: str) -> str:
    return "" if number == "0" else number
