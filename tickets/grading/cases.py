"""What a wrong idea is held against: a variant's truth, one worksheet beside it, and what makes an idea."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tickets.engine import Verdict
from tickets.grading.answers import Answers
from tickets.grading.criteria import Line
from tickets.grading.key import Key
from tickets.grading.shown import NOTHING_SHOWN, Shown


@dataclass(frozen=True, slots=True)
class Truth:
    """What is right in one variant, and why; `shown` is what its trainee has before him."""

    key: Key
    verdict: Verdict
    shown: Shown = NOTHING_SHOWN


@dataclass(frozen=True, slots=True)
class Case:
    """One worksheet against the truth; `services` are those that its texts name as spoken here."""

    answers: Answers
    truth: Truth
    services: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Misconception:
    """A named wrong idea. `criteria` are those whose lost marks it may explain.

    `is_possible` says whether a variant can show it at all (the "exposed" of a cohort's rate);
    `is_shown` whether this worksheet does."""

    code: str
    name: str
    text: str
    rule: str
    next_time: str
    criteria: tuple[Line, ...]
    is_possible: Callable[[Truth], bool]
    is_shown: Callable[[Case], bool]
