"""Two drafts of one worksheet, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tickets.models import ANSWER_FIELDS, TEXT_FIELDS


@dataclass(frozen=True, slots=True)
class Difference:
    """What was typed here and what is stored, of one field."""

    name: str
    mine: str
    stored: str
    is_text: bool


@dataclass(frozen=True, slots=True)
class Pin:
    """A record pinned in either draft."""

    place: str
    is_mine: bool
    is_stored: bool


def compare_drafts(
    mine: Mapping[str, object], stored: Mapping[str, object]
) -> tuple[list[Difference], dict[str, str]]:
    """The fields that differ, and the values of those that do not. Line ends do not count."""
    differing, alike = [], {}
    for name in ANSWER_FIELDS + TEXT_FIELDS:
        own, other = _text(mine.get(name)), _text(stored.get(name))
        if own == other:
            alike[name] = own
        else:
            differing.append(Difference(name, own, other, name in TEXT_FIELDS))
    return differing, alike


def merge_pins(mine: Mapping[str, object], stored: Mapping[str, object]) -> list[Pin]:
    own, other = _pins(mine), _pins(stored)
    return [Pin(place, place in own, place in other) for place in dict.fromkeys([*other, *own])]


def _text(value: object) -> str:
    return str(value or "").replace("\r\n", "\n").replace("\r", "\n")


def _pins(answers: Mapping[str, object]) -> list[str]:
    pins = answers.get("evidence")
    return [str(pin) for pin in pins] if isinstance(pins, list) else []
