"""Lines and events of other formats that a collector or a search carries within JSON.

Source: Splunk REST API, search/v2/jobs/export and results (`result`, `results`, `_raw`), and HTTP Event Collector
(`event`); Elasticsearch, search and bulk (`hits.hits`, `_source`, `doc`, and a line that says what to do before each); CloudWatch Logs, FilterLogEvents (`events`, `message`) and
subscription filters (`logEvents`); Elastic Common Schema (`message`,
`event.original`). Each carried line is read by its own format, and keeps the number of the object around it.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..types import Problem, Record
from .documents import HEAD_BYTES, documents, has_lines
from .format import Format
from .rows import event_of, flattened, is_collected
from .source import BLOCK, Source, note_problem

SEARCH = re.compile(
    rb'[\s\[]*\{\s*"(?:preview|offset|init_offset|lastrow|messages|fields|results?|took|timed_out|_scroll_id|pit_id|'
    rb'_shards|hits|_index|_id|_source|index|create|update|delete)"\s*:'
)
SENT = re.compile(rb'[\s\[]*\{\s*"(?:time|host|source|sourcetype|index|event|fields|channel)"\s*:')
if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

TEXT_KEYS = ("_raw", "event.original", "message")
TEXT = re.compile(rb'"(?:_raw|event\.original|original|message)"\s*:\s*"')
SPLUNK_TEXT = re.compile(rb'"_raw"\s*:\s*"')
ACTIONS = frozenset({"index", "create", "delete", "update"})
View = Callable[[dict[str, Any]], str]


def is_search(head: bytes) -> bool:
    """Does the file begin as a search's answer, its export, a bulk file, or what a collector was sent?"""
    return SEARCH.match(head) is not None or is_sent(head)


def is_sent(head: bytes) -> bool:
    """Is the first object an envelope of Splunk's collector? Its name `event` alone says nothing: ECS has it too."""
    if SENT.match(head) is None:
        return False
    documents_of = documents(Source("", io.BytesIO(head)), [])
    first = next(documents_of, None)
    return first is not None and is_collected(first.value)


def carries_text(head: bytes) -> bool:
    return head.lstrip()[:1] in (b"{", b"[") and TEXT.search(head) is not None


def spans_lines(head: bytes) -> bool:
    """Is the file an array of events, or are they written over several lines each (jq, Kibana's copies)?"""
    return head.lstrip()[:1] in (b"{", b"[") and not has_lines(head)


def views_of(head: bytes) -> tuple[View, ...]:
    """What to read of each object, best first. Splunk spreads the line that it keeps over a row's fields, and only that
    line is as it was written; Elasticsearch keeps the event itself."""
    if not is_search(head):
        return (line_in,)
    return (line_in, event_in) if SPLUNK_TEXT.search(head) else (event_in, line_in)


def line_in(document: dict[str, Any]) -> str:
    """The line that an object carries, "" for none."""
    if is_collected(document) and isinstance(document["event"], str):
        return str(document["event"])
    event = flattened(event_of(document), depth=1)
    return next(
        (value for key in TEXT_KEYS if isinstance(value := event.get(key), str) and value.strip()), ""
    )


def event_in(document: dict[str, Any]) -> str:
    """The event that a search's row holds, "" for what a bulk file says of it."""
    is_action = len(document) == 1 and ACTIONS.issuperset(document)
    return "" if is_action else json.dumps(event_of(document), ensure_ascii=False)


class Carried:
    """A format whose lines come within JSON."""

    def __init__(self, carried: Format, view: View) -> None:
        self.FORMAT = carried.FORMAT
        self._carried, self._view = carried, view

    def matches(self, head: bytes) -> bool:
        return self._carried.matches(beginning_of(head, self._view))

    def read(self, source: Source, problems: list[Problem]) -> Iterator[Record]:
        """Yield what the carried format reads; a problem is told with the object's place."""
        word = "line" if has_lines(source.peek(HEAD_BYTES)) else "record"
        found: list[Problem] = []
        for record in self._carried.read(_unwrapped(source, problems, self._view), found):
            yield record
            _tell(found, word, problems)
        _tell(found, word, problems)


def beginning_of(head: bytes, view: View) -> bytes:
    """The beginning of the file that is carried in one whose beginning this is."""
    source = Source("", io.BytesIO(head))
    return b"".join(_lines(source, [], view))


def _tell(found: list[Problem], word: str, problems: list[Problem]) -> None:
    for problem in found:
        place = re.sub(r"\bline\b", word, problem.place)
        note_problem(problems, problem.file, place, problem.problem)
    found.clear()


def _unwrapped(source: Source, problems: list[Problem], view: View) -> Source:
    return Source(source.name, io.BufferedReader(_Stream(_lines(source, problems, view)), BLOCK))


def _lines(source: Source, problems: list[Problem], view: View) -> Iterator[bytes]:
    """One line for each object, empty ones for what holds none, so that a line's number is its object's."""
    at = 1
    for document in documents(source, problems):
        yield b"\n" * (document.number - at)
        yield " ".join(view(document.value).splitlines()).encode("utf-8", "replace") + b"\n"
        at = document.number + 1


class _Stream(io.RawIOBase):
    """Lines as a file that is read from the front."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        while not self._rest and (line := next(self._lines, None)) is not None:
            self._rest = line
        size = min(len(view), len(self._rest))
        view[:size], self._rest = self._rest[:size], self._rest[size:]
        return size
