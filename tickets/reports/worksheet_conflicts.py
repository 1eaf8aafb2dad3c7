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
    """A record pinned, or an action chosen, in either draft."""

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


def merge_pins(mine: Mapping[str, object], stored: Mapping[str, object], name: str = "evidence") -> list[Pin]:
    """What is listed in either draft: pinned records, or the chosen `actions`."""
    own, other = _listed(mine, name), _listed(stored, name)
    return [Pin(place, place in own, place in other) for place in dict.fromkeys([*other, *own])]


def _text(value: object) -> str:
    return str(value or "").replace("\r\n", "\n").replace("\r", "\n")


def _listed(answers: Mapping[str, object], name: str) -> list[str]:
    listed = answers.get(name)
    return [str(one) for one in listed] if isinstance(listed, list) else []
