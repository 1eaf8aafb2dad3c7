"""JSON as products ship it: one object a line, an array of objects, or an array within {"records": [...]}.

An object may span lines, and a whole file may be one line, so objects are cut out of the bytes by their
brackets. Each has a number of its own: its line where every object has one, else its count in the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ..types import Location, Problem, Record
from .source import BLOCK, MAX_LINE, Source, note_problem
from .values import BadRecord, json_object

HEAD_BYTES = 65536
# Azure writes one object for all flows of a minute behind one rule set; an hour of a busy site is some MiB.
MAX_OBJECT = 16 << 20
# What stands before the array within a wrapper: a cloud's export begins with it; a subscription of CloudWatch's, Splunk's
# results and Elasticsearch's answer to a search say other things first, and the last has its array one object deeper.
CLOUD = re.compile(rb'\{\s*"(?:records|Records|value|events)"\s*:\s*\Z')
SPLUNK = re.compile(rb'\{\s*"(?:preview|init_offset|messages|fields|results)"\s*:')
ELASTIC = re.compile(rb'\{\s*"(?:took|timed_out|_scroll_id|pit_id|_shards|hits)"\s*:')
WATCH = re.compile(rb'\{\s*"(?:messageType|owner|logGroup|logStream|subscriptionFilters|logEvents)"\s*:')
WATCHED = re.compile(rb'"logEvents"\s*:\s*\Z')
RESULTS, HITS = re.compile(rb'"results"\s*:\s*\Z'), re.compile(rb'"hits"\s*:\s*\Z')
MAX_BEFORE = 8192
WRAPPED = re.compile(rb'\{\s*"(?:records|Records|value|events)"\s*:\s*\[')
SEARCHED = re.compile(rb'"(?:results|hits|logEvents)"\s*:\s*\[')
STRUCTURE = re.compile(rb'["{}\[\]\n]')
STRING_END = re.compile(rb'["\\\n]')
NOT_JSON = re.compile(rb"[^\s,]")


class Document(NamedTuple):
    """One object, its number, and its place in words."""

    number: int
    place: str
    text: str
    value: dict[str, Any]


def read_objects(
    source: Source,
    problems: list[Problem],
    decode: Callable[[Location, dict[str, Any], str], Record | None],
) -> Iterator[Record]:
    """Yield what `decode` makes of each object; one that it refuses is a problem with its place, and skipped."""
    for document in documents(source, problems):
        try:
            record = decode(Location(source.name, document.number), document.value, document.text)
        except BadRecord as bad:
            note_problem(problems, source.name, document.place, str(bad))
            continue
        if record is not None:
            yield record


def documents(source: Source, problems: list[Problem]) -> Iterator[Document]:
    """Yield the objects of a file; what is no object is a problem with its place."""
    cut = _lines(source) if has_lines(source.peek(HEAD_BYTES)) else _objects(source)
    for number, place, data in cut:
        try:
            if data is None:
                raise BadRecord("this is JSON that does not end, or too long")
            text = data.decode("utf-8", "replace")
            value = json_object(text)
        except BadRecord as bad:
            note_problem(problems, source.name, place, str(bad))
            continue
        yield Document(number, place, text, value)


def holds_objects(head: bytes) -> bool:
    """Can the file be JSON of objects, with or without a relay's header on each line?"""
    return head.lstrip()[:1] in (b"{", b"[") or has_lines(head)


def has_lines(head: bytes) -> bool:
    """Does every object have a line of its own? The first whole ones say so."""
    lines = [line for line in head.split(b"\n")[:20] if line.strip()]
    if not lines or lines[0].lstrip().startswith(b"[") or _is_wrapped(head):
        return False
    return any(_is_object(line) for line in lines)


def _is_wrapped(head: bytes) -> bool:
    if WRAPPED.search(head[:1024]):
        return True
    begin = head[:MAX_BEFORE].lstrip()
    is_search = SPLUNK.match(begin) or ELASTIC.match(begin) or WATCH.match(begin)
    return bool(is_search and SEARCHED.search(begin))


def _is_object(line: bytes) -> bool:
    start = line.find(b"{")
    if start < 0 or line[:1].isspace():
        return False
    try:
        json_object(line[start:].decode("utf-8", "replace"))
    except BadRecord:
        return False
    return True


def _lines(source: Source) -> Iterator[tuple[int, str, bytes | None]]:
    """What stands before the first brace is a relay's own header (RFC 3164, RFC 5424)."""
    for number, line in source.lines():
        if line.strip():
            start = max(line.find(b"{"), 0)
            yield number, f"line {number}", None if len(line) >= MAX_LINE else line[start:]


def _objects(source: Source) -> Iterator[tuple[int, str, bytes | None]]:
    cutter = _Cutter()
    while block := source.take(BLOCK):
        yield from cutter.cut(block)
    yield from cutter.end()


class _Cutter:
    """Cuts objects out of blocks of bytes. A text ends with its line at the latest (RFC 8259, 7)."""

    def __init__(self) -> None:
        self._line = 1
        self._count = 0
        self._depth = 0
        self._outer = 0  # open brackets of a wrapper
        self._is_in_array = False  # are we in its array, or among the members after it?
        self._in_text = False
        self._skip = False  # the last byte of the block before escapes the first of this one
        self._told = 0  # the last line of which it was told that it is no JSON
        self._parts: list[bytes] = []
        self._size = 0
        self._begun = 1
        self._block = b""
        self._start = 0  # where in the block the object that is being cut goes on

    def cut(self, block: bytes) -> Iterator[tuple[int, str, bytes | None]]:
        self._block, self._start = block, 0
        at, self._skip = int(self._skip), False
        while at < len(block):
            match = (STRING_END if self._in_text else STRUCTURE).search(block, at)
            if not self._depth and not self._in_text:
                yield from self._between(block[at : match.start() if match else len(block)])
            if match is None:
                break
            at = match.end()
            if match[0] == b"\\":
                self._skip = at == len(block)
                at += 1
            else:
                yield from self._pass(match[0], match.start())
        if self._depth:
            self._keep(block[self._start :])

    def _pass(self, mark: bytes, place: int) -> Iterator[tuple[int, str, bytes | None]]:
        if mark == b"\n":
            self._line += 1
            self._in_text = False
        elif mark == b'"':
            if not self._depth and not self._in_text:
                yield from self._between(mark)
            self._in_text = not self._in_text
        elif mark in (b"{", b"["):
            self._open(mark, place)
        elif self._depth:
            self._depth -= 1
            if not self._depth:
                self._keep(self._block[self._start : place + 1])
                yield self._whole()
        elif self._outer and (mark == b"]" or not self._is_in_array):
            self._outer -= 1
            self._is_in_array = False

    @property
    def _is_past_array(self) -> bool:
        return self._outer > 0 and not self._is_in_array

    def _open(self, mark: bytes, place: int) -> None:
        """A bracket outside of objects only holds them together, and so does a wrapper that has just begun."""
        if not self._depth and self._is_past_array:
            self._outer += 1
            return
        if not self._depth and mark == b"[":
            return
        if not self._depth:
            self._parts, self._size, self._begun, self._start = [], 0, self._line, place
        self._depth += 1
        if mark == b"[" and not self._outer and self._is_wrapper(place):
            self._outer, self._depth, self._is_in_array = self._depth, 0, True

    def end(self) -> Iterator[tuple[int, str, bytes | None]]:
        if self._depth:
            self._size = MAX_OBJECT + 1
            yield self._whole()

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        self._parts = [*self._parts, data] if self._size <= MAX_OBJECT else []

    def _whole(self) -> tuple[int, str, bytes | None]:
        self._count += 1
        data = None if self._size > MAX_OBJECT else b"".join(self._parts)
        return self._count, f"line {self._begun}, record {self._count}", data

    def _is_wrapper(self, place: int) -> bool:
        """Is the array that begins here what the object around it is there for?"""
        if not 2 <= self._depth <= 3 or self._size + place - self._start > MAX_BEFORE:
            return False
        before = b"".join([*self._parts, self._block[self._start : place]])
        if self._depth == 3:
            return bool(ELASTIC.match(before) and HITS.search(before, max(0, len(before) - 64)))
        end = max(0, len(before) - 64)
        is_results = SPLUNK.match(before) and RESULTS.search(before, end)
        return bool(
            CLOUD.match(before) or is_results or (WATCH.match(before) and WATCHED.search(before, end))
        )

    def _between(self, data: bytes) -> Iterator[tuple[int, str, bytes | None]]:
        """What stands between objects, where only commas and space may. After a wrapper's array its other
        members may follow."""
        if self._is_past_array or self._told == self._line or not NOT_JSON.search(data):
            return
        self._told = self._line
        yield 0, f"line {self._line}", b"not json"
