"""JSON in the three layouts that products ship, and what happens to the parts that are broken."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.readers.lines import CLIENT, SERVER
from tickets.engine.readers import read_evidence
from tickets.engine.readers.documents import MAX_OBJECT, documents
from tickets.engine.readers.source import BLOCK, Source
from tickets.engine.types import FlowRecord, Problem

FLOW: dict[str, Any] = {
    "type": "FLOW",
    "first": "2026-01-05T12:00:00.000",
    "last": "2026-01-05T12:00:01.000",
    "in_packets": 5,
    "in_bytes": 500,
    "proto": 6,
    "tcp_flags": "...AP.SF",
    "src_port": CLIENT.port,
    "dst_port": SERVER.port,
    "src4_addr": CLIENT.ip,
    "dst4_addr": SERVER.ip,
}


def cut(data: bytes) -> tuple[list[tuple[int, dict[str, Any]]], list[str]]:
    problems: list[Problem] = []
    found = list(documents(Source("x.json", BytesIO(data)), problems))
    return [(item.number, item.value) for item in found], [f"{p.place}: {p.problem}" for p in problems]


LAYOUTS: dict[str, Callable[[list[dict[str, Any]]], str]] = {
    "lines": lambda objects: "\n".join(map(json.dumps, objects)),
    "array": json.dumps,
    "pretty array": lambda objects: json.dumps(objects, indent=1),
    "records": lambda objects: json.dumps({"records": objects}),
    "pretty records": lambda objects: json.dumps({"records": objects}, indent=4),
    "pretty one by one": lambda objects: "\n".join(json.dumps(item, indent=2) for item in objects),
    "records a line": lambda objects: "\n".join(json.dumps({"records": [item]}) for item in objects),
    "results": lambda objects: json.dumps({"preview": False, "fields": [{"name": "a"}], "results": objects}),
    "results and more": lambda objects: json.dumps(
        {"results": objects, "highlighted": {"a": [{}]}, "n": "]}"}
    ),
    "hits": lambda objects: json.dumps({"took": 1, "hits": {"total": {"value": 2}, "hits": objects}}),
    "hits and more": lambda objects: json.dumps(
        {"hits": {"hits": objects, "max": [1]}, "aggregations": {"a": {"buckets": [{"key": "{"}]}}}, indent=2
    ),
    "records and more": lambda objects: json.dumps({"records": objects, "next": "a{b", "count": 2}),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_layout_gives_the_same_objects(layout: str, end: str) -> None:
    objects = [{"a": 1, "b": ["}", "]", '"{', "\\"]}, {"a": 2, "b": {"c": [{}, []]}}]
    found, problems = cut((LAYOUTS[layout](objects) + "\n").replace("\n", end).encode())
    assert ([value for _, value in found], [number for number, _ in found]) == (objects, [1, 2])
    assert problems == []


@pytest.mark.parametrize("layout", ["lines", "array", "pretty array"])
def test_gzip_and_a_byte_order_mark_make_no_difference(layout: str) -> None:
    data = b"\xef\xbb\xbf" + LAYOUTS[layout]([FLOW, FLOW]).encode()
    for packed in (data, gzip.compress(data)):
        reading = read_evidence("x", packed)
        assert (reading.format, len(list(reading.records)), reading.problems) == ("nfdump.json", 2, [])


def test_a_relays_header_before_the_object_is_passed_over() -> None:
    heads = (
        "<14>Jan  5 12:00:00 collector1 flows: ",
        "<14>1 2026-01-05T12:00:00Z collector1 flows 7 - - ",
        "",
    )
    data = "".join(f"{head}{json.dumps(FLOW)}\n" for head in heads).encode()
    reading = read_evidence("x", data)
    assert [record.location.number for record in reading.records if record.location] == [1, 2, 3]
    assert reading.problems == []


def test_in_lines_a_bad_one_is_told_and_the_rest_is_read() -> None:
    found, problems = cut(b'{"a": 1}\n\n{"a": \n{"a": 3}\n[]\n')
    assert [number for number, _ in found] == [1, 4]
    assert problems == [
        "line 3: this is not JSON: Expecting value at column 7",
        "line 5: this is JSON, but not an object",
    ]


def test_in_an_array_a_bad_object_is_told_with_its_place() -> None:
    found, problems = cut(b'[\n{"a": 1},\n{"a": nonsense},\n{"a": "no end\n},\n{"a": 4}\n]')
    assert [value for _, value in found] == [{"a": 1}, {"a": 4}]
    assert [number for number, _ in found] == [1, 4]
    assert [text.partition(": this")[0] for text in problems] == ["line 3, record 2", "line 4, record 3"]


def test_what_stands_between_the_objects_of_an_array_is_told() -> None:
    found, problems = cut(b'[{"a": 1}, what,\n "is", {"a": 2}]')
    assert [value for _, value in found] == [{"a": 1}, {"a": 2}]
    assert [text.partition(":")[0] for text in problems] == ["line 1", "line 2"]


def test_in_a_wrapper_and_behind_it_what_is_no_object_is_told_too() -> None:
    found, problems = cut(b'{"records": [{"a": 1},\n what,\n{"a": 2}], "n": {"b": [3]}}\nmore\n{"a": 3}')
    assert [value for _, value in found] == [{"a": 1}, {"a": 2}, {"a": 3}]
    assert [text.partition(":")[0] for text in problems] == ["line 2", "line 4"]


@pytest.mark.parametrize("name", ["results", "hits", "value"])
def test_an_array_of_that_name_within_an_event_wraps_nothing(name: str) -> None:
    event = {"a": 1, name: [{"b": 2}], "c": {name: [{"b": 3}]}}
    assert cut(json.dumps([event], indent=1).encode()) == ([(1, event)], [])
    assert cut(json.dumps(event).encode()) == ([(1, event)], [])


def test_an_object_that_does_not_end_is_told() -> None:
    found, problems = cut(b'[{"a": 1}, {"a": [2, {"b": 3}')
    assert [value for _, value in found] == [{"a": 1}]
    assert problems == ["line 1, record 2: this is JSON that does not end, or too long"]


def test_an_object_may_be_larger_than_a_block_but_not_without_bound() -> None:
    large = {"a": "x\\" * BLOCK, "b": "}"}
    assert cut(json.dumps([large, {"a": 2}]).encode()) == ([(1, large), (2, {"a": 2})], [])
    found, problems = cut(b'[{"a": "' + b"x" * MAX_OBJECT + b'"}, {"a": 2}]')
    assert found == [(2, {"a": 2})]
    assert problems == ["line 1, record 1: this is JSON that does not end, or too long"]


@given(st.integers(0, 40))
@settings(max_examples=41, deadline=None)
def test_it_does_not_matter_where_a_block_ends(shift: int) -> None:
    objects = [{"t": 'q"\\'}, {"u": [1, {"v": "\\\\"}]}]
    text = "[" + " " * (BLOCK - 40 + shift) + json.dumps(objects)[1:]
    assert cut(text.encode()) == ([(1, objects[0]), (2, objects[1])], [])


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_end_in_objects_or_problems(data: bytes) -> None:
    cut(b'[{"a": 1},' + data)
    cut(b'{"a": 1}\n' + data)


def test_a_flow_has_its_raw_text() -> None:
    (record,) = read_evidence("x", json.dumps([FLOW], indent=1).encode()).records
    assert isinstance(record, FlowRecord)
    assert json.loads(record.raw) == FLOW
