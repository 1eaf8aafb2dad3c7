"""JSON events as a search hands them out: within a row, nested or with dotted names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# A search's row holds the event (Splunk's export, Elasticsearch's hit).
ROWS = ("result", "_source")
# What Splunk's HTTP Event Collector takes around an event, and Elasticsearch's bulk file around a part of a document.
COLLECTED = frozenset({"time", "host", "source", "sourcetype", "index", "event", "fields", "channel"})
UPDATED = frozenset({"doc", "doc_as_upsert", "detect_noop", "_source"})
START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:(?:<\d{1,3}>|[A-Z][a-z]{2} {1,2}\d|\d{4}-\d\d-\d\d[T ])[^{\n]{0,300})?[\[{]"
)
MAX_DEPTH = 5


def has_signs(head: bytes, *signs: re.Pattern[bytes]) -> bool:
    """Does the file begin as JSON (after a syslog header), and does its beginning bear every sign?"""
    return START.match(head) is not None and all(sign.search(head) for sign in signs)


def event_of(row: dict[str, Any]) -> dict[str, Any]:
    """The event within a search's row, an update or a collector's envelope; one that stands alone is its own."""
    for name in ROWS:
        if isinstance(row.get(name), dict):
            return dict(row[name])
    if isinstance(row.get("doc"), dict) and UPDATED.issuperset(row):
        return dict(row["doc"])
    if is_collected(row) and isinstance(row["event"], dict):
        return dict(row["event"])
    return row


def is_collected(row: Mapping[str, Any]) -> bool:
    """Is this what a program sends to Splunk's collector: an event, and where it comes from?"""
    return "event" in row and COLLECTED.issuperset(row)


def flattened(event: Mapping[str, Any], depth: int = MAX_DEPTH) -> dict[str, Any]:
    """Every value under its dotted name, whether its writer nested or dotted it."""
    found: dict[str, Any] = {}
    for name, value in event.items():
        if isinstance(value, dict) and depth:
            for below, deeper in flattened(value, depth - 1).items():
                found.setdefault(f"{name}.{below}", deeper)
        else:
            found[name] = value
    return found


def words(value: object) -> tuple[str, ...]:
    """A field that may hold one word or several."""
    if isinstance(value, list):
        return tuple(item for item in value if isinstance(item, str))
    return (value,) if isinstance(value, str) else ()
