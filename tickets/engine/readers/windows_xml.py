"""Windows Security events as XML: one event, several one after the other, or within an Events element.

Source: Microsoft's event schema (System, EventData) and Event Viewer's and wevtutil's exports. A document type
declaration is refused, so no entity can be defined. What an event means stands in `filtering_platform`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from xml.parsers import expat

from ..types import EngineError, Location, LogRecord, Problem, Record
from . import siem
from .filtering_platform import FORMAT, Event, event_number, event_of, key, records
from .source import BLOCK, MAX_LINE, Source, note_problem
from .values import BadRecord

__all__ = ["FORMAT", "matches", "read"]

SIGN = re.compile(rb"<Event[\s>][^<]{0,200}(?:<[^<]{0,400}){0,12}?<EventID")
END = b"</Event>"
DECLARATION = b"<!DOCTYPE"
MARK = re.compile(rb"<Event(?=[\s>])|</Event>|<!DOCTYPE")
LONGEST_MARK = len(DECLARATION)
MAX_DEPTH = 16


def matches(head: bytes) -> bool:
    return SIGN.search(head) is not None


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield the Filtering Platform's connections and packets, and logons; other events are passed over."""
    return records(_events(source, problems))


def _events(source: Source, problems: list[Problem]) -> Iterator[Event | LogRecord]:
    last = 0
    for line, text in _texts(source, problems):
        last = max(line, last + 1)  # of several on one line each has a place of its own
        try:
            event = _event(Location(source.name, last), text)
        except BadRecord as bad:
            note_problem(problems, source.name, f"line {line}", str(bad))
            continue
        if event is not None:
            yield event


def _texts(source: Source, problems: list[Problem]) -> Iterator[tuple[int, bytes]]:
    """Cut the events out of the bytes; what stands between them is a frame."""
    cutter = _Cutter(source.name, problems)
    while block := source.take(BLOCK):
        yield from cutter.cut(block)
    cutter.end()


class _Cutter:
    """Cuts events out of blocks of bytes: `rest` is what is still needed, an event's beginning or a mark's."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self._file = file
        self._problems = problems
        self._rest = b""
        self._seen = 0  # up to here the marks in `rest` are known
        self._line = 1  # at the beginning of `rest`, or of the event that has begun
        self._counted = 0
        self._begun: int | None = None

    def cut(self, block: bytes) -> Iterator[tuple[int, bytes]]:
        self._rest += block
        for mark in MARK.finditer(self._rest, self._seen):
            self._seen = mark.end()
            if mark[0] == DECLARATION:
                self._refuse_declaration()
            elif mark[0] != END:
                self._begin(mark.start())
            elif self._begun is not None:
                yield self._line, self._rest[self._begun : mark.end()]
                self._begun = None
        self._forget()

    def end(self) -> None:
        if self._begun is not None:
            self._tell("the event does not end")

    def _begin(self, place: int) -> None:
        if self._begun is not None:
            self._tell("the event does not end")
        self._count_lines(place)
        self._begun = place

    def _refuse_declaration(self) -> None:
        """Within an event the parser refuses it."""
        if self._begun is None:
            raise EngineError("holds a document type declaration, which no event log has", file=self._file)

    def _forget(self) -> None:
        """Let go of what is done with, but not of a mark that may go on in the next block."""
        self._seen = max(self._seen, len(self._rest) - LONGEST_MARK)
        if self._begun is not None and len(self._rest) - self._begun > MAX_LINE:
            self._tell(f"the event is longer than {MAX_LINE} bytes")
            self._begun = None
        keep = self._seen if self._begun is None else self._begun
        if self._begun is None:
            self._count_lines(keep)
        self._rest = self._rest[keep:]
        self._seen -= keep
        self._counted -= keep
        self._begun = None if self._begun is None else 0

    def _count_lines(self, place: int) -> None:
        self._line += self._rest.count(b"\n", self._counted, place)
        self._counted = place

    def _tell(self, problem: str) -> None:
        note_problem(self._problems, self._file, f"line {self._line}", problem)


class _Reading:
    """One event's elements as they come: System's texts and attributes, and the named Data."""

    def __init__(self) -> None:
        self.system: dict[str, str] = {}
        self.data: dict[str, str] = {}
        self._path: list[str] = []
        self._name = ""
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if len(self._path) > MAX_DEPTH:
            raise BadRecord("the event is nested too deeply")
        self._text = []
        self._name = key(attributes.get("Name", ""))
        if name == "TimeCreated":
            self.system["time"] = attributes.get("SystemTime", "")

    def characters(self, text: str) -> None:
        self._text.append(text)

    def end(self, name: str) -> None:
        text = "".join(self._text).strip()
        if self._path[1:] == ["EventData", "Data"]:
            self.data.setdefault(self._name, text)
        elif self._path[1:] in (["System", "EventID"], ["System", "Computer"]):
            self.system.setdefault(name, text)
        self._path.pop()
        self._text = []

    @staticmethod
    def declaration(*_: object) -> None:
        raise BadRecord("the event holds a document type declaration")


def _event(location: Location, data: bytes) -> Event | LogRecord | None:
    reading = _Reading()
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.characters
    parser.StartDoctypeDeclHandler = reading.declaration
    try:
        parser.ParseFile(BytesIO(data))
    except expat.ExpatError as bad:
        raise BadRecord(f"this is not XML: {expat.ErrorString(bad.code)}") from None
    number = event_number(reading.system.get("EventID"))
    if not number:
        return None
    time_ns = siem.first_time(reading.system.get("time"))
    raw = data.decode("utf-8", "replace")
    return event_of(location, number, time_ns, reading.system.get("Computer", ""), reading.data, (), raw)
