"""Windows Security events of the Filtering Platform as text: copied out of Event Viewer, or as Splunk's classic input keeps it,
or with all of its lines in one, as Splunk's results and relays of syslog (NXLog, Snare) carry it.

Source: Microsoft, audit events 5152, 5154, 5156, 5157, 5158 (the rendered message, in English), Event Viewer's "Copy
details as text", and Splunk's WinEventLog (`EventCode=`, `ComputerName=`). A text may begin with the message itself:
its first sentence tells the event. What an event means stands in `filtering_platform`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from ..types import Location, LogRecord, Problem, Record
from .filtering_platform import FORMAT, Event, event_number, event_of, key, records
from .source import Source, note_problem
from .values import BadRecord, iso_ns

__all__ = ["FORMAT", "matches", "read"]

SENTENCE = re.compile(
    r"The Windows Filtering Platform has (permitted a connection|blocked a connection|blocked a packet|"
    r"permitted an application or service to listen|permitted a bind to a local port)"
)
NUMBERS = {
    "permitted a connection": 5156, "blocked a connection": 5157, "blocked a packet": 5152,
    "permitted an application or service to listen": 5154, "permitted a bind to a local port": 5158,
}  # fmt: skip
SIGN = re.compile(
    rb"The Windows Filtering Platform has (?:permitted|blocked) an?[^\n]{0,80}\r?\n(?:[^\n]{0,400}\n){0,12}?\s*Source Address:"
)
FLAT = re.compile(
    rb"The Windows Filtering Platform has (?:permitted|blocked) an?[^\n]{0,800}?[ \t]Source Address:"
)
# Where a line begins within a text whose lines are one.
LINE_IN_FLAT = re.compile(
    r"[ \t]{1,16}(?=(?:Application|Network|Filter) Information:|Process ID:|Application Name:|Direction:|Source (?:Address|Port):|"
    r"Destination (?:Address|Port):|Protocol:|(?:Filter|Layer) Run-Time ID:|Layer Name:|"
    r"(?:LogName|EventCode|EventType|ComputerName|SourceName|Type|RecordNumber|Keywords|TaskCategory|OpCode|Message)=)"
)
FIELD = re.compile(r"\s{0,8}([A-Za-z][A-Za-z -]{1,40})(?::|=)\s{0,16}(.{0,400})")
BEGINNINGS = frozenset({"logname"})
US_TIME = re.compile(r"\s*\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d [AP]M\s*\Z", re.ASCII)
MAX_LINES, MAX_TEXT, MAX_FLAT = 200, 1000, 8000


def matches(head: bytes) -> bool:
    return SIGN.search(head) is not None or FLAT.search(head) is not None


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield connections and packets; a place is the line of the event's first sentence."""
    return records(_events(source, problems))


def _events(source: Source, problems: list[Problem]) -> Iterator[Event | LogRecord]:
    for line, texts in _pieces(source):
        try:
            event = _event(Location(source.name, line), texts)
        except BadRecord as bad:
            note_problem(problems, source.name, f"line {line}", str(bad))
            continue
        if event is not None:
            yield event


def _pieces(source: Source) -> Iterator[tuple[int, list[str]]]:
    """Cut the text into events: each has one first sentence, and what stands before it up to the last one's end."""
    texts: list[str] = []
    begun = 0
    for number, line in source.lines():
        if FLAT.search(line, 0, MAX_FLAT):
            if begun:
                yield begun, texts
            texts, begun = [], 0
            yield number, LINE_IN_FLAT.split(line[:MAX_FLAT].decode("utf-8", "replace").strip())[:MAX_LINES]
            continue
        text = line[:MAX_TEXT].decode("utf-8", "replace").rstrip()
        match = FIELD.match(text)
        starts = match is not None and key(match[1]) in BEGINNINGS
        is_sentence = SENTENCE.search(text) is not None
        if begun and (starts or is_sentence or US_TIME.match(text)):
            yield begun, texts
            texts, begun = [], 0
        begun = number if is_sentence else begun
        if len(texts) < MAX_LINES:
            texts.append(text)
    if begun:
        yield begun, texts


def _event(location: Location, texts: list[str]) -> Event | LogRecord | None:
    data: dict[str, str] = {}
    for text in texts:
        if match := FIELD.match(text):
            data.setdefault(key(match[1]), match[2].strip())
    raw = "\n".join(texts)
    sentence = SENTENCE.search(raw)
    number = event_number(data.get("eventid", data.get("eventcode"))) or (
        NUMBERS[sentence[1]] if sentence else 0
    )
    when = next((text for text in (data.get("date", ""), *texts) if US_TIME.match(text)), "")
    computer = data.get("computer", data.get("computername", ""))
    return event_of(location, number, _time_ns(when or data.get("date", "")), computer, data, (), raw)


def _time_ns(text: str) -> int:
    """Only one way of writing puts the month first beyond doubt, with AM or PM; of another the time is not known."""
    if US_TIME.match(text):
        try:
            moment = datetime.strptime(text.strip(), "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=UTC)
        except ValueError:
            raise BadRecord(f"{text.strip()[:40]!r} is no date") from None
        return int(moment.timestamp()) * 1_000_000_000
    try:
        return iso_ns(text)
    except BadRecord:
        return 0
