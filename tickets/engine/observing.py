"""Evidence files -> the conversations that they show, each file by the way that suits it.

A log is read line by line, a capture in bulk (`bulk`). What comes of it is what `conversations.converse` makes of
the same records, one by one; it only comes sooner.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from .bulk import Gathering, conclude_captures, read_frames
from .readers import Opened, open_evidence
from .traffic import Log
from .types import Conversation, EngineError, Packet, Problem


@dataclass(frozen=True, slots=True)
class Observed:
    """What files show: conversations in order of their beginnings, log lines and alerts as they were read, and
    what could not be read."""

    conversations: list[Conversation]
    logs: list[Log]
    problems: list[Problem]


def observe(files: Iterable[tuple[str, bytes | BinaryIO]]) -> Observed:
    """Read named files as one case, in bounded memory for captures. EngineError for a file of no known kind or two
    of the same name: a record's place names its file."""
    with _without_collection():
        return _observe(files)


def _observe(files: Iterable[tuple[str, bytes | BinaryIO]]) -> Observed:
    captures: dict[str, Gathering] = {}
    logs: list[Log] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for name, source in files:
        if name in seen:
            raise EngineError("two files of one case have this name", file=name)
        seen.add(name)
        opened = open_evidence(name, source)
        if opened.is_capture:
            captures[name] = _gather(name, opened, problems)
        else:
            logs.extend(_read_logs(opened, problems))
    return Observed(conclude_captures(list(captures.values()), logs), logs, problems)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Values make no circles, so there is no garbage to look for among the many that are made here: they are put to
    the old objects, which are looked through last, and not walked over once more as the youngest."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            if not gc.get_freeze_count():  # or what a server froze before it forked would thaw
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def _gather(name: str, opened: Opened, problems: list[Problem]) -> Gathering:
    gathering = Gathering(name)
    found: list[Problem] = []
    for block in read_frames(opened.source, opened.format.FORMAT, found):
        if isinstance(block, list):
            gathering.add_packets(block)
        else:
            gathering.add_block(block)
    problems.extend(found)
    return gathering


def _read_logs(opened: Opened, problems: list[Problem]) -> Iterable[Log]:
    found: list[Problem] = []
    for record in opened.format.read(opened.source, found):
        if not isinstance(record, Packet):
            yield record
    problems.extend(found)
