"""Siblings: what is equal in all variants of a scenario, what in no two, and what may differ by a little."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from tickets.quality.exhibit import Exhibit, ends_of, key_of
from tickets.quality.report import Volume
from tickets.quality.worksheet import key_for

# Of fewer variants nobody can say what is usual.
ENOUGH_SIBLINGS = 5
# A variant may hold so much more or less than usual, and an everyday conversation more or less in any case.
VOLUME_SHARE = 0.15
VOLUME_LEAST = Volume(records=15, distractors=2)


@dataclass(frozen=True, slots=True)
class Siblings:
    """What is known of the variants that the scenario has already: the fingerprints of lesson and surface, and how
    much there is to read."""

    lessons: Collection[str] = frozenset()
    surfaces: Collection[str] = frozenset()
    volumes: Sequence[Volume] = ()


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


def volume_of(exhibit: Exhibit) -> Volume:
    keys = {key_of(record.protocol, *ends_of(record)) for record in exhibit.records}
    return Volume(records=len(exhibit.records), distractors=len(keys - exhibit.lesson_keys))


def check_volume(exhibit: Exhibit, siblings: Siblings) -> Iterator[str]:
    """There is about as much to read as in the scenario's other variants, so that none is harder than another."""
    if len(siblings.volumes) >= ENOUGH_SIBLINGS:
        yield from odd_volume(volume_of(exhibit), siblings.volumes)


def odd_volume(volume: Volume, all_volumes: Sequence[Volume]) -> Iterator[str]:
    """What is far from the middle of all."""
    for name, count, least in zip(Volume._fields, volume, VOLUME_LEAST, strict=True):
        usual = median(getattr(other, name) for other in all_volumes)
        if abs(count - usual) > max(least, VOLUME_SHARE * usual):
            yield f"it has {count} {name}, and {usual:g} are usual"
