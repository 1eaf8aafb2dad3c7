"""Which wrong ideas a trainee has shown, and which are gone since (assessment.md, F9b, for one person)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

# Who holds an idea and acts on it every other time goes three times without it in one case of eight.
REPAIRED_AFTER = 3


class IdeaState(StrEnum):
    OPEN = "open"  # shown the last time it could be
    FADING = "fading"  # not shown since, but that may be chance
    REPAIRED = "repaired"


class Meeting(NamedTuple):
    """One graded ticket, in order of time: the ideas it could have shown, and those it did.

    A worksheet that leaves blank what an idea would have answered says nothing of it: the caller leaves the
    code out of `exposed`."""

    ticket: Hashable
    exposed: Sequence[str]
    shown: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaHistory:
    """`shown` are the tickets that showed it, `since` those that could have and did not after the last of these."""

    code: str
    state: IdeaState
    shown: tuple[Hashable, ...]
    since: tuple[Hashable, ...]


def measure_repairs(meetings: Iterable[Meeting]) -> tuple[IdeaHistory, ...]:
    """The history of each idea that was shown at least once, in the order in which they first were."""
    shown: dict[str, list[Hashable]] = {}
    since: dict[str, list[Hashable]] = {}
    for meeting in meetings:
        for code in dict.fromkeys(meeting.shown):
            shown.setdefault(code, []).append(meeting.ticket)
            since[code] = []
        for code in set(meeting.exposed) - set(meeting.shown):
            if code in since:
                since[code].append(meeting.ticket)
    return tuple(
        IdeaHistory(code=code, state=_state(len(since[code])), shown=tuple(tickets), since=tuple(since[code]))
        for code, tickets in shown.items()
    )


def _state(without: int) -> IdeaState:
    if not without:
        return IdeaState.OPEN
    return IdeaState.REPAIRED if without >= REPAIRED_AFTER else IdeaState.FADING
