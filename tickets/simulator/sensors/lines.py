"""A line of a log with what the simulator knows of it: when it was written, and which dialogue it tells of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tickets.simulator.network import Dialogue


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line, when it was written, and what it tells of."""

    time_ns: int
    text: str
    dialogue: Dialogue


def sort_lines(lines: Iterable[LogLine]) -> tuple[LogLine, ...]:
    """The lines in order of writing; lines of one moment keep the order in which they were made."""
    return tuple(sorted(lines, key=lambda line: line.time_ns))


def encode_lines(lines: Iterable[LogLine]) -> bytes:
    return "".join(line.text + "\n" for line in lines).encode()
