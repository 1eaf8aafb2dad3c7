"""Has a trainee mastered a skill? A rule that can be said in one sentence, with its uncertainty beside it.

Mastered: nine of the last ten right, three of the ten of another kind than the commonest, from three
scenarios, on two days, four in mixed assignments (assessment.md, 5). "Three in a row" is passed by
guessing: of trainees who toss a coin over a yes-or-no field, more than half pass it within twelve
tickets, and who always gives the same answer passes wherever the kinds are uneven.

"Of another kind than the commonest" is the rule for any number of kinds, of which "three of each" is the
case of two: whoever gives one answer to all ten has three of them wrong and cannot have nine right.

The label is a working one and no proof: a trainee who is right in seven of ten passes within twenty
tickets in about two cases of five. So k of n and the interval are always shown with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tickets.measures.intervals import Share, measure_share

WINDOW = 10
RIGHT_OF_WINDOW = 9
OF_ANOTHER_KIND = 3
SCENARIOS = 3
DAYS = 2
MIXED = 4
LEVEL = 0.80  # of the interval: a trainee decides what to practise, nobody publishes it
FIRST_CHECK = timedelta(days=7)
LATER_CHECK = timedelta(days=30)


class State(StrEnum):
    """Where a trainee stands in one skill."""

    NOT_SEEN = "not_seen"
    LEARNING = "learning"
    MASTERED = "mastered"
    DUE = "due"  # mastered, and not shown for so long that it should be seen again
    SLIPPED = "slipped"  # was mastered, and is not any more


class Lack(StrEnum):
    """What is missing for "mastered", in the order in which it is told."""

    TICKETS = "tickets"
    RIGHT = "right"
    KINDS = "kinds"
    SCENARIOS = "scenarios"
    DAYS = "days"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One first attempt that showed a skill or did not. `kind` is the class of the right answer, "" where the
    skill has no classes."""

    ticket: Hashable
    at: datetime
    is_right: bool
    kind: str
    scenario: str
    is_mixed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mastery:
    """`share` counts all evidence; `recent` are the last ten, oldest first. `due_at` is the moment from which
    a mastered skill wants to be shown again, None where nothing is mastered."""

    state: State
    share: Share
    recent: tuple[Evidence, ...]
    lacks: tuple[Lack, ...]
    due_at: datetime | None


def measure_mastery(evidence: Iterable[Evidence], now: datetime) -> Mastery:
    """The state after all the evidence, in its order in time, as seen at `now`.

    Mastered is kept while nine of the last ten are right. A skill is due seven days after its last
    evidence, and thirty once it has been shown right a week or more after it was mastered; a re-test that
    fails loses it at once, and the ten are counted anew from there."""
    seen = sorted(evidence, key=lambda each: each.at)
    course = _Course()
    for each in seen:
        course.take(each)
    due_at = seen[-1].at + course.interval if course.mastered_at is not None else None
    return Mastery(
        state=_state(course, seen, due_at, now),
        share=measure_share(sum(each.is_right for each in seen), len(seen), LEVEL),
        recent=tuple(seen[-WINDOW:]),
        lacks=() if course.mastered_at is not None else lacks_of(course.window),
        due_at=due_at,
    )


def _state(course: _Course, seen: Sequence[Evidence], due_at: datetime | None, now: datetime) -> State:
    if not seen:
        return State.NOT_SEEN
    if due_at is not None:
        return State.DUE if now >= due_at else State.MASTERED
    return State.SLIPPED if course.has_slipped else State.LEARNING


class _Course:
    """The walk through the evidence: the ten that count now, and since when the skill is mastered, if it is."""

    def __init__(self) -> None:
        self.window: list[Evidence] = []
        self.mastered_at: datetime | None = None
        self.interval = FIRST_CHECK
        self.has_slipped = False

    def take(self, each: Evidence) -> None:
        if self._fails_retest(each):
            self.window = [each]
            self._slip()
            return
        self.window = [*self.window, each][-WINDOW:]
        if self.mastered_at is None:
            self._earn(each)
        elif sum(seen.is_right for seen in self.window) < RIGHT_OF_WINDOW:
            self._slip()
        elif each.is_right and each.at - self.mastered_at >= FIRST_CHECK:
            self.interval = LATER_CHECK

    def _fails_retest(self, each: Evidence) -> bool:
        was_due = self.mastered_at is not None and each.at - self.window[-1].at >= self.interval
        return was_due and not each.is_right

    def _earn(self, each: Evidence) -> None:
        if not lacks_of(self.window):
            self.mastered_at, self.interval = each.at, FIRST_CHECK

    def _slip(self) -> None:
        self.mastered_at, self.has_slipped = None, True


def lacks_of(window: Sequence[Evidence]) -> tuple[Lack, ...]:
    """What the last (at most ten) lack for "mastered"; nothing where they earn it."""
    wrong = sum(not each.is_right for each in window)
    kinds = Counter(each.kind for each in window if each.kind)
    of_another = kinds.total() - max(kinds.values(), default=0)
    missing = {
        Lack.TICKETS: len(window) < WINDOW,
        Lack.RIGHT: wrong > WINDOW - RIGHT_OF_WINDOW,
        Lack.KINDS: bool(kinds) and of_another < OF_ANOTHER_KIND,
        Lack.SCENARIOS: len({each.scenario for each in window}) < SCENARIOS,
        Lack.DAYS: len({each.at.date() for each in window}) < DAYS,
        Lack.MIXED: sum(each.is_mixed for each in window) < MIXED,
    }
    return tuple(lack for lack, is_missing in missing.items() if is_missing)
