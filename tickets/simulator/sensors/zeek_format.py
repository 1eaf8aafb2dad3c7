"""Zeek's two ways to write a log: tab-separated text with a header, or one JSON object a line.

Source: Zeek's Ascii.cc and JSON.cc. An unset field is `-` in text and missing in JSON; text keeps times as seconds with six
decimals, and so does JSON, as numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum

from tickets.simulator.clock import NS_PER_S, to_datetime, to_seconds

Value = str | int | bool | Sequence[str] | None
Columns = Sequence[tuple[str, str]]


class Style(StrEnum):
    TEXT = "text"
    JSON = "json"


class Interval(int):
    """Nanoseconds: a moment or a length of time."""


def write_log(
    path: str,
    columns: Columns,
    rows: Sequence[Mapping[str, Value]],
    opened_ns: int,
    closed_ns: int,
    style: Style,
) -> bytes:
    """A log of the rows in their order. Text has a header and says when the file was opened and closed."""
    if style is Style.JSON:
        return "".join(_object(columns, row) + "\n" for row in rows).encode()
    head = (
        "#separator \\x09",
        "#set_separator\t,",
        "#empty_field\t(empty)",
        "#unset_field\t-",
        f"#path\t{path}",
        f"#open\t{_date(opened_ns)}",
        "\t".join(("#fields", *(name for name, _ in columns))),
        "\t".join(("#types", *(kind for _, kind in columns))),
    )
    lines = ("\t".join(_field(row.get(name)) for name, _ in columns) for row in rows)
    return "\n".join((*head, *lines, f"#close\t{_date(closed_ns)}", "")).encode()


def _date(time_ns: int) -> str:
    return to_datetime(time_ns).strftime("%Y-%m-%d-%H-%M-%S")


def _field(value: Value) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, Interval):
        return to_seconds(value)
    if isinstance(value, str | int):
        return str(value) or "(empty)"
    return ",".join(_field(item) for item in value) or "(empty)"


def _object(columns: Columns, row: Mapping[str, Value]) -> str:
    """Numbers of seconds are written out: a float would round them differently on other machines."""
    pairs = []
    for name, kind in columns:
        value = row.get(name)
        if value is None:
            continue
        if isinstance(value, Interval):
            text = _number(value)
        elif kind.startswith(("vector[interval", "set[interval")):
            text = "[" + ",".join(map(str, value if not isinstance(value, int | str) else ())) + "]"
        else:
            text = json.dumps(value if isinstance(value, str | int) else list(value))
        pairs.append(f"{json.dumps(name)}:{text}")
    return "{" + ",".join(pairs) + "}"


def _number(time_ns: int) -> str:
    seconds, micros = time_ns // NS_PER_S, time_ns % NS_PER_S // 1_000
    return f"{seconds}.{micros:06d}".rstrip("0").removesuffix(".") + (".0" if not micros else "")
