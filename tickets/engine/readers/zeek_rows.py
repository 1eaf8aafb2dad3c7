"""Rows of Zeek's logs: tab-separated text with a header, or JSON, a log alone or several in one stream.

Source: Zeek's src/logging/writers/ascii and src/threading/formatters/JSON.cc. A log is named by `#path` or `_path`
(policy/tuning/json-logs and shippers write that), else its fields tell. Text escapes its separator as `\\x09`;
`-` is unset and `(empty)` is empty. JSON may write times as seconds, milliseconds or ISO 8601.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from sys import intern
from typing import Any

from ..types import Location, Record
from .values import BadRecord, epoch_ns, iso_ns, json_object

Values = Mapping[str, Any]
Decode = Callable[[str, Location, Values, str], Record | None]

# The columns of a conn.log whose header was cut off (base/protocols/conn/main.zeek); old logs end earlier.
CONN_COLUMNS = (
    "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state local_orig "
    "local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents ip_proto "
    "orig_l2_addr resp_l2_addr"
).split()
BARE_CONN = re.compile(
    rb"\A\d{9,10}\.\d{6}\t\S+\t[0-9A-Fa-f.:]+\t\d+\t[0-9A-Fa-f.:]+\t\d+\t(?:tcp|udp|icmp|unknown_transport)\t"
)
# Which log a row without a name belongs to: all fields of one of the sets are there.
SIGNS: tuple[tuple[str, frozenset[str]], ...] = (
    ("conn", frozenset({"conn_state"})),
    ("notice", frozenset({"note", "msg"})),
    ("notice", frozenset({"note", "actions"})),
    ("dns", frozenset({"trans_id", "query"})),
    ("dns", frozenset({"query", "qtype_name"})),
    ("dns", frozenset({"trans_id", "rcode"})),
    ("smtp", frozenset({"trans_depth", "helo"})),
    ("http", frozenset({"trans_depth", "method"})),
    ("http", frozenset({"trans_depth", "status_code"})),
    ("http", frozenset({"trans_depth", "request_body_len"})),
    ("ssl", frozenset({"ssl_history"})),
    ("ssl", frozenset({"established", "resumed"})),
    ("ssh", frozenset({"auth_attempts"})),
    ("ssh", frozenset({"kex_alg"})),
    ("ssh", frozenset({"version", "client", "server"})),
)
NAMED = re.compile(rb'"_path"\s*:\s*"([A-Za-z0-9_]{1,40})"')
KEYS = re.compile(rb'"([A-Za-z_][A-Za-z0-9_.]{0,40})"\s*:')
HEADED = re.compile(rb"(?m)^#path[^A-Za-z0-9_\n]([A-Za-z0-9_]{1,40})\r?$")
# JSON's milliseconds since 1970 have more digits than seconds will have for long.
MILLISECONDS = re.compile(r"(\d{9,11})(\d{3})(?:\.(\d+))?", re.ASCII)


@lru_cache(maxsize=1)
def paths_of(head: bytes) -> frozenset[str]:
    """Return the names of the logs that the first rows belong to; none where this is no log of Zeek."""
    if head.startswith(b"#separator"):
        return frozenset(name.decode() for name in HEADED.findall(head))
    if BARE_CONN.match(head):
        return frozenset({"conn"})
    lines = [line for line in head.split(b"\n", 50)[:50] if b"{" in line]
    return frozenset(path for line in lines if (path := _path_of_line(line)))


def _path_of_line(line: bytes) -> str:
    named = NAMED.search(line)
    if named:
        return named[1].decode()
    keys = {key.decode() for key in KEYS.findall(line[:8192])}
    has_ends = bool(keys & {"id.orig_h", "id_orig_h", "orig_h"})
    path = guess_path(keys)
    return path if has_ends or (path == "notice" and "ts" in keys) else ""


def guess_path(names: Iterable[str]) -> str:
    """Return the name of the log with these fields, "" for one that is not known."""
    known = set(names)
    return next((path for path, needed in SIGNS if needed <= known), "")


def rows_decoder(decode: Decode) -> Callable[[Location, str], Record | None]:
    """Return what reads a line: headers are kept for the rows that follow, and may come again with other fields."""
    header = _Header()

    def decode_line(location: Location, line: str) -> Record | None:
        if line.startswith("#"):
            header.take(line)
            return None
        if "\t" not in line and "{" in line:
            values = _dotted(json_object(line))
            path = str(values.get("_path") or guess_path(values) or header.path)
        else:
            values = header.row(line)
            path = header.path or guess_path(values)
        return decode(path, location, values, line)

    return decode_line


class _Header:
    """What the lines that begin with `#` say of the rows below them."""

    def __init__(self) -> None:
        self.separator = "\t"
        self.path = ""
        self.names: list[str] = []

    def take(self, line: str) -> None:
        if line.startswith("#separator "):
            written = re.search(r"\\x([0-9A-Fa-f]{2})", line)
            self.separator = chr(int(written[1], 16)) if written else "\t"
            return
        name, *values = line.split(self.separator)
        if name == "#path":
            self.path = values[0] if values else ""
        elif name == "#fields":
            self.names = values

    def row(self, line: str) -> dict[str, Any]:
        values = line.split(self.separator)
        if not self.names and BARE_CONN.match(line.encode()):
            return dict(zip(CONN_COLUMNS, values, strict=False))
        if len(values) != len(self.names):
            raise BadRecord(f"{len(values)} fields where the header names {len(self.names)}")
        return dict(zip(self.names, values, strict=True))


def _dotted(record: dict[str, Any]) -> dict[str, Any]:
    """Some shippers cannot keep dots in names and write `id_orig_h`, or an object `id`."""
    ends = record.get("id")
    nested = {f"id.{key}": value for key, value in ends.items()} if isinstance(ends, dict) else {}
    return nested | {
        ("id." + key[3:] if key.startswith("id_") else key): value for key, value in record.items()
    }


def set_text(value: object) -> str:
    """Return a text field; `-` is unset and `(empty)` is empty."""
    return value if isinstance(value, str) and value not in ("-", "(empty)") else ""


def kept_text(value: object) -> str:
    """The same, of a field that has few different values: each is kept once."""
    found = set_text(value)
    return intern(found) if found else ""


def count(value: object) -> int:
    if isinstance(value, str) and value.isdigit() and value.isascii() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def told(value: object) -> bool | None:
    """Return a field that is true or false, None where it is unset."""
    return (
        {"T": True, "F": False, True: True, False: False}.get(value)
        if isinstance(value, str | bool)
        else None
    )


def time_ns(value: object) -> int:
    if isinstance(value, str):
        if value[10:11] == ".":  # ten digits of seconds, as Zeek writes it
            return epoch_ns(value)
        if "T" in value:
            return iso_ns(value)
    milliseconds = MILLISECONDS.fullmatch(str(value))
    if milliseconds:
        seconds, thousandths, rest = milliseconds.groups()
        return epoch_ns(f"{seconds}.{thousandths}{rest or ''}")
    return epoch_ns(value)


def duration_ns(value: object) -> int:
    """Return a length of time. JSON writes very short ones with an exponent (`9.5e-07`)."""
    if value is None or value == "-":
        return 0
    if "e" not in str(value).lower():
        return epoch_ns(value)
    try:
        seconds = Decimal(str(value))
    except InvalidOperation:
        raise BadRecord("the duration cannot be read") from None
    if not 0 <= seconds < 10**10:
        raise BadRecord("the duration is not possible")
    return int(seconds * 10**9)
