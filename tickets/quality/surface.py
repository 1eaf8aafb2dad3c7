"""Fingerprints: what is equal in all variants of a scenario, and what a trainee would recognise in another one."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tickets.quality.exhibit import Exhibit
from tickets.quality.worksheet import key_for


@dataclass(frozen=True, slots=True)
class Siblings:
    """What is known of the variants that the scenario has already: the fingerprints of lesson and surface."""

    lessons: Collection[str] = frozenset()
    surfaces: Collection[str] = frozenset()


def lesson_fingerprint(exhibit: Exhibit) -> str:
    """A hash of what the ticket teaches: the verdict without its addresses, what is marked, the kinds of files."""
    verdict, key = exhibit.verdict, key_for(exhibit)
    conversation = verdict.conversation
    taught = (
        exhibit.scenario.rule,
        [str(item) for item in (verdict.reversed, verdict.outcome, verdict.intent, verdict.effect)],
        [str(item) for item in (verdict.disposition, verdict.reason_code, verdict.cause, verdict.decided_by)],
        str(conversation and conversation.protocol),
        sorted(criterion.value for criterion, fact in key.facts.items() if fact.is_marked),
        sorted(file.name for file in exhibit.played.files),
    )
    return hashlib.sha256(repr(taught).encode()).hexdigest()


def surface_fingerprint(exhibit: Exhibit) -> str:
    """A hash of what the lesson looks like here: the ends and the moment of its conversation and of its alert."""
    conversation, alert = exhibit.verdict.conversation, exhibit.verdict.alert
    shown = (
        sorted(map(str, conversation.endpoints)) if conversation else [],
        conversation.first_ns if conversation else 0,
        str(alert.src),
        str(alert.dst),
        alert.time_ns,
    )
    return hashlib.sha256(repr(shown).encode()).hexdigest()


def check_lesson(exhibit: Exhibit, siblings: Siblings) -> Iterator[str]:
    """It teaches what the scenario's other variants teach."""
    if siblings.lessons and lesson_fingerprint(exhibit) not in siblings.lessons:
        yield "its lesson is another than that of the variants before it"


def check_surface(exhibit: Exhibit, siblings: Siblings) -> Iterator[str]:
    """It looks like none of the scenario's other variants."""
    if surface_fingerprint(exhibit) in siblings.surfaces:
        yield "a variant with these addresses, ports and times is there already"
