"""Splunk's answers that are tables (output_mode json_rows, json_cols and csv), turned into its answer of objects.

Source: Splunk REST API, search/v2/jobs/results: `fields` names the columns, once; `rows` holds a list a row, `columns`
a list a field; a table of commas names them in its first line. A table can only be read as a whole, so its size is bounded.
"""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import zip_longest
from typing import Any

from ..types import EngineError
from .values import BadRecord, json_object

MAX_TABLE = 16 << 20
BEGINNING = re.compile(rb'\s*\{\s*"(?:preview|init_offset|messages|fields|rows|columns)"\s*:')
SIGN = re.compile(rb'"(?:rows|columns)"\s*:\s*\[\s*\[')


def is_table(head: bytes) -> bool:
    return is_commas(head) or (
        BEGINNING.match(head) is not None and b'"fields"' in head and SIGN.search(head) is not None
    )


def is_commas(head: bytes) -> bool:
    """Does the first line name columns, and one of them the line that Splunk keeps?"""
    first = head.partition(b"\n")[0].strip()
    return b"_raw" in first and b'"_raw"' in b'"%s"' % first.replace(b'"', b"").replace(b",", b'","')


def as_results(name: str, data: bytes) -> bytes:
    """The same answer with an object a row, all on one line. Raises EngineError for a table that cannot be read."""
    if len(data) > MAX_TABLE:
        said = f"this table is longer than {MAX_TABLE >> 20} MiB: export it with output_mode=json, an object a row"
        raise EngineError(said, file=name)
    if is_commas(data):
        return _dumped(list(csv.DictReader(io.StringIO(data.decode("utf-8", "replace"), newline=""))))
    try:
        answer = json_object(data.decode("utf-8", "replace"))
    except BadRecord as bad:
        raise EngineError(f"this is a table of a search that cannot be read: {bad}", file=name) from None
    names = [_name(field) for field in _list(answer.get("fields"))]
    columns = _list(answer.get("columns"))
    rows = _list(answer.get("rows")) or list(zip_longest(*map(_list, columns)))
    return _dumped([_row(names, row) for row in rows])


def _dumped(results: list[dict[str, Any]]) -> bytes:
    return json.dumps({"preview": False, "results": results}, ensure_ascii=False).encode("utf-8", "replace")


def _name(field: Any) -> str:
    return str(field.get("name", "")) if isinstance(field, dict) else str(field)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _row(names: list[str], row: Any) -> dict[str, Any]:
    """What is no row is kept as a line, which its format tells of."""
    if not isinstance(row, list | tuple):
        return {"_raw": json.dumps(row)}
    return {name: value for name, value in zip(names, row, strict=False) if value is not None}
